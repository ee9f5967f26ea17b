"""The study's state: what stands between it and its lock, and suspending, locking and what follows, with a reason."""

from __future__ import annotations

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.web.pages._chosen import refused_of
from exotrial.web.pages._page import Menu, Outcome, Redirect, Shown, Visit, page

STEPS = {
    "running": ("suspend_study", "lock_study"),
    "suspended": ("resume_study", "lock_study"),
    "locked": ("unlock_study", "archive_study"),
    "unblinded": ("archive_study",),
    "archived": ("reopen_archive",),
}
"""Which steps are worth a button in which state; whether one may be taken is the operation's answer."""

ASKS = {"archive_study": Permission.EXPORT}


@page("study/<study>/lock", permission=Permission.READ_DATA, menu=Menu("State and lock", 55))
def lock(visit: Visit) -> Outcome:
    """Every reason for or against the lock, and the steps that the study's state leaves."""
    refusals: list[Refusal] = []
    study = visit.ask("status")
    steps = [one for one in STEPS.get(study.status, ()) if visit.may(ASKS.get(one, Permission.LOCK))]
    do = visit.form.get("do", "")
    if visit.posted and any(do in of_state for of_state in STEPS.values()):
        try:
            done = visit.ask(do, reason=visit.form.get("reason", ""))
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
        else:
            still = getattr(done, "still_taking_part", 0)
            more = f" Participants still taking part: {still}." if still else ""
            return Redirect(to=f"/study/{visit.study}/lock", said=f"The study is {done.status} now.{more}")
    return Shown(
        "lock.html",
        status=422 if refusals else 200,
        study=study,
        readiness=visit.ask("show_lock_readiness"),
        amendments=visit.ask("show_amendments").versions,
        steps=steps,
        refusals=refusals,
        refused_step=do,
        typed=visit.form.get("reason", ""),
    )
