"""The event log: serious events first, with who must be told by when; then the others, in pages. Never by arm."""

from __future__ import annotations

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.web.pages._chosen import (
    OF,
    address_of,
    filters_of,
    form_address,
    own_sites,
    take_filters,
    wrong_filter,
)
from exotrial.web.pages._page import Menu, Outcome, Shown, Visit, page

FILTERS = ("site", "show")
MOST_SERIOUS = 500


@page("study/<study>/safety", permission=Permission.READ_DATA, menu=Menu("Safety", 60))
def safety(visit: Visit) -> Outcome:
    """Adverse events of all participants in reach, as recorded."""
    path = f"/study/{visit.study}/safety"
    if visit.posted:
        return take_filters(visit, FILTERS, path=path)
    filters = filters_of(visit, FILTERS)
    told = {"site": filters["site"]} | ({"participant": filters[OF]} if filters[OF] else {})
    after = visit.query.get("after", "")
    wrong: list[Refusal] = []
    serious = others = None
    try:
        if not after:
            serious = visit.ask("list_events", **told, serious=True, limit=MOST_SERIOUS)
        if filters["show"] != "serious":
            others = visit.ask("list_events", **told, serious=False, after=after or 0)
    except (Refusal, Refusals) as refused:
        wrong = wrong_filter(refused)
    return Shown(
        "safety.html",
        status=422 if wrong else 200,
        serious=serious,
        due=sorted(serious.events, key=_urgency) if serious else (),
        others=others,
        wrong=wrong,
        filters=filters,
        first=address_of(visit, filters, path=path) if after else "",
        next=address_of(visit, filters, path=path, after=others.next) if others and others.next else "",
        sites=own_sites(visit),
        form_address=lambda one: form_address(visit, one.participant, "F.AE", one.encounter, one.repeat),
    )


def _urgency(event: object) -> tuple[bool, bool, str, str]:
    """Struck rows last, then who must be told soonest, then by participant."""
    by = getattr(event, "report_by", None)
    return (bool(getattr(event, "struck", "")), by is None, str(by), str(getattr(event, "participant", "")))
