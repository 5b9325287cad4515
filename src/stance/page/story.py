"""The few sentences on top of the report, made from the tables with their uncertainty."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from stance.aggregate import Group
from stance.comparison import Comparison
from stance.inference import LEVEL, MIN_ARTICLES
from stance.page.drawing import placed
from stance.types import Estimate

LANGUAGES = ("zh", "en")


@cache
def labels() -> Mapping[str, Mapping[str, str]]:
    """Every label of the report by its key and language."""
    text = (Path(__file__).parent / "labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def label(key: str, lang: str, **values: object) -> str:
    """One label, filled in."""
    return labels()[key][lang].format(**values)


def frame_label(frame: str, lang: str) -> str:
    """The name of a frame; one of a user's own lexicons is called as it is there."""
    return _named("frame", frame, lang)


def aspect_label(aspect: str, lang: str) -> str:
    """The name of a side of the target; one of a user's own lists is called as it is there."""
    return _named("aspect", aspect, lang)


def speaker_label(speaker: str, lang: str) -> str:
    """The name of a kind of speaker; one of a user's own lists is called as it is there."""
    return _named("speaker", speaker, lang)


def _named(kind: str, name: str, lang: str) -> str:
    return label(f"{kind}_{name}", lang) if f"{kind}_{name}" in labels() else name


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence in both languages and the panel that shows it."""

    text: Mapping[str, str]
    panel: str


def findings(
    comparison: Comparison, target: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Up to six sentences on what sets the groups apart.

    Who is the most critical, who the most optimistic, how far tone goes apart, whether that is more
    than chance, who speaks, and who leaves a side of the target out.

    They speak of groups that the figures show, of those with three articles or more where there are
    two such. A frame that hardly occurs (in fewer than three sentences, or under 2 % of them) is
    passed over for the next one.
    """
    groups = _told_of(comparison)
    found: list[Finding] = []
    for frame in ("critical", "optimistic", "nationalist", "market"):
        top = max(groups, key=lambda group: _share(group, frame))
        if len(found) < 2 and _is_told(top.estimates[frame]):
            texts = {lang: _top(frame, top, groups, lang, comparison) for lang in LANGUAGES}
            found.append(Finding(texts, "frames_by_source"))
    heard = [group for group in groups if group.estimates["tone"].value is not None]
    if heard:
        about = {
            lang: label("about", lang, target=target[lang]) if target else label("overall", lang)
            for lang in LANGUAGES
        }
        if comparison.summary.by == "target":
            about = {lang: label("about_each", lang) for lang in LANGUAGES}
        texts = {lang: _tone(heard, about[lang], lang) for lang in LANGUAGES}
        found.append(Finding(texts, "frames_by_source/1"))
    more = (_tested(comparison), _voiced(comparison), _omitted(comparison))
    return (*found, *(finding for finding in more if finding is not None))


def _told_of(comparison: Comparison) -> list[Group]:
    shown = [group for _, group in placed(comparison)]
    groups = [group for group in shown if group.known] or shown
    several = [group for group in groups if group.n_articles >= MIN_ARTICLES]
    return several if len(several) > 1 else groups


def _is_told(estimate: Estimate) -> bool:
    tagged = round((estimate.decided or 0.0) * estimate.sentences)
    return (estimate.value or 0.0) >= 0.02 and tagged >= 3 and estimate.sentences >= _FEW


def _tested(comparison: Comparison) -> Finding | None:
    """How many differences are more than chance, or why none can be."""
    total = len(comparison.contrasts)
    if not total or comparison.summary.by == "target":
        return None
    values: dict[str, Any] = {"n": comparison.family, "untested": total - comparison.family}
    if not comparison.family:
        alone = all(group.n_articles == 1 for group in comparison.compared)
        rare = all(contrast.method == "rare" for contrast in comparison.contrasts)
        least = min(contrast.attainable for contrast in comparison.contrasts)
        values |= {"n": total, "value": f"{least:.2f}"}
        key = "finding_single" if alone else "finding_all_rare" if rare else "finding_untested"
        return Finding({lang: label(key, lang, **values) for lang in LANGUAGES}, "differences")
    more = {
        lang: label("finding_more_untested", lang, **values) if values["untested"] else ""
        for lang in LANGUAGES
    }
    held = [c for c in comparison.contrasts if c.p_holm is not None and c.p_holm < LEVEL]
    if not held:
        texts = {
            lang: label("finding_none_held", lang, more=more[lang], **values) for lang in LANGUAGES
        }
        return Finding(texts, "differences")
    first = min(held, key=lambda contrast: (contrast.p_holm or 0.0, contrast.measure))
    values |= {"held": len(held), "a": first.a, "b": first.b, "p": f"{first.p_holm:.3f}"}
    texts = {}
    for lang in LANGUAGES:
        tone = first.measure == "tone"
        name = label("frame_tone", lang) if tone else frame_label(first.measure, lang)
        apart = label("points", lang, value=points(first.difference))
        apart = signed(first.difference) if tone else apart
        values |= {"measure": name, "difference": apart, "more": more[lang]}
        texts[lang] = label("finding_tested", lang, **values)
    return Finding(texts, "differences")


def _voiced(comparison: Comparison) -> Finding | None:
    """Whether praise and blame are the author's own or are told by others."""
    counts = comparison.voices.filter(pl.col("frame").is_in(["favourable", "unfavourable"]))
    if counts.is_empty():
        return None
    own: dict[str, float] = {}
    for frame in ("favourable", "unfavourable"):
        rows = counts.filter(pl.col("frame") == frame)
        total = int(rows["n"].sum())
        if total < _FEW:
            return None
        author = rows.filter(pl.col("speaker") == "author")
        own[frame] = int(author["n"].sum()) / total
    values = {"up": percent(1 - own["favourable"]), "down": percent(1 - own["unfavourable"])}
    return Finding({lang: label("finding_voices", lang, **values) for lang in LANGUAGES}, "voices")


# As few sentences do not tell a share.
_FEW = 10


# More names do not fit into a sentence.
_NAMED = 6


def _omitted(comparison: Comparison) -> Finding | None:
    """The side that most sources speak of and a few leave out; of all known sources."""
    known = [group.name for group in comparison.summary.groups if group.known]
    table = comparison.aspects.filter(pl.col("group").is_in(known))
    silent: list[tuple[int, str, list[str]]] = []
    for (aspect,), rows in table.group_by("aspect", maintain_order=True):
        without = rows.filter(pl.col("n") == 0)["group"].to_list()
        if 0 < len(without) <= _NAMED and 2 * len(without) < rows.height:
            silent.append((len(without), str(aspect), without))
    if not silent:
        return None
    _, aspect, without = min(silent)
    texts = {
        lang: label(
            "finding_omitted",
            lang,
            aspect=aspect_label(aspect, lang),
            sources=label("and", lang).join(without),
            others=len(known) - len(without),
        )
        for lang in LANGUAGES
    }
    return Finding(texts, "aspects")


def percent(value: float, decimals: int = 0) -> str:
    """0.123 as `12 %`, its blank one that no line breaks at; what rounds to nothing as `<1 %`."""
    if 0 < value < 0.005:
        return "<1\u00a0%"
    return f"{100 * value:.{decimals}f}\u00a0%"


def signed(value: float) -> str:
    """0.12 as `+0.12`, with a real minus sign."""
    return f"{value:+.2f}".replace("-", "−")


def points(value: float) -> str:
    """A difference of shares in percentage points: -0.123 as `−12`."""
    return f"{100 * value:+.0f}".replace("-", "−")


def noun(by: str, lang: str, n: int = 1) -> str:
    """What the groups are: sources, authors, dates, targets, or just groups."""
    known = f"by_{by}" if f"by_{by}" in labels() else "by_group"
    return label(known if n == 1 else f"{known}_many", lang)


def _top(frame: str, top: Group, groups: list[Group], lang: str, comparison: Comparison) -> str:
    by = comparison.summary.by
    told = "_target" if by == "target" else ""
    estimate = top.estimates[frame]
    heard = [group for group in groups if group.estimates[frame].n]
    others = [_share(group, frame) for group in heard if group is not top]
    own = estimate.value or 0.0
    values: dict[str, Any] = {
        "source": top.name,
        "frame": label(f"adjective_{frame}", lang),
        "value": percent(own),
        "tagged": percent(estimate.decided or 0.0),
        "certainty": _certainty(estimate, percent, lang),
    }
    if not others:
        return label(f"finding_only{told}", lang, **values)
    second = max(groups, key=lambda group: -1.0 if group is top else _share(group, frame))
    if own - _share(second, frame) < 0.01:
        values["value"] = percent(own, 1)
        level = {"second": second.name, "second_value": percent(_share(second, frame), 1)}
        values["certainty"] = _both(top, second, frame, percent, lang)
        return label(f"finding_level{told}", lang, **level, **values)
    low, high = percent(min(others)), percent(max(others))
    key = "finding_against_one" if low == high else "finding_against"
    against = label(key, lang, low=low, high=high, noun=noun(by, lang, 2))
    text = label(f"finding_top{told}", lang, against=against, **values)
    for contrast in comparison.contrasts:
        pair = {contrast.a, contrast.b} == {top.name, second.name}
        if pair and contrast.measure == frame and (contrast.p_holm or 0.0) >= LEVEL:
            p = f"{contrast.p_holm:.2f}"
            text += label("finding_chance", lang, second=second.name, p=p)
    return text


def _share(group: Group, frame: str) -> float:
    return group.estimates[frame].value or 0.0


def _tone(groups: list[Group], about: str, lang: str) -> str:
    ordered = sorted(groups, key=lambda group: (group.estimates["tone"].value or 0.0, group.name))
    low, high = ordered[0], ordered[-1]
    values: dict[str, Any] = {
        "about": about,
        "high_source": high.name,
        "high": signed(high.estimates["tone"].value or 0.0),
    }
    if low is high:
        certainty = _certainty(high.estimates["tone"], signed, lang)
        return label("finding_tone_one", lang, certainty=certainty, **values)
    return label(
        "finding_tone",
        lang,
        low_source=low.name,
        low=signed(low.estimates["tone"].value or 0.0),
        certainty=_both(low, high, "tone", signed, lang),
        **values,
    )


def _both(first: Group, second: Group, measure: str, shown: Any, lang: str) -> str:
    """How sure two estimates are; together where neither has an interval."""
    one, two = first.estimates[measure], second.estimates[measure]
    if one.low is None and two.low is None:
        return label("certainty_one_each" if one.n == two.n == 1 else "certainty_each", lang)
    return " ".join(
        label("certainty_of", lang, name=group.name, certainty=_certainty(estimate, shown, lang))
        for group, estimate in ((first, one), (second, two))
    )


def _certainty(estimate: Estimate, shown: Any, lang: str) -> str:
    if estimate.low is None or estimate.high is None:
        return label("certainty_one" if estimate.n == 1 else "certainty_two", lang)
    low, high = shown(estimate.low), shown(estimate.high)
    key = "certainty_rare" if estimate.rare else "certainty_interval"
    return label(key, lang, low=low, high=high, n=estimate.n)
