"""Recording an encounter's form, draft or complete, with edit checks; no save is lost (ICH E6(R3) 4.2.2, 4.3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from exotrial.core.dates import read_partial_date
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.core.findings import Finding
from exotrial.operations._act import Act
from exotrial.operations._due import due_dates
from exotrial.operations._filled import OTHER_VERSION, AskRecord, Target, check_writable, find_target
from exotrial.operations._operation import Answer, operation
from exotrial.operations._replay import replay_record
from exotrial.operations._writing import Written, changed_keys, write_record
from exotrial.operations.access import Permission
from exotrial.store.models import Record
from exotrial.store.models.base import flatten
from exotrial.study.entry import is_missing, read_values, unflatten
from exotrial.study.entry_checks import Difference, check_values, compare_stale

STALE = ErrorCode(
    "RCD-007",
    "Somebody else saved the record after the person had opened it.",
    "look at both values, and send what is right with the revision named; nothing of either is lost.",
)
CONFLICT = ErrorCode(
    "RCD-008",
    "Two people changed the same answer.",
    "settle which is right, and send the form again with a reason.",
)
NOT_BEGUN = ErrorCode(
    "RCD-009",
    "A revision is named of a record that is not there.",
    "send revision 0 to begin the record.",
)
ROW_GONE = ErrorCode(
    "RCD-010",
    "A row that is on record is left out.",
    "send every row; one that is wrong is struck out, with the reason under STRUCK, and stays visible.",
)
STAYS_COMPLETE = ErrorCode(
    "RCD-011",
    "A complete record cannot become a draft again.",
    "send it complete; give the reason why an answer is missing.",
)


class SaveForm(AskRecord):
    """A form's values, all of them: what is left out is taken as emptied."""

    values: dict[str, Any] = Field(
        description='{group: {item: answer}}; for a repeating group a list of rows, each with its own "row" key.'
    )
    complete: bool = Field(default=False, description="False for a draft, in which answers may be missing.")
    revision: int = Field(
        default=0, ge=0, description="The revision that was on the screen; 0 for a new form."
    )
    study_version: int | None = Field(
        default=None, ge=1, description="The study version of the form on the screen."
    )


class RaisedQuery(Answer):
    """An edit check that asks: the query's number, the answer's key, the rule, and the question."""

    query: int
    key: str
    rule: str
    text: str


class SavedForm(Answer):
    """A record after a save. `changed` is false where what was sent is what was there."""

    participant: str
    form: str
    encounter: str
    repeat: int
    revision: int
    status: str
    study_version: int
    changed: bool
    signatures_broken: int
    queries: tuple[RaisedQuery, ...]


@operation(permission=Permission.RECORD)
def save_form(act: Act, ask: SaveForm) -> SavedForm:
    """Record a form of a participant, as a draft or complete; a changed answer needs a reason."""
    target = find_target(act, ask)
    _check_version(target, ask.study_version)
    values = read_form(act, target, ask.values, complete=ask.complete)
    check_writable(act, target, values)
    _check_revision(target, ask, values)
    written = write_record(
        act,
        target,
        repeat=ask.repeat,
        encounter=ask.encounter,
        values=values,
        complete=ask.complete,
        findings=doubts(act, target, ask.encounter, values),
    )
    return saved(act, written)


def read_form(act: Act, target: Target, given: Mapping[str, Any], *, complete: bool) -> dict[str, Any]:
    """The values as they are kept, held to the form. Refuses with ENT codes, all together."""
    born = target.participant.born_on
    entry = read_values(
        target.form,
        given,
        now=act.now,
        born=read_partial_date(born) if born else None,
        complete=complete,
    )
    return entry.values


def doubts(act: Act, target: Target, encounter: str, values: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What the edit checks doubt about values."""
    dues = due_dates(act, target.participant, version=target.version, first_dose=target.first_dose)
    due = dues.get(encounter)
    return check_values(
        target.form,
        values,
        window=None if due is None else (due.earliest, due.latest),
        previous=target.previous,
    )


def saved(act: Act, written: Written) -> SavedForm:
    """What a save answers."""
    record = written.record
    return SavedForm(
        participant=act.participant_code,
        form=record.form,
        encounter=record.encounter,
        repeat=record.repeat,
        revision=record.revision,
        status=record.status,
        study_version=record.version,
        changed=written.changed,
        signatures_broken=written.signatures_broken,
        queries=tuple(
            RaisedQuery(query=q.pk, key=q.key, rule=q.rule, text=q.messages[-1]["text"])
            for q in written.queries
        ),
    )


def _check_version(target: Target, version: int | None) -> None:
    if version is not None and version != target.version:
        raise OTHER_VERSION.refuse(
            f"the form is of version {version}, and here version {target.version} counts",
            place=Place(path="study_version"),
            value=version,
        )


def _check_revision(target: Target, ask: SaveForm, values: Mapping[str, Any]) -> None:
    """Refuse a stale edit with both values of everything that two people changed; nothing is merged.

    What is there already is no conflict: a save that is sent twice, because its answer was lost, is answered.
    """
    record = target.record
    if record is None:
        if ask.revision:
            raise NOT_BEGUN.refuse(
                f"there is no {ask.form} to be at revision {ask.revision}", place=Place(path="revision")
            )
        return
    if ask.revision != record.revision and changed_keys(flatten(record.values), flatten(values)):
        raise Refusals(_stale(target, record, ask.revision, values))
    if not ask.complete and record.status != Record.Status.DRAFT:
        raise STAYS_COMPLETE.refuse(f"{record.form} is {record.status}", place=Place(path="complete"))
    gone = rows_of(record.values) - rows_of(values)
    if gone:
        raise Refusals(
            [ROW_GONE.refuse(f"{row} is left out", place=Place(path=row), value=row) for row in sorted(gone)]
        )


def _stale(target: Target, record: Record, revision: int, values: Mapping[str, Any]) -> list[Refusal]:
    replayed = replay_record(record, revision=revision)
    base = unflatten(target.form, replayed.values)
    compared = compare_stale(base, mine=values, theirs=record.values)
    people = ", ".join(sorted(set(replayed.saved_since.values()))) or "somebody"
    theirs = f"; only they changed {', '.join(compared.theirs)}" if compared.theirs else ""
    first = STALE.refuse(
        f"you have revision {revision}, and {people} saved revision {record.revision}{theirs}",
        place=Place(path="revision"),
        value=record.revision,
    )
    return [first, *(_conflict(one, replayed.saved_since) for one in compared.conflicts)]


def _conflict(one: Difference, who: Mapping[str, str]) -> Refusal:
    mine, theirs = told(one.first), told(one.second)
    return CONFLICT.refuse(
        f"you have {mine} and {who.get(one.key, 'somebody')} saved {theirs}",
        place=Place(path=one.key),
        value=theirs,
    )


def told(answer: Any) -> str:
    """An answer in words."""
    if answer is None:
        return "no answer"
    return f"missing ({answer['missing']})" if is_missing(answer) else repr(answer)


def rows_of(values: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the rows of the repeating groups: `IG.AE/1`."""
    return frozenset(
        f"{group}/{row['row']}" for group, rows in values.items() if isinstance(rows, list) for row in rows
    )
