"""One panel of a before-and-after figure as a Vega-Lite specification: lines with end labels, or means and bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from exotrial.core.quantities import format_unit
from exotrial.outcomes.measure import Measure
from exotrial.report.figures.slopes_scale import Axis, place_labels
from exotrial.report.figures.slopes_summary import GroupSummary
from exotrial.report.figures.text_width import wrap
from exotrial.report.theme import INK, MUTED

_SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down")
_LABEL_GAP = 11.0
_MOST_TIED = 3


@dataclass(frozen=True, kw_only=True)
class Grid:
    """How panels stand on the page, in pixels."""

    columns: int
    width: float
    height: float
    title_size: float


@dataclass(frozen=True, kw_only=True)
class Look:
    """The groups in order, their colours, and the legend's title, "" for no legend."""

    groups: tuple[str, ...]
    colours: tuple[str, ...]
    title: str


@dataclass(frozen=True, kw_only=True)
class Panel:
    """The measure of a panel and its axis; `yes_no` where its values are 0 for no and 1 for yes."""

    measure: Measure
    axis: Axis
    yes_no: bool = False


Line = tuple[str, str, float, float]
"""A participant: group, label, value before, value after."""


def panel_grid(panels: int) -> Grid:
    """Up to three panels a row while they are few, four when they are many, so that a page holds them."""
    if panels <= 9:
        return Grid(columns=min(3, panels), width=142.0, height=150.0, title_size=11.0)
    return Grid(columns=4, width=98.0, height=104.0, title_size=9.5)


def draw_lines(
    panel: Panel, lines: Sequence[Line], look: Look, grid: Grid, *, labelled: bool
) -> dict[str, Any]:
    """A line for each participant; with `labelled`, its label at the end, one label for equal ends."""
    points = [
        {"line": number, "group": group, "x": x, "y": value}
        for number, (group, _, before, after) in enumerate(lines)
        for x, value in ((0, before), (1, after))
    ]
    thin = len(lines) > 40
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "line", "strokeWidth": 0.7 if thin else 1.3, "opacity": 0.45 if thin else 0.9},
            "encoding": {**_encoding(panel, look, shape=False, end=labelled), "detail": {"field": "line"}},
        },
        {
            "mark": {
                "type": "point",
                "filled": True,
                "size": 12 if thin else 34,
                "opacity": 0.6 if thin else 1,
            },
            "encoding": _encoding(panel, look, shape=True, end=labelled),
        },
    ]
    if labelled:
        layers += _end_labels(panel, lines, look)
    return _panel(panel, grid, {"values": points}, layers)


def draw_means(panel: Panel, rows: Sequence[GroupSummary], look: Look, grid: Grid) -> dict[str, Any]:
    """Means joined by a line with their intervals, on bands of percentiles; groups stand side by side."""
    values = []
    for row in rows:
        place = look.groups.index(row.group)
        dodge = 0.05 * (place - (len(look.groups) - 1) / 2)
        for x, visit in ((0, row.before), (1, row.after)):
            values.append(
                {"group": row.group, "x": x, "xx": x + dodge, "y": visit.mean, "lower": visit.lower,
                 "upper": visit.upper, "p10": visit.p10, "p90": visit.p90}
            )  # fmt: skip
    whole = _encoding(panel, look, shape=False)
    y = whole["y"]
    aside = {**whole, "x": {**whole["x"], "field": "xx"}}
    band = 0.18 if len(look.groups) == 1 else 0.08
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "area", "opacity": band},
            "encoding": {**whole, "y": {**y, "field": "p10"}, "y2": {"field": "p90"}},
        },
        *(
            {
                "mark": {"type": "line", "strokeWidth": 0.8, "strokeDash": [4, 3], "opacity": 0.8},
                "encoding": {**whole, "y": {**y, "field": edge}},
            }
            for edge in ("p10", "p90")
        ),
        {"mark": {"type": "line", "strokeWidth": 1.6}, "encoding": aside},
        {
            "transform": [{"filter": "isValid(datum.lower)"}],
            "mark": {"type": "rule", "strokeWidth": 1.4},
            "encoding": {**aside, "y": {**y, "field": "lower"}, "y2": {"field": "upper"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 42, "opacity": 1},
            "encoding": {
                **aside,
                "shape": _encoding(panel, look, shape=True)["shape"],
            },
        },
    ]
    return _panel(panel, grid, {"values": values}, layers)


def _panel(panel: Panel, grid: Grid, data: dict[str, Any], layers: list[dict[str, Any]]) -> dict[str, Any]:
    unit = f" ({format_unit(panel.measure.unit)})" if panel.measure.unit else ""
    lines = wrap(f"{panel.measure.param}{unit}", size=grid.title_size, width=grid.width + 24)
    return {
        "data": data,
        "width": grid.width,
        "height": grid.height,
        "title": {
            "text": list(lines),
            "fontSize": grid.title_size,
            "frame": "bounds",
            "offset": 8,
            "lineHeight": grid.title_size + 3,
        },
        "layer": layers,
    }


def _encoding(panel: Panel, look: Look, *, shape: bool, end: bool = False) -> dict[str, Any]:
    scale = {"domain": list(look.groups)}
    legend = (
        {"title": look.title, "orient": "top", "direction": "horizontal", "symbolOpacity": 1}
        if look.title
        else None
    )
    y_scale: dict[str, Any] = {"domain": [panel.axis.low, panel.axis.high], "nice": False, "zero": False}
    y_axis: dict[str, Any] = {"tickCount": 5, "titlePadding": 0, "minExtent": 30}
    if panel.yes_no:
        y_axis |= {"values": [0, 1], "labelExpr": "datum.value < 0.5 ? 'no' : 'yes'"}
    if panel.axis.log:
        y_scale["type"] = "log"
        y_axis |= {"values": panel.axis.ticks(), "format": "~g"}
    encoding: dict[str, Any] = {
        "x": {
            "field": "x",
            "type": "quantitative",
            "title": None,
            "scale": {"domain": [-0.16, 1.42 if end else 1.16], "nice": False, "zero": False},
            "axis": {
                "values": [0, 1],
                "labelExpr": "datum.value < 0.5 ? 'Before' : 'After'",
                "grid": False,
                "labelFlush": False,
                "labelBound": False,
                "labelOverlap": False,
            },
        },
        "y": {"field": "y", "type": "quantitative", "title": None, "scale": y_scale, "axis": y_axis},
        "color": {
            "field": "group",
            "type": "nominal",
            "scale": {**scale, "range": list(look.colours)},
            "legend": legend,
        },
    }
    if shape:
        encoding["shape"] = {
            "field": "group",
            "type": "nominal",
            "scale": {**scale, "range": list(_SHAPES[: len(look.groups)])},
            "legend": legend,
        }
    return encoding


def _end_labels(panel: Panel, lines: Sequence[Line], look: Look) -> list[dict[str, Any]]:
    """Labels right of the last values, moved apart where they would touch, with a thread to their point."""
    ends: dict[float, list[str]] = {}
    for _, who, _, after in sorted(lines, key=lambda line: -line[3]):
        ends.setdefault(after, []).append(who)
    pixels = [panel.axis.to_pixel(value) for value in ends]
    placed = place_labels(pixels, height=panel.axis.height - 4, gap=_LABEL_GAP)
    values = [
        {
            "x": 1.04,
            "xx": 1.115,
            "y": value,
            "yy": panel.axis.to_value(pixel),
            "text": _tied(names, len(lines)),
        }
        for (value, names), pixel in zip(ends.items(), placed, strict=True)
    ]
    encoding = _encoding(panel, look, shape=False, end=True)
    return [
        {
            "data": {"values": values},
            "mark": {"type": "rule", "color": MUTED, "strokeWidth": 0.5},
            "encoding": {
                "x": encoding["x"],
                "x2": {"field": "xx"},
                "y": encoding["y"],
                "y2": {"field": "yy"},
            },
        },
        {
            "data": {"values": values},
            "mark": {"type": "text", "align": "left", "fontSize": 9.5, "color": INK, "dx": 2},
            "encoding": {
                "x": {**encoding["x"], "field": "xx"},
                "y": {**encoding["y"], "field": "yy"},
                "text": {"field": "text"},
            },
        },
    ]


def _tied(names: Sequence[str], everybody: int) -> str:
    if len(names) == everybody > 1:
        return "all"
    if len(names) <= _MOST_TIED:
        return ", ".join(names)
    return f"{', '.join(names[:2])} +{len(names) - 2}"
