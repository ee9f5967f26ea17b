"""A record against its own earlier versions (XSR-4), and two registers against each other (XSR-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations, pairwise
from typing import Any

from exotrial.core.findings import Severity
from exotrial.registries.checks.alike import (
    is_model,
    outcomes_may_be_one,
    phases_may_agree,
    read_model,
)
from exotrial.registries.checks.check import RecordDoubt, record_check
from exotrial.registries.checks.trial_records import TrialRecords, dated, name_version, plain, quote
from exotrial.registries.record import RegistryRecord, Stated
from exotrial.study.definition import Study

Change = tuple[RegistryRecord, RegistryRecord]

_AFTER = ("CONSORT 2025 item 10", "SPIRIT 2025 item 31", "ICMJE")


def _changes_after_start(study: Study, records: TrialRecords) -> Iterator[Change]:
    """Neighbouring versions of which the later is of a day after enrolment began."""
    for versions in records.versions.values():
        for one, other in pairwise(versions):
            told, start = dated(other), _start(study, versions[0])
            if told is not None and start is not None and told > start:
                yield one, other


def _start(study: Study, first: RegistryRecord) -> date | None:
    """The first enrolment: as the study file reports it, else the last day that the oldest record can mean."""
    return study.recruitment.actual_start or (first.start.value.last if first.start is not None else None)


@record_check(
    "XSR-401",
    Severity.ERROR,
    "history",
    standards=(*_AFTER, "TRDS 19"),
    why="A primary outcome that changes while results come in may have been chosen by them.",
    settle="the amendment with its date, and who had seen which data on that day.",
)
def primary_outcomes_stay_after_enrolment_began(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The registered primary outcomes do not change once enrolment has begun; their order does not matter."""
    for one, other in _changes_after_start(study, records):
        before, after = one.outcomes_of("primary"), other.outcomes_of("primary")
        names, later = ({plain(outcome.name.value) for outcome in group} for group in (before, after))
        if names and later and names != later:
            added = [o.name for o in after if plain(o.name.value) not in names]
            dropped = [o.name for o in before if plain(o.name.value) not in later]
            parts = (("added", added), ("dropped", dropped))
            told = [f"{what}: {', '.join(n.value for n in which)}" for what, which in parts if which]
            yield RecordDoubt(
                subject=f"{other.identifier.value}.primary_outcomes.{dated(other)}",
                says=f"between {name_version(one)} and {dated(other)}, {'; '.join(told)}",
                quotes=quote(*dropped, *added),
            )


@record_check(
    "XSR-402",
    Severity.ERROR,
    "history",
    standards=(*_AFTER, "TRDS 17"),
    why="A target that changes while participants come in lets the trial stop, or go on, by its results.",
    settle="the amendment with its date and the reckoning of the new size.",
)
def target_stays_after_enrolment_began(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The registered target does not change once enrolment has begun."""
    for one, other in _changes_after_start(study, records):
        before, after = one.target_size, other.target_size
        if before is not None and after is not None and before.value != after.value:
            yield RecordDoubt(
                subject=f"{other.identifier.value}.target_size.{dated(other)}",
                says=f"{before.value} in {name_version(one)}, {after.value} on {dated(other)}, after enrolment began",
                quotes=quote(before, after),
            )


@record_check(
    "XSR-403",
    Severity.ERROR,
    "history",
    standards=("TRDS 2", "TRDS 16", "ICMJE"),
    why="A start that is moved to the other side of the registration turns a late registration into a timely one.",
    settle="the day of the first consent, from the enrolment log.",
)
def the_start_is_not_moved_across_registration(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The start is not moved, between versions, from before the registration to after it."""
    for versions in records.versions.values():
        for one, other in pairwise(versions):
            registered, before, after = other.registered, one.start, other.start
            if registered is None or before is None or after is None:
                continue
            if before.value.last < registered.value.first <= after.value.first:
                yield RecordDoubt(
                    subject=f"{other.identifier.value}.start.{dated(other)}",
                    says=f"begun on {before.value} in {name_version(one)}, on {after.value} in "
                    f"that of {dated(other)}; registered on {registered.value}",
                    quotes=quote(before, after, registered),
                )


@record_check(
    "XSR-404",
    Severity.WARNING,
    "history",
    standards=_AFTER,
    why="A design that changes under way is another trial from that day on.",
    settle="the amendment with its date and reason.",
)
def design_stays_after_enrolment_began(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """Model, allocation, masking, phase and age limits do not change once enrolment has begun."""
    for one, other in _changes_after_start(study, records):
        for field, before, after in _differing(one, other, _DESIGN):
            yield RecordDoubt(
                subject=f"{other.identifier.value}.{field}.{dated(other)}",
                says=f"{field.replace('_', ' ')}: {before.prints.strip()} in {name_version(one)}, "
                f"{after.prints.strip()} on {dated(other)}, after enrolment began",
                quotes=quote(before, after),
            )


@record_check(
    "XSR-501",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 3", "ICMJE"),
    why="Two registers that tell one trial differently leave the reader to choose the version that fits the results.",
    settle="the protocol's version, in both registers.",
)
def two_registers_tell_one_trial_alike(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """Two registers give one trial the same target, start, design, phase, ages, sex and primary outcomes."""
    for one, other in combinations(records.latest, 2):
        numbers = f"{one.identifier.value}+{other.identifier.value}"
        for field, first, second in _differing(one, other, _DESIGN | _SIZE_AND_START):
            yield RecordDoubt(
                subject=f"{numbers}.{field}",
                says=f"{field.replace('_', ' ')}: {first.prints.strip()} in {name_version(one)}, "
                f"{second.prints.strip()} in {name_version(other)}",
                quotes=quote(first, second),
            )
        for here, there in ((one, other), (other, one)):
            names = [outcome.name for outcome in there.outcomes_of("primary")]
            only = [
                outcome.name
                for outcome in here.outcomes_of("primary")
                if not any(outcomes_may_be_one(outcome.name.value, name.value) for name in names)
            ]
            if names and only:
                yield RecordDoubt(
                    subject=f"{numbers}.primary_outcomes.{here.identifier.value}",
                    says=f"primary in {name_version(here)} and not in {name_version(there)}: "
                    f"{', '.join(name.value for name in only)}",
                    quotes=quote(*only, *names),
                )


Alike = Callable[[Any, Any], bool]


def _same(one: object, other: object) -> bool:
    return one == other


def _models_agree(one: str, other: str) -> bool:
    return not is_model(one) or not is_model(other) or read_model(one) == read_model(other)


def _allocations_agree(one: str, other: str) -> bool:
    return (one == "randomised") == (other == "randomised")


def _days_agree(one: Any, other: Any) -> bool:
    return bool(one.first <= other.last and other.first <= one.last)


_DESIGN: dict[str, Alike] = {
    "model": _models_agree,
    "allocation": _allocations_agree,
    "masking": _same,
    "phase": phases_may_agree,
    "age_min": _same,
    "age_max": _same,
    "sex": _same,
}
_SIZE_AND_START: dict[str, Alike] = {"target_size": _same, "start": _days_agree}


def _differing(
    one: RegistryRecord, other: RegistryRecord, fields: dict[str, Alike]
) -> Iterator[tuple[str, Stated[Any], Stated[Any]]]:
    """Each field that both give and of which they cannot mean the same."""
    for field, alike in fields.items():
        first, second = getattr(one, field), getattr(other, field)
        if first is not None and second is not None and not alike(first.value, second.value):
            yield field, first, second
