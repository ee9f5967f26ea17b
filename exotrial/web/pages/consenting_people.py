"""Consent: recorded, asked for again after an amendment, and withdrawn with what may be used of the data."""

from __future__ import annotations

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.participants.consent import DataUse, Scope
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import attempt, by_place, read_moment, typed, zone_of


@page("study/<study>/p/<str:participant>/consent", permission=Permission.SCREEN)
def record_or_withdraw_consent(visit: Visit) -> Outcome:
    """Record the consent form as it was signed, or that consent is withdrawn."""
    code = visit.participant()
    seen = visit.ask("show_participant", participant=code)
    zone = zone_of(visit, seen.listed.site)
    refusals: list[Refusal] = []
    step = visit.form.get("step", "")
    if visit.posted:
        try:
            refusals = _send(visit, code, zone, step)
        except Refusal as refused:
            refusals = [refused]
        if not refusals:
            said = "The withdrawal is recorded." if step == "withdraw" else "The consent is recorded."
            return Redirect(to=f"/study/{visit.study}/p/{visit.given['participant']}", said=said)
    return Shown(
        "consent.html",
        status=422 if refusals else 200,
        code=code,
        seen=seen,
        zone=zone,
        plan=visit.ask("show_conduct_plan", site=seen.listed.site),
        scopes=list(Scope),
        uses=list(DataUse),
        step=step,
        typed=typed(
            visit,
            "version",
            "language",
            "signed_at",
            "witness",
            "scope",
            "data_use",
            "withdrawn_at",
            "reason",
        ),
        refusals=refusals,
        wrong=by_place(refusals),
    )


def _send(visit: Visit, code: str, zone: str, step: str) -> list[Refusal]:
    if step == "withdraw":
        told = typed(visit, "scope", "data_use", "withdrawn_at", "reason")
        told["withdrawn_at"] = read_moment(told["withdrawn_at"], zone, path="withdrawn_at")
        return attempt(visit, "withdraw_consent", participant=code, **told)[1]
    told = typed(visit, "version", "language", "signed_at", "witness")
    told["signed_at"] = read_moment(told["signed_at"], zone, path="signed_at")
    return attempt(visit, "record_consent", participant=code, **told)[1]
