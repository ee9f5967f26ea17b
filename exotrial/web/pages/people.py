"""The people of the installation: accounts, and the rights that each holds."""

from __future__ import annotations

from typing import Any

from exotrial.operations.access import Role
from exotrial.web.pages._attempt import Refused, attempt, beside, in_words
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._refs import NO_PAGE

DONE = {
    "reset_password": "The password is set. Tell it to the person, who is asked to change it.",
    "reset_second_factor": "The second factor is removed, and the person's sessions are ended.",
    "set_account_active": "The account is changed.",
    "grant_role": "The right is granted.",
    "revoke_role": "The right is taken away.",
    "record_training": "The training is recorded.",
}
"""What is said after each thing that can be done on a person's page; its keys are the operations."""


@page("people")
def people(visit: Visit) -> Outcome:
    """Every account, and adding one."""
    _, refusals = in_words(visit), Refused()
    if visit.posted:
        typed = {name: visit.form.get(name, "") for name in ("username", "name", "email", "password")}
        added, refusals = attempt(visit, "add_account", **typed)
        if added:
            to = f"/people/person/{added.username}"
            return Redirect(to=to, said=_("The account is added. It can do nothing until a role is granted."))
    accounts, rights = visit.ask("list_accounts").accounts, visit.ask("list_rights").rights
    held: dict[str, list[Any]] = {}
    for right in rights:
        held.setdefault(right.username, []).append(right)
    by_field, elsewhere = beside(refusals, "username", "name", "email", "password")
    return Shown(
        "people/people.html",
        status=422 if refusals else 200,
        accounts=accounts,
        held=held,
        by_field=by_field,
        elsewhere=elsewhere,
        typed=visit.form,
    )


@page("people/person/<str:username>")
def person(visit: Visit) -> Outcome:
    """One person: the account, the rights held, and what the administrator can do about them."""
    _, username = in_words(visit), visit.given["username"]
    do, at, refusals = "", "", Refused()
    if visit.posted:
        do, at = visit.form.get("do", ""), visit.form.get("where", "")
        if do not in DONE:
            raise NO_PAGE.refuse("there is no such thing to do")
        done, refusals = attempt(visit, do, username=username, **_told(visit, do))
        if done:
            return Redirect(to=f"/people/person/{username}", said=_(DONE[do]))
    found = visit.ask("list_accounts", username=username).accounts
    if not found:
        raise NO_PAGE.refuse("there is no such person")
    return Shown(
        "people/person.html",
        status=422 if refusals else 200,
        shown=found[0],
        held=[one for one in visit.ask("list_rights").rights if one.username == username],
        places=visit.ask("list_places").studies,
        roles=list(Role),
        failed=do if refusals else "",
        failed_at=_right(visit) if do in ("revoke_role", "record_training") else "",
        refusals=refusals,
        where=at,
        typed=visit.form,
    )


def _told(visit: Visit, do: str) -> dict[str, Any]:
    """What was typed, as each operation asks for it."""
    form, reason = visit.form, {"reason": visit.form.get("reason", "")}
    study, _, site = form.get("where", "").partition("/")
    right = {"role": form.get("role", ""), "study": study, "site": site}
    trained = {"trained_on": form.get("trained_on", "")}
    told: dict[str, dict[str, Any]] = {
        "reset_password": {"new_password": form.get("new_password", "")} | reason,
        "reset_second_factor": reason,
        "set_account_active": {"active": form.get("active") == "yes"} | reason,
        "grant_role": right | {"trained_on": form.get("trained_on") or None},
        "revoke_role": right | reason,
        "record_training": right | trained | reason,
    }
    return told[do]


def _right(visit: Visit) -> str:
    return f"{visit.form.get('role', '')} {visit.form.get('where', '')}"
