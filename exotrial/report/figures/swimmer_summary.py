"""The timeline of many participants: for each event the days on which it fell, by quantiles (type 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from exotrial.datasets.captured import EVENTS
from exotrial.report.document import Column, Figure, Table
from exotrial.report.figures.swimmer_days import ORIGIN_WORDS, Days
from exotrial.report.figures.swimmer_marks import MARKS
from exotrial.report.format import format_number
from exotrial.report.theme import BLUE, CATEGORIES, INK, MUTED
from exotrial.statistics.describe import compute_quantile

_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
_WIDTH = 430
_ALL = "All participants"


@dataclass(frozen=True, kw_only=True)
class _Row:
    arm: str
    event: str
    participants: int
    days: tuple[float, ...]
    """Quantiles at `_SHARES`."""


def draw_event_summary(days: Days, *, arms: dict[str, str], undated: int) -> Figure:
    """Median, quartiles and 5th and 95th percentiles of the day of each event, by arm where `arms` has any."""
    rows = _summarise(days, arms)
    people = len(days.origins)
    zero = ORIGIN_WORDS[days.main]
    fallback = " or ".join(
        f"their {ORIGIN_WORDS[origin]}"
        for origin in sorted(set(days.origins.values()) - {days.main}, reverse=True)
    )
    others = sum(origin != days.main for origin in days.origins.values())
    notes = [
        f"{people:,} participants are too many for a lane each: the line spans the 5th to the 95th percentile of the "
        f"day of each event, the bar the quartiles, the dark stroke the median; n counts participants.",
        f"Day 0 is the day of the {zero}.",
    ]
    if others:
        notes.append(f"{others:,} participants have none and are counted from {fallback}.")
    if undated:
        notes.append(f"{undated:,} participants without any dated event are not in the figure.")
    return Figure(
        id="timeline",
        title="Timeline of all participants, summarised",
        caption=" ".join(notes),
        alt=_describe(rows, people=people, zero=zero),
        vega_lite=_spec(rows, zero=zero),
        data=_table(rows, arms=bool(arms)),
    )


def _summarise(days: Days, arms: dict[str, str]) -> list[_Row]:
    events = days.events.filter(pl.col("EVENT") != days.main)
    events = events.with_columns(
        (
            pl.col("USUBJID").replace_strict(arms, default=_ALL, return_dtype=pl.String)
            if arms
            else pl.lit(_ALL)
        ).alias("ARM")
    )
    rows = []
    for arm in dict.fromkeys(arms.values()) or [_ALL]:
        for event in EVENTS:
            found = events.filter((pl.col("ARM") == arm) & (pl.col("EVENT") == event))
            if found.height:
                values = found["DAY"].to_numpy()
                rows.append(
                    _Row(
                        arm=arm,
                        event=event,
                        participants=found["USUBJID"].n_unique(),
                        days=tuple(compute_quantile(values, share) for share in _SHARES),
                    )
                )
    return rows


def _table(rows: list[_Row], *, arms: bool) -> Table:
    heads = ("5th percentile", "Lower quartile", "Median", "Upper quartile", "95th percentile")
    keys = ("p5", "q1", "median", "q3", "p95")
    return Table(
        id="timeline-days",
        title="Days of each event, summarised",
        columns=(
            *((Column(key="arm", head="Arm"),) if arms else ()),
            Column(key="event", head="Event"),
            Column(key="n", head="n", align="right"),
            *(Column(key=key, head=head, align="right") for key, head in zip(keys, heads, strict=True)),
        ),
        rows=tuple(
            (
                *((row.arm,) if arms else ()),
                MARKS[row.event].label,
                str(row.participants),
                *(format_number(day, 1) for day in row.days),
            )
            for row in rows
        ),
    )


def _describe(rows: list[_Row], *, people: int, zero: str) -> str:
    told = "; ".join(
        f"{row.arm + ', ' if row.arm != _ALL else ''}{MARKS[row.event].label} median day "
        f"{format_number(row.days[2], 1)} (n = {row.participants:,})"
        for row in rows
    )
    return f"Days of each event from {zero} in {people:,} participants, as quantiles: {told}."


def _spec(rows: list[_Row], *, zero: str) -> dict[str, Any]:
    arms = list(dict.fromkeys(row.arm for row in rows))
    low = min((row.days[0] for row in rows), default=0.0)
    high = max((row.days[-1] for row in rows), default=0.0)
    pad = max(1.0, 0.03 * (high - low))
    domain = [min(low, 0) - pad, max(high, 0) + pad]
    panels = []
    for position, arm in enumerate(arms):
        last = position == len(arms) - 1
        panel = _panel([row for row in rows if row.arm == arm], domain, zero=zero if last else "", colour=(
            BLUE if arm == _ALL else CATEGORIES[position % len(CATEGORIES)]))  # fmt: skip
        panels.append(panel if arm == _ALL else {"title": arm, **panel})
    return panels[0] if len(panels) == 1 else {"vconcat": panels, "spacing": 14}


def _panel(rows: list[_Row], domain: list[float], *, zero: str, colour: str) -> dict[str, Any]:
    values = [
        {
            "event": MARKS[row.event].label,
            **dict(zip(("p5", "q1", "median", "q3", "p95"), row.days, strict=True)),
            "n": f"n = {row.participants:,}",
        }
        for row in rows
    ]
    y = {
        "field": "event",
        "type": "nominal",
        "sort": [value["event"] for value in values],
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelPadding": 8},
    }
    x: dict[str, Any] = {
        "type": "quantitative",
        "title": f"Days from {zero}" if zero else None,
        "scale": {"domain": domain, "nice": False, "zero": False},
        "axis": {"format": "d", "tickMinStep": 1, "tickCount": 8},
    }
    band = {"type": "bar", "height": 11, "color": colour, "opacity": 0.45}
    return {
        "data": {"values": values},
        "width": _WIDTH,
        "height": {"step": 24},
        "layer": [
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3], "strokeWidth": 0.8},
                "encoding": {"x": {"field": "zero", **x}},
            },
            {
                "mark": {"type": "rule", "color": colour, "strokeWidth": 1.6},
                "encoding": {"y": y, "x": {"field": "p5", **x}, "x2": {"field": "p95"}},
            },
            {"mark": band, "encoding": {"y": y, "x": {"field": "q1", **x}, "x2": {"field": "q3"}}},
            {
                "mark": {"type": "tick", "color": INK, "thickness": 2, "size": 15},
                "encoding": {"y": y, "x": {"field": "median", **x}},
            },
            {
                "mark": {"type": "text", "align": "left", "fontSize": 10, "color": MUTED},
                "encoding": {"y": y, "x": {"value": _WIDTH + 10}, "text": {"field": "n"}},
            },
        ],
    }
