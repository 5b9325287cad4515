"""Figures of who says what: voices, aspects, words, and the cues behind a gap of tone."""

from __future__ import annotations

import polars as pl

from stance.comparison import Comparison
from stance.page.drawing import (
    TONES,
    cells,
    colour,
    empty,
    name_columns,
    name_groups,
    placed,
    safe,
)
from stance.page.sketch import Sketch
from stance.page.story import (
    aspect_label,
    frame_label,
    label,
    percent,
    signed,
    speaker_label,
)
from stance.types import FRAMES

# Okabe and Ito again, and a pattern each; nothing here is red beside green.
_SPEAKERS = {
    "author": ("#6B7686", ""),
    "executive": ("#0072B2", "/"),
    "official": ("#D55E00", "\\"),
    "analyst": ("#CC79A7", "x"),
    "outlet": ("#56B4E9", "-"),
    "user": ("#E69F00", "|"),
}
_OTHERS = {"unnamed": ("#C9CED5", "."), "other": ("#9AA3AE", "+")}
_MORE = ("#2E8B7A", "+")
_MOST_WORDS = 20


def voices(comparison: Comparison, lang: str = "zh", group: str | None = None) -> Sketch:
    """Who says the favourable, the unfavourable and each frame's sentences, in one group or all."""
    table = comparison.voices
    own = table if group is None else table.filter(pl.col("group") == group)
    counts = own.group_by("frame", "speaker").agg(pl.col("n").sum())
    n = {(frame, speaker): count for frame, speaker, count in counts.iter_rows()}
    frames = [*comparison.summary.tables.frames, "favourable", "unfavourable"]
    totals = {frame: sum(c for (f, _), c in n.items() if f == frame) for frame in frames}
    present = {speaker for (_, speaker), count in n.items() if count}
    speakers = [*_SPEAKERS, *sorted(present - _SPEAKERS.keys())]
    at = None if group is None else _number(comparison, group)
    figure = empty(height=90 + 34 * len(frames))
    for speaker in speakers:
        if speaker not in present:
            continue
        hue, pattern = (_SPEAKERS | _OTHERS).get(speaker, _MORE)
        counted = [n.get((frame, speaker), 0) for frame in frames]
        name = speaker_label(speaker, lang)
        figure.add_bar(
            x=[
                count / totals[frame] if totals[frame] else 0.0
                for frame, count in zip(frames, counted, strict=True)
            ],
            y=list(range(len(frames))),
            orientation="h",
            marker={
                "color": hue,
                "pattern": {
                    "shape": pattern,
                    "fillmode": "overlay",
                    "fgcolor": "rgba(255,255,255,.6)",
                    "size": 6,
                },
                "line": {"width": 0},
            },
            customdata=[["voice", at, frame, speaker] for frame in frames],
            text=[str(count) if count else "" for count in counted],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate=[
                f"{_judgement(frame, lang)}<br>{name} {count}<extra></extra>"
                for frame, count in zip(frames, counted, strict=True)
            ],
            name=name,
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.3,
        uniformtext={"minsize": 10, "mode": "hide"},
        legend={
            "orientation": "h",
            "y": 1.0,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
        },
        margin={"t": 56},
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1], title={"text": label("of_these", lang)})
    figure.update_yaxes(
        tickvals=list(range(len(frames))),
        ticktext=[f"{_judgement(frame, lang)} ({totals[frame]})" for frame in frames],
        automargin=True,
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    return figure


def aspects(comparison: Comparison, lang: str = "zh") -> Sketch:
    """Which sides of the target each source speaks of: share of its sentences, their tone.

    A side that a source never speaks of is a hole.
    """
    groups = placed(comparison)
    table = comparison.aspects
    sides = sorted(set(table["aspect"]))
    rows = {(row["group"], row["aspect"]): row for row in table.iter_rows(named=True)}
    own = [[rows[group.name, side] for side in sides] for _, group in groups]
    values = [[row["share"] if row["n"] else None for row in line] for line in own]
    figure = empty(height=80 + 52 * len(groups))
    largest = max((value for line in values for value in line if value is not None), default=0.1)
    cells(
        figure,
        values,
        [[_said(row) for row in line] for line in own],
        [[f"{_said(row)}<br>n={row['n']}" for row in line] for line in own],
        [[row["n_articles"] >= 3 for row in line] for line in own],
        [[["aspect", n, side] for side in sides] for n, _ in groups],
        most=max(0.05, largest),
    )
    holes = [
        (x, y) for y, line in enumerate(values) for x, value in enumerate(line) if value is None
    ]
    if holes:
        figure.add_scatter(
            x=[x for x, _ in holes],
            y=[y for _, y in holes],
            mode="text",
            text=[label("omitted", lang)] * len(holes),
            hoverinfo="skip",
            showlegend=False,
            textfont={"size": 12},
        )
    name_columns(figure, [aspect_label(side, lang) for side in sides])
    name_groups(figure, [group for _, group in groups])
    figure.update_yaxes(autorange=False, range=[len(groups) - 0.5, -0.5])
    figure.update_layout(margin={"t": 30, "b": 8, "r": 40})
    return figure


def words(
    comparison: Comparison, lang: str = "zh", kind: str = "source", name: str | None = None
) -> Sketch:
    """The words that mark a source, or a frame, beside all others: z of their log-odds.

    Solid bars are told from chance by a permutation of articles (p below 0.05), pale ones not.
    """
    table = comparison.words.filter(pl.col("kind") == kind)
    chosen = name or (table["name"][0] if table.height else None)
    own = table.filter(pl.col("name") == chosen).head(_MOST_WORDS)
    hue = colour(str(chosen), comparison.summary.tables.frames) if kind == "frame" else "#0072B2"
    figure = empty(height=90 + 22 * max(4, own.height))
    at = _number(comparison, str(chosen)) if kind == "source" and own.height else None
    frame = chosen if kind == "frame" else ""
    figure.add_bar(
        x=own["log_odds"].to_list(),
        y=list(range(own.height)),
        orientation="h",
        marker={
            "color": hue,
            "opacity": [0.95 if p is not None and p < 0.05 else 0.45 for p in own["p"]],
        },
        customdata=[["word", at, word, frame] for word in own["word"]],
        hovertemplate=[
            f"{safe(row['word'])}<br>{label('word_counts', lang, **row)}<extra></extra>"
            for row in own.iter_rows(named=True)
        ],
        showlegend=False,
    )
    figure.update_xaxes(title={"text": label("log_odds", lang), "standoff": 8}, rangemode="tozero")
    figure.update_yaxes(
        tickvals=list(range(own.height)),
        ticktext=[safe(word) for word in own["word"]],
        autorange="reversed",
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return figure


def tone_gap(
    comparison: Comparison, lang: str = "zh", a: str | None = None, b: str | None = None
) -> Sketch:
    """Which cues make the tone of `a` differ from that of `b` (the first pair by default).

    Bars are shares of the gap in mean log-odds of tone, and sum to it.
    """
    gaps = [gap for gap in comparison.gaps if a is None or (gap.a, gap.b) == (a, b)]
    if not gaps:
        return empty(height=120)
    gap = gaps[0]
    terms = list(gap.terms.iter_rows(named=True))
    rows = [(safe(row["term"]), row["contribution"]) for row in terms]
    rows += [(label("gap_other", lang), gap.other), (label("gap_remainder", lang), gap.remainder)]
    rows.append((label("gap_all", lang), gap.gap))
    last = len(rows) - 1
    figure = empty(height=90 + 22 * len(rows))
    figure.add_bar(
        x=[value for _, value in rows],
        y=list(range(len(rows))),
        orientation="h",
        marker={
            "color": [TONES[1] if value > 0 else TONES[-1] for _, value in rows],
            "pattern": {
                "shape": [
                    "" if k < len(terms) else "/" if k < last else "x" for k in range(len(rows))
                ]
            },
        },
        text=[signed(value) for _, value in rows],
        textposition="outside",
        cliponaxis=False,
        customdata=[["word", None, row["surface"], ""] for row in terms] + [None] * 3,
        hovertext=[
            label("gap_counts", lang, a=safe(gap.a), b=safe(gap.b), n_a=row["n_a"], n_b=row["n_b"])
            for row in terms
        ]
        + [""] * 3,
        hovertemplate="%{text}<br>%{hovertext}<extra></extra>",
        showlegend=False,
    )
    widest = max(abs(value) for _, value in rows) or 1.0
    told = {"a": safe(gap.a), "b": safe(gap.b), "r2": f"{gap.explained:.2f}"}
    figure.update_xaxes(
        title={"text": label("gap_axis", lang, **told), "standoff": 8},
        range=[-1.5 * widest, 1.5 * widest],
        zeroline=True,
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[name for name, _ in rows],
        autorange="reversed",
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return figure


def _said(row: dict[str, float]) -> str:
    if not row["n"]:
        return ""
    tone = "" if row["tone"] is None else f"<br>{signed(row['tone'])}"
    return f"{percent(row['share'])}{tone}"


def _judgement(frame: str, lang: str) -> str:
    if frame in FRAMES or frame not in {"favourable", "unfavourable"}:
        return frame_label(frame, lang)
    return label("tone_1" if frame == "favourable" else "tone_-1", lang)


def _number(comparison: Comparison, name: str) -> int:
    return [group.name for group in comparison.summary.groups].index(name)
