"""Signatures: what waits for one's own, what was signed, what a change broke; signing one thing at a time.

Each signature asks for username and password again (21 CFR 11.200(a)(1)): there is no signing of several at once.
"""

from __future__ import annotations

from urllib.parse import urlencode

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import MATRIX, Permission, Role
from exotrial.operations.signatures import Meaning, Milestone
from exotrial.web.pages._chosen import (
    OF,
    address_of,
    filters_of,
    own_sites,
    refused_of,
    take_filters,
    wrong_filter,
)
from exotrial.web.pages._page import Menu, Outcome, Redirect, Shown, Visit, page

FILTERS = ("site", "broken")


@page("study/<study>/signatures", permission=Permission.READ_DATA, menu=Menu("Signatures", 50))
def signatures(visit: Visit) -> Outcome:
    """What waits for one's signature, and every signature there is, held to what it is on where one asks for it."""
    path = f"/study/{visit.study}/signatures"
    if visit.posted and visit.form.get("do") != "check":
        return take_filters(visit, FILTERS, path=path)
    filters = filters_of(visit, FILTERS)
    after, seen = visit.query.get("after", ""), visit.query.get("seen", "")
    wrong: list[Refusal] = []
    work = listed = None
    checks = visit.posted
    try:
        if visit.may(Permission.SIGN):
            work = visit.ask(
                "list_to_sign",
                site=filters["site"],
                participant=filters[OF],
                broken=bool(filters["broken"]),
                after=after or 0,
                limit=25,
            )
        listed = visit.ask(
            "check_signatures" if checks else "list_signatures", participant=filters[OF], after=seen or 0
        )
    except (Refusal, Refusals) as refused:
        wrong = wrong_filter(refused)
    here = address_of(visit, filters, path=path, seen=seen)
    return Shown(
        "signatures.html",
        status=422 if wrong else 200,
        work=work,
        listed=listed,
        checked=checks,
        wrong=wrong,
        filters=filters,
        here=here,
        more_forms=address_of(visit, filters, path=path, after=work.next) if work and work.next else "",
        more_signed=address_of(visit, filters, path=path, seen=listed.next) if listed and listed.next else "",
        sites=own_sites(visit),
        sign_address=lambda one: _sign_address(visit, one),
    )


@page("study/<study>/p/<str:participant>/sign")
def sign(visit: Visit) -> Outcome:
    """Sign one form, seen on this page at its revision, or the participant's whole casebook where no form is named."""
    code = visit.participant()
    form = visit.query.get("form", "")
    which = {"form": form, "encounter": visit.query.get("at", ""), "repeat": visit.query.get("n", "1") or "1"}
    refusals: list[Refusal] = []
    meaning = visit.form.get("meaning", "")
    if visit.posted:
        told = {name: visit.form.get(name, "") for name in ("username", "password", "meaning")}
        try:
            if form:
                revision = visit.form.get("revision", "")
                done = visit.ask("sign_form", participant=code, **which, revision=revision, **told)
            else:
                done = visit.ask("sign_participant", participant=code, **told)
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
        else:
            return Redirect(
                to=f"/study/{visit.study}/signatures", said=f"Signed by {done.name}: {done.meaning}."
            )
    return Shown(
        "sign.html",
        status=422 if refusals else 200,
        code=code,
        record=visit.ask("show_record", participant=code, **which) if form else None,
        standing=visit.ask("show_verification", participant=code, **which) if form else None,
        casebook=None if form else visit.ask("show_casebook", participant=code),
        refusals=refusals,
        meaning=meaning,
        meanings=[one.value for one in Meaning],
        typed_name=visit.form.get("username", ""),
        record_address=lambda one: _record_address(visit, code, one),
    )


@page("study/<study>/signatures/study")
def sign_study(visit: Visit) -> Outcome:
    """Sign the data of one's site, or of the whole study, as they stand at a milestone."""
    refusals: list[Refusal] = []
    typed = {name: visit.form.get(name, "") for name in ("milestone", "meaning", "site", "username")}
    if visit.posted:
        try:
            done = visit.ask("sign_study", **typed, password=visit.form.get("password", ""))
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
        else:
            return Redirect(
                to=f"/study/{visit.study}/signatures", said=f"Signed by {done.name}: {done.meaning}."
            )
    roles = [Role(one.role) for one in (visit.own.roles if visit.own else ())]
    by_site = all(MATRIX[one].by_site for one in roles if visit.role in ("", one.value))
    return Shown(
        "sign_study.html",
        status=422 if refusals else 200,
        refusals=refusals,
        typed=typed,
        by_site=by_site,
        sites=own_sites(visit),
        meanings=[one.value for one in Meaning],
        milestones=[one.value for one in Milestone],
    )


def _sign_address(visit: Visit, form: object) -> str:
    """Where a form is signed."""
    return _record_address(visit, str(getattr(form, "participant", "")), form)


def _record_address(visit: Visit, code: str, form: object) -> str:
    told = {
        "form": getattr(form, "form", ""),
        "at": getattr(form, "encounter", ""),
        "n": getattr(form, "repeat", 1),
    }
    kept = {name: value for name, value in told.items() if value not in ("", 1)}
    return f"/study/{visit.study}/p/{visit.ref(code)}/sign?{urlencode(kept)}"
