"""Made-up people of a rehearsal: who they are, how ill, how they answer and how they fare. All of it from the seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from exotrial.datasets.synthetic_people import draw_eligibility
from exotrial.study.definition import Study
from exotrial.study.rules import Answer


class Fate(StrEnum):
    """How taking part ends."""

    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    LOST = "lost to follow-up"
    DIED = "died"


@dataclass(frozen=True, kw_only=True)
class Person:
    """One made-up participant. `number` counts from 1 in the order of screening.

    `severity` (0 to 1, on the day of the origin) halves every `half_life` days. `answered_wrongly` are answers of a
    first screening that failed. `level` is a level of the stratification factor.
    """

    number: int
    site: str
    sex: str
    age: int
    born: str
    eligible: bool
    answers: Mapping[str, Answer]
    severity: float
    half_life: float
    screened_at: datetime
    origin: date
    level: str = ""
    answered_wrongly: Mapping[str, Answer] = field(default_factory=dict)
    fate: Fate = Fate.COMPLETED
    ended_on: date | None = None
    """The last day in the study."""
    discharged: date | None = None

    def stream(self, seed: int, *what: str) -> Random:
        """A stream of random numbers for one thing of one person: what else is drawn does not move it."""
        return Random("/".join((str(seed), str(self.number), *what)))


@dataclass(frozen=True, kw_only=True)
class Special:
    """Who meets what a rehearsal must have, by number among the enrolled; None where nobody does."""

    unblinded: int | None
    dies: int
    withdraws: int
    misses_a_visit: int
    screened_twice: int


def choose_special(participants: int, *, blinded: bool) -> Special:
    """The people of the story, all of them others. `participants` is at least 5."""
    return Special(
        unblinded=max(1, participants // 3) if blinded else None,
        dies=participants // 2,
        withdraws=participants * 2 // 3,
        misses_a_visit=participants - 1,
        screened_twice=0,
    )


def draw_levels(study: Study, participants: int, *, stream: Random) -> list[str]:
    """A level of the stratification factor for each participant in order of enrolment; "" where there is none.

    Strata come as many as the stages have room for, in mixed order.
    """
    plan = study.randomisation
    if plan is None or not plan.strata:
        return [""] * participants
    strata = plan.strata
    whole = study.design.planned_size or participants
    sizes = [(stage.size, stage.stratum_size) for stage in study.stages] or [(whole, None)]
    levels: list[str] = []
    for size, each in sizes:
        count = each if each is not None else -(-size // len(strata))
        some = [stratum for stratum in strata for _ in range(count)][:size]
        stream.shuffle(some)
        levels += [stream.choice(stratum.levels) for stratum in some]
    return levels[:participants]


def draw_person(
    study: Study,
    *,
    number: int,
    site: str,
    eligible: bool,
    screened_at: datetime,
    origin: date,
    level: str,
    wrongly: bool,
    stream: Random,
) -> Person:
    """A person who is eligible, or is not, and how ill the person is. Refuses with REC-014.

    `wrongly` is for who is screened twice, the first time with answers that do not fit.
    """
    population = study.population
    low, high = population.age_min or 18, population.age_max or 85
    age = min(max(round(stream.gauss((low + high) / 2, (high - low) / 5)), int(low)), int(high))
    sex = stream.choice("FM") if population.sex in (None, "all") else _only(str(population.sex))
    asks_age = any("age" in criterion.rule.items() for criterion in population.criteria if criterion.rule)
    known: dict[str, Answer] = {"age": age} if asks_age else {}
    return Person(
        number=number,
        site=site,
        sex=sex,
        age=age,
        born=str(screened_at.year - age),
        eligible=eligible,
        answers=draw_eligibility(study, eligible=eligible, stream=stream, known=known, sex=sex),
        severity=round(stream.uniform(0.5, 0.95), 3),
        half_life=round(stream.uniform(5, 11), 2),
        screened_at=screened_at,
        origin=origin,
        level=level,
        answered_wrongly=(
            draw_eligibility(study, eligible=False, stream=stream, known=known, sex=sex) if wrongly else {}
        ),
    )


def draw_fate(person: Person, *, last_day: int, stream: Random, must: Fate | None) -> Person:
    """How it ends: as it must, or mostly well. `last_day` is the last planned day, counted from the origin."""
    drawn = stream.random()
    ill = person.severity
    if must is not None:
        fate = must
    elif drawn < 0.05 * ill:
        fate = Fate.DIED
    elif drawn > 0.97:
        fate = Fate.WITHDRAWN
    elif drawn > 0.955:
        fate = Fate.LOST
    else:
        fate = Fate.COMPLETED
    stay = 4 + round(person.severity * person.half_life * stream.uniform(0.8, 1.6))
    discharged = person.origin + timedelta(days=stay)
    if fate is Fate.COMPLETED:
        last = person.origin + timedelta(days=max(last_day, stay + 1))
        return replace(person, fate=fate, ended_on=last, discharged=discharged)
    ended = person.origin + timedelta(days=stream.randint(3, max(4, min(20, last_day - 1))))
    return replace(person, fate=fate, ended_on=ended, discharged=discharged if discharged < ended else None)


def _only(sex: str) -> str:
    return "F" if sex.startswith("f") else "M"
