"""The report: a Comparison in, one sealed HTML page out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import msgspec
from markupsafe import Markup

from stance.comparison import MOST, Comparison
from stance.entries import NO_TARGET, Target
from stance.keyness import FEW
from stance.page.drawing import MOST_SHOWN, TONES, colour
from stance.page.listing import listed
from stance.page.panels import FIGURES, figure
from stance.page.payload import panels, rows
from stance.page.sealing import asset, script_hash, shown, template
from stance.page.story import LANGUAGES, Finding, findings, label, labels, noun
from stance.types import FRAMES, Skipped

__all__ = [
    "FIGURES",
    "LANGUAGES",
    "Context",
    "Finding",
    "figure",
    "findings",
    "names_of",
    "render",
    "rendered",
]


@dataclass(frozen=True, slots=True)
class Context:
    """What the page tells beside the comparison.

    `title` takes the place of the page's own; `share` cuts quoted text to excerpts around cues.
    """

    target: Target = NO_TARGET
    signature: Mapping[str, str | int] = field(default_factory=dict)
    thresholds: Sequence[float] = ()
    skipped: Sequence[Skipped] = ()
    lang: str = "zh"
    title: str | None = None
    share: bool = False


def render(comparison: Comparison, context: Context | None = None) -> str:
    """The report as one HTML page that needs and reaches nothing else; see `rendered`."""
    return rendered(comparison, context).decode("utf-8")


def rendered(comparison: Comparison, context: Context | None = None) -> bytes:
    """The report as the bytes of one HTML page that needs and reaches nothing else.

    A Content-Security-Policy forbids every request and every script but the two in the page, by
    their digests. Text of articles stays text: it travels as JSON and is set as text nodes.
    """
    context = context or Context()
    plotly, script = asset("vendor/plotly-cartesian.min.js"), asset("report.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {script_hash(plotly)} {script_hash(script)}",
            "style-src 'unsafe-inline'",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    frames = comparison.summary.tables.frames
    found = listed(comparison.summary)
    number = {id_: k for k, id_ in enumerate(found.articles["article_id"])}
    more = frames[len(FRAMES) :]
    told = findings(comparison, names_of(context.target))
    texts = {
        lang: {**{k: v[lang] for k, v in labels().items()}, **_texts(comparison, context, lang)}
        for lang in LANGUAGES
    }
    for lang in LANGUAGES:
        texts[lang].update(_heading(comparison, context, lang))
        texts[lang]["listed"] = _listed(comparison, len(number), lang)
        texts[lang].update({f"frame_{frame}": frame for frame in more})
        texts[lang]["uncalibrated"] = (
            label("uncalibrated", lang, frames=", ".join(more)) if more else ""
        )
    payload = {
        "lang": context.lang,
        "frames": frames,
        "thresholds": [*context.thresholds, *(0.5 for _ in more if context.thresholds)],
        "labels": texts,
        "locale": msgspec.json.decode(asset("vendor/plotly-locale-zh-cn.json")),
        "colours": {frame: colour(frame, frames) for frame in frames}
        | {"tone-up": TONES[1], "tone-flat": TONES[0], "tone-down": TONES[-1]},
        "tones": {str(tone): hue for tone, hue in TONES.items()},
        "findings": [{"text": finding.text, "panel": finding.panel} for finding in told],
        "groups": _groups(comparison, number),
        **rows(found, share=context.share),
        "panels": panels(comparison, number, share=context.share),
        "signature": {key: str(value) for key, value in context.signature.items()},
        "skipped": [
            [_named(skip.path, share=context.share), shown(skip.reason)] for skip in context.skipped
        ],
    }
    # `<` never stands in the payload, so nothing in it can end the script element.
    data = msgspec.json.encode(payload).replace(b"<", b"\\u003c")
    for character in "\u2028\u2029":
        data = data.replace(character.encode(), f"\\u{ord(character):04x}".encode())
    html = template("template.html").render(
        lang={"zh": "zh-Hans", "en": "en"}[context.lang],
        policy=Markup(policy),
        title=texts[context.lang]["page_title"],
        t=texts[context.lang],
        findings=[(finding.text[context.lang], finding.panel) for finding in told],
        style=Markup(asset("style.css")),
        colours={frame: colour(frame, frames) for frame in frames},
        more=more,
        tones=TONES,
        plotly=Markup(plotly),
        script=Markup(script),
        payload=Markup(_DATA),
        skipped=bool(context.skipped),
        panels=[one["name"] for one in payload["panels"]],
    )
    # The data are large: they are put between the bytes and pass through no template.
    before, behind = str(html).encode("utf-8").split(_DATA.encode(), 1)
    return b"".join((before, data, behind))


# No text from outside comes into a template with its `<`.
_DATA = "<data>"


def names_of(target: Target) -> Mapping[str, str] | None:
    """The target's label by language, None without a target."""
    return None if target == NO_TARGET else {"zh": target.label_zh, "en": target.label}


def _heading(comparison: Comparison, context: Context, lang: str) -> dict[str, str]:
    found = comparison.summary.tables
    on_target = int(found.columns("sentences", "on_target")["on_target"].sum())
    name = {"zh": context.target.label_zh, "en": context.target.label}[lang]
    none = "_none" if context.target.name == NO_TARGET.name else ""
    groups = comparison.summary.groups
    known = sum(group.known for group in groups)
    n_unknown = sum(group.n_articles for group in groups if not group.known)
    values = {
        "target": name,
        "k": known,
        "noun": noun(comparison.summary.by, lang, known),
        "articles": _counted("n_articles", found.articles["path"].n_unique(), lang),
        "sentences": _counted("n_sentences", found.height("sentences"), lang),
        "on": on_target,
        "unknown": label("unknown", lang, n=n_unknown) if n_unknown else "",
    }
    several = found.articles["target"].n_unique() > 1
    title = "title_targets" if several else f"title{none}" if known else f"title_unknown{none}"
    subtitle = "subtitle_targets" if several else f"subtitle{none}"
    return {
        "page_title": context.title or label(title, lang, **values),
        "page_subtitle": label(subtitle, lang, **values),
    }


def _named(path: str, *, share: bool) -> str | None:
    return shown(PurePosixPath(path).name if share else path)


def _counted(key: str, n: int, lang: str) -> str:
    return label(f"{key}_1" if n == 1 else key, lang, n=n)


def _texts(comparison: Comparison, context: Context, lang: str) -> dict[str, str]:
    sure = "some_interval" if comparison.inferential else "no_interval"
    edited = context.signature.get("fitted_on_these_lexicons") == "no"
    groups = len(comparison.summary.groups)
    notes = []
    if groups > MOST_SHOWN:
        notes.append(label("groups_shown", lang, shown=MOST_SHOWN, all=groups))
    if sum(group.known for group in comparison.summary.groups) > MOST:
        notes.append(label("groups_compared", lang, shown=MOST))
    if context.share:
        notes.append(label("cut", lang))
    few = sum(g.n_articles for g in comparison.summary.groups if g.known) < FEW
    return {
        "panel_words_note": label("panel_words_few" if few else "panel_words_note", lang),
        "certainty": label(sure, lang),
        "notes": " ".join(notes),
        "edited": label("method_edited", lang) if edited else "",
    }


def _listed(comparison: Comparison, n: int, lang: str) -> str:
    """Says how many articles are listed, where it is not all."""
    every = comparison.summary.tables.articles.height
    if n == every:
        return ""
    return label("articles_listed", lang, shown=f"{n:,}", all=f"{every:,}")


def _groups(comparison: Comparison, number: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "name": shown(group.name),
            "articles": [number[id_] for id_ in group.article_ids if id_ in number],
        }
        for group in comparison.summary.groups
    ]
