"""The panels of the report in their order: a figure, the table behind it, and its views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from stance.comparison import Comparison
from stance.page.article import tone_along
from stance.page.sayings import aspects, tone_gap, voices, words
from stance.page.sketch import Sketch
from stance.page.sources import (
    differences,
    distances,
    frames_by_source,
    frames_heatmap,
    measure_label,
    quality,
    reprints,
    timeline,
)
from stance.page.story import LANGUAGES, label

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True, slots=True)
class View:
    """One figure of a panel that has several: its settings, and its name by language."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


_ONE = (View(),)


@dataclass(frozen=True, slots=True)
class Panel:
    """`name` is that of its figure; `views` and `table` are made from the comparison.

    Without a view, a panel is left out: there is nothing to draw. `go` tells, of a row of the
    table and the numbers of the groups, which sentences it leads to.
    """

    name: str
    figure: Callable[..., Sketch]
    views: Callable[[Comparison], Sequence[View]]
    table: Callable[[Comparison], pl.DataFrame]
    go: Callable[[Mapping[str, Any], Mapping[str, int]], list[Any] | None] = lambda row, number: (
        None
    )


def _measures(comparison: Comparison) -> list[View]:
    return [
        View({"measure": measure}, {lang: measure_label(measure, lang) for lang in LANGUAGES})
        for measure in ("tone", *comparison.summary.tables.frames)
    ]


def _pairs(comparison: Comparison) -> list[View]:
    return _measures(comparison) if comparison.contrasts else []


def _times(comparison: Comparison) -> list[View]:
    return _measures(comparison) if comparison.timeline.height else []


def _heard(comparison: Comparison) -> list[View]:
    every = View({}, {lang: label("all_sources", lang) for lang in LANGUAGES})
    groups = comparison.compared
    own = [View({"group": group.name}, dict.fromkeys(LANGUAGES, group.name)) for group in groups]
    return [every, *own] if len(own) > 1 else [every]


def _worded(comparison: Comparison) -> list[View]:
    views = []
    for kind, name in comparison.words.select("kind", "name").unique(maintain_order=True).rows():
        names = {lang: measure_label(name, lang) if kind == "frame" else name for lang in LANGUAGES}
        views.append(View({"kind": kind, "name": name}, names))
    return sorted(views, key=lambda view: view.settings["kind"] != "source")


def _gaps(comparison: Comparison) -> list[View]:
    return [
        View({"a": gap.a, "b": gap.b}, dict.fromkeys(LANGUAGES, f"{gap.a} − {gap.b}"))
        for gap in sorted(comparison.gaps, key=lambda gap: -abs(gap.gap))
    ]


def _gap_table(comparison: Comparison) -> pl.DataFrame:
    tables = [
        pl.DataFrame(
            {
                "a": gap.a,
                "b": gap.b,
                "term": [*gap.terms["term"], "*other", "*remainder", "*gap"],
                "contribution": [*gap.terms["contribution"], gap.other, gap.remainder, gap.gap],
                "n_a": [*gap.terms["n_a"], None, None, None],
                "n_b": [*gap.terms["n_b"], None, None, None],
            },
            schema_overrides={
                "term": pl.String,
                "contribution": pl.Float64,
                "n_a": pl.Int64,
                "n_b": pl.Int64,
            },
        )
        for gap in comparison.gaps
    ]
    return pl.concat(tables) if tables else pl.DataFrame({"a": [], "b": []})


def _estimates(comparison: Comparison) -> pl.DataFrame:
    """A row for every group and measure."""
    summary = comparison.summary
    parts = ("value", "low", "high", "n", "boot_low", "boot_high", "by_sentence", "icc")
    rows = [
        {
            "group": group.name,
            "n_articles": group.n_articles,
            "n_sentences": group.n_sentences,
            "measure": measure,
            **{part: getattr(estimate, part) for part in (*parts, "n_effective", "decided")},
        }
        for group in summary.groups
        for measure, estimate in group.estimates.items()
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _of_estimate(row: Mapping[str, Any], number: Mapping[str, int]) -> list[Any]:
    return ["group", number[row["group"]], "" if row["measure"] == "tone" else row["measure"]]


def _of_pair(row: Mapping[str, Any], number: Mapping[str, int]) -> list[Any]:
    measure = row.get("measure", "tone")
    return ["group", number[row["a"]], "" if measure == "tone" else measure]


def _profiles(comparison: Comparison) -> list[View]:
    return [
        View({}, {lang: label("view_frames", lang) for lang in LANGUAGES}),
        View({"measure": "tone"}, {lang: measure_label("tone", lang) for lang in LANGUAGES}),
    ]


PANELS = (
    Panel(
        "frames_by_source",
        frames_by_source,
        _profiles,
        _estimates,
        _of_estimate,
    ),
    Panel("frames_heatmap", frames_heatmap, lambda _: _ONE, _estimates, _of_estimate),
    Panel("differences", differences, _pairs, Comparison.contrast_table, _of_pair),
    Panel(
        "tone_along",
        tone_along,
        lambda c: _ONE if c.summary.tables.height("sentences") else (),
        lambda c: pl.DataFrame(),
    ),
    Panel(
        "voices",
        voices,
        _heard,
        lambda c: c.voices.filter(pl.col("n") > 0),
        lambda row, number: ["voice", number[row["group"]], row["frame"], row["speaker"]],
    ),
    Panel(
        "aspects",
        aspects,
        lambda c: _ONE if c.aspects.height else (),
        lambda c: c.aspects,
        lambda row, number: ["aspect", number[row["group"]], row["aspect"]] if row["n"] else None,
    ),
    Panel(
        "words",
        words,
        _worded,
        lambda c: c.words,
        lambda row, number: [
            "word",
            number[row["name"]] if row["kind"] == "source" else None,
            row["word"],
            row["name"] if row["kind"] == "frame" else "",
        ],
    ),
    Panel("tone_gap", tone_gap, _gaps, _gap_table, _of_pair),
    Panel(
        "timeline",
        timeline,
        _times,
        lambda c: c.timeline,
        lambda row, number: ["period", number[row["group"]], row["period"]],
    ),
    Panel(
        "distances",
        distances,
        lambda c: _ONE if c.distances else (),
        Comparison.distance_table,
        _of_pair,
    ),
    Panel(
        "reprints",
        reprints,
        lambda c: _ONE if c.reprints.height else (),
        lambda c: c.reprints,
        lambda row, number: ["article", row["article_id"], ""],
    ),
    Panel(
        "quality",
        quality,
        lambda _: _ONE,
        lambda c: c.quality,
        lambda row, number: ["article", row["article_id"], ""],
    ),
)
"""Every panel with a figure, in the order of the page."""

FIGURES = {panel.name: panel.figure for panel in PANELS}
"""What draws every figure, by the name under which `stance.figure` gives it."""


def figure(comparison: Comparison, name: str, /, lang: str = "zh", **settings: Any) -> Figure:
    """One of the report's figures as a plotly Figure, for a notebook or a paper.

    Settings by figure: `measure` ("tone" or a frame) of differences and timeline, `article` of
    tone_along, `group` of voices, `kind` ("source" or "frame") and `name` of words, `a` and `b`
    of tone_gap.

    Raises:
        ValueError: no figure of that name, or no such view of it; the message lists what there is.
    """
    if name not in FIGURES:
        raise ValueError(f"no figure '{name}'; there are {', '.join(FIGURES)}")
    panel = next(panel for panel in PANELS if panel.name == name)
    offered = [dict(view.settings) for view in panel.views(comparison)]
    if name != "tone_along" and settings and settings not in offered:
        told = "; ".join(str(view) for view in offered if view) or "none"
        raise ValueError(f"no {name} with {settings}; there are {told}")
    return FIGURES[name](comparison, lang=lang, **settings).figure()
