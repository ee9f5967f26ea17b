"""Randomisation of a participant: offered only where nothing stands against it, then a receipt that tells no arm."""

from __future__ import annotations

from exotrial.operations.access import Permission
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import attempt, zone_of


@page("study/<study>/p/<str:participant>/randomise", permission=Permission.RANDOMISE)
def randomise_participant(visit: Visit) -> Outcome:
    """The button where everything holds, else what is missing."""
    code = visit.participant()
    done, refusals = attempt(visit, "randomise", participant=code) if visit.posted else (None, [])
    if done is not None:
        return Redirect(
            to=f"/study/{visit.study}/p/{visit.given['participant']}/receipt",
            said="The participant is randomised.",
        )
    seen = visit.ask("show_participant", participant=code)
    return Shown(
        "randomise.html",
        status=422 if refusals else 200,
        code=code,
        seen=seen,
        plan=visit.ask("show_conduct_plan", site=seen.listed.site),
        readiness=visit.ask("show_randomisable", participant=code),
        refusals=refusals,
    )


@page("study/<study>/p/<str:participant>/receipt", permission=Permission.READ_DATA)
def show_randomisation_receipt(visit: Visit) -> Outcome:
    """The receipt for the participant's file."""
    code = visit.participant()
    receipt = visit.ask("show_receipt", participant=code)
    return Shown("receipt.html", code=code, receipt=receipt, zone=zone_of(visit, receipt.site))
