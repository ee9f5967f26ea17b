"""What is wrong with a chain of allocations, each deed by its name and place (values, never a refusal).

Every check looks only at what the order key vouches for: an entry that was edited is named as edited, and its
edited fields do not set off further complaints.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from exotrial.allocation.order import (
    FIELDS,
    MARK_BYTES,
    MARKED,
    Entry,
    Head,
    Signed,
    find_changed,
    is_genuine,
    make_marks,
)
from exotrial.allocation.written import read_utc

MOST_COMPARED = 200
"""Edited entries among which exchanged values are looked for: it takes the square of their number."""


class Deed(StrEnum):
    """What was done to a list, its certificate or the record of its allocations."""

    GRINDING = "grinding"
    LATE_CERTIFICATE = "certificate after allocation"
    MISSING_LEAF = "missing leaf"
    WRONG_CERTIFICATE = "not the published certificate"
    WRONG_COMMITMENT = "wrong commitment"
    WRONG_CONTRIBUTION = "wrong contribution"
    WRONG_LEAF = "wrong leaf"
    WRONG_LIST = "list differs from the seed"
    WRONG_MANIFEST = "wrong manifest"
    WRONG_ROOT = "root mismatch"
    WRONG_STATEMENT = "wrong statement"

    ALTERED = "altered"
    BACK_DATED = "back-dated"
    INSERTED = "inserted"
    REDRAWN = "re-drawn"
    REMOVED = "removed"
    REWRITTEN = "rewritten"
    SKIPPED = "skipped"
    SWAPPED = "swapped"
    TRUNCATED = "truncated"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One deed: where (`allocation 3`, `phase_1/a slot 2`) and what shows it, in one sentence."""

    deed: Deed
    where: str
    says: str


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """An entry at its position, and which of its fields the key does not vouch for."""

    signed: Signed
    genuine: bool
    changed: frozenset[str]

    @property
    def entry(self) -> Entry:
        return self.signed.entry

    @cached_property
    def forged(self) -> bool:
        return self.changed.issuperset(FIELDS)

    def vouched(self, *names: str) -> bool:
        return not self.forged and not self.changed & set(names)


def check_order(
    chain: Sequence[Signed],
    *,
    key: bytes,
    start: str,
    list_id: str,
    leaves: Mapping[tuple[str, int], str],
    since: str,
    heads: Sequence[Head] = (),
) -> tuple[Problem, ...]:
    """Every problem of a chain, in its order; none where it is whole.

    `start` is the certificate's digest, `since` the time it was sealed, `leaves` the leaf hash (hexadecimal)
    of every stratum and slot, `heads` what others noted of the chain earlier. Times must be readable.
    """
    seen = [_look_at(signed, key=key) for signed in chain]
    return (
        *_edited(seen, key=key),
        *_numbers(seen),
        *_links(seen, start),
        *_slots(seen),
        *_participants(seen),
        *_times(seen, since),
        *_leaves(seen, leaves, list_id),
        *_heads(seen, heads, start),
    )


def _look_at(signed: Signed, *, key: bytes) -> _Seen:
    if is_genuine(signed, key=key):
        return _Seen(signed=signed, genuine=True, changed=frozenset())
    return _Seen(signed=signed, genuine=False, changed=frozenset(find_changed(signed, key=key)))


def _edited(seen: Sequence[_Seen], *, key: bytes) -> Iterator[Problem]:
    edited = [one for one in seen if not one.genuine and not one.forged][:MOST_COMPARED]
    for one in seen:
        where = f"allocation {one.entry.n}"
        if one.genuine:
            continue
        if one.forged:
            yield Problem(
                deed=Deed.INSERTED,
                where=where,
                says=f"the holder of the key never signed an allocation of {one.entry.stratum} slot "
                f"{one.entry.slot} to {one.entry.participant}",
            )
            continue
        if not one.changed:
            yield Problem(deed=Deed.ALTERED, where=where, says="its signature was changed, its contents not")
        if "at" in one.changed:
            yield Problem(
                deed=Deed.BACK_DATED, where=where, says=f"its time was changed to {one.entry.at} afterwards"
            )
        others = sorted(one.changed - {"at"})
        partners = {name: _partner(one, name, edited, key=key) for name in others}
        for name in others:
            partner = partners[name]
            if partner is not None:
                yield Problem(
                    deed=Deed.SWAPPED,
                    where=where,
                    says=f"its {name} was exchanged with that of allocation {partner.entry.n}",
                )
            else:
                says = f"its {name} was changed to {_told(one.entry, name)} afterwards"
                yield Problem(deed=Deed.ALTERED, where=where, says=says)


def _partner(one: _Seen, name: str, edited: Sequence[_Seen], *, key: bytes) -> _Seen | None:
    """The edited entry that now holds what this one held in a field."""
    width = 2 * MARK_BYTES
    at = MARKED.index(name) * width
    mark = one.signed.marks[at : at + width]
    for other in edited:
        if other is not one and name in other.changed:
            restored = replace(one.entry, **{name: getattr(other.entry, name)})
            if hmac.compare_digest(make_marks(restored, key=key).get(name, ""), mark):
                return other
    return None


def _told(entry: Entry, name: str) -> str:
    if name != "levels":
        return str(getattr(entry, name))
    return ", ".join(f"{factor} {level}" for factor, level in entry.levels) or "none"


def _numbers(seen: Sequence[_Seen]) -> Iterator[Problem]:
    known = [one.entry.n for one in seen if not one.forged]
    for n, times in sorted(Counter(known).items()):
        if times > 1:
            yield Problem(deed=Deed.INSERTED, where=f"allocation {n}", says=f"it stands {times} times")
    for before, after in pairwise(sorted({0, *known})):
        if after > before + 1:
            last = f" to {after - 1}" if after > before + 2 else ""
            where = f"allocation {before + 1}{last}"
            yield Problem(deed=Deed.REMOVED, where=where, says="missing from the record")
    for before, after in pairwise(known):
        if after < before:
            yield Problem(
                deed=Deed.SWAPPED, where=f"allocation {after}", says=f"it stands after allocation {before}"
            )


def _links(seen: Sequence[_Seen], start: str) -> Iterator[Problem]:
    by_number = {one.entry.n: one for one in seen if one.genuine}
    for n, one in by_number.items():
        before = by_number.get(n - 1)
        if n == 1 and one.entry.prev != start:
            yield Problem(
                deed=Deed.REWRITTEN, where="allocation 1", says="it does not follow this certificate"
            )
        elif before is not None and one.entry.prev != before.signed.link():
            yield Problem(
                deed=Deed.REWRITTEN,
                where=f"allocation {n}",
                says=f"it was signed after another allocation {n - 1} than the one shown",
            )


def _slots(seen: Sequence[_Seen]) -> Iterator[Problem]:
    taken: dict[str, dict[int, int]] = {}
    for one in seen:
        if not one.vouched("stratum", "slot"):
            continue
        entry, slots = one.entry, taken.setdefault(one.entry.stratum, {})
        where = f"allocation {entry.n}"
        last = max(slots, default=0)
        if entry.slot in slots:
            yield Problem(
                deed=Deed.REDRAWN,
                where=where,
                says=f"{entry.stratum} slot {entry.slot} was used by allocation {slots[entry.slot]} already",
            )
        elif entry.slot < last:
            yield Problem(
                deed=Deed.SWAPPED,
                where=where,
                says=f"{entry.stratum} slot {entry.slot} was taken after slot {last}",
            )
        elif entry.slot > last + 1:
            passed = f"slot {last + 1}" if entry.slot == last + 2 else f"slots {last + 1} to {entry.slot - 1}"
            yield Problem(
                deed=Deed.SKIPPED,
                where=where,
                says=f"{entry.stratum} {passed} was passed over before slot {entry.slot}",
            )
        slots.setdefault(entry.slot, entry.n)


def _participants(seen: Sequence[_Seen]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for one in seen:
        if not one.vouched("participant"):
            continue
        participant, n = one.entry.participant, one.entry.n
        if first.setdefault(participant, n) != n:
            yield Problem(
                deed=Deed.REDRAWN,
                where=f"allocation {n}",
                says=f"{participant} was allocated before, as allocation {first[participant]}",
            )


def _times(seen: Sequence[_Seen], since: str) -> Iterator[Problem]:
    sealed = latest = read_utc(since)
    for one in seen:
        if not one.vouched("at"):
            continue
        at = read_utc(one.entry.at)
        if at < sealed:
            says = f"{one.entry.at} is before the list was sealed ({since})"
            yield Problem(deed=Deed.BACK_DATED, where=f"allocation {one.entry.n}", says=says)
        elif at < latest:
            says = f"{one.entry.at} is before the allocation that precedes it"
            yield Problem(deed=Deed.BACK_DATED, where=f"allocation {one.entry.n}", says=says)
        latest = max(latest, at)


def _leaves(seen: Sequence[_Seen], leaves: Mapping[tuple[str, int], str], list_id: str) -> Iterator[Problem]:
    owner = {leaf: slot for slot, leaf in leaves.items()}
    for one in seen:
        entry, where = one.entry, f"allocation {one.entry.n}"
        if one.vouched("list") and entry.list != list_id:
            yield Problem(deed=Deed.INSERTED, where=where, says="it belongs to another list")
        if not one.vouched("stratum", "slot", "leaf"):
            continue
        wanted = leaves.get((entry.stratum, entry.slot))
        if wanted is None:
            says = f"the list has no {entry.stratum} slot {entry.slot}"
            yield Problem(deed=Deed.INSERTED, where=where, says=says)
        elif wanted != entry.leaf and entry.leaf in owner:
            stratum, slot = owner[entry.leaf]
            says = f"{entry.stratum} slot {entry.slot} was given the envelope of {stratum} slot {slot}"
            yield Problem(deed=Deed.SWAPPED, where=where, says=says)
        elif wanted != entry.leaf:
            says = f"the envelope opened is none of the list's ({entry.stratum} slot {entry.slot})"
            yield Problem(deed=Deed.SWAPPED, where=where, says=says)


def _heads(seen: Sequence[_Seen], heads: Sequence[Head], start: str) -> Iterator[Problem]:
    by_number = {one.entry.n: one for one in seen if not one.forged}
    top = max(by_number, default=0)
    for head in heads:
        if head.n > top:
            gone = f"allocation {head.n}" if head.n == top + 1 else f"allocations {top + 1} to {head.n}"
            says = f"{gone} had been made when the head was noted, and the record ends at {top}"
            yield Problem(deed=Deed.TRUNCATED, where=f"allocation {head.n}", says=says)
            continue
        link = start if head.n == 0 else by_number[head.n].signed.link() if head.n in by_number else None
        if link is not None and link != head.link:
            says = "the record up to here is not the one whose head was noted"
            yield Problem(deed=Deed.REWRITTEN, where=f"allocation {head.n}", says=says)
