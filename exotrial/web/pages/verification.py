"""Source data verification: participants with what is left, one participant's forms, one form's answers to tick."""

from __future__ import annotations

from urllib.parse import urlencode

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
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
from exotrial.web.pages._refs import read_ref

FILTERS = ("site", "left")


@page("study/<study>/verification", permission=Permission.READ_DATA, menu=Menu("Verification", 45))
def verification(visit: Visit) -> Outcome:
    """How far verification is, and the participants with forms that are left or that changed since."""
    path = f"/study/{visit.study}/verification"
    if visit.posted:
        return take_filters(visit, FILTERS, path=path)
    filters = filters_of(visit, FILTERS)
    told = {name: value for name, value in filters.items() if value and name != OF}
    told |= {"participant": filters[OF]} if filters[OF] else {}
    after = visit.query.get("after", "")
    wrong: list[Refusal] = []
    work = None
    try:
        work = visit.ask("list_verification", **told, after=_code_after(visit, after))
    except (Refusal, Refusals) as refused:
        wrong = wrong_filter(refused)
    more = visit.ref(work.next) if work and work.next else ""
    return Shown(
        "verification.html",
        status=422 if wrong else 200,
        work=work,
        wrong=wrong,
        filters=filters,
        first=address_of(visit, filters, path=path) if after else "",
        next=address_of(visit, filters, path=path, after=more) if more else "",
        sites=own_sites(visit),
    )


@page("study/<study>/verification/<str:participant>")
def verification_participant(visit: Visit) -> Outcome:
    """One participant's filled forms; freezing what is done."""
    code = visit.participant()
    refusals: list[Refusal] = []
    if visit.posted and visit.form.get("do") in ("freeze", "unfreeze"):
        form, _, encounter = visit.form.get("what", "").partition("@")
        try:
            done = visit.ask(
                f"{visit.form['do']}_records",
                participant=code,
                form=form,
                encounter=encounter,
                reason=visit.form.get("reason", ""),
            )
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
        else:
            word = "frozen" if visit.form["do"] == "freeze" else "unfrozen"
            return Redirect(to=visit.request.path, said=f"Forms {word}: {done.records}.")
    work = visit.ask("list_verification", participant=code)
    return Shown(
        "verification_participant.html",
        status=422 if refusals else 200,
        one=work.participants[0],
        whats=[
            *(
                (f"{form.form}@{form.encounter}", f"{form.label} {form.encounter_label}".strip())
                for form in work.participants[0].forms
            ),
        ],
        refusals=refusals,
        typed=visit.form.get("reason", ""),
        what=visit.form.get("what", ""),
        address=lambda form: _form_address(visit, code, form),
    )


@page("study/<study>/verification/<str:participant>/<str:form>")
def verification_form(visit: Visit) -> Outcome:
    """One form's answers, each with a tick: those that agree with the source, or all of them at once."""
    code = visit.participant()
    which = {
        "participant": code,
        "form": visit.given["form"],
        "encounter": visit.query.get("at", ""),
        "repeat": visit.query.get("n", "1") or "1",
    }
    refusals: list[Refusal] = []
    ticked = visit.form.getlist("keys")
    if visit.posted:
        whole = visit.form.get("do") == "whole"
        try:
            if not whole and not ticked:
                return Redirect(
                    to=visit.request.get_full_path(), said="Nothing was ticked, nothing is verified."
                )
            done = visit.ask(
                "verify_source",
                **which,
                keys=[] if whole else ticked,
                revision=visit.form.get("revision", ""),
            )
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
        else:
            return Redirect(to=_following(visit, code), said=f"Answers verified: {len(done.keys)}.")
    record = visit.ask("show_record", **which)
    return Shown(
        "verification_form.html",
        status=422 if refusals else 200,
        record=record,
        standing=visit.ask("show_verification", **which),
        refusals=refusals,
        ticked=ticked,
    )


def _following(visit: Visit, code: str) -> str:
    """The participant's next form that is complete and not wholly verified, or the list of the forms."""
    (one,) = visit.ask("list_verification", participant=code).participants
    here = (visit.given["form"], visit.query.get("at", ""), int(visit.query.get("n", "1") or 1))
    places = [(form.form, form.encounter, form.repeat) for form in one.forms]
    later = one.forms[places.index(here) + 1 :] if here in places else ()
    for form in later:
        if form.status != "draft" and not form.whole:
            return _form_address(visit, code, form)
    return f"/study/{visit.study}/verification/{visit.ref(code)}"


def _form_address(visit: Visit, code: str, form: object) -> str:
    base = f"/study/{visit.study}/verification/{visit.ref(code)}/{getattr(form, 'form', '')}"
    told = {"at": getattr(form, "encounter", ""), "n": getattr(form, "repeat", 1)}
    kept = {name: value for name, value in told.items() if value not in ("", 1)}
    return f"{base}?{urlencode(kept)}" if kept else base


def _code_after(visit: Visit, ref: str) -> str:
    """The code of the last participant on the page before: it too stands in the address only closed."""
    return read_ref(visit.opened.keys, visit.study, ref) if ref else ""
