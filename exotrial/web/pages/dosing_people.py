"""Treatment: a kit is given, its doses are planned and recorded; what is in it only the page of plans tells."""

from __future__ import annotations

from typing import Any

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import attempt, by_place, read_moment, typed

_FIELDS = ("kit", "vial", "plan", "given", "amount", "note")


@page("study/<study>/p/<str:participant>/dose", permission=Permission.RECORD_DOSE)
def give_kit_and_dose(visit: Visit) -> Outcome:
    """Assign the participant's kit, and record a dose of it."""
    code = visit.participant()
    treatment = visit.ask("show_treatment", participant=code)
    refusals: list[Refusal] = []
    step = visit.form.get("step", "")
    if visit.posted:
        try:
            done, refusals = _send(visit, code, treatment.zone, step)
        except Refusal as refused:
            refusals = [refused]
        if not refusals:
            doubts = "; ".join(getattr(done, "doubts", ()))
            said = "The kit is assigned." if step == "assign" else "The dose is recorded."
            said += f" To be asked: {doubts}." if doubts else ""
            return Redirect(to=visit.request.path, said=said)
    plans = visit.ask("list_dose_plans", participant=code).plans
    own = visit.own.roles if visit.own else ()
    return Shown(
        "dose.html",
        status=422 if refusals else 200,
        code=code,
        treatment=treatment,
        plans=plans,
        waiting=[one for one in plans if not one.given],
        prepares=visit.may(Permission.KNOW_ARMS),
        words=any(one.blind and Permission.RECORD_DOSE.value in one.may for one in own),
        step=step,
        typed=typed(visit, *_FIELDS, "begun_at", "ended_at", "complete"),
        refusals=refusals,
        wrong=by_place(refusals),
    )


def _send(visit: Visit, code: str, zone: str, step: str) -> tuple[Any, list[Refusal]]:
    if step == "assign":
        return attempt(visit, "assign_kit", participant=code, **typed(visit, "kit"))
    told = {name: text for name, text in typed(visit, *_FIELDS).items() if text}
    complete = visit.form.get("complete", "")
    moments = {
        name: read_moment(visit.form.get(name, "").strip(), zone, path=name)
        for name in ("begun_at", "ended_at")
    }
    return attempt(
        visit,
        "record_dose",
        participant=code,
        **told,
        **{name: at for name, at in moments.items() if at},
        **({"complete": complete == "yes"} if complete else {}),
    )


_PLANNED = (
    *("kit", "vial_ml", "graduation_ml", "concentration", "uncertainty", "particles_per_cell", "known_from"),
    *("weight_kg", "height_cm", "sex", "weight_basis", "volume_ml", "intervention"),
)


@page("study/<study>/p/<str:participant>/dose/plans", permission=Permission.KNOW_ARMS)
def plan_doses(visit: Visit) -> Outcome:
    """Plans of a participant's doses with what is drawn and mixed, the course so far, and the next plan."""
    code = visit.participant()
    refusals: list[Refusal] = []
    if visit.posted:
        told = {name: text for name, text in typed(visit, *_PLANNED).items() if text}
        made, refusals = attempt(visit, "plan_dose", participant=code, **told)
        if made is not None:
            said = (
                "The dose is planned." if made.can_be_made else "The dose cannot be made; the plan says why."
            )
            return Redirect(to=visit.request.path, said=said)
    handles = visit.may(Permission.HANDLE_PRODUCT)
    return Shown(
        "dose_plans.html",
        status=422 if refusals else 200,
        code=code,
        plans=visit.ask("show_dose_plans", participant=code).plans[::-1],
        courses=visit.ask("show_cumulative_dose", participant=code).courses,
        kits=visit.ask("show_treatment", participant=code).kits if handles else (),
        typed=typed(visit, *_PLANNED),
        refusals=refusals,
        wrong=by_place(refusals),
    )
