"""The few sentences on top of the report, made from the tables with their uncertainty."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stance.aggregate import Group
from stance.comparison import Comparison
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
    return label(f"frame_{frame}", lang) if f"frame_{frame}" in labels() else frame


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence in both languages and the panel that shows it."""

    text: Mapping[str, str]
    panel: str


def findings(
    comparison: Comparison, target: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Who is the most critical, who the most optimistic, and how far tone goes apart.

    A frame that hardly occurs anywhere (under 2 % of sentences) is passed over for the next one.
    """
    groups = [group for group in comparison.summary.groups if group.known]
    groups = groups or list(comparison.summary.groups)
    found: list[Finding] = []
    for frame in ("critical", "optimistic", "nationalist", "market"):
        if len(found) == 2:
            break
        top = max(groups, key=lambda group: group.estimates[frame].value or 0.0)
        if (top.estimates[frame].value or 0.0) >= 0.02:
            texts = {
                lang: _top(frame, top, groups, lang, comparison.summary.by) for lang in LANGUAGES
            }
            found.append(Finding(texts, "frames"))
    heard = [group for group in groups if group.estimates["tone"].value is not None]
    if heard:
        about = {
            lang: label("about", lang, target=target[lang]) if target else label("overall", lang)
            for lang in LANGUAGES
        }
        if comparison.summary.by == "target":
            about = {lang: label("about_each", lang) for lang in LANGUAGES}
        texts = {lang: _tone(heard, about[lang], lang) for lang in LANGUAGES}
        found.append(Finding(texts, "tone"))
    return tuple(found)


def percent(value: float, decimals: int = 0) -> str:
    """0.123 as `12 %`; a share that rounds to nothing as `<1 %`."""
    if 0 < value < 0.005:
        return "<1 %"
    return f"{100 * value:.{decimals}f} %"


def signed(value: float) -> str:
    """0.12 as `+0.12`, with a real minus sign."""
    return f"{value:+.2f}".replace("-", "−")


def _top(frame: str, top: Group, groups: list[Group], lang: str, by: str) -> str:
    told = "_target" if by == "target" else ""
    estimate = top.estimates[frame]
    heard = [group for group in groups if group.estimates[frame].n]
    others = [_share(group, frame) for group in heard if group is not top]
    name = label(f"frame_{frame}", lang)
    own = estimate.value or 0.0
    values: dict[str, Any] = {
        "source": top.name,
        "frame": name if lang == "zh" else name.lower(),
        "value": percent(own),
        "certainty": _certainty(estimate, percent, lang),
    }
    if not others:
        return label(f"finding_only{told}", lang, **values)
    second = max(groups, key=lambda group: -1.0 if group is top else _share(group, frame))
    if own - _share(second, frame) < 0.01:
        values["value"] = percent(own, 1)
        level = {"second": second.name, "second_value": percent(_share(second, frame), 1)}
        return label(f"finding_level{told}", lang, **level, **values)
    low, high = percent(min(others)), percent(max(others))
    key = "finding_against_one" if low == high else "finding_against"
    return label(f"finding_top{told}", lang, against=label(key, lang, low=low, high=high), **values)


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
    shown = any(group.estimates["tone"].low is not None for group in groups)
    certainty = label("certainty_ranges" if shown else "certainty_each", lang)
    return label(
        "finding_tone",
        lang,
        low_source=low.name,
        low=signed(low.estimates["tone"].value or 0.0),
        certainty=certainty,
        **values,
    )


def _certainty(estimate: Estimate, shown: Any, lang: str) -> str:
    if estimate.low is None or estimate.high is None:
        return label("certainty_one" if estimate.n == 1 else "certainty_two", lang)
    low, high = shown(estimate.low), shown(estimate.high)
    return label("certainty_interval", lang, low=low, high=high, n=estimate.n)
