"""A product over storage time: what was measured, the line and its bound, the limits, and the time they support."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from exotrial.core.quantities import format_unit
from exotrial.product.stability import Stability
from exotrial.report.document import Column, Figure, Table
from exotrial.report.figures.slopes_scale import choose_axis
from exotrial.report.theme import CATEGORIES, INK, MUTED

WIDTH, HEIGHT = 430.0, 230.0
_SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down")
_STEPS = 60


def draw_stability(
    found: Stability,
    *,
    id: str,  # noqa: A002 - the name that every figure's identifier has
    title: str,
    attribute: str,
) -> Figure:
    """Points of each batch with the fitted line (one where batches are pooled) and the band between its bounds."""
    names = [life.batch for life in found.batches]
    shown = names if len(names) <= len(CATEGORIES) else []
    days = np.linspace(0.0, max(point.day for point in found.points), _STEPS)
    pooled = len({(life.intercept, life.slope) for life in found.batches}) == 1
    lines: list[dict[str, Any]] = []
    for batch in names[:1] if pooled else names:
        mean, lower, upper = found.predict(batch, days)
        lines += [
            {"line": batch, "day": float(day), "mean": float(m), "low": float(lo), "high": float(hi)}
            for day, m, lo, hi in zip(days, mean, lower, upper, strict=True)
        ]
    points = [{"batch": point.batch, "day": point.day, "value": point.value} for point in found.points]
    limits = [limit for limit in (found.lower, found.upper) if limit is not None]
    axis = choose_axis(
        [*(point.value for point in found.points), *limits, *(row["low"] for row in lines)],
        height=HEIGHT,
    )
    unit = f" ({format_unit(found.unit)})" if found.unit else ""
    x = {"field": "day", "type": "quantitative", "title": "Storage (days)", "scale": {"nice": False}}
    y: dict[str, Any] = {
        "type": "quantitative",
        "title": f"{attribute[:1].upper()}{attribute[1:]}{unit}",
        "scale": {"type": "log" if axis.log else "linear", "domain": [axis.low, axis.high], "nice": False},
        "axis": {"format": ".2~e" if axis.high >= 1e5 else "~g", **({"values": axis.ticks()} if axis.log else {})},
    }  # fmt: skip
    by_line: dict[str, Any] = {"value": INK} if pooled else _colour("line", shown)
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": lines},
            "mark": {"type": "area", "opacity": 0.14, "clip": True},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": by_line,
                         "detail": {"field": "line"}},
        },
        {
            "data": {"values": lines},
            "mark": {"type": "line", "strokeWidth": 1.6},
            "encoding": {"x": x, "y": {**y, "field": "mean"}, "color": by_line, "detail": {"field": "line"}},
        },
        {
            "data": {"values": points},
            "mark": {"type": "point", "filled": True, "size": 46, "opacity": 1},
            "encoding": {"x": x, "y": {**y, "field": "value"}, "color": _colour("batch", shown),
                         **({"shape": _shape(shown)} if shown else {})},
        },
        {
            "data": {"values": [{"limit": limit, "told": "limit"} for limit in limits]},
            "mark": {"type": "rule", "strokeDash": [6, 3], "color": INK},
            "encoding": {"y": {**y, "field": "limit"}},
        },
        {
            "data": {"values": [{"day": found.supported, "told": f"supported: {found.supported:.3g} d"}]},
            "layer": [
                {"mark": {"type": "rule", "strokeDash": [2, 2], "color": MUTED}, "encoding": {"x": x}},
                {
                    "mark": {**_beside(found.supported / float(days[-1])), "color": INK},
                    "encoding": {"x": x, "text": {"field": "told"}},
                },
            ],
        },
    ]  # fmt: skip
    crossing = (
        "never crosses a limit"
        if math.isinf(found.crosses)
        else f"crosses a limit on day {found.crosses:.3g}"
    )
    tested = f"Every batch was tested to day {found.last_tested:g}: {found.supported:.3g} days are supported."
    sides = "two-sided" if len(limits) == 2 else "one-sided"
    return Figure(
        id=id,
        title=title,
        caption=(
            f"Logarithms follow {found.model}; bands reach to the {sides} 95 % bounds of the mean, whose earliest "
            f"{crossing}. {tested} Dashed: acceptance limit. The axis need not begin at zero."
        ),
        alt=f"{attribute} of {len(names)} batches over storage. The bound {crossing}. {tested}",
        vega_lite={"width": WIDTH, "height": HEIGHT, "layer": layers},
        data=Table(
            id=f"{id}-data",
            title=title,
            columns=(
                Column(key="batch", head="Batch"),
                Column(key="day", head="Day", align="right"),
                Column(key="value", head="Value", align="right"),
                Column(key="unit", head="Unit"),
            ),
            rows=tuple((p.batch, f"{p.day:g}", f"{p.value:.10g}", p.unit) for p in found.points),
        ),
    )


def _beside(share: float) -> dict[str, Any]:
    """A text above a vertical line, on the side that has room."""
    left = share > 0.4
    return {
        "type": "text",
        "align": "right" if left else "left",
        "dx": -5 if left else 5,
        "dy": -HEIGHT / 2 - 7,
    }


def _colour(field: str, names: list[str]) -> dict[str, Any]:
    """Batches by colour while there are colours for them; above that they are alike, and the table tells them."""
    if not names:
        return {"value": MUTED}
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": names, "range": list(CATEGORIES[: len(names)])},
        "legend": {"title": "Batch", "orient": "top", "symbolOpacity": 1},
    }


def _shape(names: list[str]) -> dict[str, Any]:
    return {
        "field": "batch",
        "type": "nominal",
        "scale": {"domain": names, "range": list(_SHAPES[: len(names)])},
        "legend": {"title": "Batch", "orient": "top", "symbolOpacity": 1},
    }
