"""A figure as plain data, in the very order in which Plotly's own objects would write it.

Those check every property as it is set, which takes longer than all else in a report. Here nothing
is checked; `Sketch.figure` hands the whole to Plotly for whoever wants to go on drawing, and so do
the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


class Sketch:
    """Traces and a layout; the methods are those of a Plotly Figure, as far as they are needed."""

    def __init__(self, **layout: Any) -> None:
        self.data: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = _ordered(layout)

    def add_bar(self, **given: Any) -> None:
        """A trace of bars."""
        self.data.append({**_ordered(given), "type": "bar"})

    def add_scatter(self, **given: Any) -> None:
        """A trace of points or a line."""
        self.data.append({**_ordered(given), "type": "scatter"})

    def add_heatmap(self, **given: Any) -> None:
        """A trace of cells."""
        self.data.append({**_ordered(given), "type": "heatmap"})

    def add_line(self, y: float, **line: Any) -> None:
        """A straight line over the whole width, at height `y`."""
        ends = {"x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y, "yref": "y"}
        shapes = self.layout.setdefault("shapes", [])
        shapes.append(_ordered({"type": "line", "line": line, **ends}))

    def update_layout(self, **given: Any) -> None:
        """Set parts of the layout; the rest stays."""
        _update(self.layout, given)

    def update_xaxes(self, **given: Any) -> None:
        """Set parts of the horizontal axis."""
        _update(self.layout.setdefault("xaxis", {}), given)

    def update_yaxes(self, **given: Any) -> None:
        """Set parts of the vertical axis."""
        _update(self.layout.setdefault("yaxis", {}), given)

    def figure(self) -> Figure:
        """The same as Plotly's object."""
        from plotly.graph_objects import Figure

        return Figure(data=self.data, layout=self.layout)


def _ordered(given: Any) -> Any:
    """Properties by name, as Plotly's objects take them up; those that are None are not set."""
    if isinstance(given, Mapping):
        return {key: _ordered(given[key]) for key in sorted(given) if given[key] is not None}
    if isinstance(given, list) and given and isinstance(given[0], Mapping):
        return [_ordered(one) for one in given]
    return given


def _update(own: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Plotly looks into what has parts of its own first."""
    for key in sorted(given, key=lambda key: not isinstance(given[key], Mapping)):
        if isinstance(given[key], Mapping):
            _update(own.setdefault(key, {}), given[key])
        else:
            own[key] = _ordered(given[key])
