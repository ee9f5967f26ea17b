"""Who a participant is: shown on request, since every look is kept in the trail, and corrected with a reason."""

from __future__ import annotations

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.operations.identity import NO_IDENTITY
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import attempt, by_place, typed


@page("study/<study>/p/<str:participant>/identity", permission=Permission.READ_IDENTITY)
def show_who_it_is(visit: Visit) -> Outcome:
    """Who it is, once one asks for it; and how to correct it."""
    code = visit.participant()
    told = typed(visit, "name", "contact", "hospital_number")
    reason = visit.form.get("reason", "").strip()
    refusals: list[Refusal] = []
    shown = None
    step = visit.form.get("step", "")
    if visit.posted and step == "correct":
        done, refusals = attempt(visit, "correct_identity", participant=code, identity=told, reason=reason)
        if done is not None:
            return Redirect(to=visit.request.path, said="The identity is corrected.")
    elif visit.posted:
        shown, refusals = attempt(visit, "show_identity", participant=code)
        if shown is not None:
            told = {name: getattr(shown, name) for name in told}
    nothing = any(one.code is NO_IDENTITY for one in refusals)
    return Shown(
        "identity.html",
        status=422 if refusals and not nothing else 200,
        code=code,
        shown=shown,
        asked=step == "correct" or shown is not None or nothing,
        nothing=nothing,
        typed=told,
        reason=reason,
        refusals=[] if nothing else refusals,
        wrong=by_place(refusals),
    )
