"""The figure of one article: tone and frames along its sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stance.comparison import Comparison
from stance.page.drawing import TONES, colour, empty
from stance.page.sketch import Sketch
from stance.page.story import frame_label, label
from stance.verdict import prominence

Floats = NDArray[np.float64]

_WINDOW = 9
_ENDS = re.compile(r"[。！？!?；;…][”’」』\"）)]*$")


def tone_along(comparison: Comparison, lang: str = "zh", article: str | None = None) -> Sketch:
    """Tone of every sentence of an article (the first by default), and where its frames stand.

    `article` is an article_id. Null tone gives no bar. The bands are the headline, where the text
    begins with one, the lead and the close, which count double in the article's stance.
    """
    found = comparison.summary.tables
    chosen = article or str(found.articles["article_id"][0])
    table = found.scan("sentences").filter(pl.col("article_id") == chosen).collect()
    rows = table.to_dicts()
    if not rows:
        raise ValueError(f"no sentences of article '{chosen}'")
    x = [row["index"] for row in rows]
    score = np.array([row["tone_score"] for row in rows], dtype=np.float64)
    smooth = rolling(score, np.zeros(len(rows)))
    figure = empty(height=350)
    figure.add_bar(
        x=x,
        y=[row["tone_score"] for row in rows],
        marker={
            "color": [TONES[row["tone"]] for row in rows],
            "pattern": {"shape": ["/" if row["voice"] == "quoted" else "" for row in rows]},
            "line": {"width": 0},
        },
        customdata=[["sentence", row["sentence_id"]] for row in rows],
        hovertemplate=f"{label('position', lang)} %{{x}}<br>%{{y:+.2f}}<extra></extra>",
        showlegend=False,
    )
    figure.add_scatter(
        x=x,
        y=[None if np.isnan(value) else value for value in smooth.tolist()],
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
    head, lead, close = bands(table["paragraph"].to_list(), table["text"].to_list())
    edges = [(0, head, "band_head"), (head, lead, "band_lead"), (close, len(rows), "band_close")]
    present = [(start, end, key) for start, end, key in edges if end > start]
    figure.update_layout(
        shapes=[
            {
                "type": "rect",
                "layer": "below",
                "xref": "x",
                "yref": "paper",
                "x0": start - 0.5,
                "x1": end - 0.5,
                "y0": 0.36,
                "y1": 1,
                "line": {"width": 0},
                "fillcolor": f"rgba(128,128,128,{0.2 if key == 'band_head' else 0.1})",
            }
            for start, end, key in present
        ],
        annotations=[
            {
                "x": start - 0.5,
                "y": 1,
                "xref": "x",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 11},
                "text": label(key, lang),
            }
            for start, end, key in present
            if key != "band_head"
        ],
        margin={"t": 24},
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


def bands(paragraphs: Sequence[int], texts: Sequence[str]) -> tuple[int, int, int]:
    """Where the headline ends, where the lead ends, where the close begins (sentence numbers).

    A headline is a first paragraph without a full stop.

    Args:
        paragraphs: the number of each sentence's paragraph.
        texts: the sentences of an article.
    """
    n = len(texts)
    if not n:
        return 0, 0, 0
    opening = [text for text, own in zip(texts, paragraphs, strict=True) if own == paragraphs[0]]
    head = len(opening) if len(opening) < n and not any(_ENDS.search(t) for t in opening) else 0
    edge = _edge(n)
    return head, max(head, edge), max(head, edge, n - edge)


@cache
def _edge(n: int) -> int:
    """How many of n sentences are the lead."""
    return int((prominence(np.array([n]))[: n // 2 + 1] > 1).sum()) if n > 1 else 1


def rolling(scores: Floats, article: NDArray[Any]) -> Floats:
    """(n,) median of nine sentences of the same article around each; NaN says nothing."""
    near = np.arange(-(_WINDOW // 2), _WINDOW // 2 + 1) + np.arange(len(scores))[:, None]
    inside = (near >= 0) & (near < len(scores))
    near[~inside] = 0
    inside &= article[near] == article[:, None]
    ranked = np.sort(np.where(inside, scores[near], np.nan), axis=1)
    heard = np.count_nonzero(~np.isnan(ranked), axis=1)
    row = np.arange(len(scores))
    low, high = ranked[row, np.maximum(heard - 1, 0) // 2], ranked[row, heard // 2]
    # Python rounds what is shown here to the nearest, NumPy only nearly so.
    return np.array([round(median, 6) for median in ((low + high) / 2).tolist()])
