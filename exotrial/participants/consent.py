"""Consent: what a consent can be, and whether the newest one still holds (ICH E6(R3) 2.8; CONSORT 2025 item 9)."""

from __future__ import annotations

from enum import StrEnum

from exotrial.core.errors import ErrorCode

MISSING = ErrorCode(
    "LIF-005",
    "No consent that holds is recorded.",
    "record it with `record_consent`; who has withdrawn consent is asked anew first.",
)
AGAIN = ErrorCode(
    "LIF-006",
    "The site works by a newer study version than the participant consented to.",
    "ask for consent by the new version and record it with `record_consent`.",
)


class Kind(StrEnum):
    """One event of consent. Each stays on record; the newest counts."""

    GIVEN = "given"
    AGAIN = "given again"
    WITHDRAWN = "withdrawn"


class Scope(StrEnum):
    """What is withdrawn from: the treatment alone, or all taking part."""

    TREATMENT = "treatment"
    EVERYTHING = "everything"


class DataUse(StrEnum):
    """Which recorded data may still be used. Nothing recorded is deleted; analyses leave out what is forbidden."""

    ALL = "all"
    UNTIL_WITHDRAWAL = "until withdrawal"
    NONE = "none"


def check_consent(code: str, *, newest: Kind | None, consented: int, in_force: int, site: str) -> None:
    """Refuse with LIF-005 where no consent holds, with LIF-006 where an amendment asks for it anew.

    `newest` is the newest event, `consented` the study version it was given to, `in_force` the version that
    the site works by.
    """
    if newest is None or newest == Kind.WITHDRAWN:
        what = "has withdrawn consent" if newest else "has not consented"
        raise MISSING.refuse(f"{code} {what}", value=code)
    if consented < in_force:
        raise AGAIN.refuse(f"{code} consented before {site} approved version {in_force}", value=code)
