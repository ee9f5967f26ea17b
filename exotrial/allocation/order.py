"""The order of allocations: a chain in which every entry signs itself and names the one before it.

    entry   {"at", "leaf", "list", "n", "participant", "prev", "slot", "stratum"}, as canonical JSON; with
            minimisation also "levels", the participant's level of every factor when the arm was decided
    mac     HMAC-SHA-256(order key, entry), hexadecimal; the key comes from the secret (commitment.derive_key)
    marks   8 bytes for each field in that order, "levels" last where there are any:
            HMAC-SHA-256(order key, canonical [n, field, value]) cut
    link    SHA-256(entry || mac bytes), hexadecimal: the `prev` of the next entry, and the head while last

The `prev` of entry 1 is the digest of the certificate. The mac decides whether an entry is genuine; the marks
only tell which of its fields was changed. Without the key nobody can make either; the links can be followed
by anyone. `order_checks.check_order` names what is wrong with a chain.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Annotated

from pydantic import BeforeValidator

from exotrial.allocation.manifest import canonical_json
from exotrial.allocation.written import Count, Digest, Name, Ordinal, Utc, read_utc
from exotrial.core.errors import ErrorCode, Place

MARK_BYTES = 8

OUT_OF_ORDER = ErrorCode(
    "ENV-011",
    "An allocation does not follow from those before it.",
    "take the next slot of the stratum, once for each participant, at a time not before the last.",
)


def as_pairs(value: object) -> object:
    """A JSON object as pairs sorted by key; anything else as it is."""
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One allocation: number `n` (from 1 over all strata), which slot to whom, when (UTC ISO), which leaf.

    `list` is the commitment of the certificate; `leaf` is the leaf hash, which tells no arm; `prev` is the
    link of the entry before. `levels` are pairs of factor and level, sorted, and empty unless the arm was
    decided by minimisation.
    """

    n: Ordinal
    list: Digest
    stratum: Name
    slot: Ordinal
    participant: Name
    at: Utc
    leaf: Digest
    prev: Digest
    levels: Annotated[tuple[tuple[Name, Name], ...], BeforeValidator(as_pairs)] = ()

    def as_json(self) -> dict[str, object]:
        """The entry as a JSON object, without `levels` where it has none."""
        values = asdict(self)
        del values["levels"]
        return values | ({"levels": dict(self.levels)} if self.levels else {})

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        return canonical_json(self.as_json())

    def __str__(self) -> str:
        return f"allocation {self.n} ({self.participant}, {self.stratum} slot {self.slot})"


FIELDS = tuple(sorted(field.name for field in fields(Entry) if field.name != "levels"))
"""The fields that every entry has."""
MARKED = (*FIELDS, "levels")
"""The fields in the order of their marks."""
MARKS_LENGTH = 2 * MARK_BYTES * len(FIELDS)


@dataclass(frozen=True, kw_only=True)
class Signed:
    """An entry with what the order key made of it; `mac` and `marks` are hexadecimal."""

    entry: Entry
    mac: str
    marks: str

    def link(self) -> str:
        """What the next entry names as its `prev`."""
        return hashlib.sha256(self.entry.canonical() + bytes.fromhex(self.mac)).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Head:
    """How far a chain had come when somebody noted it: the number of its last entry and that entry's link."""

    n: Count
    link: Digest


def append(
    chain: Sequence[Signed],
    *,
    key: bytes,
    start: str,
    list_id: str,
    stratum: str,
    slot: int,
    participant: str,
    at: str,
    leaf: str,
    levels: Mapping[str, str] | None = None,
) -> Signed:
    """The next entry, signed. `chain` is all entries so far, `start` the digest of the certificate.

    Refuses with ENV-011 a slot that is not the next of its stratum, a participant who has one, or a time
    before the last entry's.
    """
    place = Place(path=f"{stratum} slot {slot}")
    taken = sum(one.entry.stratum == stratum for one in chain)
    if slot != taken + 1:
        raise OUT_OF_ORDER.refuse(f"the next slot of {stratum} is {taken + 1}", place=place, value=slot)
    if any(one.entry.participant == participant for one in chain):
        raise OUT_OF_ORDER.refuse(f"{participant} has been allocated before", place=place, value=participant)
    if chain and read_utc(at, place=place) < read_utc(chain[-1].entry.at, place=place):
        raise OUT_OF_ORDER.refuse(f"{at} is before the last allocation", place=place, value=at)
    read_utc(at, place=place)
    entry = Entry(
        n=len(chain) + 1,
        list=list_id,
        stratum=stratum,
        slot=slot,
        participant=participant,
        at=at,
        leaf=leaf,
        prev=chain[-1].link() if chain else start,
        levels=tuple(sorted((levels or {}).items())),
    )
    return sign(entry, key=key)


def sign(entry: Entry, *, key: bytes) -> Signed:
    """An entry with its mac and marks."""
    marks = "".join(make_marks(entry, key=key).values())
    return Signed(entry=entry, mac=make_mac(entry, key=key), marks=marks)


def make_mac(entry: Entry, *, key: bytes) -> str:
    """HMAC-SHA-256 of the canonical entry, hexadecimal."""
    return hmac.new(key, entry.canonical(), hashlib.sha256).hexdigest()


def make_marks(entry: Entry, *, key: bytes) -> Mapping[str, str]:
    """The mark of every field, by its name, in the order in which they are joined."""
    values = entry.as_json()
    return {
        name: hmac.new(key, canonical_json([entry.n, name, values[name]]), hashlib.sha256)
        .digest()[:MARK_BYTES]
        .hex()
        for name in MARKED
        if name in values
    }


def is_genuine(signed: Signed, *, key: bytes) -> bool:
    """Whether the holder of the key signed exactly this entry."""
    return hmac.compare_digest(signed.mac, make_mac(signed.entry, key=key))


def find_changed(signed: Signed, *, key: bytes) -> tuple[str, ...]:
    """The fields whose marks no longer fit: all of them where the key never made this entry."""
    made = make_marks(signed.entry, key=key)
    width = 2 * MARK_BYTES
    return tuple(
        name
        for at, name in enumerate(MARKED)
        if not hmac.compare_digest(signed.marks[at * width : (at + 1) * width], made.get(name, ""))
    )
