"""The value of an outcome measure from the groups of a form record, as a row of measurements has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from exotrial.datasets.record_values import Groups, Row, Scalar
from exotrial.outcomes.answers import ROWS, Answer
from exotrial.outcomes.course import INDEX
from exotrial.outcomes.in_study import ask
from exotrial.outcomes.measure import Computed, Measure, compute_measure
from exotrial.outcomes.values import Missing, Side
from exotrial.study.forms import measure_group

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_KNOWN_REASONS = {Missing.NOT_DONE.value, Missing.NO_DATA.value}
ABSORPTION = "CTABSORB"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """AVAL, AVALU and REASND of a value; one of AVAL and REASND is empty. `absorbed` dates a lesion's end."""

    aval: str
    unit: str
    reason: str = ""
    absorbed: date | None = None


def items_of(measure: Measure) -> tuple[str, ...]:
    """The oids of all items of a measure."""
    return tuple(item.oid for item in (*measure.items, *measure.row_items))


def compute_from_groups(name: str, measure: Measure, groups: Groups) -> Measured:
    """The value of the measure that the study calls `name`; refuses as `compute_measure` does.

    A number that was captured stays as it was written. What is no single number is told in REASND: a value that
    is missing, one beyond a limit of detection, a censored time, an interval.
    """
    wanted = {item.oid for item in measure.items}
    values: dict[str, Scalar] = {}
    reasons: dict[str, str] = {}
    for row in _single_rows(groups):
        values |= {oid: value for oid, value in row.values.items() if oid in wanted}
        reasons |= {oid: reason for oid, reason in row.missing.items() if oid in wanted}
    given: dict[str, Answer | list[Mapping[str, Answer]]] = {**values}
    given |= {oid: reason for oid, reason in reasons.items() if reason.casefold() in _KNOWN_REASONS}
    rows = [row for oid in _row_groups(name, measure) for row in groups.get(oid, ())]
    if rows:
        given[ROWS] = [dict(row.values) for row in rows]
    computed = compute_measure(measure, given)
    if computed.missing is not None or computed.value is None:
        return Measured(
            aval="",
            unit=measure.unit,
            reason=_reason(measure, computed, reasons),
            absorbed=_absorbed(measure, computed, values),
        )
    if computed.side is not Side.EXACT or computed.event is False:
        beyond = f"{computed.side}{computed.value:g} {measure.unit}".strip()
        told = f"known only as {beyond}" if computed.event is None else f"censored at {beyond}"
        return Measured(aval="", unit=measure.unit, reason="; ".join((told, *computed.notes)))
    return Measured(aval=_written(measure, computed.value, values), unit=measure.unit)


def _single_rows(groups: Groups) -> Iterator[Row]:
    """The rows of groups that do not repeat: two measures may share an item, asked in the first one's group."""
    for rows in groups.values():
        if len(rows) == 1 and not rows[0].key:
            yield rows[0]


def _row_groups(name: str, measure: Measure) -> tuple[str, ...]:
    return tuple(group.oid for group in measure_group(name, ask(measure)) if group.repeating)


def _written(measure: Measure, value: float, values: Mapping[str, Scalar]) -> str:
    """The number as it was captured where the measure is that number in its own unit, else the computed one."""
    captured = values.get(measure.items[0].oid) if measure.compute is None else None
    if isinstance(captured, str) and _NUMBER.fullmatch(captured):
        return captured
    if isinstance(captured, int) and not isinstance(captured, bool):
        return str(captured)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _reason(measure: Measure, computed: Computed, reasons: Mapping[str, str]) -> str:
    if computed.lower is not None:
        upper = "" if computed.upper is None else f" and at most {computed.upper:g}"
        return f"known only as more than {computed.lower:g}{upper} {measure.unit}".strip()
    if len(measure.items) == 1 and not measure.row_items and reasons:
        return next(iter(reasons.values()))
    missing = str(computed.missing or "not a number")
    notes = [note for note in computed.notes if note.split(":")[0] not in reasons]
    told = [*(f"{oid}: {reason}" for oid, reason in reasons.items()), *notes]
    return f"{missing}: {'; '.join(told)}" if told else missing


def _absorbed(measure: Measure, computed: Computed, values: Mapping[str, Scalar]) -> date | None:
    """The day of the first scan without lesions."""
    index = values.get(INDEX.oid)
    if measure.paramcd != ABSORPTION or not computed.event or computed.upper is None:
        return None
    assert isinstance(index, str), "the index date is a required item"
    return date.fromisoformat(index) + timedelta(days=int(computed.upper))
