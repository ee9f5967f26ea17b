"""Redaction: personal data typed by mistake is taken out of the data and out of the trail, and the chain still holds.

A tombstone stays: who did it, when and why, and the digests of what stood there (ICH E6(R3) 4.2.2(b)). What this
does not reach: the reasons typed for operations, copies already exported, and backups.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from pydantic import Field, JsonValue

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act, table_of
from exotrial.operations._operation import ALWAYS, Answer, Ask, operation
from exotrial.operations._writing import break_signatures, break_verifications
from exotrial.operations.access import Permission
from exotrial.store.models import Audited, Change, Query, Record, SecondEntry
from exotrial.store.models.base import as_text
from exotrial.store.trail import FieldChange, value_digest
from exotrial.study.entry import REDACTED

NO_VALUE = ErrorCode(
    "RED-001",
    "There is no such answer in the record or in its trail.",
    "give the key as the form has it, such as IG.AE/1/AE.TERM, and an earlier value as it was typed.",
)
DONE_BEFORE = ErrorCode("RED-002", "The answer is redacted already.", "there is nothing left to take out.")

_GONE = "[redacted]"
_NOT_TYPED = frozenset({"at", "who", "role", "status", "key", "settled", "settled_by"})
"""What the system itself writes into a message or a difference; no words that a person typed."""
_SHORTEST_QUOTE = 3
"""A shorter value (a digit, a yes) is found in every sentence: quotes of it are left."""


class RedactValue(Ask):
    """Which answer. `earlier` is a value that is no longer the current one, where that is to be taken out."""

    participant: str
    form: str
    encounter: str = ""
    repeat: int = Field(default=1, ge=1)
    key: str = Field(min_length=1, max_length=200, description="Such as IG.AE/1/AE.TERM.")
    earlier: JsonValue = Field(default=None, description="A former value to take out instead of the current.")


class RedactedValue(Answer):
    """How many entries of the trail were emptied, and in how many other rows the value stood."""

    participant: str
    key: str
    entries: int
    other_rows: int


@operation(permission=Permission.REDACT, when=ALWAYS, needs_reason=True)
def redact_value(act: Act, ask: RedactValue) -> RedactedValue:
    """Take personal data typed by mistake out of a record, its trail, its second entry and its queries."""
    participant = act.participant(ask.participant)
    record = act.record(participant, ask.form, ask.encounter, ask.repeat)
    current = _answer_at(record.values, ask.key)
    value = current if ask.earlier is None else ask.earlier
    if value == REDACTED:
        raise DONE_BEFORE.refuse(f"{ask.key} is redacted", place=Place(path="key"), value=ask.key)
    entries = _of_field(record, f"values/{ask.key}", as_text(value))
    if value is None or (current != value and not entries):
        raise NO_VALUE.refuse(f"{ask.key} has no such value", place=Place(path="key"), value=ask.key)
    if current == value:
        record.values = _replaced(record.values, ask.key)
        record.revision += 1
        record.save(update_fields=["values", "revision"])
        act.changes.append(
            FieldChange("record", record.pk, "revision", str(record.revision - 1), str(record.revision))
        )
        break_signatures(act, record)
        break_verifications(act, record, frozenset({ask.key}))
        if record.status == Record.Status.SIGNED:
            act.change(record, status=Record.Status.COMPLETE)
    emptied = _empty(act, record, f"values/{ask.key}", entries)
    kept = None if current == value else current
    quotes = [_quote(value)]
    others = 0
    for second in SecondEntry.objects.filter(record=record).order_by("pk"):
        found, spelt = _redact_second(act, second, ask.key, value, kept=kept)
        quotes += spelt
        found += _redact_quotes(act, second, "differences", quotes)
        emptied += found
        others += found > 0
    for query in Query.objects.filter(record=record).order_by("pk"):
        found = _redact_quotes(act, query, "messages", quotes)
        emptied += found
        others += found > 0
    return RedactedValue(participant=participant.code, key=ask.key, entries=emptied, other_rows=others)


def _redact_second(
    act: Act, second: SecondEntry, key: str, value: Any, *, kept: Any
) -> tuple[int, list[str]]:
    """The second keying of the same answer goes too, however it was spelt, unless it is the answer that is kept.

    Gives how many entries were emptied, and the other spelling, which a query may quote as well.
    """
    name = f"values/{key}"
    spelt = _answer_at(second.values, key)
    if spelt in (None, REDACTED, kept):
        entries = _of_field(second, name, as_text(value))
        return (_empty(act, second, name, entries) if entries else 0), []
    second.values = _replaced(second.values, key)
    second.save(update_fields=["values"])
    return _empty(act, second, name, _entries(second, name)), [_quote(spelt)]


def _redact_quotes(act: Act, row: Audited, name: str, quotes: list[str]) -> int:
    """Take quoted values out of a JSON field that the trail keeps as one text."""
    long = [quoted for quoted in quotes if len(quoted) >= _SHORTEST_QUOTE]
    held = getattr(row, name)
    entries = [
        entry
        for entry in _entries(row, name)
        if any(text is not None and _holds(json.loads(text), long) for text in (entry.old, entry.new))
    ]
    if _holds(held, long):
        setattr(row, name, _without(held, long))
        row.save(update_fields=[name])
    return _empty(act, row, name, entries) if entries else 0


def _without(held: Any, quotes: list[str]) -> Any:
    """The same JSON without the quoted words, in texts only and never in keys."""
    if isinstance(held, str):
        for quoted in sorted(quotes, key=len, reverse=True):
            held = held.replace(quoted, _GONE)
        return held
    if isinstance(held, list):
        return [_without(part, quotes) for part in held]
    if isinstance(held, dict):
        return {key: part if key in _NOT_TYPED else _without(part, quotes) for key, part in held.items()}
    return held


def _holds(held: Any, quotes: list[str]) -> bool:
    return bool(_without(held, quotes) != held)


def _quote(value: Any) -> str:
    """A value as a person quotes it."""
    if isinstance(value, dict):
        return str(value.get("value", ""))
    return str(value)


def _entries(row: Audited, name: str) -> list[Change]:
    rows = Change.objects.filter(table=table_of(row), row=row.pk, field=name, redacted=False)
    return list(rows.order_by("act_id", "position"))


def _of_field(row: Audited, name: str, text: str | None) -> list[Change]:
    """The entries of one field that hold a value, before or after."""
    return [entry for entry in _entries(row, name) if text is not None and text in (entry.old, entry.new)]


def _empty(act: Act, row: Audited, name: str, entries: list[Change]) -> int:
    """Empty entries of the trail, keep their digests, and leave a tombstone that names each.

    What the field holds now is told again, because the entry that told it may be one of the emptied.
    """
    for entry in entries:
        Change.objects.filter(pk=entry.pk).update(
            old=None,
            new=None,
            salt="",
            old_digest=value_digest(entry.salt, entry.old),
            new_digest=value_digest(entry.salt, entry.new),
            redacted=True,
        )
        act.changes.append(FieldChange("change", entry.pk, "redacted", "false", "true"))
    act.changes.append(FieldChange(table_of(row), row.pk, name, None, row.flat().get(name)))
    return len(entries)


def _answer_at(values: Any, key: str) -> Any:
    """The answer at `group/item` or `group/row/item`, None where there is none."""
    answers, item = _answers_at(values, key)
    return None if answers is None else answers.get(item)


def _answers_at(values: Any, key: str) -> tuple[dict[str, Any] | None, str]:
    group, _, rest = key.partition("/")
    held = values.get(group)
    if isinstance(held, list):
        number, _, item = rest.partition("/")
        return next((row for row in held if str(row["row"]) == number), None), item
    return (held, rest) if isinstance(held, dict) else (None, rest)


def _replaced(values: Any, key: str) -> Any:
    """The values with one answer redacted."""
    made = copy.deepcopy(values)
    answers, item = _answers_at(made, key)
    assert answers is not None  # who asks has found the answer there
    answers[item] = dict(REDACTED)
    return made
