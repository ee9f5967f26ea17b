"""Queries: what waits, the oldest first, with its thread in place; and raising one from a form's answer."""

from __future__ import annotations

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.web.pages._chosen import (
    OF,
    address_of,
    filters_of,
    form_address,
    own_sites,
    refused_of,
    take_filters,
    wrong_filter,
)
from exotrial.web.pages._page import Menu, Outcome, Redirect, Shown, Visit, page

FILTERS = ("status", "site", "older_than")
DOES = {"answer": "answer_query", "close": "close_query", "reopen": "reopen_query"}
SAID = {
    "answer": "The answer is sent.",
    "close": "The query is closed.",
    "reopen": "The query is open again.",
}


@page("study/<study>/queries", permission=Permission.READ_DATA, menu=Menu("Queries", 40))
def queries(visit: Visit) -> Outcome:
    """The list of queries; a posted form filters it, or answers, closes or reopens one of them."""
    path = f"/study/{visit.study}/queries"
    if visit.posted and visit.form.get("do") == "filter":
        return take_filters(visit, FILTERS, path=path)
    filters = filters_of(visit, FILTERS)
    here = address_of(visit, filters, path=path, after=visit.query.get("after"))
    refusals: list[Refusal] = []
    said_of, typed = "", ""
    do = visit.form.get("do", "")
    if visit.posted and do in DOES:
        said_of, typed = visit.form.get("query", ""), visit.form.get("text", "")
        try:
            visit.ask(DOES[do], query=said_of, text=typed)
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
        else:
            return Redirect(to=here, said=SAID[do])
    told = {name: value for name, value in filters.items() if value and name != OF}
    told |= {"participant": filters[OF]} if filters[OF] else {}
    wrong: list[Refusal] = []
    work = None
    try:
        work = visit.ask("list_query_work", **told, after=visit.query.get("after") or 0)
    except (Refusal, Refusals) as refused:
        wrong = wrong_filter(refused)
    return Shown(
        "queries.html",
        status=422 if refusals or wrong else 200,
        work=work,
        wrong=wrong,
        filters=filters,
        here=here,
        first=address_of(visit, filters, path=path) if visit.query.get("after") else "",
        next=address_of(visit, filters, path=path, after=work.next) if work and work.next else "",
        sites=own_sites(visit),
        refusals=refusals,
        said_of=said_of,
        typed=typed,
        form_address=lambda one: form_address(visit, one.participant, one.form, one.encounter, one.repeat),
    )


@page("study/<study>/p/<str:participant>/query")
def raise_query(visit: Visit) -> Outcome:
    """Ask about one answer of a form. A page's button brings form, encounter, number and the answer's key by post."""
    code = visit.participant()
    told = {name: visit.form.get(name, "") for name in ("form", "encounter", "key")}
    if not told["form"]:
        return Redirect(to=f"/study/{visit.study}/queries")
    number = visit.form.get("repeat", "") or "1"
    record = visit.ask(
        "show_record", participant=code, form=told["form"], encounter=told["encounter"], repeat=number
    )
    refusals: list[Refusal] = []
    text = visit.form.get("text")
    if text is not None:
        try:
            visit.ask("raise_query", participant=code, repeat=number, text=text, **told)
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
        else:
            back = visit.form.get("back", "")
            to = (
                f"/study/{visit.study}/verification/{visit.ref(code)}"
                if back == "verification"
                else form_address(visit, code, record.form, record.encounter, record.repeat)
            )
            return Redirect(to=to, said="The query is raised.")
    return Shown(
        "query_raise.html",
        status=422 if refusals else 200,
        record=record,
        encounter=visit.ask(
            "show_verification",
            participant=code,
            form=told["form"],
            encounter=told["encounter"],
            repeat=number,
        ).encounter_label,
        item=next((one for one in record.items if one.key == told["key"]), None),
        told=told | {"repeat": number, "back": visit.form.get("back", "")},
        refusals=refusals,
        text=text or "",
    )
