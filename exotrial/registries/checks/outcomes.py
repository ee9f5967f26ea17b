"""The outcomes against their record (XSR-2): promoted, demoted, added, dropped, and measured at other times."""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.findings import Severity
from exotrial.registries.checks.alike import outcomes_may_be_one
from exotrial.registries.checks.check import RecordDoubt, record_check
from exotrial.registries.checks.identity import find_position
from exotrial.registries.checks.trial_records import TrialRecords, name_version, plain, quote, quotes_of
from exotrial.registries.record import RecordedOutcome, RegistryRecord
from exotrial.study.definition import Study
from exotrial.study.definition.plan import Outcome

_CONSORT = ("TRDS 19", "CONSORT 2025 item 14", "CONSORT 2025 item 10", "ICMJE")


@record_check(
    "XSR-201",
    Severity.ERROR,
    "cross-source",
    standards=_CONSORT,
    why="An outcome that becomes primary, or stops being so, after registration may have been chosen for its result.",
    settle="the amendment that changed it, with its date and reason; else the registered level.",
)
def outcomes_keep_their_registered_level(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """No outcome is promoted to primary, nor demoted, against the record."""
    for record in records.latest:
        for own, registered in _pairs(study, record):
            if (own.level == "primary") == (registered.level == "primary"):
                continue
            what = "promoted" if own.level == "primary" else "demoted"
            yield RecordDoubt(
                subject=f"{record.identifier.value}.outcomes.{own.id}",
                says=f"{own.name} is {own.level} in the study file and {registered.level} in "
                f"{name_version(record)}: {what}",
                quotes=quotes_of(study, (f"outcomes.{own.id}.level",), registered.name),
                told_as=_told_as(study, record),
            )


@record_check(
    "XSR-202",
    Severity.ERROR,
    "cross-source",
    standards=_CONSORT,
    why="A primary outcome that was never registered, or that is no longer looked at, may have been chosen by result.",
    settle="the amendment, with its date and reason; where only the name differs, the record's name in both.",
)
def primary_outcomes_are_the_registered_ones(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """Every primary outcome is in the record, and every registered primary outcome in the study file."""
    for record in records.latest:
        primary = record.outcomes_of("primary")
        if not primary:
            continue
        added = [
            own
            for own in study.outcomes
            if own.level == "primary" and not any(_may_be_one(own, outcome) for outcome in record.outcomes)
        ]
        dropped = [
            outcome for outcome in primary if not any(_may_be_one(own, outcome) for own in study.outcomes)
        ]
        parts = (
            ("primary in the study file and not registered", [o.name for o in added]),
            ("registered as primary and not in the study file", [o.name.value for o in dropped]),
        )
        told = [f"{what}: {', '.join(names)}" for what, names in parts if names]
        if told:
            yield RecordDoubt(
                subject=f"{record.identifier.value}.primary_outcomes",
                says=f"{'; '.join(told)} ({name_version(record)})",
                quotes=(
                    *(one for outcome in added for one in study.quotes(f"outcomes.{outcome.id}")[:1]),
                    *quote(*(outcome.name for outcome in dropped or primary)),
                ),
                told_as=_told_as(study, record),
            )


def _told_as(study: Study, record: RegistryRecord) -> tuple[str, str]:
    """What the study file alone may tell of these outcomes: as registered or not (OUT-012), in two lists (OUT-001)."""
    return f"OUT-012:registrations.{find_position(study, record)}.primary_outcomes", "OUT-001:outcomes"


@record_check(
    "XSR-203",
    Severity.WARNING,
    "cross-source",
    standards=("TRDS 19", "SPIRIT 2025 item 16", "CONSORT 2025 item 14"),
    why="The day on which an outcome counts is part of it: another day is another outcome.",
    settle="the days of the protocol, in both.",
)
def outcomes_keep_their_registered_time_points(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """An outcome's days and horizon are those of the record."""
    days_of = {encounter.id: encounter.day for encounter in study.encounters if encounter.day_stated}
    for record in records.latest:
        for own, registered in _pairs(study, record):
            days = {days_of[name] for name in own.encounters if name in days_of}
            horizon = None if own.horizon is None else round(own.horizon.to("d").value)
            if days and registered.days and not _days_agree(days, set(registered.days)):
                says = f"days {_listed(days)} in the study file, {_listed(set(registered.days))}"
            elif (
                not days
                and not registered.days
                and horizon is not None
                and registered.horizon_days is not None
                and abs(horizon - registered.horizon_days) > 1
            ):
                says = f"{horizon} days in the study file, {registered.horizon_days}"
            else:
                continue
            yield RecordDoubt(
                subject=f"{record.identifier.value}.outcomes.{own.id}.time",
                says=f"{own.name}: {says} in {name_version(record)}",
                quotes=quotes_of(study, (f"outcomes.{own.id}",), registered.time_frame or registered.name),
            )


def _days_agree(own: set[int], registered: set[int]) -> bool:
    """Whether the days agree but for the baseline, which one may number -1, 0 or 1, and for a first day of 0 or 1.

    Where one names its baseline alone, its other words were not understood, and nothing is told.
    """
    first, second = ({day for day in days if day > 1} for days in (own, registered))
    return (
        not first
        or not second
        or first == second
        or first == {day + 1 for day in second}
        or second == {day + 1 for day in first}
    )


def _listed(days: set[int]) -> str:
    return ", ".join(str(day) for day in sorted(days))


def _pairs(study: Study, record: RegistryRecord) -> list[tuple[Outcome, RecordedOutcome]]:
    """Each outcome of the study file with the record's, where its words may mean it.

    Those of one name and level come first, then those of one level. An outcome of the record stands for one of the
    study file only, unless its words name several.
    """
    pairs: list[tuple[Outcome, RecordedOutcome]] = []
    left = list(study.outcomes)
    free = list(record.outcomes)
    for fits in (_is_the_same, _is_of_one_level, _may_be_one):
        for own in list(left):
            fitting = [outcome for outcome in free if fits(own, outcome)]
            if fitting:
                pairs.append((own, fitting[0]))
                left.remove(own)
                if not _names_several(fitting[0]):
                    free.remove(fitting[0])
    return pairs


def _is_the_same(own: Outcome, registered: RecordedOutcome) -> bool:
    return own.level == registered.level and plain(own.name) == plain(registered.name.value)


def _is_of_one_level(own: Outcome, registered: RecordedOutcome) -> bool:
    return own.level == registered.level and _may_be_one(own, registered)


def _may_be_one(own: Outcome, registered: RecordedOutcome) -> bool:
    name = registered.name.value
    if outcomes_may_be_one(own.name, name):
        return True
    return (
        own.abbreviation is not None
        and own.abbreviation.casefold() in name.casefold().replace(",", " ").split()
    )


def _names_several(registered: RecordedOutcome) -> bool:
    return " and " in registered.name.value.lower()
