"""The dates of a trial on one axis: registration beside what was planned, done and published.

Each lane is a kind of date and each line in it a source. Narrow, for a telephone; sources differ by shape as well as by
colour, for print in black and white. A date of which only the month or the year is known is an open bar over all days
that it can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from exotrial.core.dates import PartialDate
from exotrial.report.document import Column, Figure, Table
from exotrial.report.registered.dates import SOURCES, Track
from exotrial.report.theme import BLUE, GREEN, INK, MUTED, ORANGE, PINK, RULE

_WIDTH, _LINE, _HEAD = 232.0, 13.0, 19.0
_SIZE = 72.0
_LEFT = 94.0
"""Room for the dates in words, left of the axis."""
_SEASON, _CROWD = 90, 6
_SHAPES = ("diamond", "circle", "square", "triangle-up")
_COLOURS = (BLUE, ORANGE, GREEN, PINK)


def draw_trial_dates(
    tracks: Sequence[Track],
    *,
    first_enrolment: PartialDate | None,
    id: str = "registered-dates",  # noqa: A002 - the name that every figure's identifier has
) -> Figure:
    """The tracks, in their order, of which there is at least one; a broken line at the first enrolment."""
    places, heads, height = _layout(tracks)
    marks, bars, periods, words = [], [], [], []
    for track, y in zip(tracks, places, strict=True):
        lines = _lines(track)
        top = y - _LINE * (len(lines) - 1) / 2
        words += [{"y": top + _LINE * number, "words": line} for number, line in enumerate(lines)]
        if track.is_period:
            periods.append(
                {
                    "y": y,
                    "from": _middle(track.days[0]),
                    "to": _middle(track.days[-1]),
                    "source": track.source,
                }
            )
        for day in track.days:
            if day.day is None:
                bars.append(
                    {
                        "y": y - 4,
                        "y2": y + 4,
                        "from": day.first.isoformat(),
                        "to": (day.last + timedelta(days=1)).isoformat(),
                    }
                )
            size = _SIZE if len(track.days) <= _CROWD else _SIZE / 2
            marks.append({"y": y, "on": _middle(day), "source": track.source, "size": size})
    partial = bool(bars)
    return Figure(
        id=id,
        title="Registered, planned, done and published: the dates",
        caption=_caption(first_enrolment, partial=partial),
        alt=_describe(tracks, first_enrolment),
        vega_lite=_spec(
            marks=marks,
            bars=bars,
            periods=periods,
            words=words,
            heads=heads,
            guides=[{"y": y} for y in places],
            first_enrolment=first_enrolment,
            domain=_domain(tracks, first_enrolment),
            height=height,
            sources=[source for source in SOURCES if any(track.source == source for track in tracks)],
        ),
        data=Table(
            id=f"{id}-data",
            title="The dates of the figure",
            columns=(
                Column(key="what", head="What"),
                Column(key="source", head="Source"),
                Column(key="drawn", head="Drawn as"),
                Column(key="date", head="Date, as far as known"),
            ),
            rows=tuple(
                (track.lane, track.source, _drawn(track, position), str(day))
                for track in tracks
                for position, day in enumerate(track.days)
            ),
        ),
    )


def _layout(tracks: Sequence[Track]) -> tuple[list[float], list[dict[str, Any]], float]:
    """The height of each track, the heads of the lanes, and the height of the whole, from the top in pixels."""
    places: list[float] = []
    heads: list[dict[str, Any]] = []
    at = 4.0
    for lane, own in groupby(tracks, key=lambda track: track.lane):
        heads.append({"y": at + _HEAD / 2, "words": lane})
        at += _HEAD
        for track in own:
            height = _LINE * len(_lines(track)) + 4
            places.append(at + height / 2)
            at += height
        at += 4.0
    return places, heads, at


def _lines(track: Track) -> tuple[str, ...]:
    """The dates in words, in lines that the room left of the axis holds."""
    if len(track.days) == 1:
        return (track.told,)
    count = () if track.is_period or len(track.days) == 2 else (f"{len(track.days)} days,",)
    joined = "to" if track.is_period or count else "and"
    return (*count, f"{track.days[0]} {joined}", str(track.days[-1]))


def _drawn(track: Track, position: int) -> str:
    if not track.is_period:
        return "day"
    return "begin" if position == 0 else "end"


def _middle(day: PartialDate) -> str:
    """Where the mark stands: on the day, or in the middle of the days that it can be."""
    return (day.first + (day.last - day.first) / 2).isoformat()


def _domain(tracks: Sequence[Track], first_enrolment: PartialDate | None) -> list[str]:
    days: list[date] = [day.first for track in tracks for day in track.days]
    days += [day.last for track in tracks for day in track.days]
    if first_enrolment is not None:
        days += [first_enrolment.first, first_enrolment.last]
    pad = timedelta(days=max(3, round(0.04 * (max(days) - min(days)).days)))
    return [(min(days) - pad).isoformat(), (max(days) + pad).isoformat()]


def _axis_format(domain: Sequence[str]) -> str:
    """Months with their year; days too where the whole is shorter than a season."""
    length = (date.fromisoformat(domain[1]) - date.fromisoformat(domain[0])).days
    return "%d %b %Y" if length < _SEASON else "%b %Y"


def _caption(first_enrolment: PartialDate | None, *, partial: bool) -> str:
    parts = ["The shape tells the source; a thick line joins the begin and the end of a time."]
    if first_enrolment is not None:
        parts.append(
            f"The broken line is the first enrolment that was done or, where none is known, registered "
            f"({first_enrolment}): a trial is registered in time when its registration stands left of it or on it."
        )
    if partial:
        parts.append(
            "An open bar covers the days that a date can be of which only the month or year is known."
        )
    return " ".join(parts)


def _describe(tracks: Sequence[Track], first_enrolment: PartialDate | None) -> str:
    lanes = [
        f"{lane}: {'; '.join(f'{track.told} ({track.source})' for track in own)}"
        for lane, own in groupby(tracks, key=lambda track: track.lane)
    ]
    rule = f" A broken line marks the first enrolment, {first_enrolment}." if first_enrolment else ""
    return f"The dates of the trial on one axis. {'. '.join(lanes)}.{rule}"


def _spec(
    *,
    marks: list[dict[str, Any]],
    bars: list[dict[str, Any]],
    periods: list[dict[str, Any]],
    words: list[dict[str, Any]],
    heads: list[dict[str, Any]],
    guides: list[dict[str, Any]],
    first_enrolment: PartialDate | None,
    domain: list[str],
    height: float,
    sources: list[str],
) -> dict[str, Any]:
    x: dict[str, Any] = {
        "type": "temporal",
        "title": None,
        # Days have no hour: read and drawn in UTC, a day is the same day wherever the figure is made.
        "scale": {"type": "utc", "domain": domain, "nice": False},
        "axis": {"grid": False, "tickCount": 3, "format": _axis_format(domain), "labelOverlap": "greedy"},
    }
    y: dict[str, Any] = {
        "field": "y",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, height], "reverse": True, "nice": False, "zero": False},
    }
    chosen = [position for position, source in enumerate(SOURCES) if source in sources]
    legend = {"title": None, "orient": "top", "columns": 2, "offset": 4, "symbolOpacity": 1}
    colour = {
        "field": "source",
        "type": "nominal",
        "scale": {"domain": sources, "range": [_COLOURS[one] for one in chosen]},
        "legend": legend,
    }
    shape = {
        "field": "source",
        "type": "nominal",
        "scale": {"domain": sources, "range": [_SHAPES[one] for one in chosen]},
        "legend": legend,
    }
    text = {"type": "text", "align": "left", "baseline": "middle", "clip": False}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": guides},
            "mark": {"type": "rule", "color": RULE, "strokeWidth": 0.7},
            "encoding": {"y": y},
        },
        {
            "data": {"values": words},
            "mark": {**text, "fontSize": 11, "color": INK},
            "encoding": {"x": {"value": -_LEFT + 8}, "y": y, "text": {"field": "words"}},
        },
    ]
    if first_enrolment is not None:
        layers.append(
            {
                "data": {"values": [{"on": _middle(first_enrolment)}]},
                "mark": {"type": "rule", "strokeDash": [4, 3], "color": MUTED, "strokeWidth": 1.3},
                "encoding": {"x": {**x, "field": "on"}},
            }
        )
    head = {**text, "fontWeight": 600, "fontSize": 11.5}
    # The broken line runs behind the heads, which stand out from it in white.
    layers += [
        {
            "data": {"values": heads},
            "mark": {**head, **look},
            "encoding": {"x": {"value": -_LEFT}, "y": y, "text": {"field": "words"}},
        }
        for look in ({"stroke": "white", "strokeWidth": 3, "color": "white"}, {"color": INK})
    ]
    layers += [
        {
            "data": {"values": bars},
            "mark": {"type": "rect", "fill": "white", "stroke": INK, "strokeWidth": 1},
            "encoding": {"x": {**x, "field": "from"}, "x2": {"field": "to"}, "y": y, "y2": {"field": "y2"}},
        },
        {
            "data": {"values": periods},
            "mark": {"type": "rule", "strokeWidth": 4, "opacity": 0.55},
            "encoding": {"x": {**x, "field": "from"}, "x2": {"field": "to"}, "y": y, "color": colour},
        },
        {
            "data": {"values": marks},
            "mark": {
                "type": "point",
                "filled": True,
                "opacity": 1,
                "stroke": "white",
                "strokeWidth": 0.6,
            },
            "encoding": {
                "x": {**x, "field": "on"},
                "y": y,
                "color": colour,
                "shape": shape,
                "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None},
            },
        },
    ]
    return {
        "width": _WIDTH,
        "height": height,
        "padding": 5,
        "layer": layers,
    }
