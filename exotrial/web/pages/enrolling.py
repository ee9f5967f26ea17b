"""Enrolment with the level of the stratification factor, and the correction of a stratum that was recorded wrongly."""

from __future__ import annotations

from exotrial.operations.access import Permission
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import attempt, by_place, typed


@page("study/<study>/p/<str:participant>/enrol", permission=Permission.SCREEN)
def enrol_participant(visit: Visit) -> Outcome:
    """Enrol who is eligible and has consented; else what is missing."""
    code = visit.participant()
    seen = visit.ask("show_participant", participant=code)
    told = typed(visit, "stratum_level")
    _, refusals = attempt(visit, "enrol", participant=code, **told) if visit.posted else (None, [])
    plan = visit.ask("show_conduct_plan", site=seen.listed.site)
    if visit.posted and not refusals:
        step = "randomise" if plan.randomised and visit.may(Permission.RANDOMISE) else ""
        to = f"/study/{visit.study}/p/{visit.given['participant']}"
        return Redirect(to=f"{to}/{step}" if step else to, said="The participant is enrolled.")
    return Shown(
        "enrol.html",
        status=422 if refusals else 200,
        code=code,
        seen=seen,
        plan=plan,
        typed=told,
        refusals=refusals,
        wrong=by_place(refusals),
    )


@page("study/<study>/p/<str:participant>/stratum", permission=Permission.SCREEN)
def correct_stratum_page(visit: Visit) -> Outcome:
    """Correct a stratum that was recorded wrongly; who is randomised stays randomised as it was."""
    code = visit.participant()
    seen = visit.ask("show_participant", participant=code)
    told = typed(visit, "stratum", "stratum_level", "reason")
    done, refusals = (
        attempt(visit, "correct_stratum", participant=code, **told) if visit.posted else (None, [])
    )
    if done is not None:
        to = f"/study/{visit.study}/p/{visit.given['participant']}"
        return Redirect(to=to, said="The stratum is corrected; the randomisation stays as it was.")
    return Shown(
        "stratum.html",
        status=422 if refusals else 200,
        code=code,
        seen=seen,
        plan=visit.ask("show_conduct_plan", site=seen.listed.site),
        typed=told,
        refusals=refusals,
        wrong=by_place(refusals),
    )
