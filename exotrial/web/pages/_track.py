"""A participant's days as a drawing: windows of visits, doses, adverse events, and today, on one axis of days.

Everything drawn stands in the list below it too; the drawing is for the eye alone and is hidden from screen readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from exotrial.operations.timeline import Kind, ShownTimeline

WIDTH, LEFT, RIGHT = 1000, 78, 12
ROWS = (Kind.VISIT, Kind.DOSE, Kind.EVENT)
STEP = 26
LABELS = {Kind.VISIT: "Visits", Kind.DOSE: "Doses", Kind.EVENT: "Events"}


@dataclass(frozen=True)
class Mark:
    """A thing on a row: from x over `width` units (0: a point), with a class for its state and its words."""

    x: float
    width: float
    y: int
    state: str
    words: str


@dataclass(frozen=True)
class Track:
    """What the template draws."""

    height: int
    labels: tuple[tuple[int, str], ...]
    ticks: tuple[tuple[float, str], ...]
    today: float | None
    marks: tuple[Mark, ...]


def draw_track(line: ShownTimeline) -> Track | None:
    """The drawing; None while the day that the protocol counts from is not known."""
    if line.origin is None:
        return None
    shown = [one for one in line.entries if one.kind in ROWS]
    days = [day for one in shown for day in (one.day, one.until or one.day)]
    first, last = min([line.origin, *days]), max([line.origin, *days])
    scale = (WIDTH - LEFT - RIGHT) / max(1, (last - first).days + 1)

    def at(day: date) -> float:
        return round(LEFT + (day - first).days * scale, 1)

    rows = [kind for kind in ROWS if any(one.kind == kind for one in shown)]
    marks = []
    for one in shown:
        y = 12 + rows.index(one.kind) * STEP
        end = one.until if one.until is not None and one.until >= one.day else one.day
        width = round(max(4.0, ((end - one.day).days + 1) * scale - 2), 1)
        state = "serious" if one.serious else one.state.replace(" ", "-") or one.kind.value.replace(" ", "-")
        marks.append(Mark(at(one.day), width, y, state, f"{one.what}, {one.day}"))
    return Track(
        height=12 + len(rows) * STEP + 24,
        labels=tuple((12 + row * STEP + 12, LABELS[kind]) for row, kind in enumerate(rows)),
        ticks=tuple((at(day), words) for day, words in _ticks(line, first, last)),
        today=at(line.today) if first <= line.today <= last else None,
        marks=tuple(marks),
    )


def _ticks(line: ShownTimeline, first: date, last: date) -> Iterator[tuple[date, str]]:
    """Protocol days at even distances, ten at most; there is no day 0 where the origin is day 1."""
    origin = line.origin or first
    span = (last - first).days + 1
    step = next(one for one in (1, 2, 5, 7, 14, 28, 56, 91, 182, 364, 3640) if ceil(span / one) <= 10)
    before = (origin - first).days // step
    for number in range(-before * step, (last - origin).days + 1, step):
        day = number + line.day_of_origin
        if day <= 0 < line.day_of_origin:
            day -= 1
        yield origin + timedelta(days=number), f"day {day}"
