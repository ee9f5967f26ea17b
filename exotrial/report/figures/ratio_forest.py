"""Ratios with their intervals beside the margin they must keep: a forest of equivalence tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.product.comparability import Comparison, Outcome
from exotrial.report.document import Column, Figure, Table
from exotrial.report.format import format_number, format_p
from exotrial.report.theme import BLUE, INK, MUTED, ORANGE, PINK, RULE

NOTHING_TESTED = ErrorCode(
    "RPT-110",
    "A figure of ratios has no equivalence test to draw.",
    "give at least two samples a group of one planned attribute, or leave the figure out.",
)

LOOK: dict[Outcome, tuple[str, str]] = {
    Outcome.EQUIVALENT: ("circle", BLUE),
    Outcome.NOT_SHOWN: ("diamond", ORANGE),
    Outcome.DIFFERENT: ("triangle-up", PINK),
}
WIDTH, ROW = 260.0, 34.0
_WIDEST = 30.0
"""An interval is drawn up to so many times, or parts, of no change: beyond that it says nothing."""


def draw_ratio_forest(
    comparisons: Sequence[Comparison],
    *,
    id: str,  # noqa: A002 - the name that every figure's identifier has
    title: str,
) -> Figure:
    """One line a test on a logarithmic axis; the grey bar is the margin. Refuses RPT-110 where nothing was tested."""
    tested = [each for each in comparisons if each.equivalence is not None]
    if not tested:
        raise NOTHING_TESTED.refuse(f"'{id}' has no test", value=id)
    rows = [_row(each) for each in tested]
    names = [str(row["name"]) for row in rows]
    outcomes = [outcome for outcome in LOOK if any(each.outcome is outcome for each in tested)]
    edges = [float(row[key]) for row in rows for key in ("low", "high", "lower", "upper")]
    low, high = min(edges) / 1.05, max(edges) * 1.05
    y = {
        "field": "name",
        "type": "nominal",
        "sort": names,
        "axis": {"title": None, "labelLimit": 260, "ticks": False, "domain": False, "labelFontSize": 11,
                 "labelOffset": -7,
            "labelExpr": "split(datum.label, '\\n')"},
    }  # fmt: skip
    x: dict[str, Any] = {
        "type": "quantitative",
        "title": "Ratio of geometric means",
        "scale": {"type": "log", "domain": [low, high], "nice": False},
        "axis": {"values": _ticks(low, high), "format": "~g", "grid": False},
    }
    kind = {
        "field": "outcome",
        "type": "nominal",
        "legend": {"title": None, "orient": "top"},
    }
    domain = [str(outcome) for outcome in outcomes]
    colour = {**kind, "scale": {"domain": domain, "range": [LOOK[each][1] for each in outcomes]}}
    shape = {**kind, "scale": {"domain": domain, "range": [LOOK[each][0] for each in outcomes]}}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "color": RULE, "opacity": 0.55, "height": 22},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "rule", "color": MUTED, "strokeDash": [3, 3]},
            "encoding": {"x": {**x, "datum": 1}},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {"y": y, "x": {**x, "field": "lower"}, "x2": {"field": "upper"}, "color": colour},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
            "encoding": {"y": y, "x": {**x, "field": "ratio"}, "color": colour, "shape": shape},
        },
        {
            "mark": {"type": "text", "align": "left", "color": INK, "fontSize": 11},
            "encoding": {"y": y, "x": {"value": WIDTH + 12}, "text": {"field": "told"}},
        },
    ]
    table = _table(comparisons, id=f"{id}-data", title=title)
    return Figure(
        id=id,
        title=title,
        caption=(
            "Points are ratios of geometric means with the interval of the two one-sided tests (90 % for an alpha of "
            "0.05); grey bars are the margins of the study file. An attribute is equivalent where the whole interval "
            "lies within its bar. Logarithmic axis."
        ),
        alt="; ".join(f"{str(row['name']).replace(chr(10), ', ')}: {row['told']}, {row['outcome']}" for row in rows)
        + ".",
        vega_lite={"data": {"values": rows}, "width": WIDTH, "height": {"step": ROW}, "layer": layers},
        data=table,
    )  # fmt: skip


def _row(comparison: Comparison) -> dict[str, str | float]:
    assert comparison.equivalence is not None
    ratio = comparison.equivalence.as_ratio()
    low, high = comparison.plan.margin
    return {
        "name": f"{comparison.plan.name}\n{comparison.test} / {comparison.reference}",
        "low": low,
        "high": high,
        "ratio": _inside(ratio.value),
        "lower": _inside(ratio.lower),
        "upper": _inside(ratio.upper),
        "told": f"{ratio.value:.3g} ({ratio.lower:.3g} to {ratio.upper:.3g})",
        "outcome": str(comparison.outcome),
    }


def _inside(ratio: float) -> float:
    return min(max(ratio, 1 / _WIDEST), _WIDEST)


_STEPS = (0.05, 0.1, 0.2, 0.5, 0.67, 0.8, 0.9, 1.0, 1.11, 1.25, 1.5, 2.0, 5.0, 10.0, 20.0)


def _ticks(low: float, high: float) -> list[float]:
    """Round ratios inside the axis, thinned until they stand apart."""
    inside = [step for step in _STEPS if low <= step <= high]
    least = 0.09 * math.log(high / low)
    kept = [1.0]
    for step in sorted(inside, key=lambda each: abs(math.log(each))):
        if all(abs(math.log(step / other)) >= least for other in kept):
            kept.append(step)
    return sorted(kept)


def _table(comparisons: Sequence[Comparison], *, id: str, title: str) -> Table:  # noqa: A002 - as above
    columns = (
        ("attribute", "Attribute"), ("test", "Group"), ("reference", "Reference"), ("design", "Design"), ("n", "n"),
        ("unit", "Unit"), ("mean_reference", "Reference, geometric mean"), ("mean_test", "Group, geometric mean"),
        ("ratio", "Ratio"), ("lower", "Lower"), ("upper", "Upper"), ("margin_low", "Margin from"),
        ("margin_high", "Margin to"), ("alpha", "Alpha"), ("p_equivalence", "p of equivalence"),
        ("p_difference", "p of difference"), ("power_planned", "Power planned"),
        ("power_seen", "Power at the spread seen"),
        ("samples_needed", "Samples needed"), ("outcome", "Outcome"), ("why", "Why not tested"),
    )  # fmt: skip
    return Table(
        id=id,
        title=title,
        columns=tuple(Column(key=key, head=head) for key, head in columns),
        rows=tuple(_cells(each) for each in comparisons),
    )


def _cells(each: Comparison) -> tuple[str | None, ...]:
    found, ratio = each.equivalence, each.equivalence.as_ratio() if each.equivalence else None
    return (
        each.plan.name,
        each.test,
        each.reference,
        each.plan.design,
        " and ".join(map(str, each.n)) or None,
        each.unit,
        None if each.means is None else f"{each.means[1]:.6g}",
        None if each.means is None else f"{each.means[0]:.6g}",
        None if ratio is None else f"{ratio.value:.6g}",
        None if ratio is None else f"{ratio.lower:.6g}",
        None if ratio is None else f"{ratio.upper:.6g}",
        f"{each.plan.margin[0]:g}",
        f"{each.plan.margin[1]:g}",
        f"{each.plan.alpha:g}",
        None if found is None else format_p(found.p_value),
        None if found is None else format_p(found.p_difference),
        None if each.planned_power is None else format_number(each.planned_power, 3),
        None if each.power is None else format_number(each.power, 3),
        None if each.samples_needed is None else str(each.samples_needed),
        str(each.outcome),
        each.why_not or None,
    )
