"""History: what changed in one registry record from one dated export to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding
from exotrial.registries.compare import compare_accounts
from exotrial.registries.compare_accounts import account_of_record
from exotrial.registries.record import RegistryRecord

UNDATED = ErrorCode(
    "CMR-002",
    "A record in a history does not tell the day on which it was so.",
    "leave the file out, or use an export that gives its date.",
)
SAME_DAY = ErrorCode(
    "CMR-003",
    "Two records of one trial are of one day and differ, so that neither is known to be the earlier.",
    "keep the one that the register shows for that day.",
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What two neighbouring exports of one trial tell differently: seen on `seen`, and not yet on `before`."""

    before: date
    seen: date
    differences: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class History:
    """The exports of one trial by day, and what changed; `changes` holds only days on which something did."""

    identifier: str
    days: tuple[date, ...]
    changes: tuple[Change, ...]


def derive_histories(records: Sequence[RegistryRecord]) -> tuple[History, ...]:
    """One history a registration number, by number (CMR-002, CMR-003). Order in a file says nothing."""
    by_number: dict[str, list[tuple[date, RegistryRecord]]] = {}
    for record in records:
        number = record.identifier.value
        if record.as_of is None:
            raise UNDATED.refuse(
                f"the record of {number} is undated", place=record.identifier.place, value=number
            )
        by_number.setdefault(number, []).append((record.as_of, record))
    return tuple(_history(number, dated) for number, dated in sorted(by_number.items()))


def _history(number: str, dated: list[tuple[date, RegistryRecord]]) -> History:
    ordered = sorted(dated, key=lambda one: one[0])
    changes = []
    for (before, earlier), (seen, later) in pairwise(ordered):
        differences = compare_accounts(account_of_record(earlier), account_of_record(later))
        if differences and before == seen:
            raise SAME_DAY.refuse(
                f"two records of {number} of {seen} differ: {differences[0].says}",
                place=later.identifier.place,
                value=number,
            )
        if differences:
            changes.append(Change(before=before, seen=seen, differences=differences))
    return History(
        identifier=number, days=tuple(dict.fromkeys(day for day, _ in ordered)), changes=tuple(changes)
    )
