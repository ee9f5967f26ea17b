"""What happens to whom and when in a rehearsal: a value from the study file and a seed, before anything is done.

Nothing here knows an arm, a database or the clock. The same study, seed and number of participants give the same
plan; how it is carried out is `conduct`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from exotrial.core.errors import ErrorCode
from exotrial.operations.simulation.people import (
    Fate,
    Person,
    Special,
    choose_special,
    draw_fate,
    draw_levels,
    draw_person,
)
from exotrial.operations.simulation.steps import Step, offset_of, steps_of
from exotrial.study.definition import Study
from exotrial.study.items import Form

WRONG_SIZE = ErrorCode(
    "SIM-002",
    "The number of participants cannot be rehearsed.",
    "give at least 5, and at most as many as the study file plans.",
)

FEWEST = 5
DEFAULT_START = date(2024, 1, 8)
"""The first day of a rehearsal where the study file has no start of recruitment."""


@dataclass(frozen=True, kw_only=True)
class ListPlan:
    """One randomisation list: its stage, the lengths that are to be said by stratum, and its block sizes."""

    stage: str
    lengths: tuple[tuple[str, int], ...]
    block_sizes: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everybody by number, and every step in the order of time."""

    seed: int
    sites: tuple[str, ...]
    people: tuple[Person, ...]
    steps: tuple[Step, ...]
    special: Special
    """By number of the person, unlike in `choose_special`."""
    begins_at: datetime
    lists: tuple[ListPlan, ...]


def make_plan(study: Study, forms: Sequence[Form], *, seed: int, participants: int | None = None) -> Plan:
    """The plan of a rehearsal. `participants` are enrolled (the study's size where None). Refuses with SIM-002."""
    count = _size(study, participants)
    stream = Random(f"{seed}/plan")
    sites = tuple(site.id for site in study.sites) or ("site_01",)
    blinded = study.blinding is not None and study.blinding.label != "open label"
    at = choose_special(count, blinded=blinded and study.design.allocation == "randomised")
    people = _draw_people(study, seed=seed, count=count, sites=sites, special=at, stream=stream)
    enrolled = [person.number for person in people if person.eligible]
    special = Special(
        unblinded=None if at.unblinded is None else enrolled[at.unblinded],
        dies=enrolled[at.dies],
        withdraws=enrolled[at.withdraws],
        misses_a_visit=enrolled[at.misses_a_visit],
        screened_twice=enrolled[at.screened_twice],
    )
    steps = [step for person in people for step in steps_of(study, forms, person, special, seed=seed)]
    begins_at = datetime.combine(min(step.at for step in steps), time(7), UTC) - timedelta(days=3)
    return Plan(
        seed=seed,
        sites=sites,
        people=tuple(people),
        steps=tuple(sorted(steps, key=lambda step: step.at)),
        special=special,
        begins_at=begins_at,
        lists=tuple(_lists(study)),
    )


def _size(study: Study, participants: int | None) -> int:
    planned = study.design.planned_size or sum(arm.size or 0 for arm in study.arms) or None
    count = planned if participants is None else participants
    if count is None or count < FEWEST or (planned is not None and count > planned):
        told = f"the study file plans {planned}" if planned else "the study file plans no number"
        raise WRONG_SIZE.refuse(
            f"{participants if count is None else count} asked for, and {told}", value=count
        )
    return count


def _draw_people(
    study: Study, *, seed: int, count: int, sites: Sequence[str], special: Special, stream: Random
) -> list[Person]:
    failures = max(1, count // 9)
    total = count + failures
    failing = set(stream.sample(range(1, total), failures))
    levels = iter(draw_levels(study, count, stream=stream))
    offsets = [offset_of(study, encounter.day) for encounter in study.encounters] or [0]
    must = {special.dies: Fate.DIED, special.withdraws: Fate.WITHDRAWN}
    kept = {special.unblinded, special.misses_a_visit, special.screened_twice}
    must |= {index: Fate.COMPLETED for index in kept if index is not None}
    people: list[Person] = []
    enrolled = 0
    for index, screened_at in enumerate(_screenings(study, total)):
        own = Random(f"{seed}/person/{index + 1}")
        eligible = index not in failing
        person = draw_person(
            study,
            number=index + 1,
            site=sites[index % len(sites)],
            eligible=eligible,
            screened_at=screened_at,
            origin=screened_at.date() - timedelta(days=min(0, *offsets)),
            level=next(levels) if eligible else "",
            wrongly=eligible and enrolled == special.screened_twice,
            stream=own,
        )
        if eligible:
            person = draw_fate(person, last_day=max(offsets), stream=own, must=must.get(enrolled))
            enrolled += 1
        people.append(person)
    return people


def _screenings(study: Study, total: int) -> Iterator[datetime]:
    """When each person is screened: spread over the planned recruitment, at most eight a day."""
    planned = study.recruitment
    start = planned.planned_start or planned.actual_start or DEFAULT_START
    end = planned.planned_end if planned.planned_start else planned.actual_end
    days = max(-(-total // 8), (end - start).days if end is not None and end > start else total // 2, 1)
    before, slot = -1, 0
    for index in range(total):
        day = index * days // total
        slot = slot + 1 if day == before else 0
        before = day
        yield datetime.combine(start, time(8), UTC) + timedelta(days=day, minutes=25 * slot)


def _lists(study: Study) -> Iterator[ListPlan]:
    """One list for each stage, with lengths where the study file states none, and the block sizes that fit them."""
    plan = study.randomisation
    if plan is None:
        return
    strata = [stratum.id for stratum in plan.strata]
    whole = study.design.planned_size or 0
    stages = [(stage.id, stage.size, stage.stratum_size) for stage in study.stages] or [("", whole, None)]
    for stage, size, each in stages:
        length = each if each is not None else -(-size // max(1, len(strata)))
        said = each is None and len(strata) > 1
        ids = ["/".join(part for part in (stage, stratum) if part) for stratum in strata]
        yield ListPlan(
            stage=stage,
            lengths=tuple((one, length) for one in ids) if said else (),
            block_sizes=tuple(sorted(block for block in plan.block_sizes if block <= length)),
        )
