"""Which record is this (XSR-0): numbers of the trial, and what the study file says that its records say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from exotrial.core.dates import PartialDate
from exotrial.core.findings import Severity
from exotrial.core.identifiers import guess_registry
from exotrial.registries.checks.alike import are_alike, phases_may_agree, read_model
from exotrial.registries.checks.check import RecordDoubt, record_check
from exotrial.registries.checks.trial_records import (
    TrialRecords,
    name_version,
    plain,
    quote,
    quotes_of,
    study_numbers,
)
from exotrial.registries.record import RegistryRecord, Stated
from exotrial.study.definition import Study
from exotrial.study.definition.identity import Registration

_MOST_NAMED = 3


@record_check(
    "XSR-001",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 1", "TRDS 3"),
    why="A record of another trial, taken for this one's, makes every comparison wrong.",
    settle="the record of this trial; or its number, as a registration or secondary identifier of the study file.",
)
def the_record_is_of_this_trial(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """Every file of records that is laid beside a study file holds a record of its trial."""
    own = ", ".join(registration.identifier for registration in study.registrations) or "no number"
    for name, numbers in records.strangers.items():
        more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
        held = ", ".join(number.value for number in numbers[:_MOST_NAMED])
        yield RecordDoubt(
            subject=name,
            says=f"{name} holds {held}{more}; the study file has {own}",
            quotes=quote(*numbers[:_MOST_NAMED]),
        )


@record_check(
    "XSR-002",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 1",),
    why="Two records under one number on one day cannot both be the register's; what is compared is one of them.",
    settle="the record as the register shows it.",
)
def one_number_has_one_record_a_day(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """A number has one record on one day."""
    for one, other in records.rivals:
        yield RecordDoubt(
            subject=name_version(one),
            says=f"two records claim {name_version(one)} and differ; the first is compared",
            quotes=quote(one.identifier, other.identifier),
        )


@record_check(
    "XSR-003",
    Severity.WARNING,
    "cross-source",
    standards=("TRDS 3",),
    why="A trial that stands in a second register under another number may be counted twice, or reported twice.",
    settle="the number among the study file's secondary_ids, or the record's correction.",
)
def numbers_of_the_record_are_in_the_study_file(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """A number of another register that the record gives is in the study file."""
    known = study_numbers(study)
    for record in records.latest:
        for number in (record.identifier, *record.secondary_ids):
            if guess_registry(number.value) is not None and plain(number.value) not in known:
                yield RecordDoubt(
                    subject=f"{record.identifier.value}.{number.value}",
                    says=f"{name_version(record)} gives the number {number.value}; the study file does not",
                    quotes=quote(number),
                )


@record_check(
    "XSR-004",
    Severity.WARNING,
    "cross-source",
    standards=("TRDS",),
    why="Checks rest on what the study file says was registered; if the record says otherwise, they rest on nothing.",
    settle="the study file's registration table, brought to the record's words with their date.",
)
def the_study_file_tells_its_record_as_it_is(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """What the study file says of its registration is what the record prints."""
    for position, registration in enumerate(study.registrations):
        record = find_record(registration, records)
        if record is None:
            continue
        told = _version_told(registration, records) or record
        newer = told is record and _is_newer(record, registration)
        for key, held, stated, differs in _pairs(registration, told):
            done = _of_conduct(study, key)
            if done is not None and isinstance(stated.value, PartialDate) and may_be(stated.value, done):
                continue  # the record was brought up to what was done
            if differs and not (newer and key != "registered"):
                path = f"registrations.{position}.{key}"
                yield RecordDoubt(
                    subject=path,
                    says=f"the study file holds {held}; {name_version(told)} prints “{stated.prints.strip()}”",
                    quotes=quotes_of(study, (path,), stated),
                )


def find_position(study: Study, record: RegistryRecord) -> int | None:
    """The position of the registration that has the record's number."""
    number = plain(record.identifier.value)
    return next((n for n, one in enumerate(study.registrations) if plain(one.identifier) == number), None)


def find_record(registration: Registration, records: TrialRecords) -> RegistryRecord | None:
    """The newest record of a registration's number."""
    number = plain(registration.identifier)
    return next((r for r in records.latest if plain(r.identifier.value) == number), None)


def _of_conduct(study: Study, key: str) -> date | None:
    """The study file's own day of what the registration's key names."""
    dates = study.recruitment
    return {
        "first_enrolment": dates.actual_start,
        "recruitment_start": dates.actual_start,
        "recruitment_end": dates.actual_end,
        "completion": dates.completion,
    }.get(key)


def _version_told(registration: Registration, records: TrialRecords) -> RegistryRecord | None:
    """The newest version that is not newer than the one of which the study file tells."""
    number = plain(registration.identifier)
    versions = next((v for name, v in records.versions.items() if plain(name) == number), ())
    fitting = [record for record in versions if not _is_newer(record, registration)]
    return fitting[-1] if fitting else None


def _is_newer(record: RegistryRecord, registration: Registration) -> bool:
    """Whether the record was updated after the study file read it: then it may rightly say something else."""
    day = registration.last_updated
    return day is not None and record.updated is not None and record.updated.value.first > day


Pair = tuple[str, object, Stated[object], bool]
"""A key of the registration, its value, the record's, and whether they differ."""


def _pairs(registration: Registration, record: RegistryRecord) -> Iterator[Pair]:
    """Each value that both hold. A start is a first enrolment, or where the file has none, recruitment's start."""
    start = "first_enrolment" if registration.first_enrolment is not None else "recruitment_start"
    for key, stated in (
        ("registered", record.registered),
        (start, record.start),
        ("recruitment_end", record.recruitment_end),
        ("completion", record.completion),
    ):
        held = getattr(registration, key)
        if held is not None and stated is not None:
            yield key, held, _any(stated), not may_be(stated.value, held)
    if registration.target_size is not None and record.target_size is not None:
        differs = registration.target_size != record.target_size.value
        yield "target_size", registration.target_size, _any(record.target_size), differs
    if registration.phase is not None and record.phase is not None:
        as_printed = plain(registration.phase) == plain(record.phase.prints)
        differs = not as_printed and not phases_may_agree(registration.phase, record.phase.value)
        yield "phase", registration.phase, _any(record.phase), differs
    if registration.intervention_model is not None and record.model is not None:
        differs = read_model(registration.intervention_model) != read_model(record.model.value)
        yield "intervention_model", registration.intervention_model, _any(record.model), differs
    sponsor = next((s.name for s in record.sponsors if s.role == "sponsor"), None)
    if registration.sponsor is not None and sponsor is not None:
        differs = not are_alike(registration.sponsor, sponsor.value)
        yield "sponsor", registration.sponsor, _any(sponsor), differs


def _any(stated: Stated[object] | Stated[int] | Stated[str] | Stated[PartialDate]) -> Stated[object]:
    return Stated(value=stated.value, prints=stated.prints, place=stated.place)


def may_be(printed: PartialDate, day: date) -> bool:
    """Whether a date that may lack its day or month can be this day."""
    return printed.first <= day <= printed.last
