"""Endings of treatment and of taking part, and deviations from the protocol."""

from __future__ import annotations

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.operations.deviations import Category, Importance
from exotrial.operations.ending import End
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import attempt, by_place, read_moment, seen_participant, typed, zone_of


@page("study/<study>/p/<str:participant>/end", permission=Permission.END_PARTICIPATION)
def end_treatment_or_participation(visit: Visit) -> Outcome:
    """End a participant's treatment, with the follow-up going on, or taking part altogether."""
    code = visit.participant()
    seen = visit.ask("show_participant", participant=code)
    zone = zone_of(visit, seen.listed.site)
    told = typed(visit, "kind", "ended_at", "reason")
    step = visit.form.get("step", "")
    refusals: list[Refusal] = []
    if visit.posted:
        try:
            if step == "treatment":
                refusals = attempt(visit, "end_treatment", participant=code, reason=told["reason"])[1]
            else:
                at = read_moment(told["ended_at"], zone, path="ended_at")
                sent = {**told, "ended_at": at}
                refusals = attempt(visit, "end_participation", participant=code, **sent)[1]
        except Refusal as refused:
            refusals = [refused]
        if not refusals:
            return Redirect(
                to=f"/study/{visit.study}/p/{visit.given['participant']}", said="The end is recorded."
            )
    return Shown(
        "end.html",
        status=422 if refusals else 200,
        code=code,
        seen=seen,
        zone=zone,
        kinds=[one for one in End if one.value in seen.next],
        step=step,
        typed=told,
        refusals=refusals,
        wrong=by_place(refusals),
    )


@page("study/<study>/p/<str:participant>/deviation", permission=Permission.DEVIATION)
def report_participant_deviation(visit: Visit) -> Outcome:
    """Report what was done otherwise than the protocol says."""
    code = visit.participant()
    told = typed(visit, "happened_on", "category", "importance", "text", "action")
    done, refusals = (
        attempt(visit, "report_deviation", participant=code, **told) if visit.posted else (None, [])
    )
    if done is not None:
        return Redirect(to=visit.request.path, said="The deviation is reported.")
    seen = seen_participant(visit, code)
    reported = visit.ask("list_deviations", participant=code).deviations if seen is not None else None
    own = visit.own.roles if visit.own else ()
    return Shown(
        "deviation.html",
        status=422 if refusals else 200,
        code=code,
        reported=reported,
        sealed=any(not one.blind for one in own),
        categories=list(Category),
        importances=list(Importance),
        typed=told,
        refusals=refusals,
        wrong=by_place(refusals),
    )
