"""Answers: what was captured for the items of a measure, checked and typed before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from exotrial.core.dates import read_date
from exotrial.core.errors import ErrorCode
from exotrial.core.quantities import Quantity
from exotrial.outcomes.values import Missing, Side, Value, read_value
from exotrial.study.items import DataType, Item

UNKNOWN_ITEM = ErrorCode(
    "MSR-002",
    "An answer is given for an item that the measure does not have.",
    "use the items of the measure.",
)
WRONG_KIND = ErrorCode(
    "MSR-003", "An answer is not of the kind that its item takes.", "give an answer of the item's data type."
)
CANNOT_BE = ErrorCode(
    "MSR-004",
    "An answer is outside what is possible for its item.",
    "look the value and its unit up in the source.",
)
CONTRADICTION = ErrorCode(
    "MSR-005", "Two answers contradict each other.", "look both up in the source and correct one."
)

Answer = str | int | float | bool | date | datetime | Value | Quantity | None
Given = Mapping[str, Answer | Sequence[Mapping[str, Answer]]]
"""Answers by item oid; rows of a repeating group under the key `rows`."""

Typed = Value | bool | str | date | datetime
ROWS = "rows"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Typed answers by item oid. `lacking` names required items without a usable answer and says why.

    `doubts` tells values outside what is plausible, for the notes of the result.
    """

    given: Mapping[str, Typed]
    rows: tuple[Answers, ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()
    reasons: Mapping[str, Missing] = field(default_factory=dict)

    def has(self, oid: str) -> bool:
        """Whether there is a usable answer."""
        return oid in self.given

    def value(self, oid: str) -> Value:
        """The value of a number item, missing or beyond a limit included."""
        found = self.given.get(oid)
        if isinstance(found, Value):
            return found
        return Value(missing=self.reasons.get(oid, Missing.NOT_RECORDED))

    def number(self, oid: str) -> float:
        """The number of an item that is known to be answered."""
        found = self.value(oid).number
        assert found is not None, f"{oid} is asked for though it is missing"
        return found

    def number_or_none(self, oid: str) -> float | None:
        """The number of an optional item; None too where only a limit (`<5`) is known."""
        found = self.value(oid)
        return found.number if found.side is Side.EXACT else None

    def flag(self, oid: str) -> bool | None:
        """Yes, no, or None where it is not answered."""
        found = self.given.get(oid)
        return found if isinstance(found, bool) else None

    def code(self, oid: str) -> str | None:
        """The chosen code, or None where it is not answered."""
        found = self.given.get(oid)
        return found if isinstance(found, str) else None

    def day(self, oid: str) -> date | None:
        """The date, or None where it is not answered."""
        found = self.given.get(oid)
        return found if isinstance(found, date) else None

    def moment(self, oid: str) -> datetime | None:
        """The date and time, or None where it is not answered."""
        found = self.given.get(oid)
        return found if isinstance(found, datetime) else None


def read_answers(given: Given, *, items: Sequence[Item], row_items: Sequence[Item] = ()) -> Answers:
    """Check answers against items (MSR-002, MSR-003, MSR-004) and say what is lacking."""
    rows = _rows_of(given, row_items)
    read_rows = tuple(_read_one(row, row_items, label=f"row {n} ") for n, row in enumerate(rows, start=1))
    scalars: dict[str, Answer] = {}
    for oid, answer in given.items():
        if oid == ROWS:
            continue
        if isinstance(answer, Sequence) and not isinstance(answer, str):
            raise WRONG_KIND.refuse(f"{oid} takes one answer and several are given", value=answer)
        scalars[oid] = answer
    own = _read_one(scalars, items)
    return Answers(
        given=own.given,
        rows=read_rows,
        lacking=own.lacking + tuple(lack for row in read_rows for lack in row.lacking),
        doubts=own.doubts + tuple(doubt for row in read_rows for doubt in row.doubts),
        reasons=own.reasons,
    )


def _rows_of(given: Given, row_items: Sequence[Item]) -> Sequence[Mapping[str, Answer]]:
    rows = given.get(ROWS)
    if rows is None:
        return ()
    checked = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, Sequence) else []
    if not isinstance(rows, Sequence) or len(checked) != len(rows):
        raise WRONG_KIND.refuse("rows are not a list of answers by item", value=rows)
    if checked and not row_items:
        raise UNKNOWN_ITEM.refuse("this measure has no rows", value=ROWS)
    return checked


def _read_one(given: Mapping[str, Answer], items: Sequence[Item], *, label: str = "") -> Answers:
    by_oid = {item.oid: item for item in items}
    unknown = [oid for oid in given if oid not in by_oid]
    if unknown:
        raise UNKNOWN_ITEM.refuse(
            f"there is no item {unknown[0]!r}", value=unknown[0], remedy=f"the items are {', '.join(by_oid)}."
        )
    typed: dict[str, Typed] = {}
    reasons: dict[str, Missing] = {}
    lacking: list[tuple[str, str]] = []
    doubts: list[str] = []
    for item in items:
        answer = _read_answer(given.get(item.oid), item)
        if isinstance(answer, Missing):
            reasons[item.oid] = answer
            if item.required:
                lacking.append((f"{label}{item.oid}", answer.value))
            continue
        typed[item.oid] = answer
        if isinstance(answer, Value):
            if answer.side is not Side.EXACT:
                lacking.append((f"{label}{item.oid}", f"known only as {answer}"))
            if _is_implausible(answer, item):
                doubts.append(f"{label}{item.oid} {answer} is outside the plausible range")
    return Answers(given=typed, lacking=tuple(lacking), doubts=tuple(doubts), reasons=reasons)


def _read_answer(answer: Answer, item: Item) -> Typed | Missing:
    if answer is None or answer == "":
        return Missing.NOT_RECORDED
    if isinstance(answer, str) and answer.strip().casefold() in ("not done", "no data"):
        return Missing(answer.strip().casefold())
    match item.data_type:
        case DataType.DECIMAL | DataType.INTEGER:
            return _read_number(answer, item)
        case DataType.BOOLEAN:
            if isinstance(answer, bool):
                return answer
            if isinstance(answer, str) and answer.strip().casefold() in ("yes", "no"):
                return answer.strip().casefold() == "yes"
        case DataType.DATE:
            if isinstance(answer, str):
                return read_date(answer)
            if isinstance(answer, date) and not isinstance(answer, datetime):
                return answer
        case DataType.DATETIME:
            moment = _read_moment(answer)
            if moment is not None:
                return moment
        case DataType.CODED:
            code = str(answer).strip()
            if item.codelist is not None and code in item.codelist.values:
                return code
        case DataType.TEXT:
            if isinstance(answer, str):
                return answer
    raise _wrong(answer, item)


def _read_moment(answer: Answer) -> datetime | None:
    """A local date and time of the site; one with a time zone is not taken, since the two do not compare."""
    moment: datetime | None = answer if isinstance(answer, datetime) else None
    if isinstance(answer, str):
        try:
            moment = datetime.fromisoformat(answer)
        except ValueError:
            return None
        if len(answer.strip()) <= len("2020-03-04"):
            return None  # a date without a time
    return None if moment is not None and moment.tzinfo is not None else moment


def _read_number(answer: Answer, item: Item) -> Value | Missing:
    if isinstance(answer, bool | date):
        raise _wrong(answer, item)
    value = answer.to(item.unit) if isinstance(answer, Value) else read_value(answer, unit=item.unit)
    if value.missing is not None:
        return value.missing
    assert value.number is not None  # Value holds one of the two
    if item.data_type is DataType.INTEGER and value.number != int(value.number):
        raise _wrong(answer, item)
    too_low = item.hard_low is not None and value.number < item.hard_low
    too_high = item.hard_high is not None and value.number > item.hard_high
    if too_low or too_high:
        low = "" if item.hard_low is None else f"{item.hard_low:g}"
        high = "" if item.hard_high is None else f"{item.hard_high:g}"
        raise CANNOT_BE.refuse(
            f"{item.label} {value} cannot be",
            value=answer,
            remedy=f"possible is {low} to {high} {item.unit}".strip() + "; look the value and its unit up.",
        )
    return value


def _is_implausible(value: Value, item: Item) -> bool:
    number = value.number
    if number is None:
        return False
    return (item.low is not None and number < item.low) or (item.high is not None and number > item.high)


def _wrong(answer: Answer, item: Item) -> Exception:
    takes = item.data_type.value
    if item.codelist is not None:
        takes = f"one of {', '.join(item.codelist.values)}"
    return WRONG_KIND.refuse(f"{item.label} takes {takes}, and {answer!r} is none", value=answer)
