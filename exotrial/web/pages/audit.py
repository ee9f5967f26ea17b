"""The audit trail: who did what, cut by participant, person, operation, answer and period; its chain; the file."""

from __future__ import annotations

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.operations.chain import CheckedTrail, check_trail
from exotrial.web.pages._chosen import (
    OF,
    address_of,
    filters_of,
    own_sites,
    refused_of,
    take_filters,
    wrong_filter,
)
from exotrial.web.pages._page import Download, Menu, Outcome, Shown, Visit, page
from exotrial.web.pages._render import refusals_by_place

FILTERS = ("who", "operation", "outcome", "site", "field", "since", "until")
PART = 5000
KINDS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


@page("study/<study>/audit", permission=Permission.READ_TRAIL, menu=Menu("Audit", 70))
def audit(visit: Visit) -> Outcome:
    """The trail, newest first; a posted form cuts it, exports what is cut, or checks the chain."""
    path = f"/study/{visit.study}/audit"
    do = visit.form.get("do", "")
    if visit.posted and do == "filter":
        return take_filters(visit, FILTERS, path=path)
    filters = filters_of(visit, FILTERS)
    chain = checked = None
    wrong: list[Refusal] = []
    refusals: list[Refusal] = []
    try:
        if visit.posted and do in KINDS:
            return _export(visit, filters, do)
        if visit.posted and do == "check":
            checked = _check(visit)
        anchor = visit.form.get("anchor", "") if do == "anchor" else ""
        chain = visit.ask("show_chain", anchor=anchor)
    except (Refusal, Refusals) as refused:
        refusals = refused_of(refused)
    told = {name: value for name, value in filters.items() if value and name != OF}
    told |= {"participant": filters[OF]} if filters[OF] else {}
    before = visit.query.get("before", "")
    listed = None
    try:
        listed = visit.ask("list_acts", **told, **({"before": before} if before else {}))
    except (Refusal, Refusals) as refused:
        wrong = wrong_filter(refused)
    return Shown(
        "audit.html",
        status=422 if refusals or wrong else 200,
        listed=listed,
        chain=chain or visit.ask("show_chain"),
        checked=checked,
        anchor=visit.form.get("anchor", ""),
        refusals=refusals,
        by_place=refusals_by_place(wrong),
        wrong=wrong,
        filters=filters,
        here=address_of(visit, filters, path=path),
        first=address_of(visit, filters, path=path) if before else "",
        next=address_of(visit, filters, path=path, before=listed.next) if listed and listed.next else "",
        sites=own_sites(visit),
    )


@page("study/<study>/audit/review")
def audit_review(visit: Visit) -> Outcome:
    """The review of the trail, made when one asks for it, and the signed record that it was done."""
    refusals: list[Refusal] = []
    review = recorded = None
    typed = {name: visit.form.get(name, "") for name in ("up_to", "reason", "username")}
    late_days = visit.form.get("late_days", "") or "14"
    if visit.posted:
        try:
            if visit.form.get("do") == "record":
                recorded = visit.ask("record_trail_review", **typed, password=visit.form.get("password", ""))
            review = visit.ask("review_trail", late_days=late_days)
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
    return Shown(
        "audit_review.html",
        status=422 if refusals else 200,
        review=review,
        recorded=recorded,
        refusals=refusals,
        typed=typed,
        late_days=late_days,
    )


def _check(visit: Visit) -> CheckedTrail:
    if visit.caller is None:
        raise LookupError("nobody is signed in")
    return check_trail(visit.opened, visit.caller, study=visit.study, role=visit.role)


def _export(visit: Visit, filters: dict[str, str], kind: str) -> Download:
    """The acts that participant, person and period leave, as one file; each part is read in a step of its own."""
    told = {name: filters[name] for name in ("who", "since", "until") if filters[name]}
    told |= {"participant": filters[OF]} if filters[OF] else {}
    parts: list[str] = []
    after: int | None = 0
    while after is not None:
        part = visit.ask("export_trail", **told, format=kind, after=after, limit=PART)
        text = part.text
        if kind == "csv" and parts:
            text = text.partition("\n")[2]
        parts.append(text)
        after = part.next
    name = f"audit-trail-{visit.study}.{kind}"
    return Download(name=name, content="".join(parts).encode(), content_type=KINDS[kind])
