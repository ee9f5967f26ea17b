"""Sites: opened, approved for a version of the study, suspended, closed."""

from __future__ import annotations

from typing import Any

from exotrial.operations.access import Permission
from exotrial.web.pages._attempt import Refused, attempt, beside, in_words
from exotrial.web.pages._page import Menu, Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._refs import NO_PAGE

DONE = {
    "activate_site": "The approval is recorded. The site works by the version from now on.",
    "change_site": "The site's state is changed.",
}
"""What is said after each thing that can be done on a site's page; its keys are the operations."""


@page("study/<study>/sites", permission=Permission.READ_STUDY, menu=Menu("Sites", 92))
def sites(visit: Visit) -> Outcome:
    """Every site within one's rights, by what version it works, and opening another."""
    _, refusals = in_words(visit), Refused()
    if visit.posted:
        typed = {name: visit.form.get(name, "") for name in ("code", "name", "zone")}
        opened, refusals = attempt(visit, "open_site", **typed)
        if opened:
            said = _("The site is open. It can screen once its investigator has recorded an approval.")
            return Redirect(to=f"/study/{visit.study}/sites/{opened.code}", said=said)
    by_field, elsewhere = beside(refusals, "code", "name", "zone")
    approved = {one.site: one for one in visit.ask("list_activations").activations}
    return Shown(
        "setup/sites.html",
        status=422 if refusals else 200,
        study=visit.ask("show_study"),
        approved=approved,
        by_field=by_field,
        elsewhere=elsewhere,
        typed=visit.form,
    )


@page("study/<study>/sites/<str:site>", permission=Permission.READ_STUDY)
def site(visit: Visit) -> Outcome:
    """One site: its approvals, what a waiting version changes, and its state."""
    _, code, address = (
        in_words(visit),
        visit.given["site"],
        f"/study/{visit.study}/sites/{visit.given['site']}",
    )
    do, refusals = "", Refused()
    if visit.posted:
        do = visit.form.get("do", "")
        if do not in DONE:
            raise NO_PAGE.refuse("there is no such thing to do")
        done, refusals = attempt(visit, do, site=code, **_told(visit, do))
        if done:
            return Redirect(to=address, said=_(DONE[do]))
    study = visit.ask("show_study")
    shown = next((one for one in study.sites if one.code == code), None)
    if shown is None:
        raise NO_PAGE.refuse("there is no such site for this person")
    versions = visit.ask("show_amendments").versions
    by_field, elsewhere = beside(refusals, "approved_on", "reference", "version", "status", "reason")
    return Shown(
        "setup/site.html",
        status=422 if refusals else 200,
        study=study,
        kept=visit.ask("show_study_file"),
        shown=shown,
        waiting=[one for one in versions if one.version > shown.version],
        labels={one.version: one.label for one in versions},
        approvals=[one for one in visit.ask("list_activations").activations if one.site == code][::-1],
        failed=do if refusals else "",
        by_field=by_field,
        elsewhere=elsewhere,
        typed=visit.form,
    )


def _told(visit: Visit, do: str) -> dict[str, Any]:
    form = visit.form
    if do == "change_site":
        return {"status": form.get("status", ""), "reason": form.get("reason", "")}
    return {name: form.get(name, "") for name in ("version", "approved_on", "reference")}
