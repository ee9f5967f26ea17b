"""Rights: who held which on a day, as a table to print, and what each role may do, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from exotrial.operations.access import MATRIX, Permission, Role
from exotrial.operations.accounts import Right
from exotrial.web.pages._attempt import attempt
from exotrial.web.pages._page import Shown, Visit, page


@page("people/rights")
def rights(visit: Visit) -> Shown:
    """Who held which right at the end of a day (UTC), or holds it now: roles by sites, then one by one."""
    on, study = visit.query.get("on", "").strip(), visit.query.get("study", "")
    today = datetime.now(UTC).date().isoformat()
    past = bool(on) and on != today
    asked = {"study": study} | ({"at": f"{on}T23:59:59Z"} if past else {})
    listed, refusals = attempt(visit, "list_rights", **asked)
    studies = visit.ask("list_places").studies
    held = listed.rights if listed else ()
    return Shown(
        "people/rights.html",
        status=422 if refusals else 200,
        on=on or today,
        at=listed.at if listed else None,
        past=past,
        study=study,
        studies=studies,
        tables=[
            (one, matrix_of(held, one.study))
            for one in studies
            if any(right.study == one.study for right in held)
        ],
        over_all=[right for right in held if not right.study],
        held=held,
        refusals=refusals,
    )


@page("people/roles")
def roles(visit: Visit) -> Shown:
    """What each role may do: the matrix by which every request is decided."""
    visit.ask("list_places")  # for who may see the people
    return Shown("people/roles.html", matrix=MATRIX, permissions=list(Permission))


def matrix_of(held: tuple[Right, ...], study: str) -> dict[str, dict[str, list[Right]]]:
    """Who holds each role of a study at each site; "" is the whole study."""
    table: dict[str, dict[str, list[Right]]] = {}
    order = {role.value: place for place, role in enumerate(Role)}
    for right in sorted((one for one in held if one.study == study), key=lambda one: order[one.role]):
        table.setdefault(right.role, {}).setdefault(right.site, []).append(right)
    return table
