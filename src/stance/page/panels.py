"""The figures of the report, one function each: a Comparison in, a plotly Figure out."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import plotly.graph_objects as go

from stance.aggregate import Group
from stance.comparison import Comparison
from stance.page.story import frame_label, label, percent
from stance.types import FRAMES, Estimate

# Okabe and Ito's colours, told apart by colour-blind readers; every frame has a symbol as well.
COLOURS = {
    "optimistic": "#0072B2",
    "critical": "#D55E00",
    "nationalist": "#AA4499",
    "market": "#7A6A00",
}
SYMBOLS = {
    "optimistic": "circle",
    "critical": "square",
    "nationalist": "diamond",
    "market": "triangle-up",
}
# Tone is never red and green: in Chinese markets red is up.
TONES = {1: "#1A7F8E", 0: "#8A8F98", -1: "#B4570A"}
_WINDOW = 9

_LAYOUT: dict[str, Any] = {
    "margin": {"l": 8, "r": 12, "t": 8, "b": 40},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {
        "family": '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif',
        "size": 13,
    },
    "hoverlabel": {"align": "left"},
    "dragmode": False,
    "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "#8A8F98", "activecolor": "#55606E"},
}


# For frames of a user's own lexicons, in their order.
_MORE_COLOURS = ("#2E8B7A", "#B8860B", "#5F6CAF", "#8C564B")
_MORE_SYMBOLS = ("cross", "x", "star", "pentagon")


def colour(frame: str, frames: Sequence[str]) -> str:
    """The colour of a frame among all frames of a comparison."""
    own = list(frames).index(frame) - len(FRAMES)
    return COLOURS.get(frame) or _MORE_COLOURS[own % len(_MORE_COLOURS)]


def _symbol(frame: str, frames: Sequence[str]) -> str:
    own = list(frames).index(frame) - len(FRAMES)
    return SYMBOLS.get(frame) or _MORE_SYMBOLS[own % len(_MORE_SYMBOLS)]


def frames_by_source(comparison: Comparison, lang: str = "zh") -> go.Figure:
    """Expected share of sentences with each frame: articles as small marks, means as large ones.

    An interval is drawn where there is one (three articles or more).
    """
    groups = comparison.summary.groups
    frames = comparison.summary.tables.frames
    shares = _article_shares(comparison)
    figure = _figure(height=90 + 62 * len(groups))
    for k, frame in enumerate(frames):
        offset = 0.24 - 0.48 * k / (len(frames) - 1)
        name = frame_label(frame, lang)
        hue = colour(frame, frames)
        marks: dict[str, Any] = {"symbol": _symbol(frame, frames), "color": hue}
        several = [
            (n, article, shares[article][frame])
            for n, group in enumerate(groups)
            if group.n_articles > 1
            for article in group.article_ids
            if shares[article][frame] is not None
        ]
        if several:
            figure.add_scatter(
                x=[value for _, _, value in several],
                y=[-n + offset for n, _, _ in several],
                mode="markers",
                marker={**marks, "size": 6, "opacity": 0.4},
                customdata=[["article", article, frame] for _, article, _ in several],
                hovertemplate=f"{name} %{{x:.0%}}<extra></extra>",
                showlegend=False,
            )
        estimates = [group.estimates[frame] for group in groups]
        figure.add_scatter(
            x=[estimate.value for estimate in estimates],
            y=[-n + offset for n in range(len(groups))],
            error_x=_interval(estimates, hue),
            mode="markers",
            marker={**marks, "size": 12},
            customdata=[["group", n, frame] for n in range(len(groups))],
            hovertemplate=[
                f"{_safe(group.name)}<br>{name} {_said(group, frame)}<br>n={group.n_articles}"
                "<extra></extra>"
                for group in groups
            ],
            name=name,
        )
    figure.update_xaxes(
        title={"text": label("share", lang), "standoff": 8},
        tickformat=".0%",
        rangemode="tozero",
        zeroline=True,
    )
    figure.update_yaxes(
        tickvals=[-n for n in range(len(groups))],
        ticktext=[_wrapped(group.name) for group in groups],
        range=[-len(groups) + 0.5, 0.5],
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    figure.update_layout(legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0})
    figure.update_layout(margin={"t": 36})
    for n in range(1, len(groups)):
        figure.add_hline(y=-n + 0.5, line_width=1, line_color="rgba(128,128,128,.25)")
    return figure


def frames_heatmap(comparison: Comparison, lang: str = "zh") -> go.Figure:
    """Frame by source, the share and the number of articles in each cell."""
    groups = comparison.summary.groups
    frames = comparison.summary.tables.frames
    values = [[group.estimates[frame].value or 0.0 for frame in frames] for group in groups]
    figure = _figure(height=70 + 52 * len(groups))
    figure.add_heatmap(
        z=values,
        x=[frame_label(frame, lang) for frame in frames],
        y=list(range(len(groups))),
        text=[
            [f"{_said(group, frame)}<br>n={group.estimates[frame].n}" for frame in frames]
            for group in groups
        ],
        texttemplate="%{text}",
        customdata=[[["group", n, frame] for frame in frames] for n in range(len(groups))],
        hovertemplate="%{x}<br>%{text}<extra></extra>",
        colorscale=[[0, "#F3F7FA"], [1, "#5FA3CC"]],
        textfont={"color": "#14202B"},
        zmin=0,
        zmax=max(0.5, *(max(row) for row in values)),
        xgap=2,
        ygap=2,
        showscale=False,
    )
    figure.update_xaxes(side="top", showgrid=False, fixedrange=True)
    figure.update_yaxes(
        tickvals=list(range(len(groups))),
        ticktext=[_wrapped(group.name) for group in groups],
        autorange="reversed",
        automargin=True,
        showgrid=False,
        fixedrange=True,
    )
    figure.update_layout(margin={"t": 30, "b": 8})
    return figure


def tone_along(comparison: Comparison, lang: str = "zh", article: str | None = None) -> go.Figure:
    """Tone of every sentence of an article (the first by default), and where its frames stand.

    `article` is an article_id. Null tone gives no bar.
    """
    found = comparison.summary.tables
    chosen = article or str(found.articles["article_id"][0])
    rows = found.sentences.filter(found.sentences["article_id"] == chosen).to_dicts()
    if not rows:
        raise ValueError(f"no sentences of article '{chosen}'")
    x = [row["index"] for row in rows]
    figure = _figure(height=340)
    figure.add_bar(
        x=x,
        y=[row["tone_score"] for row in rows],
        marker={
            "color": [TONES[row["tone"]] for row in rows],
            "pattern": {"shape": ["/" if row["voice"] == "quoted" else "" for row in rows]},
            "line": {"width": 0},
        },
        customdata=[["sentence", row["sentence_id"]] for row in rows],
        hovertemplate=[
            f"{label('sentence_n', lang, n=row['index'])}"
            f"<br>{label('tone_{tone}'.format(**row), lang)} %{{y:+.2f}}<extra></extra>"
            for row in rows
        ],
        showlegend=False,
    )
    figure.add_scatter(
        x=x,
        y=_rolling([row["tone_score"] for row in rows]),
        mode="lines",
        line={"width": 2, "color": "#6B7280"},
        hoverinfo="skip",
        name=label("median", lang),
        showlegend=False,
    )
    for k, frame in enumerate(found.frames):
        own = [row for row in rows if frame in row["frames"]]
        figure.add_scatter(
            x=[row["index"] for row in own],
            y=[-k] * len(own),
            yaxis="y2",
            mode="markers",
            marker={
                "symbol": "line-ns-open",
                "size": 13,
                "line": {"width": 2.5},
                "color": colour(frame, found.frames),
            },
            customdata=[["sentence", row["sentence_id"]] for row in own],
            hovertemplate=f"{frame_label(frame, lang)} %{{x}}<extra></extra>",
            showlegend=False,
        )
    figure.update_layout(
        bargap=0.15,
        xaxis={
            "anchor": "y2",
            "range": [-0.7, len(rows) - 0.3],
            "title": {"text": label("position", lang), "standoff": 8},
        },
        yaxis={
            "domain": [0.36, 1],
            "range": [-1.05, 1.05],
            "zeroline": True,
            "tickvals": [-1, 0, 1],
            "ticktext": [label(f"tone_{tone}", lang) for tone in (-1, 0, 1)],
            "automargin": True,
        },
        yaxis2={
            "domain": [0, 0.3],
            "range": [0.4 - len(found.frames), 0.6],
            "tickvals": [-k for k in range(len(found.frames))],
            "ticktext": [frame_label(frame, lang) for frame in found.frames],
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
        },
    )
    return figure


FIGURES: dict[str, Callable[..., go.Figure]] = {
    "frames_by_source": frames_by_source,
    "frames_heatmap": frames_heatmap,
    "tone_along": tone_along,
}
"""Every figure by the name under which `stance.figure` gives it."""


def figure(comparison: Comparison, name: str, lang: str = "zh", **settings: Any) -> go.Figure:
    """One of the report's figures as a plotly Figure, for a notebook or a paper.

    Raises:
        ValueError: no figure of that name; the message lists them.
    """
    if name not in FIGURES:
        raise ValueError(f"no figure '{name}'; there are {', '.join(FIGURES)}")
    return FIGURES[name](comparison, lang=lang, **settings)


def _figure(height: int) -> go.Figure:
    drawn = go.Figure(layout={**_LAYOUT, "height": height, "template": None})
    drawn.update_layout(template=go.layout.Template())
    return drawn


def _article_shares(comparison: Comparison) -> dict[str, dict[str, float]]:
    frames = comparison.summary.tables.frames
    rows = comparison.summary.articles.iter_rows(named=True)
    return {row["article_id"]: {frame: row[frame] for frame in frames} for row in rows}


def _said(group: Group, frame: str) -> str:
    value = group.estimates[frame].value
    return percent(value or 0.0)


def _interval(estimates: list[Estimate], colour: str) -> dict[str, Any] | None:
    if all(e.low is None for e in estimates):
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [_length(e.high, e.value) for e in estimates],
        "arrayminus": [_length(e.value, e.low) for e in estimates],
        "color": colour,
        "thickness": 1.5,
        "width": 4,
    }


def _length(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else high - low


def _safe(text: str) -> str:
    """Plotly reads a few tags in labels; what users bring is text, not tags."""
    return html.escape(text, quote=False)


def _wrapped(text: str, width: int = 9) -> str:
    """A name in lines of about `width` characters, broken at a space or slash where it has one."""
    shown = text if len(text) <= 3 * width else text[: 3 * width - 1] + "…"
    lines, line = [], ""
    for character in shown:
        line += character
        if len(line) >= width or (character in " /" and len(line) > 3):
            lines.append(line.strip())
            line = ""
    lines.append(line)
    return "<br>".join(_safe(part) for part in lines if part)


def _rolling(scores: list[float | None]) -> list[float | None]:
    half = _WINDOW // 2
    smooth: list[float | None] = []
    for k in range(len(scores)):
        near = [s for s in scores[max(0, k - half) : k + half + 1] if s is not None]
        smooth.append(round(median(near), 6) if near else None)
    return smooth
