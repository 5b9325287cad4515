"""Figures that set sources beside each other: profiles, differences, distances, time, quality."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from stance.aggregate import Group
from stance.comparison import Comparison, Contrast
from stance.page.drawing import (
    TONES,
    cells,
    colour,
    empty,
    name_columns,
    name_groups,
    placed,
    safe,
    symbol,
    wrapped,
)
from stance.page.sketch import Sketch
from stance.page.story import frame_label, label, percent, points, signed
from stance.types import Estimate

# An interval wider than this to either side leaves a cell of the heat-map unsure.
_SURE = 0.1
# As many articles of a group are drawn for themselves, at even ranks.
_MOST_DOTS = 60
_HUES = ("#0072B2", "#D55E00", "#AA4499", "#7A6A00", "#2E8B7A", "#5F6CAF", "#8C564B", "#56626F")
_DASHES = ("solid", "dash", "dot", "dashdot")


def frames_by_source(comparison: Comparison, lang: str = "zh", measure: str = "frames") -> Sketch:
    """Expected share of sentences with each frame: articles as small marks, means as large ones.

    With `measure` "tone" the mean tone instead. An interval is drawn where there is one (three
    articles or more); of a group with many articles some are drawn, at even ranks of their values.
    """
    groups = placed(comparison)
    tone = measure == "tone"
    frames = ("tone",) if tone else comparison.summary.tables.frames
    articles = comparison.summary.articles
    figure = empty(height=90 + (40 if tone else 62) * len(groups))
    for k, frame in enumerate(frames):
        offset = 0.0 if tone else -0.24 + 0.48 * k / (len(frames) - 1)
        name = measure_label(frame, lang)
        hue = TONES[1] if tone else colour(frame, frames)
        marks: dict[str, Any] = {
            "symbol": "circle" if tone else symbol(frame, frames),
            "color": hue,
        }
        shares = dict(zip(articles["article_id"], articles[frame], strict=True))
        several = [
            (row, article, shares[article])
            for row, (_, group) in enumerate(groups)
            if group.n_articles > 1
            for article in _drawn(group, shares)
        ]
        if several:
            figure.add_scatter(
                x=[value for _, _, value in several],
                y=[row + offset for row, _, _ in several],
                mode="markers",
                marker={**marks, "size": 6, "opacity": 0.4},
                customdata=[["article", article, _frame(frame)] for _, article, _ in several],
                hovertemplate=f"{name} %{{x:{'+.2f' if tone else '.0%'}}}<extra></extra>",
                showlegend=False,
            )
        estimates = [group.estimates[frame] for _, group in groups]
        figure.add_scatter(
            x=[estimate.value for estimate in estimates],
            y=[row + offset for row in range(len(groups))],
            error_x=_interval(estimates, hue),
            mode="markers",
            marker={
                "color": hue,
                "size": 12,
                "symbol": [
                    f"{marks['symbol']}-open" if e.rare and e.low is not None else marks["symbol"]
                    for e in estimates
                ],
                "line": {"width": 2, "color": hue},
            },
            customdata=[["group", n, _frame(frame)] for n, _ in groups],
            hovertemplate=[
                f"{safe(group.name)}<br>{name} {said(group.estimates[frame], lang)}<extra></extra>"
                for _, group in groups
            ],
            showlegend=False,
        )
        # The legend has a mark of its own: that of a row may be open.
        figure.add_scatter(
            x=[None], y=[None], mode="markers", marker={**marks, "size": 12}, name=name
        )
    figure.update_xaxes(
        title={"text": label("tone_score" if tone else "share", lang), "standoff": 8},
        tickformat="+.1f" if tone else ".0%",
        rangemode="normal" if tone else "tozero",
        zeroline=True,
    )
    if tone:
        figure.update_layout(showlegend=False)
    name_groups(figure, [group for _, group in groups])
    figure.update_yaxes(autorange=False, range=[len(groups) - 0.5, -0.5])
    figure.update_layout(
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}, margin={"t": 36}
    )
    for row in range(1, len(groups)):
        figure.add_line(row - 0.5, width=1, color="rgba(128,128,128,.25)")
    return figure


def frames_heatmap(comparison: Comparison, lang: str = "zh") -> Sketch:
    """Frame by source, the share and the number of articles in each cell.

    Cells without an interval, or with a wide one, fade.
    """
    groups = placed(comparison)
    frames = comparison.summary.tables.frames
    table = [[group.estimates[frame] for frame in frames] for _, group in groups]
    values = [[estimate.value for estimate in row] for row in table]
    figure = empty(height=70 + 52 * len(groups))
    cells(
        figure,
        values,
        [[f"{percent(e.value or 0.0)}<br>n={e.n}" if e.n else "–" for e in row] for row in table],
        [[said(estimate, lang) for estimate in row] for row in table],
        [[_is_sure(estimate) for estimate in row] for row in table],
        [[["group", n, frame] for frame in frames] for n, _ in groups],
        most=max(0.5, *(value or 0.0 for row in values for value in row)),
    )
    name_columns(figure, [frame_label(frame, lang) for frame in frames])
    name_groups(figure, [group for _, group in groups])
    figure.update_layout(margin={"t": 30, "b": 8, "r": 40})
    return figure


def differences(comparison: Comparison, lang: str = "zh", measure: str = "tone") -> Sketch:
    """Row minus column on one measure, with the p that was reached or could have been reached.

    A cell fades where no outcome could be told from chance, or none was.
    """
    groups = comparison.compared
    number = {group.name: k for k, group in enumerate(groups)}
    empty_row = [None] * len(groups)
    values: list[list[float | None]] = [list(empty_row) for _ in groups]
    text = [[""] * len(groups) for _ in groups]
    sure = [[False] * len(groups) for _ in groups]
    for contrast in comparison.contrasts:
        if contrast.measure == measure:
            i, j = number[contrast.a], number[contrast.b]
            for row, column, sign in ((i, j, 1), (j, i, -1)):
                values[row][column] = sign * contrast.difference
                text[row][column] = f"{_apart(contrast, sign)}<br>{chance(contrast, lang)}"
                sure[row][column] = contrast.p_holm is not None and contrast.p_holm < 0.05
    figure = empty(height=90 + 56 * len(groups))
    go_to = [
        [["group", _index(comparison, group), _frame(measure)] for _ in groups] for group in groups
    ]
    largest = max((abs(v) for row in values for v in row if v is not None), default=0.0)
    cells(figure, values, text, text, sure, go_to, signed=True, most=max(0.1, largest))
    name_groups(figure, groups)
    name_columns(figure, [wrapped(group.name) for group in groups])
    figure.update_layout(margin={"t": 30, "b": 8, "r": 40})
    return figure


def distances(comparison: Comparison, lang: str = "zh") -> Sketch:
    """How far the frame profiles of sources lie apart (Jensen-Shannon), beside mere chance.

    A cell fades where the distance lies within what a shuffle of the articles gives.
    """
    groups = comparison.compared
    number = {group.name: k for k, group in enumerate(groups)}
    values: list[list[float | None]] = [[None] * len(groups) for _ in groups]
    text = [[""] * len(groups) for _ in groups]
    sure = [[False] * len(groups) for _ in groups]
    for pair in comparison.distances:
        beyond = pair.null_high is not None and pair.distance > pair.null_high
        said = f"{pair.distance:.2f}"
        if pair.null_high is not None:
            said += f"<br>{label('chance_up_to', lang, value=f'{pair.null_high:.2f}')}"
        for i, j in ((number[pair.a], number[pair.b]), (number[pair.b], number[pair.a])):
            values[i][j], text[i][j], sure[i][j] = pair.distance, said, beyond
    figure = empty(height=90 + 56 * len(groups))
    go_to = [[["source", _index(comparison, group)] for _ in groups] for group in groups]
    cells(figure, values, text, text, sure, go_to, most=0.5)
    name_groups(figure, groups)
    name_columns(figure, [wrapped(group.name) for group in groups])
    figure.update_layout(margin={"t": 30, "b": 8, "r": 40})
    return figure


def timeline(comparison: Comparison, lang: str = "zh", measure: str = "tone") -> Sketch:
    """Mean of the articles of each period, a line a source; larger marks hold more articles."""
    table = comparison.timeline
    # A period without an article is a gap in its line.
    every = table.select("period").unique().sort("period")
    figure = empty(height=320)
    for k, (_, group) in enumerate(placed(comparison)):
        own = every.join(
            table.filter(pl.col("group") == group.name),
            on="period",
            how="left",
            maintain_order="left",
        )
        if own[measure].is_null().all():
            continue
        n = _index(comparison, group)
        figure.add_scatter(
            x=own["period"].to_list(),
            y=own[measure].to_list(),
            connectgaps=False,
            mode="lines+markers",
            line={"color": _HUES[k % len(_HUES)], "dash": _DASHES[k % len(_DASHES)], "width": 1.5},
            marker={"size": [min(18, 5 + 2 * (c or 0) ** 0.5) for c in own["n_articles"]]},
            customdata=[["period", n, period] for period in own["period"]],
            hovertemplate=[
                ""
                if value is None
                else f"{safe(group.name)}<br>{period} {_value(value, measure)}<br>n={count}"
                "<extra></extra>"
                for period, value, count in own.select("period", measure, "n_articles").iter_rows()
            ],
            name=safe(group.name),
        )
    periods = sorted(set(table["period"]))
    if periods and len(periods[0]) <= 7:
        figure.update_xaxes(type="category", categoryorder="array", categoryarray=periods)
    else:
        figure.update_xaxes(type="date")
    figure.update_yaxes(
        title={"text": measure_label(measure, lang), "standoff": 8},
        tickformat="+.1f" if measure == "tone" else ".0%",
        automargin=True,
    )
    figure.update_layout(
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        margin={"t": 40},
        showlegend=True,
    )
    return figure


def quality(comparison: Comparison, lang: str = "zh") -> Sketch:
    """What each source's numbers rest on: sentences about the target, and the others."""
    groups = placed(comparison)
    totals = comparison.quality.group_by("group").agg(pl.col("n_sentences", "n_on_target").sum())
    rows = {row["group"]: row for row in totals.iter_rows(named=True)}
    figure = empty(height=90 + 34 * len(groups))
    on = [int(rows[group.name]["n_on_target"]) for _, group in groups]
    off = [
        int(rows[group.name]["n_sentences"]) - k for (_, group), k in zip(groups, on, strict=True)
    ]
    for key, hue, pattern, counts in (
        ("quality_on", TONES[1], "", on),
        ("quality_off", TONES[0], "/", off),
    ):
        figure.add_bar(
            x=counts,
            y=list(range(len(groups))),
            orientation="h",
            marker={"color": hue, "pattern": {"shape": pattern}, "line": {"width": 0}},
            customdata=[["source", n] for n, _ in groups],
            hovertemplate=f"{label(key, lang)} %{{x}}<extra></extra>",
            name=label(key, lang),
        )
    figure.update_layout(
        barmode="stack",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        margin={"t": 36},
    )
    figure.update_xaxes(title={"text": label("sentences", lang), "standoff": 8})
    name_groups(figure, [group for _, group in groups])
    return figure


def reprints(comparison: Comparison, lang: str = "zh") -> Sketch:
    """Of each reprint the sentences that it kept, cut and added; at most `_MOST_DOTS` reprints."""
    rows = comparison.reprints.head(_MOST_DOTS)
    names = [
        f"{group} · {PurePosixPath(path).name}"
        for group, path in rows.select("group", "path").rows()
    ]
    figure = empty(height=90 + 34 * max(2, rows.height))
    for key, hue, pattern, sign in (
        ("n_kept", "#6B7686", "", 1),
        ("n_added", TONES[1], "/", 1),
        ("n_cut", TONES[-1], "x", -1),
    ):
        figure.add_bar(
            x=[sign * n for n in rows[key]],
            y=list(range(rows.height)),
            orientation="h",
            marker={"color": hue, "pattern": {"shape": pattern}, "line": {"width": 0}},
            customdata=[["article", id_, ""] for id_ in rows["article_id"]],
            hovertemplate=[
                f"{safe(name)}<br>{label(f'col_{key}', lang)} {n}<br>"
                f"{label('reprint_of', lang, source=safe(original))}<extra></extra>"
                for name, n, original in zip(names, rows[key], rows["original_group"], strict=True)
            ],
            name=label(f"col_{key}", lang),
        )
    figure.update_layout(
        barmode="relative",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        margin={"t": 36},
    )
    figure.update_xaxes(title={"text": label("sentences", lang), "standoff": 8})
    figure.update_yaxes(
        tickvals=list(range(rows.height)),
        ticktext=[wrapped(name, 24) for name in names],
        autorange="reversed",
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return figure


def measure_label(measure: str, lang: str) -> str:
    """The name of tone or of a frame."""
    return label("frame_tone", lang) if measure == "tone" else frame_label(measure, lang)


def said(estimate: Estimate, lang: str) -> str:
    """An estimate with its interval, tagged share and n, as hovering tells it."""
    if estimate.value is None:
        return "–"

    def shown(value: float) -> str:
        return signed(value) if estimate.decided is None else percent(value, 1)

    told = shown(estimate.value)
    if estimate.low is not None and estimate.high is not None:
        told += f" [{shown(estimate.low)}, {shown(estimate.high)}]"
    if estimate.decided is not None:
        told += f"<br>{label('tagged_share', lang, value=percent(estimate.decided, 1))}"
    rare = f"<br>{label('rare', lang)}" if estimate.rare and estimate.low is not None else ""
    return f"{told}<br>n={estimate.n}{rare}"


def chance(contrast: Contrast, lang: str) -> str:
    """The p of a contrast after Holm, or the least that could have been reached."""
    if contrast.method in ("paired", "rare"):
        return label(f"untested_{contrast.method}", lang)
    if contrast.p_holm is None and contrast.attainable >= 1:
        return label("untested", lang)
    if contrast.p_holm is None:
        return label("not_tested", lang, value=_p(contrast.attainable))
    return f"p={_p(contrast.p_holm)}"


def _p(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}".lstrip("0") if value < 1 else "1"


def _drawn(group: Group, shares: dict[str, float | None]) -> Sequence[str]:
    heard = [article for article in group.article_ids if shares[article] is not None]
    if len(heard) <= _MOST_DOTS:
        return heard
    ranked = sorted(heard, key=lambda article: (shares[article], article))
    return [ranked[round(k * (len(ranked) - 1) / (_MOST_DOTS - 1))] for k in range(_MOST_DOTS)]


def _is_sure(estimate: Estimate) -> bool:
    if estimate.low is None or estimate.high is None or estimate.rare:
        return False
    return (estimate.high - estimate.low) / 2 <= _SURE


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


def _apart(contrast: Contrast, sign: int) -> str:
    value = sign * contrast.difference
    return signed(value) if contrast.measure == "tone" else points(value)


def _value(value: float, measure: str) -> str:
    return signed(value) if measure == "tone" else percent(value)


def _frame(measure: str) -> str:
    return "" if measure == "tone" else measure


def _index(comparison: Comparison, group: Group) -> int:
    return comparison.summary.groups.index(group)
