"""Each participant's doses, planned against given, for the roles that know arms."""

from __future__ import annotations

from datetime import datetime

from exotrial.operations import _life, arms
from exotrial.operations._act import Act
from exotrial.operations._dose_plans import HeldPlan, load_plans, prepared
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.participants.disposition import State
from exotrial.product import given_doses
from exotrial.product.dose_plan import most_off_of
from exotrial.store.models import Dose, Participant
from exotrial.study.definition.intervention import Intervention

_GOES_ON = (State.ENROLLED, State.RANDOMISED, State.TREATED)


class AskCumulativeDose(Ask):
    """All who had a dose, or one participant."""

    participant: str = ""


class CountedDose(Answer):
    """One dose. `share` of the prepared volume and the particles are None where they are not known."""

    number: int
    begun_at: datetime
    plan: int | None
    complete: bool
    given_ml: float | None
    total_ml: float | None
    share: float | None
    wanted: float | None
    particles: float | None


class CountedCourse(Answer):
    """A participant's course: particles planned and given, with their interval, and doses by number.

    `planned` and `administrations` are of the whole course, None where the study file does not say how many;
    particles are None where those of one dose are not known, or nothing is counted.
    """

    participant: str
    arm: str
    doses: tuple[CountedDose, ...]
    administrations: int | None
    planned: float | None
    particles: float | None
    low: float | None
    high: float | None
    share: float | None
    missed: int | None
    repeated: tuple[int, ...]
    partial: tuple[int, ...]
    unknown: tuple[int, ...]
    findings: tuple[str, ...]


class CountedCourses(Answer):
    courses: tuple[CountedCourse, ...]


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_cumulative_dose(act: Act, ask: AskCumulativeDose) -> CountedCourses:
    """Particles planned against given for each participant, with what is to be asked; each reading is kept."""
    rows = Participant.objects.filter(study=act.the_study).select_related("site").order_by("code")
    if ask.participant:
        rows = rows.filter(pk=act.participant(ask.participant).pk)
    reached = [one for one in rows if act.actor.holds_at(one.site.code)]
    courses = [_course(act, one) for one in reached]
    return CountedCourses(courses=tuple(one for one in courses if one is not None))


def _course(act: Act, participant: Participant) -> CountedCourse | None:
    rows = list(Dose.objects.filter(participant=participant).select_related("kit").order_by("begun_at", "pk"))
    if not rows:
        return None
    held = [one for one in load_plans(act, participant, purpose="knowing arms") if one.number is not None]
    numbers = {one.row.pk: one.number for one in held}
    given = [
        given_doses.GivenDose(
            number=number,
            begun_at=row.begun_at,
            day=_life.local_day(row.begun_at, participant.site),
            complete=row.complete,
            plan=numbers.get(row.plan_id) if row.plan_id is not None else None,
            given_ml=row.given_ml,
        )
        for number, row in enumerate(rows, 1)
    ]
    arm = arms.open_kit(act, rows[0].kit, purpose="knowing arms")["arm"]
    treated = _treatment(act, arm, held)
    course = given_doses.compute_cumulative_dose(
        given,
        [prepared(one) for one in held],
        schedule=treated.schedule if treated else None,
        ended=State(participant.status) not in _GOES_ON,
    )
    findings = given_doses.check_doses(
        course,
        rule=treated.dose if treated else None,
        participant=participant.code,
        most_off=most_off_of(act.definition()),
    )
    return CountedCourse(
        participant=participant.code,
        arm=arm,
        doses=tuple(_show(one) for one in course.doses),
        administrations=course.administrations,
        planned=course.planned,
        particles=course.particles,
        low=course.low,
        high=course.high,
        share=course.share,
        missed=course.missed,
        repeated=course.repeated,
        partial=course.partial,
        unknown=course.unknown,
        findings=tuple(f"{one.rule}: {one.says}. {one.settle}" for one in findings),
    )


def _treatment(act: Act, arm: str, held: list[HeldPlan]) -> Intervention | None:
    """What the participant is given: as the last plan says, else the arm's only intervention that has a dose."""
    study = act.definition()
    if held:
        return next((one for one in study.interventions if one.id == held[-1].plan.intervention), None)
    ids = next((one.interventions for one in study.arms if one.id == arm), ())
    dosed = [one for one in study.interventions if one.id in ids and one.dose is not None]
    return dosed[0] if len(dosed) == 1 else None


def _show(one: given_doses.Delivered) -> CountedDose:
    return CountedDose(
        number=one.dose.number,
        begun_at=one.dose.begun_at,
        plan=one.dose.plan,
        complete=one.dose.complete,
        given_ml=one.dose.given_ml,
        total_ml=one.plan.total_ml if one.plan else None,
        share=one.share,
        wanted=one.plan.wanted if one.plan else None,
        particles=one.particles,
    )
