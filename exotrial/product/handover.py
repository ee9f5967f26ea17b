"""Custody of a material: who handed it to whom, where, when and in what condition, without a gap between people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exotrial.core.errors import ErrorCode, Place
from exotrial.product.genealogy import WRONG_ORDER, Material

NOT_HOLDER = ErrorCode(
    "GEN-009",
    "Somebody hands over a material who is not the one that has it by the record.",
    "enter the handover before this one first, or name who really handed it over.",
)
SAME_PERSON = ErrorCode("GEN-010", "A material is handed to who has it.", "name giver and taker.")


@dataclass(frozen=True, kw_only=True)
class Handover:
    """One handover of a material; people by initials or number, as the study's list of delegates has them."""

    material: str
    given_by: str
    taken_by: str
    place: str
    at: datetime
    condition: str = ""


def check_handover(material: Material, before: Sequence[Handover], handover: Handover) -> None:
    """Refuse a handover that does not join on to those before it, in their order (GEN-005, GEN-009, GEN-010)."""
    place = Place(path="given_by")
    if handover.given_by.casefold() == handover.taken_by.casefold():
        raise SAME_PERSON.refuse(f"'{handover.taken_by}' gives and takes", place=place)
    earliest = before[-1].at if before else material.at
    if handover.at.utcoffset() is None or handover.at < earliest:
        raise WRONG_ORDER.refuse(
            f"the handover has no offset from UTC, or is before {earliest.isoformat()}",
            place=Place(path="at"),
        )
    if before and before[-1].taken_by.casefold() != handover.given_by.casefold():
        raise NOT_HOLDER.refuse(f"'{before[-1].taken_by}' has it", place=place, value=handover.given_by)
