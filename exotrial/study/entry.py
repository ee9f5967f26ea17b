"""What a person typed into a form, held to the form: refused with every wrong answer at once, or made canonical.

The values of a form are `{group oid: {item oid: answer}}`; a repeating group has a list of such rows, each with a
key of its own under `row`, which stays the row's for ever. An answer is text, a number, `{"missing": reason}` or,
where the item has a unit, `{"value": ..., "unit": ...}`. Canonical answers are text: numbers to the digit as typed
("7.0" stays "7.0"), dates in ISO 8601, codes of the codelist; equal answers have equal bytes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from exotrial.core.dates import PartialDate, read_partial_date
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.core.quantities import Quantity, convert, write_quantity
from exotrial.study.items import DataType, Form, Item, ItemGroup

UNKNOWN = ErrorCode(
    "ENT-001", "The form has no such group or item.", "use the oids that `exotrial forms` lists."
)
WRONG_SHAPE = ErrorCode(
    "ENT-002",
    "The values of a form do not have the shape of its groups.",
    "give an object of items for each group, and a list of rows with a `row` key for a repeating group.",
)
NOT_A_NUMBER = ErrorCode(
    "ENT-003",
    "An answer that is to be a number is none.",
    "write digits with a point for decimals, and no mark between thousands.",
)
WRONG_UNIT = ErrorCode(
    "ENT-004", "An answer is in another unit than its item.", "give the value in the unit of the form."
)
NOT_A_CODE = ErrorCode("ENT-005", "An answer is none of its codelist.", "use one of the values named.")
IMPOSSIBLE = ErrorCode(
    "ENT-006", "A number is beyond what is possible.", "look it up in the source; it was not recorded."
)
NOT_A_DATE = ErrorCode(
    "ENT-007",
    "An answer that is to be a date or a time is none.",
    "write 2021-03-10, or 2021-03-10T14:30+03:30 with the zone's offset.",
)
FUTURE = ErrorCode("ENT-008", "A date or a time is in the future.", "record it once it has happened.")
BEFORE_BIRTH = ErrorCode(
    "ENT-009", "A date is before the participant's birth.", "correct the date, or the recorded year of birth."
)
UNFIT_TEXT = ErrorCode(
    "ENT-010",
    "A text is too long or has characters that cannot be kept.",
    "use at most 4,000 characters and no control characters.",
)
MISSING = ErrorCode(
    "ENT-011",
    "An answer is missing in a form that is to be complete.",
    "answer it, give the reason why it is missing, or save the form as a draft.",
)
BAD_ROW = ErrorCode(
    "ENT-012",
    "A row of a repeating group has no key of its own.",
    "give every row a `row` of 1 to 40 letters, digits, hyphens and underscores that no other row has.",
)
NOT_MISSING = ErrorCode(
    "ENT-013", "The reason for a missing answer is none that is known.", "use one of the reasons named."
)

REASONS = ("not done", "unknown", "refused", "not applicable")
"""Why an answer may be missing; `redacted` is set by a redaction alone."""

REDACTED = {"missing": "redacted"}
STRUCK = "STRUCK"
"""The item, of every repeating group, that strikes a row out: its text says why. The row stays on record."""

MOST_TEXT = 4_000
MOST_ROWS = 1_000
_PARTIAL_DATES = ("AE.", "CM.", "MH.")
"""Items of these groups may have a date known in part: people remember a year."""

_ROW = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The canonical values of a form, and the keys of required items that have no answer."""

    values: dict[str, Any]
    unanswered: tuple[str, ...]


def read_values(
    form: Form, given: Values, *, now: datetime, born: PartialDate | None = None, complete: bool
) -> Entry:
    """Hold what was typed to the form. Refuses with every ENT-001 to ENT-013 it earns, together.

    `now` has a time zone. In a draft (`complete` false) required items may be missing.
    """
    reader = _Reader(form, now=now, born=born)
    entry = reader.read(given)
    if complete:
        reader.problems += [
            MISSING.refuse(f"{key} has no answer", place=Place(path=key)) for key in entry.unanswered
        ]
    if reader.problems:
        raise Refusals(reader.problems)
    return entry


def flatten(values: Values) -> dict[str, Any]:
    """Answers by stable key: `IG.DM/DM.AGE`, and `IG.AE/1/AE.TERM` where 1 is the row's own key."""
    found: dict[str, Any] = {}
    for group, answers in values.items():
        rows = answers if isinstance(answers, list) else [answers]
        for row in rows:
            prefix = f"{group}/{row['row']}" if isinstance(answers, list) else group
            found |= {f"{prefix}/{item}": answer for item, answer in row.items() if item != "row"}
    return found


def unflatten(form: Form, flat: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `flatten`; rows stand in the order in which they first appear."""
    repeating = {group.oid for group in form.groups if group.repeating}
    values: dict[str, Any] = {}
    for key, answer in flat.items():
        group, _, rest = key.partition("/")
        if group not in repeating:
            values.setdefault(group, {})[rest] = answer
            continue
        row, _, item = rest.partition("/")
        rows = values.setdefault(group, [])
        here = next((one for one in rows if one["row"] == row), None)
        if here is None:
            here = {"row": row}
            rows.append(here)
        here[item] = answer
    return values


def item_of(form: Form, key: str) -> Item | None:
    """The item of a flat key, None where the form has none (or it is the mark of a struck row)."""
    return _item_at(index_items(form), key)


def items_of(form: Form, keys: Iterable[str]) -> Iterator[tuple[str, Item]]:
    """Every key that is an item's, with it; for many keys of one form."""
    index = index_items(form)
    return ((key, item) for key in keys if (item := _item_at(index, key)) is not None)


def index_items(form: Form) -> dict[tuple[str, str], Item]:
    """The items of a form by group and item oid."""
    return {(group.oid, item.oid): item for group in form.groups for item in group.items}


def _item_at(index: Mapping[tuple[str, str], Item], key: str) -> Item | None:
    group, _, rest = key.partition("/")
    return index.get((group, rest.rpartition("/")[2]))


def is_missing(answer: object) -> bool:
    """Whether an answer says that there is none, and why."""
    return isinstance(answer, Mapping) and "missing" in answer


class _Reader:
    def __init__(self, form: Form, *, now: datetime, born: PartialDate | None) -> None:
        self.form = form
        self.now = now
        self.born = born
        self.problems: list[Refusal] = []
        self.unanswered: list[str] = []

    def read(self, given: Values) -> Entry:
        values: dict[str, Any] = {}
        groups = {group.oid: group for group in self.form.groups}
        for oid in given:
            if oid not in groups:
                self._unknown(oid, oid, list(groups), what="group")
        for group in self.form.groups:
            answers = given.get(group.oid, [] if group.repeating else {})
            read = self._rows(group, answers) if group.repeating else self._group(group, answers, group.oid)
            if read:
                values[group.oid] = read
        return Entry(values=values, unanswered=tuple(self.unanswered))

    def _rows(self, group: ItemGroup, rows: Any) -> list[dict[str, Any]]:
        if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) > MOST_ROWS:
            self._refuse(WRONG_SHAPE, f"{group.oid} is not a list of at most {MOST_ROWS} rows", group.oid)
            return []
        found: list[dict[str, Any]] = []
        seen: set[str] = set()
        for position, row in enumerate(rows):
            path = f"{group.oid}[{position}]"
            key = row.get("row") if isinstance(row, Mapping) else None
            if not isinstance(key, str) or not _ROW.fullmatch(key) or key in seen:
                self._refuse(BAD_ROW, f"row {position + 1} of {group.oid} has the key {key!r}", path, key)
                continue
            seen.add(key)
            answers = {item: answer for item, answer in row.items() if item not in ("row", STRUCK)}
            struck = row.get(STRUCK)
            read = self._group(group, answers, f"{group.oid}/{key}", need=struck is None)
            if struck is not None:
                read[STRUCK] = self._text(struck, f"{group.oid}/{key}/{STRUCK}")
            found.append({"row": key, **read})
        return found

    def _group(self, group: ItemGroup, answers: Any, prefix: str, *, need: bool = True) -> dict[str, Any]:
        if not isinstance(answers, Mapping):
            self._refuse(WRONG_SHAPE, f"{prefix} is not an object of items", prefix)
            return {}
        items = {item.oid: item for item in group.items}
        for oid in answers:
            if oid not in items:
                self._unknown(str(oid), f"{prefix}/{oid}", list(items), what="item")
        found: dict[str, Any] = {}
        for oid, item in items.items():
            key = f"{prefix}/{oid}"
            answer = answers.get(oid)
            if answer is None or answer == "":
                if item.required and need:
                    self.unanswered.append(key)
                continue
            found[oid] = self._answer(item, answer, key)
        return found

    def _answer(self, item: Item, answer: Any, key: str) -> Any:
        if isinstance(answer, Mapping):
            if set(answer) == {"missing"}:
                return self._missing(answer, key)
            if set(answer) == {"value", "unit"}:
                return self._in_unit(item, answer, key)
            self._refuse(WRONG_SHAPE, f"{key} is an object of {', '.join(map(str, answer))}", key)
            return None
        if isinstance(answer, bool | list):
            self._refuse(WRONG_SHAPE, f"{key} is {answer!r}, and is to be text or a number", key)
            return None
        kind = item.data_type
        if kind in (DataType.INTEGER, DataType.DECIMAL):
            return self._number(item, answer, key)
        text = self._text(answer, key)
        if kind is DataType.CODED:
            return self._code(item, text, key)
        if kind is DataType.BOOLEAN:
            return self._one_of(text, ("true", "false"), key)
        if kind is DataType.DATE:
            return self._date(item, text, key)
        return self._time(text, key) if kind is DataType.DATETIME else text

    def _missing(self, answer: Mapping[str, Any], key: str) -> Any:
        if answer == REDACTED:  # a value that was redacted stays so when the form is saved again
            return dict(REDACTED)
        if answer["missing"] not in REASONS:
            self._refuse(
                NOT_MISSING, f"{key} is missing because {answer['missing']!r}", key, remedy=_or(REASONS)
            )
        return {"missing": answer["missing"]}

    def _in_unit(self, item: Item, answer: Mapping[str, Any], key: str) -> Any:
        unit = answer["unit"]
        if unit == item.unit:
            return self._number(item, answer["value"], key)
        remedy = f"give it in {item.unit}." if item.unit else "the item has no unit."
        try:
            value = Decimal(str(answer["value"]))
            same = convert(Quantity(value=value, unit=str(unit), text=str(answer["value"])), item.unit or "1")
            remedy = f"give it in {item.unit}: that is {write_quantity(same)}."
        except (InvalidOperation, Refusal):
            pass  # a number or unit that cannot be converted is refused without the conversion
        self._refuse(
            WRONG_UNIT, f"{key} is in {unit!r} and the form asks {item.unit or 'no unit'}", key, unit, remedy
        )
        return None

    def _number(self, item: Item, answer: Any, key: str) -> Any:
        text = repr(answer) if isinstance(answer, float) else str(answer).strip()
        if not _NUMBER.fullmatch(text):
            comma = "; a decimal comma is not read" if re.fullmatch(r"-?\d+,\d+", text) else ""
            self._refuse(NOT_A_NUMBER, f"{text[:60]!r} is not a number{comma}", key, text)
            return None
        if item.data_type is DataType.INTEGER and "." in text:
            self._refuse(NOT_A_NUMBER, f"{text} is not a whole number", key, text)
            return None
        value = Decimal(text)
        for bound, beyond, word in (
            (item.hard_low, item.hard_low is not None and value < Decimal(str(item.hard_low)), "below"),
            (item.hard_high, item.hard_high is not None and value > Decimal(str(item.hard_high)), "above"),
        ):
            if beyond:
                self._refuse(
                    IMPOSSIBLE, f"{text} {item.unit} is {word} {bound:g}".replace("  ", " "), key, text
                )
        return text

    def _code(self, item: Item, text: str, key: str) -> str:
        assert item.codelist is not None
        return self._one_of(text, item.codelist.values, key)

    def _one_of(self, text: str, values: Sequence[str], key: str) -> str:
        if text not in values:
            self._refuse(NOT_A_CODE, f"{text[:60]!r} is no answer to {key}", key, text, _or(values))
        return text

    def _date(self, item: Item, text: str, key: str) -> str:
        try:
            read = read_partial_date(text)
            if not item.oid.startswith(_PARTIAL_DATES):
                read.full()
        except Refusal as refused:
            self._refuse(NOT_A_DATE, refused.problem, key, text, refused.remedy)
            return text
        self._check_time(read.first, read.last, text, key)
        return str(read)

    def _time(self, text: str, key: str) -> str:
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            self._refuse(NOT_A_DATE, f"{text[:60]!r} is not a date and time", key, text)
            return text
        if read.tzinfo is None:
            self._refuse(NOT_A_DATE, f"{text} does not say in which zone", key, text)
            return text
        if read > self.now:
            self._refuse(FUTURE, f"{text} is in the future", key, text)
        self._check_time(read.date(), read.date(), text, key, future=False)
        return read.isoformat()

    def _check_time(self, first: date, last: date, text: str, key: str, *, future: bool = True) -> None:
        # Somewhere on earth it may be tomorrow already: the participant's day is up to 14 hours ahead of UTC.
        if future and first.toordinal() > self.now.date().toordinal() + (self.now.hour >= 10):
            self._refuse(FUTURE, f"{text} is in the future", key, text)
        if self.born is not None and last < self.born.first:
            self._refuse(BEFORE_BIRTH, f"{text} is before the birth in {self.born}", key, text)

    def _text(self, answer: Any, key: str) -> str:
        text = str(answer).strip()
        if len(text) > MOST_TEXT or _CONTROL.search(text) or not text:
            self._refuse(UNFIT_TEXT, f"{key} has {len(text)} characters, or one that cannot be kept", key)
            return ""
        return text

    def _unknown(self, oid: str, path: str, known: Sequence[str], *, what: str) -> None:
        near = difflib.get_close_matches(oid, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
        self._refuse(UNKNOWN, f"the form {self.form.oid} has no {what} {oid[:60]!r}", path, oid, remedy)

    def _refuse(
        self, code: ErrorCode, problem: str, path: str, value: object = "", remedy: str | None = None
    ) -> None:
        self.problems.append(code.refuse(problem, place=Place(path=path), value=value, remedy=remedy))


def _or(values: Sequence[str]) -> str:
    return f"use one of {', '.join(values)}."


def answered(values: Values) -> Iterator[tuple[str, str]]:
    """Every key that has an answer as text, with it."""
    return ((key, answer) for key, answer in flatten(values).items() if isinstance(answer, str))
