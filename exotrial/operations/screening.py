"""Screening and enrolment: the answers to every criterion, the verdict kept, and who comes in (CONSORT 2025 22a).

Consent may be recorded after the answers (some are known before anybody is asked); nobody is enrolled without it.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from exotrial.core.dates import read_partial_date
from exotrial.core.errors import ErrorCode, Place
from exotrial.core.verdict import Verdict
from exotrial.operations import _life
from exotrial.operations._act import Act
from exotrial.operations._operation import RUNNING, Answer, Ask, operation
from exotrial.operations.access import Permission
from exotrial.operations.identity import Person, add_identity
from exotrial.participants.disposition import State
from exotrial.participants.eligibility import decide_eligibility
from exotrial.store.models import Identity, Participant, Screening, Site
from exotrial.study.definition import Study

CODE_TAKEN = ErrorCode(
    "LIF-010",
    "The study has a participant of that code.",
    "leave the code out, and the next is given; who was screened before is named in `participant`.",
)
FULL_BIRTH_DATE = ErrorCode(
    "LIF-011",
    "A full date of birth is not kept: with a hospital it tells who somebody is.",
    "give the year, or the year and month, such as 1971 or 1971-05.",
)
NOT_ELIGIBLE = ErrorCode(
    "LIF-012",
    "There is no verdict that the participant is eligible, by the version that the site works by.",
    "screen again with every answer; see `show_participant` for what stands against it.",
)
NO_LEVEL = ErrorCode(
    "LIF-013",
    "The level of the stratification factor is missing, or the study asks for none.",
    "give `stratum_level` as one of the levels of the study file.",
)
NO_STRATUM = ErrorCode(
    "LIF-014",
    "No stratum of the study covers the participant's level.",
    "nobody of that level can be randomised by this version; the study has to be amended.",
)
FULL = ErrorCode(
    "LIF-015",
    "The study, its stage or the stratum in it has all the participants that are planned.",
    "nobody more is enrolled; another number needs an amendment.",
)
AGE = ErrorCode(
    "LIF-016", "The age and the year of birth contradict each other.", "correct whichever is wrong."
)
BIRTH_KNOWN = ErrorCode(
    "LIF-017",
    "The participant was screened before with another birth or identity.",
    "leave it out where it is right; correct an identity with `correct_identity`.",
)

Given = StrictBool | StrictInt | Annotated[float, Field(strict=True, allow_inf_nan=False)] | str
"""One answer to a criterion's item."""


class Screen(Ask):
    """A person's answers. `participant` is given to screen somebody again; `code` where a code was given on paper."""

    site: str
    participant: str = Field(default="", description="Who is screened again; empty for a new participant.")
    code: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,39})?$",
        description="A code of your own; left out, the next is given: site in capitals, hyphen, four digits.",
    )
    born: str = Field(default="", max_length=40, description="Year, or year and month, of birth.")
    identity: Person | None = Field(default=None, description="Who it is; sealed and kept apart.")
    answers: dict[Annotated[str, Field(max_length=80)], Given] = Field(
        default_factory=dict, max_length=500, description="Answers by item of the criteria."
    )


class ShownReason(Answer):
    """One criterion: whether it holds (null where not known) and why."""

    criterion: str
    holds: bool | None
    why: str


class Screened(Answer):
    participant: str
    status: str
    eligible: bool
    reasons: tuple[ShownReason, ...]


@operation(permission=Permission.SCREEN, when=RUNNING)
def screen(act: Act, ask: Screen) -> Screened:
    """Screen a person, new or again: every criterion is answered and the verdict is kept, whichever it is."""
    site = act.site(ask.site)
    _life.check_active(site)
    participant = _again(act, ask, site) if ask.participant else _new(act, ask, site)
    study = act.definition(site.version)
    _check_age(act, participant, ask)
    verdict = decide_eligibility(study, ask.answers)
    act.add(
        Screening(
            participant=participant,
            version=site.version,
            answers=dict(ask.answers),
            verdict=asdict(verdict),
            eligible=verdict.holds,
            at=act.now,
        )
    )
    failed = any(reason.holds is False for reason in verdict.reasons)
    status = State.FAILURE if failed else State.SCREENING
    act.change(participant, status=status.value, version=site.version)
    return Screened(
        participant=participant.code,
        status=participant.status,
        eligible=verdict.holds,
        reasons=shown_reasons(verdict),
    )


def shown_reasons(verdict: Verdict) -> tuple[ShownReason, ...]:
    """A verdict's reasons as an answer."""
    return tuple(ShownReason(criterion=r.criterion, holds=r.holds, why=r.why) for r in verdict.reasons)


class Enrol(Ask):
    """Who is enrolled, and the level of the stratification factor where the study has one."""

    participant: str
    stratum_level: str = Field(
        default="", max_length=200, description="The participant's level of the stratification factor."
    )


class Enrolled(Answer):
    participant: str
    status: str
    version: int
    stage: str
    stratum: str
    enrolled_at: datetime


@operation(permission=Permission.SCREEN, when=RUNNING)
def enrol(act: Act, ask: Enrol) -> Enrolled:
    """Enrol an eligible participant who has consented: stage and stratum follow from the study file."""
    participant = act.participant(ask.participant)
    site = participant.site
    _life.check_active(site)
    _life.check_step(participant, State.ENROLLED)
    last = Screening.objects.filter(participant=participant).order_by("-pk").first()
    if last is None or not last.eligible or last.version != site.version:
        raise NOT_ELIGIBLE.refuse(
            f"{participant.code} has no verdict of eligible by version {site.version}", value=participant.code
        )
    _life.check_consent(participant)
    study = act.definition(site.version)
    stratum = _stratum(study, ask.stratum_level)
    stage = _stage(act, study, stratum)
    act.change(
        participant,
        status=State.ENROLLED.value,
        version=site.version,
        stratum=stratum,
        stratum_level=ask.stratum_level,
        stage=stage,
        enrolled_at=act.now,
    )
    return Enrolled(
        participant=participant.code,
        status=participant.status,
        version=participant.version,
        stage=stage,
        stratum=stratum,
        enrolled_at=act.now,
    )


def _new(act: Act, ask: Screen, site: Site) -> Participant:
    code = ask.code or _next_code(act, site)
    # Two codes that differ in their case alone would be one on paper and on the telephone.
    if Participant.objects.filter(study=act.the_study, code__iexact=code).exists():
        raise CODE_TAKEN.refuse(f"there is a participant {code!r}", place=Place(path="code"), value=code)
    participant = act.add(
        Participant(
            study=act.the_study,
            site=site,
            code=code,
            status=State.SCREENING.value,
            version=site.version,
            born_on=_birth(act, ask.born, site),
            screened_at=act.now,
        )
    )
    act.participant_code = code
    if ask.identity is not None:
        add_identity(act, participant, ask.identity)
    return participant


def _again(act: Act, ask: Screen, site: Site) -> Participant:
    participant = act.participant(ask.participant)
    if participant.site_id != site.pk or ask.code not in ("", participant.code):
        raise CODE_TAKEN.refuse(
            f"{participant.code} is of the site {participant.site.code}",
            place=Place(path="participant"),
            value=ask.participant,
        )
    _life.check_step(participant, State.SCREENING)
    if ask.born:
        born = _birth(act, ask.born, site)
        if participant.born_on not in ("", born):
            raise BIRTH_KNOWN.refuse(
                f"{participant.code} was born in {participant.born_on}", place=Place(path="born"), value=born
            )
        act.change(participant, born_on=born)
    if ask.identity is not None:
        if Identity.objects.filter(participant=participant).exists():
            raise BIRTH_KNOWN.refuse(
                f"who {participant.code} is was recorded before", place=Place(path="identity")
            )
        add_identity(act, participant, ask.identity)
    return participant


def _next_code(act: Act, site: Site) -> str:
    """`IMAM_KHOMEINI-0001`: the site in capitals, and one more than the highest number it has given."""
    prefix = f"{site.code.upper()[:33]}-"
    codes = Participant.objects.filter(study=act.the_study, code__istartswith=prefix)
    taken = {code.upper() for code in codes.values_list("code", flat=True)}
    numbers = [int(code[len(prefix) :]) for code in taken if re.fullmatch(r"[0-9]{4}", code[len(prefix) :])]
    # A code that a person chose may have the highest number or be in the way.
    number = max(numbers, default=0) + 1
    while f"{prefix}{number:04d}" in taken:
        number += 1
    return f"{prefix}{number:04d}"


def _birth(act: Act, born: str, site: Site) -> str:
    if not born:
        return ""
    place = Place(path="born")
    if len(born) > 7:
        raise FULL_BIRTH_DATE.refuse("the day of birth was given", place=place)
    read = read_partial_date(born, place=place)
    _life.check_past_day(act, read.first, site, path="born")
    return str(read)


def _check_age(act: Act, participant: Participant, ask: Screen) -> None:
    """Refuse with LIF-016 an age that nobody born then can have (the item is named `age`, in years)."""
    age = ask.answers.get("age")
    if not participant.born_on or isinstance(age, bool | str) or age is None:
        return
    born = read_partial_date(participant.born_on)
    today = _life.local_day(act.now, participant.site)
    youngest, oldest = _years(born.last, today), _years(born.first, today)
    if not max(youngest, 0) <= age < oldest + 1:
        raise AGE.refuse(
            f"an age of {age} does not go with a birth in {born}", place=Place(path="answers.age"), value=age
        )


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _stratum(study: Study, level: str) -> str:
    plan = study.randomisation
    strata = plan.strata if plan is not None else ()
    place = Place(path="stratum_level")
    if bool(strata) != bool(level):
        what = f"{level!r} is given and the study has no strata" if level else "no level is given"
        raise NO_LEVEL.refuse(what, place=place, value=level)
    if plan is None or not strata:
        return ""
    for stratum in strata:
        if level in stratum.levels:
            return stratum.id
    if level not in plan.factor_levels:
        levels = plan.factor_levels or tuple(one for stratum in strata for one in stratum.levels)
        raise NO_LEVEL.refuse(
            f"{level!r} is no level of {plan.factor or 'the factor'}: {', '.join(levels)}",
            place=place,
            value=level,
        )
    told = "; ".join(f"{stratum.name} has {', '.join(stratum.levels)}" for stratum in strata)
    raise NO_STRATUM.refuse(
        f"{plan.factor or 'the factor'} {level!r} falls into no stratum: {told}", place=place, value=level
    )


def _stage(act: Act, study: Study, stratum: str) -> str:
    """The first stage that is not full. Refuses with LIF-015."""
    enrolled = Participant.objects.filter(study=act.the_study).exclude(enrolled_at=None)
    for stage in study.stages:
        there = enrolled.filter(stage=stage.id)
        if there.count() >= stage.size:
            continue
        if stratum and stage.stratum_size is not None:
            count = there.filter(stratum=stratum).count()
            if count >= stage.stratum_size:
                raise FULL.refuse(
                    f"{stage.name} has its {count} participants in stratum {stratum}", value=stratum
                )
        return stage.id
    planned = sum(stage.size for stage in study.stages) if study.stages else study.design.planned_size
    if planned is not None and enrolled.count() >= planned:
        raise FULL.refuse(f"all {planned} planned participants are enrolled", value=planned)
    return ""
