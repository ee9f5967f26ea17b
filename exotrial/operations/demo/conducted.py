"""A trial under way today with made-up participants: the rehearsal of a study, stopped at the moment that is now."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from exotrial.operations.access import Role
from exotrial.operations.demo.published import with_note
from exotrial.operations.simulation.conduct import Conduct, identity_of
from exotrial.operations.simulation.crew import Crew
from exotrial.operations.simulation.people import Person
from exotrial.operations.simulation.plan import make_plan
from exotrial.operations.simulation.rehearsal import begin, mark_synthetic
from exotrial.outcomes.in_study import ask, find_measures_of
from exotrial.study.file import parse_study
from exotrial.study.forms import derive_forms

SEED = 1
ELAPSED = 0.7
"""The share of the planned recruitment that is over today."""
_RECRUITMENT = re.compile(r"(?m)^(planned_start|planned_end) = (\d{4}-\d{2}-\d{2})$")
NOTE = (
    "Demonstration: recruitment is moved so that today lies in it, and visits are counted from randomisation, "
    "which the registered protocol does not say."
)
_NO_ORIGIN = 'time_origin = "not stated"'
_IN_SCREENING = 3
_QUERIES = 4


def conduct_until(
    crew: Crew,
    source: str,
    *,
    now: datetime,
    participants: int | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> None:
    """Conduct the study of a study file from its beginning to the end of yesterday, so that today's visits are due.

    The planned recruitment is shifted so that today lies in it, and days are counted from randomisation where the
    study file does not say from when: every page says both. What a rehearsal tries on purpose is left out.
    """
    shifted = shift_recruitment(settle_origin(mark_synthetic(source)), today=now.date())
    study = parse_study(shifted.encode(), name="study.toml")
    forms = derive_forms(study, {name: ask(measure) for name, measure in find_measures_of(study).items()})
    plan = make_plan(study, forms, seed=SEED, participants=participants)
    crew.now = plan.begins_at
    begin(crew, shifted, study, plan)
    conduct = Conduct(crew, study, {form.oid: form for form in forms}, plan, attempts=())
    midnight = datetime.combine(now.date(), time(), UTC)
    conduct.run(told, until=midnight)
    crew.now = max(crew.now, midnight - timedelta(hours=6))
    coming = (one for one in plan.people if one.screened_at > midnight and one.eligible)
    for number, person in enumerate(islice(coming, _IN_SCREENING)):
        _screen(conduct, person, known=number)
    _ask(conduct)
    last = (now + timedelta(days=365)).date().isoformat()
    crew.do("register_batch", Role.PHARMACIST, plan.sites[0], code="SYN-99", expires_on=last)


def _screen(conduct: Conduct, person: Person, *, known: int) -> None:
    """Somebody in screening: with half of the answers, with all of them, or with all of them and a consent."""
    answers = dict(person.answers)
    if known == 0:
        answers = dict(islice(answers.items(), len(answers) // 2))
    screened = conduct.do(
        "screen",
        Role.COORDINATOR,
        person,
        site=person.site,
        answers=answers,
        born=person.born,
        identity=identity_of(person),
    )
    if known == 2:
        conduct.do(
            "record_consent",
            Role.COORDINATOR,
            person,
            participant=screened.participant,
            version="1.0",
            language="fa",
            signed_at=conduct.crew.now.isoformat(),
            witness="a nurse of the ward",
        )


def _ask(conduct: Conduct) -> None:
    """The monitor's questions of yesterday evening about the last who came in; the site has answered the first."""
    asked = [
        person
        for person in conduct.plan.people
        if ("F.DEMOGRAPHICS", "") in conduct.going[person.number].saved
        and person.ended_on is not None
        and person.ended_on > conduct.crew.now.date()
    ]
    for number, person in enumerate(asked[-_QUERIES:]):
        query = conduct.do(
            "raise_query",
            Role.MONITOR,
            person,
            participant=conduct.code(person),
            form="F.DEMOGRAPHICS",
            key="IG.DM/DM.AGE",
            text="The identity document says another year of birth. Please check.",
        ).query
        if number == 0:
            conduct.do(
                "answer_query", Role.COORDINATOR, person, query=query, text="The document was misread."
            )


def settle_origin(source: str) -> str:
    """The study file with a day from which visits are due, and the note that its pages show."""
    return with_note(source.replace(_NO_ORIGIN, 'time_origin = "randomisation"', 1), NOTE)


def shift_recruitment(source: str, *, today: date) -> str:
    """The study file with its planned recruitment moved so that ELAPSED of it is over on a day."""
    planned = {name: date.fromisoformat(day) for name, day in _RECRUITMENT.findall(source)}
    if len(planned) < 2:
        return source
    length = planned["planned_end"] - planned["planned_start"]
    by = today - timedelta(days=round(length.days * ELAPSED)) - planned["planned_start"]
    return _RECRUITMENT.sub(lambda found: f"{found[1]} = {date.fromisoformat(found[2]) + by}", source)
