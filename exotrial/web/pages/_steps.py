"""What pages of a participant's steps share: refusals as values, moments by a site's clock, one-time forms."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.web.pages._page import Visit

NO_MOMENT = ErrorCode(
    "STP-001",
    "A day and time are not written as such.",
    "write them as 2021-03-10 09:30, by the site's clock.",
)
SENT_BEFORE = ErrorCode(
    "STP-002",
    "This form was sent before, or is too old.",
    "send it again from here, if it is still needed; nothing was done this time.",
)
NO_STEP = ErrorCode(
    "STP-003",
    "The form asks for something that the page does not do.",
    "open the page again and send it from there.",
)

ONCE = "exotrial_once"
"""The cookie that makes a form good for one sending: it is taken away by the answer, and by nothing else."""


def attempt(visit: Visit, name: str, /, **data: Any) -> tuple[Any, list[Refusal]]:
    """Ask an operation; its answer, or None and why it was refused."""
    try:
        return visit.ask(name, **data), []
    except Refusal as refused:
        return None, [refused]
    except Refusals as several:
        return None, list(several.refusals)


def by_place(refusals: list[Refusal]) -> dict[str, list[Refusal]]:
    """Refusals by the last step of the field that they are about; "" holds those of no field."""
    found: dict[str, list[Refusal]] = {}
    for refusal in refusals:
        found.setdefault(refusal.place.path.rpartition(".")[2], []).append(refusal)
    return found


def typed(visit: Visit, *names: str) -> dict[str, str]:
    """What was typed into these fields, "" where nothing was."""
    return {name: visit.form.get(name, "").strip() for name in names}


def read_moment(text: str, zone: str, *, path: str) -> str:
    """A day and time by a site's clock as ISO text with its offset; "" stays "". Refuses with STP-001."""
    if not text:
        return ""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except ValueError:
        raise NO_MOMENT.refuse(f"{text!r} is no day and time", place=Place(path=path), value=text) from None


def sites_of(visit: Visit) -> list[Any]:
    """The sites where one has rights and where work goes on."""
    return [one for one in visit.ask("show_study").sites if one.status == "active"]


def zone_of(visit: Visit, site: str) -> str:
    """The zone of a site where one has rights."""
    return next((str(one.zone) for one in visit.ask("show_study").sites if one.code == site), "UTC")


def once_of(visit: Visit) -> str:
    """The value for a form that is good for one sending: that of the cookie, or a new one."""
    return visit.request.COOKIES.get(ONCE, "") or secrets.token_urlsafe(16)


def check_once(visit: Visit) -> None:
    """Refuse with STP-002 a form that was sent before, as by loading its answer again."""
    held, given = visit.request.COOKIES.get(ONCE, ""), visit.form.get("once", "")
    if not held or not secrets.compare_digest(held.encode(), given.encode()):
        raise SENT_BEFORE.refuse("its answer was given already")


def seen_participant(visit: Visit, code: str) -> Any:
    """The participant as far as one may read, None for who may not read recorded data."""
    return visit.ask("show_participant", participant=code) if visit.may(Permission.READ_DATA) else None
