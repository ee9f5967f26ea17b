"""Double data entry: a second person keys the items that ask for it, and each difference is settled by a decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._filled import AskRecord, Target, check_writable, find_target
from exotrial.operations._operation import Answer, operation, view
from exotrial.operations._writing import write_record
from exotrial.operations.access import Permission
from exotrial.operations.records import doubts, read_form
from exotrial.store.models import Change, Record, SecondEntry
from exotrial.store.models.base import flatten
from exotrial.study.entry import item_of, unflatten
from exotrial.study.entry_checks import compare_entries
from exotrial.study.items import Form

NOT_ASKED = ErrorCode(
    "RCD-020",
    "The form asks for no second entry.",
    "the study file names the items that are keyed twice under data_entry.double_entry.",
)
SAME_PERSON = ErrorCode(
    "RCD-021",
    "The second entry is by who made the first.",
    "let another person key it, without a look at the first.",
)
NO_FIRST = ErrorCode("RCD-022", "There is no complete first entry.", "complete the form first.")
UNSETTLED = ErrorCode(
    "RCD-023",
    "The differences of the last second entry are not settled.",
    "settle them with `settle_difference` first.",
)
NO_DIFFERENCE = ErrorCode(
    "RCD-024", "There is no such difference to settle.", "see `show_differences` for those that are open."
)


class SaveSecondEntry(AskRecord):
    """The second keying: the items that ask for it, and no others."""

    values: dict[str, Any] = Field(
        description="As in `save_form`, with the items alone that are keyed twice."
    )


class EntryDifference(Answer):
    """One answer that was keyed differently; `settled` is first, second or "" where it is open."""

    key: str
    first: Any
    second: Any
    settled: str = ""
    settled_by: str = ""


class SecondEntered(Answer):
    """What the comparison found; `settled` where nothing is open."""

    form: str
    encounter: str
    settled: bool
    differences: tuple[EntryDifference, ...]


@operation(permission=Permission.SECOND_ENTRY)
def save_second_entry(act: Act, ask: SaveSecondEntry) -> SecondEntered:
    """Key a complete form's double-entry items a second time, by another person; differences are kept."""
    target = find_target(act, ask)
    twice = _twice(target.form)
    record = target.record
    if record is None or record.status == Record.Status.DRAFT:
        raise NO_FIRST.refuse(f"{ask.form} has no complete first entry", value=ask.form)
    check_writable(act, target, record.values)
    if SecondEntry.objects.filter(record=record, settled_at=None).exists():
        raise UNSETTLED.refuse(f"{ask.form} has differences that are open", value=ask.form)
    second = read_form(act, replace(target, form=twice), ask.values, complete=False)
    keys = frozenset(key for key in (*flatten(record.values), *flatten(second)) if item_of(twice, key))
    if act.actor.username in _writers(record, keys):
        raise SAME_PERSON.refuse(f"{act.actor.username} made the first entry", value=act.actor.username)
    differences = [
        {"key": one.key, "first": one.first, "second": one.second}
        for one in compare_entries(record.values, second, keys=keys)
    ]
    row = act.add(
        SecondEntry(
            record=record,
            values=second,
            entered_by=act.actor.username,
            at=act.now,
            differences=differences,
            settled_at=None if differences else act.now,
        )
    )
    return _entered(record, row)


class SettleDifference(AskRecord):
    """Which of two entries is right. Where neither is, correct the form first, and settle for the first."""

    key: str = Field(max_length=200)
    choose: Literal["first", "second"]


@operation(permission=Permission.RECORD, needs_reason=True)
def settle_difference(act: Act, ask: SettleDifference) -> SecondEntered:
    """Decide a difference between two entries by the source; choosing the second changes the record."""
    target = find_target(act, ask)
    record = target.record
    row = SecondEntry.objects.filter(record=record, settled_at=None).first() if record else None
    found = [one for one in row.differences if one["key"] == ask.key and "settled" not in one] if row else []
    if record is None or row is None or not found:
        raise NO_DIFFERENCE.refuse(
            f"{ask.key} has no open difference", place=Place(path="key"), value=ask.key
        )
    check_writable(act, target, record.values)
    if ask.choose == "second":
        _take_second(act, target, record, ask, found[0]["second"])
    decision = {"settled": ask.choose, "by": act.actor.username, "at": act.now.isoformat()}
    told = [{**one, **decision} if one is found[0] else one for one in row.differences]
    settled = all("settled" in one for one in told)
    act.change(row, differences=told, settled_at=act.now if settled else None)
    return _entered(record, row)


@view(permission=Permission.READ_DATA)
def show_differences(act: Act, ask: AskRecord) -> SecondEntered:
    """What two entries of a form keyed differently, and how each difference was settled."""
    record = act.record(act.participant(ask.participant), ask.form, ask.encounter, ask.repeat)
    row = SecondEntry.objects.filter(record=record).order_by("-pk").first()
    if row is None:
        raise NO_DIFFERENCE.refuse(f"{record.form} has no second entry", value=record.form)
    return _entered(record, row)


def _take_second(act: Act, target: Target, record: Record, ask: SettleDifference, second: Any) -> None:
    flat = flatten(record.values)
    flat[ask.key] = second
    kept = {key: answer for key, answer in flat.items() if answer is not None}
    values = read_form(
        act, target, unflatten(target.form, kept), complete=record.status != Record.Status.DRAFT
    )
    write_record(
        act,
        target,
        repeat=ask.repeat,
        encounter=ask.encounter,
        values=values,
        complete=record.status != Record.Status.DRAFT,
        findings=doubts(act, target, ask.encounter, values),
    )


def _twice(form: Form) -> Form:
    """The form with the items alone that two people key. Refuses with RCD-020."""
    groups = tuple(
        replace(group, items=tuple(item for item in group.items if item.double_entry))
        for group in form.groups
    )
    asked = tuple(group for group in groups if group.items)
    if not asked:
        raise NOT_ASKED.refuse(f"{form.oid} asks for no second entry", value=form.oid)
    return replace(form, groups=asked)


def _writers(record: Record, keys: frozenset[str]) -> set[str]:
    """Who wrote any of these answers of a record."""
    changes = Change.objects.filter(
        table="record", row=record.pk, field__in=[f"values/{key}" for key in keys]
    )
    return set(changes.values_list("act__who", flat=True))


def _entered(record: Record, row: SecondEntry) -> SecondEntered:
    return SecondEntered(
        form=record.form,
        encounter=record.encounter,
        settled=row.settled_at is not None,
        differences=tuple(
            EntryDifference(
                key=one["key"],
                first=one["first"],
                second=one["second"],
                settled=one.get("settled", ""),
                settled_by=one.get("by", ""),
            )
            for one in row.differences
        ),
    )
