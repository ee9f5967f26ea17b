"""The rules of a study file's registrations, asked again of the records themselves.

A study file holds in `registrations` what somebody read in the record. Here the record's own values are put in their
place, and the rules that look at registrations (label against dates, target against enrolled, sites, sponsor …) look
again. What they find bears the same id, so that one doubt is told once, with the quotes of both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from exotrial.core.dates import PartialDate
from exotrial.core.findings import Finding
from exotrial.registries.checks.alike import are_alike
from exotrial.registries.checks.identity import find_record
from exotrial.registries.checks.trial_records import TrialRecords, quote
from exotrial.registries.record import RegistryRecord, Stated
from exotrial.study.checks.check import find_checks
from exotrial.study.definition import Study
from exotrial.study.definition.identity import Registration

_PREFIX = "registrations."


def check_registrations_again(study: Study, records: TrialRecords) -> list[Finding]:
    """The findings about `registrations` with each record's own values; values that it lacks stay the file's."""
    taken = {
        position: record
        for position, registration in enumerate(study.registrations)
        if (record := find_record(registration, records)) is not None
    }
    again = tuple(
        _with_values(study, registration, taken[position]) if position in taken else registration
        for position, registration in enumerate(study.registrations)
    )
    asked = study.model_copy(update={"registrations": again})
    found = [finding for rule in find_checks().values() for finding in rule.findings(asked)]
    return [_quoted(finding, taken) for finding in found if _position(finding) in taken]


def _position(finding: Finding) -> int:
    steps = finding.subject.split(".")
    return int(steps[1]) if finding.subject.startswith(_PREFIX) and steps[1].isdigit() else -1


def _quoted(finding: Finding, taken: dict[int, RegistryRecord]) -> Finding:
    record = taken[_position(finding)]
    stated = _stated(record)
    keys = finding.subject.split(".")[2:]
    beside = {"timing_label": ("timing_label", "registered", "start"), "completion": ("completion", "status")}
    wanted = [name for key in keys for name in beside.get(key, (key,))]
    more = quote(*(stated.get(name) for name in wanted))
    return replace(finding, quotes=tuple(dict.fromkeys((*finding.quotes, *more))))


def _stated(record: RegistryRecord) -> dict[str, Stated[Any] | None]:
    """What the record prints, by the key of the study file's registration."""
    sponsor = next((one.name for one in record.sponsors if one.role == "sponsor"), None)
    return {
        "registered": record.registered,
        "last_updated": record.updated,
        "status": record.status,
        "timing_label": record.timing_label,
        "first_enrolment": record.start,
        "start": record.start,
        "recruitment_end": record.recruitment_end,
        "completion": record.completion,
        "target_size": record.target_size,
        "sponsor": sponsor,
        "phase": record.phase,
    }


def _with_values(study: Study, registration: Registration, record: RegistryRecord) -> Registration:
    start = "first_enrolment" if registration.first_enrolment is not None else "recruitment_start"
    dates = {
        "registered": _day(record.registered),
        "last_updated": _day(record.updated),
        start: _day(record.start),
        "recruitment_end": _day(record.recruitment_end),
        "completion": _day(record.completion),
    }
    values: dict[str, object] = {key: day for key, day in dates.items() if day is not None}
    for key, stated in (
        ("status", record.status),
        ("timing_label", record.timing_label),
        ("target_size", record.target_size),
    ):
        if stated is not None and not _is_flag(stated):
            values[key] = stated.value
    if record.phase is not None:
        values["phase"] = record.phase.value
    sponsor = _stated(record)["sponsor"]
    if sponsor is not None:
        values["sponsor"] = _known(sponsor.value, study)
    if record.sites:
        values["sites"] = tuple(_known(site.name.value, study) for site in record.sites)
    return registration.model_copy(update=values)


def _is_flag(stated: Stated[Any]) -> bool:
    """Whether the words are a bare yes or no: an export's flag, which nobody of the trial has written (REG-017)."""
    return stated.prints.strip().lower() in {"yes", "no"}


def _known(name: str, study: Study) -> str:
    """The study file's own form of a name that may be the same: a town behind it makes no other hospital."""
    names: Iterable[str] = (
        *(site.name for site in study.sites),
        *(organisation.name for organisation in study.organisations),
    )
    return next((known for known in names if are_alike(known, name)), name)


def _day(stated: Stated[PartialDate] | None) -> date | None:
    """The day, where the record gives all of it."""
    if stated is None or stated.value.day is None:
        return None
    return stated.value.first
