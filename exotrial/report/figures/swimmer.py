"""The timeline of every participant (a swimmer plot): a lane each, in days from the participant's first dose.

Only dated events are drawn: a length of stay without its dates has no place on an axis of time. Above sixty
participants the lanes would not be legible, and the days of each event are summarised by quantiles instead.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import polars as pl

from exotrial.datasets.captured import EVENTS, Captured
from exotrial.datasets.groups import not_entered
from exotrial.report.document import Column, Figure, Table
from exotrial.report.figures.labels import lane_labels
from exotrial.report.figures.swimmer_days import (
    AFTER,
    BEFORE,
    DOSING,
    ENDS,
    ORIGIN_WORDS,
    Days,
    Span,
    derive_days,
    derive_spans,
    span_words,
)
from exotrial.report.figures.swimmer_marks import MARKS
from exotrial.report.figures.swimmer_summary import draw_event_summary
from exotrial.report.figures.text_width import compute_width
from exotrial.report.format import format_number
from exotrial.report.theme import INK, MUTED
from exotrial.study.definition import Study

MOST_LANES = 60
_WIDTH = 640
_LABEL_SIZE, _LABEL_WIDTH = 10.0, 168.0
_FILLS = {BEFORE: "#ffffff", DOSING: "#4a9acb", AFTER: "#bfdff2"}


def draw_swimmer(study: Study, captured: Captured, *, show_arms: bool = True) -> Figure:
    """The timeline as a figure, with what is drawn as a table behind it.

    Lanes are in the study's order of arms (with `show_arms`, where there are several), and in each by the time
    from the first recorded event to day 0, longest first. Those who were screened and not enrolled have no lane.
    """
    entered = captured.participants.filter(~pl.col("USUBJID").is_in(not_entered(captured).to_list()))
    captured = dataclasses.replace(captured, participants=entered)
    days = derive_days(captured)
    arms = _arms(study, captured) if show_arms else {}
    drawn = list(dict.fromkeys(days.events["USUBJID"]))
    undated = captured.participants.height - len(drawn)
    if len(drawn) > MOST_LANES:
        return draw_event_summary(days, arms=arms, undated=undated)
    return _lanes(captured, days, arms, undated=undated)


def _arms(study: Study, captured: Captured) -> dict[str, str]:
    """The name of each participant's arm; nothing where fewer than two arms have participants."""
    names = {arm.id: arm.name for arm in study.arms}
    codes = captured.participants.select("USUBJID", "ARMCD").rows()
    found = {usubjid: names.get(code, code) or "No arm recorded" for usubjid, code in codes}
    ordered = [*names.values(), *sorted(set(found.values()) - set(names.values()))]
    if len(set(found.values())) < 2:
        return {}
    return {usubjid: arm for name in ordered for usubjid, arm in found.items() if arm == name}


def _lanes(captured: Captured, days: Days, arms: dict[str, str], *, undated: int) -> Figure:
    reach = days.events.group_by("USUBJID", maintain_order=True).agg(
        pl.col("DAY").min().alias("FROM"), pl.col("DAY").max().alias("TO")
    )
    place = {arm: position for position, arm in enumerate(dict.fromkeys(arms.values()))}
    lanes = sorted(reach.rows(), key=lambda lane: (place.get(arms.get(lane[0], ""), 0), lane[1]))
    labels = lane_labels(captured, [lane[0] for lane in lanes], size=_LABEL_SIZE, width=_LABEL_WIDTH)
    for usubjid, origin in days.origins.items():
        if origin != days.main:
            labels[usubjid] += " *"
    spans = derive_spans(days)
    rows = _table_rows(days, spans, labels, arms, order=[lane[0] for lane in lanes])
    return Figure(
        id="timeline",
        title="Timeline of every participant",
        caption=_caption(captured, days, spans, undated=undated),
        alt=_describe(days, spans, lanes=len(lanes)),
        vega_lite=_spec(days, spans, lanes, labels, arms),
        data=Table(
            id="timeline-days",
            title="Timeline of every participant, in days",
            columns=(
                Column(key="participant", head="Participant"),
                *((Column(key="arm", head="Arm"),) if arms else ()),
                Column(key="drawn", head="Drawn as"),
                Column(key="what", head="What"),
                Column(key="from_day", head="Day", align="right"),
                Column(key="to_day", head="To day", align="right"),
            ),
            rows=rows,
        ),
    )


def _table_rows(
    days: Days, spans: list[Span], labels: dict[str, str], arms: dict[str, str], *, order: list[str]
) -> tuple[tuple[str | None, ...], ...]:
    words = span_words(days)
    events: dict[str, list[tuple[str, int]]] = {}
    for usubjid, event, day in days.events.rows():
        events.setdefault(usubjid, []).append((event, day))
    rows: list[tuple[str | None, ...]] = []
    for usubjid in order:
        who = (usubjid, arms[usubjid]) if arms else (usubjid,)
        rows += [
            (*who, "bar", words[span.kind], format_number(span.start, 0), format_number(span.stop, 0))
            for span in spans
            if span.usubjid == usubjid
        ]
        rows += [
            (*who, "marker", MARKS[event].label, format_number(day, 0), None)
            for event, day in events[usubjid]
        ]
    return tuple(rows)


def _caption(captured: Captured, days: Days, spans: list[Span], *, undated: int) -> str:
    zero = ORIGIN_WORDS[days.main]
    parts = [
        f"Each lane is a participant; day 0 is the day of the {zero}, so that early and late starts are seen."
    ]
    kinds = {span.kind for span in spans}
    ends = [MARKS[event].word for event in ENDS if event in set(days.events["EVENT"])]
    if BEFORE in kinds:
        parts.append("The white bar is recorded illness before the first dose.")
    if AFTER in kinds and len(ends) > 1:
        parts.append("The blue bar ends at the first of the ends that the legend names.")
    parts.append("The thin line joins the first and the last dated event; only dated events are drawn.")
    others = sorted({origin for origin in days.origins.values() if origin != days.main}, reverse=True)
    if others:
        words = " or, without one, from ".join(f"their {ORIGIN_WORDS[origin]}" for origin in others)
        parts.append(f"Participants marked * have no {zero} and are counted from {words}.")
    if undated:
        parts.append(_undated(undated))
    abbreviated = [
        f"{code}, {word}"
        for code, word in (("F", "female"), ("M", "male"))
        if code in set(captured.participants["SEX"])
    ]
    if abbreviated:
        parts.append(
            f"Labels give participant, sex ({'; '.join(abbreviated)}), age in years and severity, where captured."
        )
    return " ".join(parts)


def _undated(undated: int) -> str:
    return f"{undated} participant{'s' if undated != 1 else ''} without any dated event cannot be drawn."


def _describe(days: Days, spans: list[Span], *, lanes: int) -> str:
    words = span_words(days)
    parts = [
        f"Swimmer plot of {lanes} participant{'s' if lanes != 1 else ''} in days from {ORIGIN_WORDS[days.main]}."
    ]
    for kind in (BEFORE, DOSING, AFTER):
        lengths = [span.stop - span.start for span in spans if span.kind == kind]
        if lengths:
            span = f"{min(lengths)} to {max(lengths)}" if min(lengths) < max(lengths) else f"{lengths[0]}"
            parts.append(f"{words[kind]}: {span} days in {len(lengths)} of {lanes}.")
    counts = days.events["EVENT"].value_counts()
    tally = dict(counts.rows())
    shown = ", ".join(f"{MARKS[event].label} {tally[event]}" for event in EVENTS if event in tally)
    parts.append(f"Markers: {shown}.")
    return " ".join(parts)


def _spec(
    days: Days,
    spans: list[Span],
    lanes: list[tuple[str, int, int]],
    labels: dict[str, str],
    arms: dict[str, str],
) -> dict[str, Any]:
    step = 24 if len(lanes) <= 20 else 17 if len(lanes) <= 40 else 12
    size = {24: 95, 17: 60, 12: 36}[step]
    order = [labels[lane[0]] for lane in lanes]
    own = {
        usubjid: {"lane": labels[usubjid], **({"arm": arms[usubjid]} if arms else {})}
        for usubjid, _, _ in lanes
    }
    y = {
        "field": "lane",
        "type": "nominal",
        "sort": order,
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelLimit": 220, "labelPadding": 8},
    }
    words = span_words(days)
    kinds = [kind for kind in (BEFORE, DOSING, AFTER) if any(span.kind == kind for span in spans)]
    low, high = min(lane[1] for lane in lanes), max(lane[2] for lane in lanes)
    pad = max(1.0, 0.03 * (high - low))
    x: dict[str, Any] = {
        "type": "quantitative",
        "title": f"Days from {ORIGIN_WORDS[days.main]}",
        "scale": {"domain": [low - pad, high + pad], "nice": False, "zero": False},
        "axis": {"tickMinStep": 1, "tickCount": 10, "format": "d"},
    }
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": [{**own[who], "a": a, "b": b} for who, a, b in lanes]},
            "mark": {"type": "rule", "color": MUTED, "strokeWidth": 1},
            "encoding": {"y": y, "x": {"field": "a", **x}, "x2": {"field": "b"}},
        }
    ]
    if kinds:
        values = [{**own[s.usubjid], "a": s.start, "b": s.stop, "period": words[s.kind]} for s in spans]
        fill = {
            "field": "period",
            "type": "nominal",
            "title": None,
            "scale": {"domain": [words[k] for k in kinds], "range": [_FILLS[k] for k in kinds]},
            "legend": {"orient": "top", "symbolType": "square", "symbolSize": 130, "symbolStrokeColor": MUTED,
                       "symbolStrokeWidth": 0.8, "direction": "horizontal", "labelLimit": 400},
        }  # fmt: skip
        layers.append(
            {
                "data": {"values": values},
                "mark": {"type": "bar", "height": {"band": 0.52}, "stroke": MUTED, "strokeWidth": 0.8},
                "encoding": {"y": y, "x": {"field": "a", **x}, "x2": {"field": "b"}, "fill": fill},
            }
        )
    layers.append(
        {
            "data": {"values": [{"zero": 0}]},
            "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3], "strokeWidth": 0.8},
            "encoding": {"x": {"field": "zero", **x}},
        }
    )
    layers += _marker_layers(days, own, x, y, size=size, step=step)
    spec: dict[str, Any] = {
        "layer": layers,
        "height": {"step": step},
        "width": _WIDTH - 18 - max(compute_width(label, _LABEL_SIZE) for label in order),
    }
    if not arms:
        return spec
    # A facet needs its data at the top, so that every layer's rows are told apart by their arm alone.
    return _faceted(spec, list(dict.fromkeys(arms[lane[0]] for lane in lanes)))


def _marker_layers(
    days: Days,
    own: dict[str, dict[str, str]],
    x: dict[str, Any],
    y: dict[str, Any],
    *,
    size: int,
    step: int,
) -> list[dict[str, Any]]:
    """Markers; those that meet on one day of one lane are set apart by their height in the lane."""
    together: dict[tuple[str, int], list[str]] = {}
    for usubjid, event, day in days.events.rows():
        together.setdefault((usubjid, day), []).append(event)
    by_offset: dict[float, list[dict[str, Any]]] = {}
    for (usubjid, day), events in together.items():
        for position, event in enumerate(events):
            offset = 0.0 if len(events) == 1 else (position / (len(events) - 1) - 0.5) * step * 0.55
            row = {**own[usubjid], "day": day, "event": MARKS[event].label}
            by_offset.setdefault(round(offset, 2), []).append(row)
    present = [event for event in EVENTS if event in set(days.events["EVENT"])]
    domain = [MARKS[event].label for event in present]
    legend = {"orient": "bottom", "columns": 5, "symbolSize": 95, "title": None, "columnPadding": 22}
    layers = []
    for offset, values in sorted(by_offset.items()):
        encoding = {
            "y": y,
            "x": {"field": "day", **x},
            "color": {
                "field": "event",
                "type": "nominal",
                "scale": {"domain": domain, "range": [MARKS[event].colour for event in present]},
                "legend": legend,
            },
            "shape": {
                "field": "event",
                "type": "nominal",
                "scale": {"domain": domain, "range": [MARKS[event].shape for event in present]},
                "legend": legend,
            },
        }
        mark = {"type": "point", "filled": True, "opacity": 1, "size": size, "yOffset": offset,
                "stroke": "white", "strokeWidth": 0.7}  # fmt: skip
        layers.append({"data": {"values": values}, "mark": mark, "encoding": encoding})
    return layers


def _faceted(spec: dict[str, Any], arms: list[str]) -> dict[str, Any]:
    """One panel for each arm, below one another, on one axis of days."""
    panels = []
    for position, arm in enumerate(arms):
        layers = []
        for layer in spec["layer"]:
            values = [row for row in layer["data"]["values"] if row.get("arm", arm) == arm]
            if not values:
                continue
            lanes = list(layer["encoding"].get("y", {}).get("sort", []))
            mine = {row.get("lane") for row in spec["layer"][0]["data"]["values"] if row["arm"] == arm}
            encoding = dict(layer["encoding"])
            if "y" in encoding:
                encoding["y"] = {**encoding["y"], "sort": [name for name in lanes if name in mine]}
            if position < len(arms) - 1:
                encoding["x"] = {**encoding["x"], "title": None}
            layers.append({**layer, "data": {"values": values}, "encoding": encoding})
        panels.append({"title": arm, "layer": layers, "height": spec["height"], "width": spec["width"]})
    return {"vconcat": panels, "spacing": 14}
