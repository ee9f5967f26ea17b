"""Treatment: a kit is given to the participant, doses of it are recorded; what is in it is nowhere told."""

from __future__ import annotations

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import attempt, by_place, read_moment, typed


@page("study/<study>/p/<str:participant>/dose", permission=Permission.RECORD_DOSE)
def give_kit_and_dose(visit: Visit) -> Outcome:
    """Assign the participant's kit, and record a dose of it."""
    code = visit.participant()
    treatment = visit.ask("show_treatment", participant=code)
    refusals: list[Refusal] = []
    step = visit.form.get("step", "")
    if visit.posted:
        try:
            refusals = _send(visit, code, treatment.zone, step)
        except Refusal as refused:
            refusals = [refused]
        if not refusals:
            said = "The kit is assigned." if step == "assign" else "The dose is recorded."
            return Redirect(to=visit.request.path, said=said)
    own = visit.own.roles if visit.own else ()
    return Shown(
        "dose.html",
        status=422 if refusals else 200,
        code=code,
        treatment=treatment,
        words=any(one.blind and Permission.RECORD_DOSE.value in one.may for one in own),
        step=step,
        typed=typed(visit, "kit", "vial", "begun_at", "ended_at", "complete", "amount", "note"),
        refusals=refusals,
        wrong=by_place(refusals),
    )


def _send(visit: Visit, code: str, zone: str, step: str) -> list[Refusal]:
    if step == "assign":
        return attempt(visit, "assign_kit", participant=code, **typed(visit, "kit"))[1]
    told = {name: said for name, said in typed(visit, "kit", "vial", "amount", "note").items() if said}
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
    )[1]
