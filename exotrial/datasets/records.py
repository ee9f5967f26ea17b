"""Form records as captured tables: what was entered on forms becomes the five tables that a report reads.

Columns and words are those of `captured`; CDISC SDTMIG 3.4 names them. Drafts are left out and counted. What has
no place in the tables is told as a Finding, and what cannot belong to the study is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.core.findings import Finding, gravest_first
from exotrial.datasets.captured import COLUMNS, EVENTS
from exotrial.datasets.record_doubts import (
    check_contradicting_events,
    check_demographics,
    check_several_values,
    check_unplaced,
)
from exotrial.datasets.record_rows import Rows, add_record
from exotrial.datasets.record_values import SURROGATES, FormRecord, read_groups
from exotrial.outcomes.in_study import find_measures_of
from exotrial.outcomes.measure import Measure
from exotrial.study.definition import Study
from exotrial.study.forms import measures_asked
from exotrial.study.items import Form

UNKNOWN_FORM = ErrorCode(
    "REC-001",
    "A record belongs to a form that its study version does not have.",
    "give the forms derived from the study version under which the record was made.",
)
UNKNOWN_VERSION = ErrorCode(
    "REC-002",
    "A record was made under a study version that is not given.",
    "give every study version that has records.",
)
STRANGER = ErrorCode(
    "REC-003",
    "A record or an event belongs to a participant who is not given.",
    "give every participant who has records, screening failures included.",
)
WRONG_ENCOUNTER = ErrorCode(
    "REC-004",
    "A record is for an encounter at which its form is not filled in.",
    "use an encounter of the form; a form without encounters is recorded without one.",
)
REPEATED_RECORD = ErrorCode(
    "REC-005",
    "Two records of a participant have the same form, encounter and repeat, or a participant is given twice.",
    "keep one of them, or number the repeats apart.",
)
UNKNOWN_EVENT = ErrorCode(
    "REC-006", "A dated event, an age or a sex is not one that the tables know.", "use one of the words told."
)

SEXES = ("F", "M", "U", "")


@dataclass(frozen=True, kw_only=True)
class ParticipantRow:
    """A participant as the operations know them.

    `arm` is the id of an arm, empty while blinded. `sex` is F, M, U or empty, `age` in whole years. `status` is a
    word of the operations, kept as text in the column STATUS. `dates` maps events of `captured.EVENTS` to their
    day.
    """

    code: str
    site: str
    arm: str = ""
    sex: str = ""
    age: int | None = None
    status: str = ""
    dates: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DatedEvent:
    """Something that happened to a participant on a day; `event` is a word of `captured.EVENTS`."""

    participant: str
    event: str
    on: date
    source: str = "operations"


@dataclass(frozen=True, kw_only=True)
class CapturedTables:
    """The five tables by name, what could not be placed in them, and how many drafts were left out.

    Every column is String, but for ADT, ASTDT and AENDT (Date) and AGE (Int64), as `read_captured` gives them.
    """

    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    drafts: int


@dataclass(frozen=True, kw_only=True)
class _Version:
    forms: Mapping[str, Form]
    measures: Mapping[str, tuple[tuple[str, Measure], ...]]
    """The measures that each form asks, by its oid, with the names that the study gives them."""
    study: Study


def derive_captured_tables(
    study: Study,
    forms: Sequence[Form],
    records: Iterable[FormRecord],
    participants: Sequence[ParticipantRow],
    events: Iterable[DatedEvent] = (),
    *,
    earlier: Sequence[tuple[Study, Sequence[Form]]] = (),
) -> CapturedTables:
    """The captured tables of a study from its records, participants in the order given.

    `forms` are those of the study (`derive_forms`); `earlier` holds study versions before it with their forms,
    since a record keeps the version under which it was made. A record's values are by group oid: a mapping of
    item oids, or a list of such rows with a key "row"; `{"missing": reason}` is a value that is known to be
    missing. Refuses with all of REC-001 to REC-008 together.
    """
    versions = {one.version: _version(one, own) for one, own in (*earlier, (study, forms))}
    people = {person.code: person for person in participants}
    problems = _bad_participants(participants)
    rows = Rows(participants=tuple(people))
    drafts = 0
    seen: set[tuple[str, str, str, int]] = set()
    for record in records:
        if record.status == "draft":
            drafts += 1
            continue
        try:
            version, form = _belongs(record, versions, people, seen)
            groups = read_groups(record, form)
        except Refusal as refusal:
            problems.append(refusal)
            continue
        except Refusals as several:
            problems += several.refusals
            continue
        seen.add(_key(record))
        add_record(rows, record, form, groups, study=version.study, measures=version.measures[form.oid])
    for event in _all_events(participants, events):
        if event.participant not in people:
            problems.append(_stranger(event.participant, Place(path=f"events.{event.event}")))
        elif event.event not in EVENTS:
            problems.append(_unknown_event(event.event, Place(path=event.participant)))
        else:
            rows.add_event(event.participant, event.event, event.on, event.source)
    if problems:
        raise Refusals(problems)
    tables = {
        "participants": _participants_table(participants, rows),
        "characteristics": _frame("characteristics", rows.characteristics),
        "measurements": _frame("measurements", rows.settled_measurements()),
        "events": _frame("events", rows.settled_events()),
        "adverse_events": _frame("adverse_events", rows.adverse_events),
    }
    findings = [
        *rows.findings,
        *check_demographics({one.code: (one.sex, one.age) for one in participants}, rows.demographics),
        *check_several_values(rows.several_values),
        *check_contradicting_events(rows.events),
        *check_unplaced(rows.unplaced),
    ]
    return CapturedTables(tables=tables, findings=tuple(gravest_first(findings)), drafts=drafts)


def _version(study: Study, forms: Sequence[Form]) -> _Version:
    by_name = find_measures_of(study)
    asked = {
        form.oid: {by_name[name].paramcd: (name, by_name[name]) for name in measures_asked(study, form)}
        for form in forms
    }
    return _Version(
        study=study,
        forms={form.oid: form for form in forms},
        measures={oid: tuple(measures.values()) for oid, measures in asked.items()},
    )


def _key(record: FormRecord) -> tuple[str, str, str, int]:
    return record.participant, record.form, record.encounter, record.repeat


def _belongs(
    record: FormRecord,
    versions: Mapping[str, _Version],
    people: Mapping[str, ParticipantRow],
    seen: set[tuple[str, str, str, int]],
) -> tuple[_Version, Form]:
    """The version and the form of a record, or why it cannot be one of this study."""
    if record.participant not in people:
        raise _stranger(record.participant, record.place())
    if record.study_version not in versions:
        raise UNKNOWN_VERSION.refuse(
            f"version {record.study_version!r} of the study is not given",
            place=record.place(),
            value=record.study_version,
            remedy=f"given are {', '.join(versions)}; give the version of the record too.",
        )
    version = versions[record.study_version]
    if record.form not in version.forms:
        raise UNKNOWN_FORM.refuse(
            f"version {record.study_version} has no form {record.form!r}",
            place=record.place(),
            value=record.form,
        )
    form = version.forms[record.form]
    if record.encounter not in (form.encounters or ("",)):
        allowed = ", ".join(form.encounters)
        raise WRONG_ENCOUNTER.refuse(
            f"{record.form} is not filled in at {record.encounter!r}",
            place=record.place(),
            value=record.encounter,
            remedy=f"it is filled in at {allowed}." if allowed else "it belongs to no encounter.",
        )
    if _key(record) in seen:
        raise REPEATED_RECORD.refuse(
            f"the record {record.source} of {record.participant} is there twice",
            place=record.place(),
            value=record.repeat,
        )
    return version, form


def _bad_participants(participants: Sequence[ParticipantRow]) -> list[Refusal]:
    problems: list[Refusal] = []
    seen: set[str] = set()
    for person in participants:
        place = Place(path=f"participants.{person.code}")
        if not person.code.strip() or person.code != person.code.strip() or SURROGATES.search(person.code):
            problems.append(
                STRANGER.refuse("a participant has no usable code", place=place, value=person.code)
            )
        if person.code in seen:
            problems.append(
                REPEATED_RECORD.refuse(f"{person.code} is given twice", place=place, value=person.code)
            )
        seen.add(person.code)
        if person.sex not in SEXES:
            problems.append(
                UNKNOWN_EVENT.refuse(
                    f"{person.sex!r} is no sex",
                    place=place,
                    value=person.sex,
                    remedy="use F, M, U or nothing.",
                )
            )
        if person.age is not None and not 0 <= person.age <= 130:
            problems.append(
                UNKNOWN_EVENT.refuse(
                    f"{person.age} is no age in whole years from 0 to 130", place=place, value=person.age
                )
            )
    return problems


def _all_events(participants: Sequence[ParticipantRow], events: Iterable[DatedEvent]) -> Iterable[DatedEvent]:
    for person in participants:
        for event, on in person.dates.items():
            yield DatedEvent(participant=person.code, event=event, on=on)
    yield from events


def _stranger(code: str, place: Place) -> Refusal:
    return STRANGER.refuse(f"there is no participant {code!r}", place=place, value=code)


def _unknown_event(event: str, place: Place) -> Refusal:
    return UNKNOWN_EVENT.refuse(
        f"{event!r} is no event", place=place, value=event, remedy=f"use one of {', '.join(EVENTS)}."
    )


def _participants_table(participants: Sequence[ParticipantRow], rows: Rows) -> pl.DataFrame:
    """Sex and age as the operations know them, else as the form has them."""
    told = rows.demographics
    lines = []
    for person in participants:
        sex, age = told.get(person.code, ("", None))
        lines.append(
            (
                person.code,
                person.site.strip(),
                person.arm.strip(),
                person.sex or sex,
                age if person.age is None else person.age,
                person.status.strip(),
            )
        )
    schema = {
        column: pl.Int64 if column == "AGE" else pl.String for column in (*COLUMNS["participants"], "STATUS")
    }
    frame = pl.DataFrame(lines, schema=schema, orient="row")
    return frame if any(person.status.strip() for person in participants) else frame.drop("STATUS")


_DATES: tuple[Literal["ADT", "ASTDT", "AENDT"], ...] = ("ADT", "ASTDT", "AENDT")


def _frame(name: str, rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    schema = {column: pl.Date if column in _DATES else pl.String for column in COLUMNS[name]}
    return pl.DataFrame(rows, schema=schema, orient="row")
