"""The conduct against its record (XSR-3): dates, status, numbers, and whether the record was kept up to date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from exotrial.core.dates import PartialDate
from exotrial.core.findings import Severity
from exotrial.registries.checks.check import RecordDoubt, record_check
from exotrial.registries.checks.identity import may_be
from exotrial.registries.checks.trial_records import TrialRecords, dated, name_version, quote, quotes_of
from exotrial.registries.record import RegistryRecord, Stated
from exotrial.study.definition import Study
from exotrial.study.definition.design import Recruitment

_GRACE = timedelta(days=30)
"""Within which a change of status or a completion is to be registered (42 CFR 11.64(a))."""

_YEARLY = timedelta(days=366)
"""Within which every record is to be updated (42 CFR 11.64(a)), and results disclosed (WHO 2017)."""

_LIFETIME = timedelta(days=36525)

_STILL = re.compile(
    r"^(?:recruiting|enrolling|not yet recruiting|pending|open|ongoing|authori[sz]ed|available)"
)
_OVER = re.compile(r"complete|terminated|withdrawn")


@record_check(
    "XSR-301",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 16", "TRDS 22", "CONSORT 2025 item 23a"),
    why="From these days it is told whether the trial was registered in time and when its results are due.",
    settle="the day from the enrolment log, in both.",
)
def dates_are_those_registered(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """Start, end of recruitment and completion are those of the record, once it calls them actual or is later."""
    dates = study.recruitment
    for record in records.latest:
        for field, actual, planned, stated in (
            ("start", "actual_start", "planned_start", record.start),
            ("recruitment_end", "actual_end", "planned_end", record.recruitment_end),
            ("completion", "completion", "completion", record.completion),
        ):
            if stated is None:
                continue
            name = _comparable(record, stated, actual, planned, dates)
            day = None if name is None else getattr(dates, name)
            if name is not None and day is not None and not may_be(stated.value, day):
                yield RecordDoubt(
                    subject=f"{record.identifier.value}.{field}",
                    says=f"{name.replace('_', ' ')} {day} in the study file, {stated.value} in {name_version(record)}",
                    quotes=quotes_of(study, (f"recruitment.{name}",), stated),
                )


def _comparable(
    record: RegistryRecord, stated: Stated[PartialDate], actual: str, planned: str, dates: Recruitment
) -> str | None:
    """Which day of the study file the record should print: the actual one once the record can know it."""
    done, told = getattr(dates, actual), dated(record)
    if done is None:
        return planned
    if (told is not None and told - done > _GRACE) or (stated is record.start and record.start_actual):
        earlier = stated is record.start and done < stated.value.first
        return None if earlier else actual  # a start before the registered one is told by REG-016
    return None if may_be(stated.value, done) else planned


@record_check(
    "XSR-302",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 18", "42 CFR 11.64(a)"),
    why="Whoever looks for a trial to join, or waits for its results, is misled by a status that is past.",
    settle="the status of today in the register.",
)
def status_is_that_of_the_conduct(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """A record does not call a trial open when its recruitment has been over for more than 30 days."""
    end = study.recruitment.actual_end or study.recruitment.completion
    for record in records.latest:
        told, status = dated(record), record.status
        if status is None or end is None or told is None or told - end <= _GRACE:
            continue
        if _STILL.match(status.value.strip().lower()):
            yield RecordDoubt(
                subject=f"{record.identifier.value}.status",
                says=f"“{status.prints.strip()}” in {name_version(record)}; recruitment ended on {end}",
                quotes=quotes_of(study, ("recruitment.actual_end",), status, record.updated),
            )


@record_check(
    "XSR-303",
    Severity.ERROR,
    "record",
    standards=("TRDS 16", "TRDS 18", "TRDS 22"),
    why="Dates that cannot all be true leave open when the trial ran.",
    settle="the dates of the enrolment log.",
)
def dates_of_a_record_run_in_order(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """A record's dates run in order and within a lifetime, and it is not complete before its recruitment ends."""
    for record in records.latest:
        pairs: tuple[tuple[str, Stated[PartialDate] | None, str, Stated[PartialDate] | None], ...] = (
            ("start", record.start, "recruitment_end", record.recruitment_end),
            ("start", record.start, "completion", record.completion),
            ("recruitment_end", record.recruitment_end, "completion", record.completion),
            ("primary_completion", record.primary_completion, "completion", record.completion),
            ("registered", record.registered, "updated", record.updated),
        )
        for earlier, first, later, second in pairs:
            if first is not None and second is not None and first.value.first > second.value.last:
                yield RecordDoubt(
                    subject=f"{record.identifier.value}.{later}",
                    says=f"{later.replace('_', ' ')} {second.value} is before {earlier.replace('_', ' ')} "
                    f"{first.value} in {name_version(record)}",
                    quotes=quote(first, second),
                )
        start, registered = record.start, record.registered
        if start is not None and registered is not None:
            apart = abs(start.value.first - registered.value.first)
            if apart > _LIFETIME:
                yield RecordDoubt(
                    subject=f"{record.identifier.value}.start",
                    says=f"the start {start.value} is {apart.days // 365} years from the registration, "
                    f"{registered.value}: a date of one calendar was turned as if it were of another",
                    quotes=quote(start, registered),
                )
        yield from _complete_too_soon(record)


def _complete_too_soon(record: RegistryRecord) -> Iterator[RecordDoubt]:
    status, end, told = record.status, record.recruitment_end, record.updated
    if status is None or end is None or told is None or not _OVER.search(status.value.lower()):
        return
    if "terminated" in status.value.lower() or "withdrawn" in status.value.lower():
        return  # a trial may stop before its planned end
    if told.value.last < end.value.first:
        yield RecordDoubt(
            subject=f"{record.identifier.value}.status",
            says=f"“{status.prints.strip()}” in a record last updated on {told.value}, whose recruitment ends "
            f"on {end.value}",
            quotes=quote(status, told, end),
        )


@record_check(
    "XSR-304",
    Severity.WARNING,
    "record",
    standards=("42 CFR 11.64(a)", "TRDS 18"),
    why="A record that nobody has touched since the trial ended tells of a plan, not of what was done.",
    settle="an update of the record: status, numbers, dates.",
)
def a_record_is_kept_up_to_date(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """A record is updated after recruitment ended, and every year until the trial is complete."""
    end = study.recruitment.actual_end
    for record in records.latest:
        updated, told = record.updated, record.as_of
        if updated is None or told is None:
            continue
        last = updated.value.last
        over = record.status is not None and _OVER.search(record.status.value.lower()) is not None
        if end is not None and last < end and told - end > _GRACE:
            says = f"last updated on {updated.value}, before recruitment ended on {end}"
        elif not over and told - last > _YEARLY:
            says = f"last updated on {updated.value}, more than a year before {told}"
        else:
            continue
        yield RecordDoubt(
            subject=f"{record.identifier.value}.updated",
            says=f"{name_version(record)}: {says}",
            quotes=quotes_of(study, ("recruitment.actual_end",), updated),
        )


@record_check(
    "XSR-305",
    Severity.WARNING,
    "record",
    standards=("TRDS 23", "WHO joint statement on results disclosure (2017)"),
    why="Results that are not public within a year are missing from what the next trial is decided by.",
    settle="the results in the register, or the citation of their publication.",
)
def results_are_public_within_a_year(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """A year after completion the record has results or cites them."""
    for record in records.latest:
        done, told = record.primary_completion or record.completion, record.as_of
        if done is None or told is None or told - done.value.last <= _YEARLY:
            continue
        if record.results_posted is None and record.results_url is None and not record.publications:
            yield RecordDoubt(
                subject=f"{record.identifier.value}.results",
                says=f"completed on {done.value}; {name_version(record)} has no results and cites none",
                quotes=quote(done),
            )


@record_check(
    "XSR-306",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 17", "CONSORT 2025 item 22a"),
    why="If the record counts other participants than the study, somebody is missing in one of the two.",
    settle="the enrolment log's count, in both.",
)
def enrolled_are_as_many_as_registered(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The number enrolled is the actual enrolment of the record."""
    enrolled = study.design.enrolled
    for record in records.latest:
        actual = record.actual_size
        if enrolled is not None and actual is not None and actual.value != enrolled:
            yield RecordDoubt(
                subject=f"{record.identifier.value}.actual_size",
                says=f"{enrolled} enrolled in the study file, {actual.value} in {name_version(record)}",
                quotes=quotes_of(study, ("design.enrolled",), actual),
            )


@record_check(
    "XSR-307",
    Severity.ERROR,
    "record",
    standards=("TRDS 21", "Declaration of Helsinki 2024 paragraph 23"),
    why="No participant may be enrolled before the ethics committee agreed.",
    settle="the date of the committee's letter, and of the first consent.",
)
def the_record_is_approved_before_it_starts(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """A record's ethics approval is not later than its start."""
    for record in records.latest:
        dates = [one.approved for one in record.ethics if one.approved is not None]
        if record.start is None or not dates:
            continue
        first = min(dates, key=lambda approved: approved.value.first)
        if first.value.first > record.start.value.last:
            yield RecordDoubt(
                subject=f"{record.identifier.value}.ethics",
                says=f"approved on {first.value}, begun on {record.start.value} ({name_version(record)})",
                quotes=quote(first, record.start),
            )


@record_check(
    "XSR-308",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 2", "TRDS 16", "ICMJE", "Declaration of Helsinki 2024 paragraph 35"),
    why="What was registered after participants came in may have been written with their results in view.",
    settle="the day of the first consent; where registration was late, the reason, in the report.",
)
def a_trial_is_registered_before_its_first_participant(
    study: Study, records: TrialRecords
) -> Iterator[RecordDoubt]:
    """A trial is registered by the day on which its first participant is enrolled."""
    for record in records.latest:
        registered, reported = record.registered, study.recruitment.actual_start
        if registered is None:
            continue
        if reported is not None and registered.value.first > reported:
            begun, stated = f"enrolment is reported from {reported}", None
        elif record.start is not None and registered.value.first > record.start.value.last:
            begun, stated = f"enrolment is registered from {record.start.value}", record.start
        else:
            continue
        yield RecordDoubt(
            subject=f"{record.identifier.value}.registered",
            says=f"registered on {registered.value}, and {begun} ({name_version(record)})",
            quotes=quotes_of(study, ("recruitment.actual_start",), registered, stated),
        )
