"""The list of participants: search, filter and order on the server, page by page."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlencode

from exotrial.operations.access import Permission
from exotrial.operations.participant_search import Order
from exotrial.participants.disposition import State
from exotrial.web.pages._page import Menu, Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._serve import FIND

SIZE = 50
ORDERS = (
    ("", "code"),
    ("code-down", "code, last first"),
    ("screened-down", "newest first"),
    ("enrolled-down", "last enrolled first"),
    ("status", "state"),
)
"""What the list may be in the order of: in the address, and in words."""


@page("study/<study>/participants", permission=Permission.READ_DATA, menu=Menu("Participants", 20))
def participants(visit: Visit) -> Outcome:
    """Participants by code, site, state and order. What is searched is kept in a cookie: it may be a code."""
    here = f"/study/{visit.study}/participants"
    if visit.posted:
        kept = {name: visit.form.get(name, "") for name in ("site", "status", "open", "order")}
        chosen = urlencode({name: value for name, value in kept.items() if value})
        return Redirect(
            to=f"{here}?{chosen}" if chosen else here,
            cookies={FIND: quote(visit.form.get("search", "").strip()[:40])},
        )
    query = visit.query
    search = unquote(visit.request.COOKIES.get(FIND, ""))[:40]
    order, _, down = query.get("order", "").partition("-")
    number = query.get("page", "")
    found = visit.ask(
        "find_participants",
        search=search,
        site=query.get("site", ""),
        status=query.get("status") if query.get("status") in list(State) else None,
        open_queries=bool(query.get("open")),
        order=order if order in list(Order) else Order.CODE.value,
        descending=down == "down",
        page=int(number) if number.isdecimal() and len(number) < 7 and int(number) else 1,
        size=SIZE,
    )
    asked = {name: str(query.get(name)) for name in ("site", "status", "open", "order") if query.get(name)}
    return Shown(
        "participants.html",
        found=found,
        search=search,
        asked=asked,
        there=[state.value for state in State if found.by_status[state.value]],
        address=lambda **changed: _address(here, asked, changed),
        orders=ORDERS,
    )


def _address(here: str, asked: dict[str, str], changed: dict[str, object]) -> str:
    told = {name: str(value) for name, value in (asked | changed).items() if value}
    return f"{here}?{urlencode(told)}" if told else here
