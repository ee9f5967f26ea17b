"""The four sides of a trial: what was registered, planned, done and reported, each as accounts that can be compared.

Registered is the newest record of each number, else what the study file tells of its registration. Planned is the study
file without what happened. Done is what the study file tells of conduct, and the captured data. Reported is what the
study file quotes of a paper: a quotation proves what was printed, its absence does not prove that nothing was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import polars as pl

from exotrial.core.errors import Place
from exotrial.datasets.captured import Captured
from exotrial.datasets.groups import not_entered
from exotrial.registries.checks.alike import read_model
from exotrial.registries.checks.trial_records import TrialRecords, gather_records, plain
from exotrial.registries.compare_accounts import Account, account_of_record, account_of_study
from exotrial.registries.compare_outcomes import NamedOutcome
from exotrial.registries.phase_text import read_phase
from exotrial.registries.record import Level, RecordedOutcome, RegistryRecord, Stated
from exotrial.report.inputs import ReportInput
from exotrial.report.registered.claimed import derive_claimed
from exotrial.report.registered.quoted import LEVELS, account_of_paper, as_partial, stated_by
from exotrial.study.definition import Study
from exotrial.study.definition.design import Recruitment
from exotrial.study.definition.identity import Registration

Side = Literal["registered", "planned", "done", "reported"]
SIDES: tuple[Side, ...] = ("registered", "planned", "done", "reported")
_REGISTERED: frozenset[Level] = frozenset(("primary", "secondary"))
"""The outcomes that a register asks for (TRDS 19 and 20)."""
PAPERS = ("paper", "repository record")


@dataclass(frozen=True, kw_only=True)
class Told:
    """An account on its side.

    `label` names it in few words. `updated` is the day up to which it can know what happened, where one is told.
    `complete`: the levels of which it tells every outcome. `also`: by item, what else the same source prints of it.
    `history`: the oldest of several versions, where this is the newest. `values`: by PARAMCD, how much was captured.
    `claimed`: by row of a published table, how many claims rest on it.
    """

    side: Side
    label: str
    account: Account
    updated: date | None = None
    complete: frozenset[Level] = frozenset(LEVELS)
    also: Mapping[str, tuple[Stated[object], ...]] = field(default_factory=dict)
    history: Account | None = None
    values: Mapping[str, Stated[object]] = field(default_factory=dict)
    claimed: Mapping[str, Stated[object]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Every account of a trial, in the order of the sides, and the records among them."""

    told: tuple[Told, ...]
    records: TrialRecords

    def of(self, side: Side) -> tuple[Told, ...]:
        return tuple(one for one in self.told if one.side == side)


def gather_sides(given: ReportInput) -> Sides:
    """What each source of a report says of the trial; a side without a source has no account."""
    study = given.study
    file = given.files[0].name if given.files else "study file"
    records = gather_records(study, given.records)
    found = [
        *_of_records(study, records, file),
        _planned(study, file),
        *_done(given, file),
        *_reported(given),
    ]
    # One trial by definition: numbers have chosen the records already, and an unregistered trial has none.
    numbers = (study.id, *(one.identifier for one in study.registrations))
    found.sort(key=lambda one: SIDES.index(one.side))
    return Sides(
        told=tuple(
            replace(
                one,
                account=replace(one.account, identifiers=numbers),
                history=one.history and replace(one.history, identifiers=numbers),
            )
            for one in found
        ),
        records=records,
    )


def stated_in_study(study: Study, path: str, value: object, *, file: str) -> Stated[object]:
    """A value of the study file, with the words and the place of its first evidence where it has any."""
    own = next((one for one in study.evidence if one.path == path), None)
    if own is None:
        return Stated(value=value, prints=str(value), place=Place(file=file, path=path))
    return stated_by(own, value)


def _of_records(study: Study, records: TrialRecords, file: str) -> Iterable[Told]:
    for number, versions in records.versions.items():
        newest = versions[-1]
        # A data repository holds what was published and registers nothing.
        side: Side = "reported" if newest.is_repository else "registered"
        yield Told(
            side=side,
            label=number + (f" as of {newest.as_of}" if newest.as_of else ""),
            account=account_of_record(newest),
            updated=_known_until(newest),
            complete=frozenset() if newest.is_repository else _REGISTERED,
            history=account_of_record(versions[0]) if len(versions) > 1 else None,
        )
    held = {plain(number) for number in records.versions}
    for position, one in enumerate(study.registrations):
        if plain(one.identifier) not in held:
            yield _told_registration(study, one, f"registrations.{position}", file)


def _known_until(record: RegistryRecord) -> date | None:
    known = record.updated or record.refreshed
    return known.value.last if known is not None else record.as_of


def _told_registration(study: Study, one: Registration, path: str, file: str) -> Told:
    """What the study file tells of a record that is not at hand."""
    registers = {document.id for document in study.documents if document.kind not in PAPERS}
    start = "first_enrolment" if one.first_enrolment else "recruitment_start"
    phase = None if one.phase is None else read_phase(one.phase)
    values: dict[str, tuple[str, object]] = {
        "model": ("intervention_model", one.intervention_model and read_model(one.intervention_model)),
        "phase": ("phase", phase and phase.phase),
        "target_size": ("target_size", one.target_size),
        "exclusion_count": ("exclusion_count", one.exclusion_count),
        "registered": ("registered", one.registered and as_partial(one.registered)),
        "start": (start, (day := getattr(one, start)) and as_partial(day)),
        "recruitment_end": ("recruitment_end", one.recruitment_end and as_partial(one.recruitment_end)),
        "completion": ("completion", one.completion and as_partial(one.completion)),
        "status": ("status", one.status),
    }

    def stated(key: str, value: object) -> Stated[object]:
        own = [e for e in study.evidence if e.path == f"{path}.{key}" and e.source in registers]
        if own:
            return stated_by(own[0], value)
        return Stated(value=value, prints=str(value), place=Place(file=file, path=f"{path}.{key}"))

    outcomes: list[NamedOutcome] = []
    for level in ("primary", "secondary"):
        key = f"{level}_outcomes"
        place = Place(file=file, path=f"{path}.{key}")
        outcomes += [
            NamedOutcome(
                outcome=RecordedOutcome(level=level, name=Stated(value=name, prints=name, place=place))
            )
            for name in getattr(one, key) or ()
        ]
    every = one.primary_outcomes is not None and one.secondary_outcomes is not None
    return Told(
        side="registered",
        label=f"{one.identifier} as the study file tells it",
        account=Account(
            who=f"registration {one.identifier} in the study file",
            identifiers=(one.identifier,),
            items={item: stated(key, value) for item, (key, value) in values.items() if value is not None},
            outcomes=tuple(outcomes) or None,
        ),
        updated=one.last_updated or one.registered,
        complete=_REGISTERED
        if every
        else frozenset(("primary",) if one.primary_outcomes is not None else ()),
    )


def _planned(study: Study, file: str) -> Told:
    plan = study.model_copy(
        update={
            "recruitment": Recruitment(),
            "design": study.design.model_copy(update={"enrolled": None}),
        }
    )
    account = account_of_study(plan, file=file)
    first = {one.path: one for one in reversed(study.evidence)}
    items = {
        # Where a source is quoted its own place is told, not the path of the study file.
        item: stated_by(first[stated.place.path], stated.value) if stated.place.path in first else stated
        for item, stated in account.items.items()
    }
    for item, key in (("start", "planned_start"), ("recruitment_end", "planned_end")):
        day = getattr(study.recruitment, key)
        if day is not None:
            items[item] = stated_in_study(study, f"recruitment.{key}", as_partial(day), file=file)
    return Told(
        side="planned",
        label=f"study file, version {study.version}",
        account=replace(
            account,
            who="study file",
            items=items,
            outcomes=tuple(
                _from_baseline(one, first=study.design.day_of_origin) for one in account.outcomes or ()
            ),
        ),
    )


def _from_baseline(one: NamedOutcome, *, first: int) -> NamedOutcome:
    """The days as a register counts them, with the baseline as day 0: a study file may put it before its first day.

    Where days count from 1 and none is before, the value of day 1 is the baseline.
    """
    days = one.outcome.days
    before = {day for day in days if day <= 0} or ({1} & set(days) if first == 1 else set())
    counted = tuple(sorted({0 if day in before else day for day in days}))
    return replace(one, outcome=replace(one.outcome, days=counted))


def _done(given: ReportInput, file: str) -> Iterable[Told]:
    study, dates = given.study, given.study.recruitment
    values: dict[str, tuple[str, object]] = {
        "enrolled": ("design.enrolled", study.design.enrolled),
        "start": ("recruitment.actual_start", dates.actual_start and as_partial(dates.actual_start)),
        "recruitment_end": ("recruitment.actual_end", dates.actual_end and as_partial(dates.actual_end)),
        "completion": ("recruitment.completion", dates.completion and as_partial(dates.completion)),
        "status": ("recruitment.status", dates.status),
    }
    items = {
        item: stated_in_study(study, path, value, file=file)
        for item, (path, value) in values.items()
        if value is not None
    }
    if items:
        yield Told(
            side="done",
            label="conduct as the study file tells it",
            account=Account(who="study file on conduct", identifiers=(), items=items),
        )
    if given.captured is not None:
        yield Told(
            side="done",
            label="captured data",
            account=Account(
                who="captured data",
                identifiers=(),
                items=_captured_items(given.captured, show_arms=not given.arms_are_hidden),
            ),
            values=_captured_values(given),
        )


def _captured_values(given: ReportInput) -> dict[str, Stated[object]]:
    """How many of the participants who entered have a value of each measure of the study's outcomes."""
    captured = given.captured
    assert captured is not None
    people = _entered(captured)
    found: dict[str, Stated[object]] = {}
    for outcome in given.study.outcomes:
        measure = given.measures.get(outcome.measure or "")
        if measure is None or outcome.measure is None:
            continue
        have = captured.measurements.filter(
            (pl.col("PARAMCD") == measure.paramcd)
            & pl.col("AVALN").is_not_null()
            & pl.col("USUBJID").is_in(people["USUBJID"].to_list())
        )
        words = f"values of {have['USUBJID'].n_unique()} of {people.height} participants"
        found[outcome.measure] = Stated(value=words, prints=words, place=Place(file="measurements.csv"))
    return found


def _entered(captured: Captured) -> pl.DataFrame:
    return captured.participants.filter(~pl.col("USUBJID").is_in(not_entered(captured).to_list()))


def _captured_items(captured: Captured, *, show_arms: bool) -> dict[str, Stated[object]]:
    people = _entered(captured)
    at = Place(file="participants.csv")
    words = f"{people.height} participants"
    items: dict[str, Stated[object]] = {"enrolled": Stated(value=people.height, prints=words, place=at)}
    arms = sorted((people.filter(pl.col("ARMCD") != "")["ARMCD"].value_counts()).rows())
    if show_arms and arms:
        prints = "; ".join(f"{code}: {count}" for code, count in arms)
        items["arms"] = Stated(value=len(arms), prints=prints, place=at)
        if sum(count for _, count in arms) == people.height:
            sizes = " + ".join(str(count) for count in sorted((count for _, count in arms), reverse=True))
            items["arm_sizes"] = Stated(value=sizes, prints=prints, place=at)
    for event in ("randomised", "consent"):
        first = captured.events.filter(
            (pl.col("EVENT") == event) & pl.col("USUBJID").is_in(people["USUBJID"].to_list())
        )["ADT"].min()
        if isinstance(first, date):
            items["start"] = Stated(
                value=as_partial(first), prints=f"first {event} {first}", place=Place(file="events.csv")
            )
            break
    return items


def _reported(given: ReportInput) -> Iterable[Told]:
    study = given.study
    for document in study.documents:
        if document.kind not in PAPERS:
            continue
        account, also = account_of_paper(study, document)
        claimed = {}
        if given.claims_file is not None:
            claimed = derive_claimed(given.claims_file, given.claims or (), source=document.id)
        if account.items or account.outcomes or claimed:
            yield Told(
                side="reported",
                label=document.title,
                account=account,
                updated=study.conduct.published or document.dated,
                complete=frozenset(),
                also=also,
                claimed=claimed,
            )
