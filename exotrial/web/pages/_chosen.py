"""What a list is cut by: filters in the query string, and a participant by a reference there, never by the code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from exotrial.core.errors import Refusal, Refusals
from exotrial.web.pages import _refs
from exotrial.web.pages._page import Redirect, Visit

OF = "of"
"""The name in the query string under which a participant's reference stands."""


def filters_of(visit: Visit, names: Sequence[str]) -> dict[str, str]:
    """The filters of the address, "" where one is not set; `of` is the participant's code."""
    told = {name: visit.query.get(name, "")[:200] for name in names}
    ref = visit.query.get(OF, "")
    return told | {OF: _refs.read_ref(visit.opened.keys, visit.study, ref) if ref else ""}


def take_filters(visit: Visit, names: Sequence[str], *, path: str) -> Redirect:
    """Where a posted form of filters leads: the list with them, the typed code made a reference."""
    told = {name: visit.form.get(name, "").strip() for name in names}
    code = visit.form.get(OF, "").strip()
    kept = {name: value for name, value in told.items() if value} | ({OF: visit.ref(code)} if code else {})
    return Redirect(to=f"{path}?{urlencode(kept)}" if kept else path)


def address_of(visit: Visit, filters: dict[str, str], *, path: str, **more: object) -> str:
    """The address of a list with its filters and, for another page of it, something more."""
    kept = {name: value for name, value in filters.items() if value and name != OF}
    if filters.get(OF):
        kept[OF] = visit.ref(filters[OF])
    kept |= {name: str(value) for name, value in more.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


def refused_of(refused: Refusal | Refusals) -> list[Refusal]:
    """The refusals of either, as a list."""
    return [refused] if isinstance(refused, Refusal) else list(refused.refusals)


_OF_A_FILTER = frozenset({"OPR-002", "OPR-010", "OPR-011"})


def wrong_filter(refused: Refusal | Refusals) -> list[Refusal]:
    """What is wrong with the filters of a list, to stand beside them; any other refusal is raised again."""
    several = refused_of(refused)
    if any(one.code.code not in _OF_A_FILTER for one in several):
        raise refused
    return several


def form_address(visit: Visit, participant: str, form: str, encounter: str, repeat: int) -> str:
    """The address of a participant's form."""
    base = f"/study/{visit.study}/p/{visit.ref(participant)}/form/{form}"
    told = {"at": encounter, "n": str(repeat) if repeat != 1 else ""}
    kept = {name: value for name, value in told.items() if value}
    return f"{base}?{urlencode(kept)}" if kept else base


def own_sites(visit: Visit) -> list[Any]:
    """The sites that a list can be cut by: all of the study, or those where the person's roles hold."""
    roles = [one for one in (visit.own.roles if visit.own else ()) if visit.role in ("", one.role)]
    sites = list(visit.ask("show_study").sites)
    if any(not one.sites for one in roles):
        return sites
    held = {site for one in roles for site in one.sites}
    return [one for one in sites if one.code in held]
