"""Particles planned and given, one line a participant: what the whole course was to hold, and what was received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exotrial.product.given_doses import CumulativeDose
from exotrial.report.document import Figure
from exotrial.report.theme import BLUE, INK, MUTED, RULE

WIDTH, ROW, MOST = 400.0, 20.0, 60


def draw_given(courses: Sequence[tuple[str, CumulativeDose]], *, id: str) -> Figure:  # noqa: A002
    """Participants whose particles are known, at most sixty; open marks are planned, filled ones given."""
    known = [(who, one) for who, one in courses if one.particles is not None][:MOST]
    rows: list[dict[str, Any]] = [
        {
            "who": who,
            "planned": one.planned,
            "given": one.particles,
            "low": one.low,
            "high": one.high,
        }
        for who, one in known
    ]
    x: dict[str, Any] = {
        "type": "quantitative",
        "title": "Particles over the course",
        "axis": {"format": ".1~e", "tickCount": 6},
        "scale": {"zero": True},
    }
    y = {"field": "who", "type": "nominal", "sort": None, "title": None}
    left = len([one for one in courses if one[1].particles is None])
    more = f" {left} more have a dose whose particles are not known." if left else ""
    return Figure(
        id=id,
        title="Particles planned and given",
        caption="Open: planned for the whole course. Filled: given, with the interval that the concentration and the "
        f"syringe leave (twice the standard uncertainty).{more}",
        alt="; ".join(
            f"{who}: {one.particles:.3g} given" + (f" of {one.planned:.3g}" if one.planned else "")
            for who, one in known
        )
        + ".",
        vega_lite={
            "width": WIDTH,
            "height": {"step": ROW},
            "data": {"values": rows},
            "encoding": {"y": y},
            "layer": [
                {
                    "transform": [{"filter": "datum.planned != null"}],
                    "mark": {"type": "rule", "color": RULE, "strokeWidth": 2},
                    "encoding": {"x": {**x, "field": "planned"}, "x2": {"field": "given"}},
                },
                {
                    "transform": [{"filter": "datum.low != null"}],
                    "mark": {"type": "rule", "color": INK},
                    "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
                },
                {
                    "transform": [{"filter": "datum.planned != null"}],
                    "mark": {
                        "type": "point",
                        "filled": False,
                        "color": MUTED,
                        "size": 70,
                        "strokeWidth": 1.6,
                        "opacity": 1,
                    },
                    "encoding": {"x": {**x, "field": "planned"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "color": BLUE, "size": 50, "opacity": 1},
                    "encoding": {"x": {**x, "field": "given"}},
                },
            ],
        },
    )
