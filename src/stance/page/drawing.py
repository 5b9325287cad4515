"""What all figures share: colours, layout, names in lines, marks that say more than colour."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from stance.aggregate import Group
from stance.comparison import Comparison
from stance.page.sealing import shown
from stance.page.sketch import Sketch
from stance.types import FRAMES

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
INK = "#14202B"
"""Text on a cell: cells stay light on a dark page too."""
SCALE = [[0, "#F3F7FA"], [1, "#5FA3CC"]]
FAINT = [[0, "#F7F8F9"], [1, "#D3DEE6"]]
"""For cells that nothing makes sure."""
SIGNED = [[0, "#E9A15F"], [0.5, "#F6F6F4"], [1, "#6DBDC8"]]
FAINT_SIGNED = [[0, "#F3DFCC"], [0.5, "#F7F7F6"], [1, "#D5E9EC"]]

MOST_SHOWN = 24
"""As many groups stand in a figure, those with most articles; the tables hold all."""

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
}

# For frames of a user's own lexicons, in their order.
_MORE_COLOURS = ("#2E8B7A", "#B8860B", "#5F6CAF", "#8C564B")
_MORE_SYMBOLS = ("cross", "x", "star", "pentagon")


def colour(frame: str, frames: Sequence[str]) -> str:
    """The colour of a frame among all frames of a comparison."""
    own = list(frames).index(frame) - len(FRAMES)
    return COLOURS.get(frame) or _MORE_COLOURS[own % len(_MORE_COLOURS)]


def symbol(frame: str, frames: Sequence[str]) -> str:
    """The mark of a frame among all frames of a comparison."""
    own = list(frames).index(frame) - len(FRAMES)
    return SYMBOLS.get(frame) or _MORE_SYMBOLS[own % len(_MORE_SYMBOLS)]


def empty(height: int) -> Sketch:
    """A figure without a trace, of `height` pixels, as wide as its place."""
    # Titles of axes no larger than what stands at their ticks.
    title = {"title": {"font": {"size": 13}}}
    template = {"layout": {"xaxis": title, "yaxis": title}}
    return Sketch(**_LAYOUT, height=height, template=template)


def placed(comparison: Comparison) -> list[tuple[int, Group]]:
    """The groups that figures show, each with its number in the summary."""
    every = list(enumerate(comparison.summary.groups))
    if len(every) <= MOST_SHOWN:
        return every
    most = sorted(every, key=lambda one: (not one[1].known, -one[1].n_articles, one[0]))
    return sorted(most[:MOST_SHOWN])


def name_groups(figure: Sketch, groups: Sequence[Group]) -> None:
    """Name rows 0, 1, … (downwards) after groups."""
    figure.update_yaxes(
        tickvals=list(range(len(groups))),
        ticktext=[wrapped(group.name) for group in groups],
        autorange="reversed",
        automargin=True,
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        ticks="",
    )


def name_columns(figure: Sketch, names: Sequence[str]) -> None:
    """Name columns 0, 1, …; names lean where a narrow page leaves them no room."""
    figure.update_xaxes(
        tickvals=list(range(len(names))),
        ticktext=list(names),
        range=[-0.5, len(names) - 0.5],
        side="top",
        autotickangles=[0, -45, -90],
        automargin=True,
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        ticks="",
    )


def cells(
    figure: Sketch,
    values: Sequence[Sequence[float | None]],
    text: Sequence[Sequence[str]],
    hover: Sequence[Sequence[str]],
    sure: Sequence[Sequence[bool]],
    go_to: Sequence[Sequence[Any]],
    *,
    signed: bool = False,
    most: float = 0.5,
) -> None:
    """A heat-map whose cells stand at row y and column x; those not `sure` fade.

    None leaves a hole: nothing was said there, which is seen.
    """
    for certain, scale in ((True, (SCALE, SIGNED)), (False, (FAINT, FAINT_SIGNED))):
        own = [
            [
                value if bool(is_sure) is certain else None
                for value, is_sure in zip(row, marks, strict=True)
            ]
            for row, marks in zip(values, sure, strict=True)
        ]
        if all(value is None for row in own for value in row):
            continue
        figure.add_heatmap(
            z=own,
            text=text,
            texttemplate="%{text}",
            customdata=go_to,
            hovertext=hover,
            hovertemplate="%{hovertext}<extra></extra>",
            hoverongaps=False,
            colorscale=scale[signed],
            textfont={"color": INK},
            zmin=-most if signed else 0,
            zmax=most,
            xgap=2,
            ygap=2,
            showscale=False,
        )


def safe(text: str) -> str:
    """Plotly reads a few tags in labels; what users bring is text, not tags."""
    return html.escape(str(shown(text)), quote=False)


def wrapped(text: str, width: int = 18) -> str:
    """A name in two lines of `width` half-width places at most, the rest an ellipsis.

    Words in Latin script are not cut where a blank can part them.
    """
    for blank in _BLANK.finditer(text) if _wide(text) > width else ():
        parts = text[: blank.end()].strip(), text[blank.end() :].strip()
        if all(0 < _wide(part) <= width for part in parts):
            return "<br>".join(safe(part) for part in parts)
    lines, line = list[str](), ""
    for piece in _PIECES.findall(text):
        if line and _wide(line + piece.rstrip()) > width:
            lines.append(line.strip())
            line = ""
        while _wide(piece) > width:
            head = piece[: width // 2 if _wide(piece[0]) > 1 else width]
            lines.append(head)
            piece = piece[len(head) :]
        line += piece
    lines.append(line.strip())
    shown = [part for part in lines if part]
    if len(shown) > 2:
        shown = [shown[0], shown[1][: max(1, len(shown[1]) - 1)] + "…"]
    return "<br>".join(safe(part) for part in shown)


_BLANK = re.compile(r"[\s/]+")
# A run of Latin letters or digits with the blank or slash behind it, or one other character.
_PIECES = re.compile(r"[0-9A-Za-z._'’&-]+[\s/]*|.[\s/]*", re.DOTALL)


def _wide(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
