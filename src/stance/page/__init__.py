"""The report: a Comparison in, one sealed HTML page out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl
from markupsafe import Markup

from stance.comparison import Comparison
from stance.entries import NO_TARGET, Target
from stance.page.panels import FIGURES, TONES, colour, figure
from stance.page.sealing import asset, script_hash, shown, template
from stance.page.story import LANGUAGES, Finding, findings, label, labels
from stance.types import FRAMES, Skipped, Tables

__all__ = [
    "FIGURES",
    "LANGUAGES",
    "Context",
    "Finding",
    "figure",
    "findings",
    "names_of",
    "render",
]


@dataclass(frozen=True, slots=True)
class Context:
    """What the page tells beside the comparison."""

    target: Target = NO_TARGET
    signature: Mapping[str, str | int] = field(default_factory=dict)
    thresholds: Sequence[float] = ()
    skipped: Sequence[Skipped] = ()
    lang: str = "zh"


def render(comparison: Comparison, context: Context | None = None) -> str:
    """The report as one HTML page that needs and reaches nothing else.

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
    more = frames[len(FRAMES) :]
    told = findings(comparison, names_of(context.target))
    texts = {
        lang: {**_texts(comparison, context, lang), **{k: v[lang] for k, v in labels().items()}}
        for lang in LANGUAGES
    }
    for lang in LANGUAGES:
        texts[lang].update(_heading(comparison, context, lang))
        texts[lang].update({f"frame_{frame}": frame for frame in more})
        texts[lang]["uncalibrated"] = (
            label("uncalibrated", lang, frames=", ".join(more)) if more else ""
        )
    payload = {
        "lang": context.lang,
        "frames": frames,
        "thresholds": [*context.thresholds, *(0.5 for _ in more if context.thresholds)],
        "labels": texts,
        "findings": [{"text": finding.text, "panel": finding.panel} for finding in told],
        "figures": _figures(comparison),
        "groups": [
            {
                "name": shown(group.name),
                "articles": group.article_ids,
                "sentences": group.n_sentences,
                "estimates": {
                    measure: [e.value, e.low, e.high, e.n] for measure, e in group.estimates.items()
                },
            }
            for group in comparison.summary.groups
        ],
        **_rows(comparison.summary.tables),
        "signature": {key: str(value) for key, value in context.signature.items()},
        "skipped": [[shown(skip.path), shown(skip.reason)] for skip in context.skipped],
    }
    # `<` never stands in the payload, so nothing in it can end the script element.
    data = msgspec.json.encode(payload).decode("utf-8")
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
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
        payload=Markup(data),
        skipped=bool(context.skipped),
    )
    return str(html)


def names_of(target: Target) -> Mapping[str, str] | None:
    """The target's label by language, None without a target."""
    return None if target == NO_TARGET else {"zh": target.label_zh, "en": target.label}


def _heading(comparison: Comparison, context: Context, lang: str) -> dict[str, str]:
    found = comparison.summary.tables
    on_target = int(found.sentences["on_target"].sum())
    name = {"zh": context.target.label_zh, "en": context.target.label}[lang]
    none = context.target.name == NO_TARGET.name
    counts = {
        "target": name,
        "k": len(comparison.summary.groups),
        "articles": found.articles["path"].n_unique(),
        "sentences": found.sentences.height,
        "on": on_target,
    }
    kind = "_none" if none else "_targets" if found.articles["target"].n_unique() > 1 else ""
    return {
        "page_title": label(f"title{kind}", lang, **counts),
        "page_subtitle": label(f"subtitle{kind}", lang, **counts),
    }


def _texts(comparison: Comparison, context: Context, lang: str) -> dict[str, str]:
    sure = "some_interval" if comparison.inferential else "no_interval"
    edited = context.signature.get("fitted_on_these_lexicons") == "no"
    return {
        "certainty": label(sure, lang),
        "edited": label("method_edited", lang) if edited else "",
    }


def _figures(comparison: Comparison) -> dict[str, Any]:
    ids = comparison.summary.tables.articles["article_id"].to_list()

    def drawn(name: str, **settings: Any) -> dict[str, Any]:
        return {
            lang: figure(comparison, name, lang=lang, **settings).to_plotly_json()
            for lang in LANGUAGES
        }

    return {
        "frames_by_source": _plain(drawn("frames_by_source")),
        "frames_heatmap": _plain(drawn("frames_heatmap")),
        "tone_along": {id_: _plain(drawn("tone_along", article=id_)) for id_ in ids},
    }


def _plain(value: Any) -> Any:
    """Plotly's tuples and arrays as what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return value


def _rows(found: Tables) -> dict[str, Any]:
    articles = found.articles
    number = {id_: k for k, id_ in enumerate(articles["article_id"])}
    sentences = found.sentences
    order = {id_: k for k, id_ in enumerate(sentences["sentence_id"])}
    starts = dict(zip(sentences["sentence_id"], sentences["start"], strict=True))
    cues = found.cues
    offsets = cues["sentence_id"].replace_strict(starts, return_dtype=pl.Int64)
    return {
        "articles": [
            {
                "id": row["article_id"],
                "source": shown(row["source"]),
                "target": row["target"],
                "title": shown(row["title"]),
                "author": shown(row["author"]),
                "date": row["date"],
                "path": shown(row["path"]),
                "lang": {"trad": "zh-Hant", "other": "und"}.get(row["script"], "zh-Hans"),
                "stance": row["stance"],
                "dominant": row["dominant"],
                "tone": row["tone"],
                "repairs": row["n_repairs"],
                "flagged": row["n_flagged"],
            }
            for row in articles.iter_rows(named=True)
        ],
        "sentences": {
            "id": sentences["sentence_id"].to_list(),
            "article": [number[id_] for id_ in sentences["article_id"]],
            "paragraph": sentences["paragraph"].to_list(),
            "text": [shown(text) for text in sentences["text"]],
            "on": [int(value) for value in sentences["on_target"]],
            "quoted": [int(value == "quoted") for value in sentences["voice"]],
            "tone": sentences["tone"].to_list(),
            "score": sentences["tone_score"].to_list(),
            "snow": sentences["snownlp"].to_list(),
            "p": [sentences[frame].round(3).to_list() for frame in found.frames],
            "frames": [
                sum(1 << found.frames.index(frame) for frame in own) for own in sentences["frames"]
            ],
        },
        "cues": {
            "sentence": [order[id_] for id_ in cues["sentence_id"]],
            "frame": cues["frame"].to_list(),
            "term": cues["term"].to_list(),
            "start": (cues["start"] - offsets).to_list(),
            "end": (cues["end"] - offsets).to_list(),
            "weight": cues["weight"].to_list(),
            "polarity": cues["polarity"].to_list(),
            "negated": [int(value) for value in cues["negated"]],
            "degree": cues["degree"].to_list(),
            "asserted": cues["asserted"].to_list(),
            "marks": [[shown(mark) for mark in own] for own in cues["marks"].to_list()],
        },
    }
