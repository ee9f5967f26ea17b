"""Emergency unblinding: the participant by code, who asks proven again, the reason, and the arm shown once."""

from __future__ import annotations

from exotrial.core.errors import Place, Refusal
from exotrial.operations.access import Permission
from exotrial.operations.unblinding import NOT_RANDOMISED
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import ONCE, attempt, by_place, check_once, once_of, typed


@page("study/<study>/emergency", permission=Permission.UNBLIND_EMERGENCY)
def choose_for_emergency(visit: Visit) -> Outcome:
    """Whose arm care depends on: the code as it stands on the card, in small letters or capitals."""
    refusals: list[Refusal] = []
    code = visit.form.get("participant", "").strip()
    if visit.posted:
        for written in dict.fromkeys((code, code.upper())):
            seen, refusals = attempt(visit, "show_participant", participant=written)
            if seen is not None:
                return Redirect(to=f"/study/{visit.study}/p/{visit.ref(seen.listed.participant)}/unblind")
    return Shown(
        "emergency.html",
        status=422 if refusals else 200,
        code=code,
        refusals=refusals,
        wrong=by_place(refusals),
    )


@page("study/<study>/p/<str:participant>/unblind", permission=Permission.UNBLIND_EMERGENCY)
def unblind_in_emergency(visit: Visit) -> Outcome:
    """What follows from it, who asks and why; then the arm, once: loading the answer again shows it to nobody."""
    code = visit.participant()
    refusals: list[Refusal] = []
    told = typed(visit, "username", "reason")
    once = once_of(visit)
    if visit.posted:
        try:
            check_once(visit)
            # Typed passwords keep their blanks.
            done = visit.ask(
                "unblind_emergency", participant=code, password=visit.form.get("password", ""), **told
            )
        except Refusal as refused:
            refusals = [refused]
        else:
            return Shown("unblinded.html", cookies={ONCE: ""}, code=code, unblinded=done)
    seen = visit.ask("show_participant", participant=code)
    if not seen.listed.randomised_at and not refusals:
        refusals = [NOT_RANDOMISED.refuse(f"{code} is {seen.listed.status}", place=Place(path="participant"))]
    return Shown(
        "unblind.html",
        status=422 if visit.posted else 200,
        cookies={ONCE: once},
        code=code,
        seen=seen,
        once=once,
        plan=visit.ask("show_conduct_plan", site=seen.listed.site),
        typed=told,
        refusals=refusals,
        wrong=by_place(refusals),
    )


@page("study/<study>/unblindings", permission=Permission.READ_UNBLINDINGS)
def show_unblindings(visit: Visit) -> Outcome:
    """The register of unblindings: whose, when, by whom and why, without the arm."""
    return Shown("unblindings.html", register=visit.ask("list_unblindings").unblindings)
