"""Redaction: personal data typed by mistake are taken out of one answer and of its trail, for good."""

from __future__ import annotations

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.web.pages._chosen import refused_of
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._refs import NO_PAGE
from exotrial.web.pages._render import refusals_by_place

FIELDS = ("participant", "form", "encounter", "repeat", "key", "earlier", "reason")


@page("study/<study>/redaction")
def redaction(visit: Visit) -> Outcome:
    """Which answer is to be redacted, brought by post from the trail or typed, with what that means."""
    if not visit.may(Permission.REDACT):
        raise NO_PAGE.refuse("redaction is the administrator's")
    typed = {name: visit.form.get(name, "") for name in FIELDS}
    refusals: list[Refusal] = []
    if visit.posted and visit.form.get("do") == "redact":
        told = {name: value for name, value in typed.items() if value}
        try:
            done = visit.ask("redact_value", **told)
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
        else:
            said = f"Redacted. Entries of the trail emptied: {done.entries}; other rows: {done.other_rows}."
            return Redirect(to=f"/study/{visit.study}/audit", said=said)
    return Shown(
        "redaction.html",
        status=422 if refusals else 200,
        typed=typed,
        refusals=refusals,
        by_place=refusals_by_place(refusals),
    )
