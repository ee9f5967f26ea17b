"""Protocol deviations: those reported, and a report of one that is of a site or of a participant."""

from __future__ import annotations

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.operations.deviations import Category, Importance
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
from exotrial.web.pages._render import refusals_by_place

FILTERS = ("site", "importance")
FIELDS = ("participant", "site", "happened_on", "category", "importance", "text", "action")
PAGE = 100


@page("study/<study>/deviations", permission=Permission.READ_DATA, menu=Menu("Deviations", 62))
def deviations(visit: Visit) -> Outcome:
    """The deviations in reach, the latest report first."""
    path = f"/study/{visit.study}/deviations"
    if visit.posted:
        return take_filters(visit, FILTERS, path=path)
    filters = filters_of(visit, FILTERS)
    wrong: list[Refusal] = []
    found = []
    try:
        found = list(visit.ask("list_deviations", participant=filters[OF]).deviations)
    except (Refusal, Refusals) as refused:
        wrong = wrong_filter(refused)
    for name in FILTERS:
        found = [one for one in found if filters[name] in ("", getattr(one, name))]
    found.reverse()
    told = visit.query.get("from", "")
    begin = int(told) if told.isdecimal() and len(told) < 9 else 0
    more = begin + PAGE if len(found) > begin + PAGE else None
    return Shown(
        "deviations.html",
        status=422 if wrong else 200,
        found=found[begin : begin + PAGE],
        count=len(found),
        wrong=wrong,
        filters=filters,
        first=address_of(visit, filters, path=path) if begin else "",
        next=address_of(visit, filters, path=path, **{"from": more}) if more else "",
        sites=own_sites(visit),
    )


@page("study/<study>/deviations/report")
def deviation_report(visit: Visit) -> Outcome:
    """Report a deviation; it is never taken back, only followed by another."""
    refusals: list[Refusal] = []
    typed = {name: visit.form.get(name, "") for name in FIELDS}
    if visit.posted:
        try:
            done = visit.ask("report_deviation", **typed)
        except (Refusal, Refusals) as refused:
            refusals = refused_of(refused)
        else:
            to = "/deviations" if visit.may(Permission.READ_DATA) else "/deviations/report"
            return Redirect(
                to=f"/study/{visit.study}{to}", said=f"The deviation is reported as number {done.number}."
            )
    return Shown(
        "deviation_report.html",
        status=422 if refusals else 200,
        typed=typed,
        refusals=refusals,
        by_place=refusals_by_place(refusals),
        categories=[one.value for one in Category],
        importances=[one.value for one in Importance],
        sites=own_sites(visit),
    )
