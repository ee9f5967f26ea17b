"""A panel of measures of one participant: one small plot a measure, in days from the first dose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from exotrial.core.quantities import format_unit
from exotrial.datasets.serial import Series
from exotrial.report.document import Column, Figure, Table
from exotrial.report.format import format_number
from exotrial.report.theme import BLUE, MUTED, ORANGE

_COLUMNS = 4
_MOST = 30


def draw_panel(series: Sequence[Series], *, name: str, first_dose: date | None) -> Figure:
    """Small multiples of at least one series; without a first dose, days count from the first value."""
    shown = series[:_MOST]
    origin = first_dose or min(row[0] for one in shown for row in one.rows)
    rows: list[dict[str, Any]] = [
        {"measure": _title(one), "day": (on - origin).days, "value": number, "label": text}
        for one in shown
        for on, text, number in one.values
    ]
    slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "participant"
    return Figure(
        id=f"serial-panel-{slug}-figure",
        title=f"Panel of participant {name}",
        caption=_caption(shown, first_dose, left_out=len(series) - len(shown)),
        alt=f"{len(shown)} small plots of participant {name}; "
        + "; ".join(_told(one) for one in shown)
        + ".",
        vega_lite=_spec(rows, [_title(one) for one in shown], dosed=first_dose is not None),
        data=Table(
            id=f"serial-panel-{slug}-days",
            title=f"Panel of participant {name}, as drawn",
            columns=(
                Column(key="measure", head="Measure"),
                Column(key="day", head="Day", align="right"),
                Column(key="value", head="Value", align="right"),
            ),
            rows=tuple((row["measure"], format_number(row["day"], 0), row["label"]) for row in rows),
        ),
    )


def _title(series: Series) -> str:
    short = re.sub(r"\s*\(.*?\)$", "", series.name)
    return f"{short}, {format_unit(series.unit)}" if series.unit else short


def _told(series: Series) -> str:
    return f"{series.name} from {series.values[0][1]} to {series.values[-1][1]}"


def _caption(series: Sequence[Series], first_dose: date | None, *, left_out: int) -> str:
    parts = ["Each plot has its own scale, from zero."]
    if first_dose is not None:
        parts.append(f"The broken line is the first dose ({first_dose}), which is day 0.")
    else:
        parts.append("Day 0 is the day of the first value; no date of a first dose was captured.")
    dates = {row[0] for one in series for row in one.rows}
    if any(len(one.values) < len(dates) for one in series):
        parts.append("Where a date has no point, no value was captured; the line runs on to the next.")
    if left_out:
        parts.append(f"{left_out} more measures are in the table only.")
    return " ".join(parts)


def _spec(rows: list[dict[str, Any]], order: list[str], *, dosed: bool) -> dict[str, Any]:
    days = [row["day"] for row in rows] + [0]
    pad = max(1.0, 0.08 * (max(days) - min(days)))
    x = {
        "field": "day",
        "type": "quantitative",
        "title": "Day",
        "scale": {"domain": [min(days) - pad, max(days) + pad], "nice": False},
        "axis": {"grid": False, "tickCount": 4, "format": "d"},
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": True},
        "axis": {"tickCount": 3},
    }
    rule = {
        "mark": {"type": "rule", "strokeDash": [4, 3], "color": ORANGE, "size": 1.2},
        "encoding": {"x": {"datum": 0, "type": "quantitative"}},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": rows},
        "facet": {
            "field": "measure",
            "type": "nominal",
            "sort": order,
            "title": None,
            "header": {"labelFontSize": 9.5, "labelLimit": 170, "labelPadding": 4},
        },
        "columns": _COLUMNS,
        "spacing": {"row": 14, "column": 16},
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
        "spec": {
            "width": 132,
            "height": 74,
            "layer": [
                *([rule] if dosed else []),
                {"mark": {"type": "line", "color": MUTED, "strokeWidth": 1.2}, "encoding": {"x": x, "y": y}},
                {
                    "mark": {"type": "point", "filled": True, "size": 42, "color": BLUE, "opacity": 1},
                    "encoding": {"x": x, "y": y},
                },
            ],
        },
    }
