"""The certificate of a randomisation list: published before the first participant, tells no arm, binds them all.

It names the commitment to secret and manifest, what a second party brought and the Merkle root over the sealed
envelopes (CONSORT 2025 items 17a to 18: sequence, concealment). Neither arms by slot nor the secret nor a nonce is
in it; nor the manifest or its digest: who knows the block sizes foresees arms, and a digest of so few possible
manifests is guessed. The commitment binds the manifest all the same, since the secret goes into it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import TypeAdapter

from exotrial.allocation import imported
from exotrial.allocation.commitment import Contribution
from exotrial.allocation.envelopes import ARM_AT_ALLOCATION, Envelope, compute_list_root
from exotrial.allocation.manifest import Manifest, canonical_json
from exotrial.allocation.written import (
    WRONG_SHAPE,
    Count,
    Digest,
    Name,
    Ordinal,
    Text,
    Utc,
    as_plain,
    read_json,
    read_utc,
    write_json,
)
from exotrial.core.errors import ErrorCode, Place

FORMAT: Literal["exotrial-allocation-certificate-1"] = "exotrial-allocation-certificate-1"
Source = Literal["drawn", "minimised", "imported"]
"""Where the arms come from: the seed; each participant's factors and a committed draw; a file from outside."""

MOST_SLOTS = 100_000
MOST_ARMS = 50
LARGEST = 1_000_000

WRONG_ORDER = ErrorCode(
    "ENV-012",
    "A list was not committed to, contributed to and sealed in this order.",
    "publish the commitment first, then take the contribution, then seal the list.",
)


@dataclass(frozen=True, kw_only=True)
class SealedStratum:
    """A stratum of the list, in the order of the tree, and how many envelopes it has."""

    id: Name
    name: Text
    slots: Count


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What is published. Digests are SHA-256 in hexadecimal, times are UTC in ISO 8601.

    `generation` is the manifest's, and more than 1 says that a list was begun before and given up. `source`
    says where the arms come from: "imported" that neither secret nor contribution chose their order.
    """

    study: Name
    title: Text
    arms: tuple[Name, ...]
    strata: tuple[SealedStratum, ...]
    commitment: Digest
    committed_at: Utc
    contribution_digest: Digest
    contributed_by: Name
    contributed_at: Utc
    root: Digest
    algorithm: Name
    generation: Ordinal
    sealed_at: Utc
    source: Source
    format: Literal["exotrial-allocation-certificate-1"] = FORMAT

    def canonical(self) -> bytes:
        """The bytes that are hashed: canonical JSON of all fields."""
        return canonical_json(as_plain(self))

    def digest(self) -> str:
        """SHA-256 of the canonical form: the `prev` of the first allocation."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def position(self, stratum: str, slot: int) -> int | None:
        """The index of a slot's leaf in the tree (from 0), or None where the list has no such slot."""
        before = 0
        for one in self.strata:
            if one.id == stratum:
                return before + slot - 1 if 1 <= slot <= one.slots else None
            before += one.slots
        return None

    @property
    def leaves(self) -> int:
        """How many envelopes there are."""
        return sum(stratum.slots for stratum in self.strata)


def make_certificate(
    manifest: Manifest,
    *,
    title: str,
    commitment: str,
    committed_at: str,
    contribution: Contribution,
    envelopes: Sequence[Envelope],
    sealed_at: str,
) -> Certificate:
    """The certificate of a sealed list. Refuses with ENV-012 times that run the wrong way (and ENV-001)."""
    steps = [read_utc(committed_at), read_utc(contribution.at), read_utc(sealed_at)]
    if steps != sorted(steps):
        raise WRONG_ORDER.refuse(
            f"committed at {committed_at}, contributed at {contribution.at}, sealed at {sealed_at}"
        )
    return Certificate(
        study=manifest.study,
        title=title,
        arms=manifest.arms,
        strata=sealed_strata(manifest),
        commitment=commitment,
        committed_at=committed_at,
        contribution_digest=contribution.digest(),
        contributed_by=contribution.who,
        contributed_at=contribution.at,
        root=compute_list_root(envelopes),
        algorithm=manifest.algorithm,
        generation=manifest.generation,
        sealed_at=sealed_at,
        source=source_of(manifest),
    )


def write_certificate(certificate: Certificate) -> bytes:
    """The certificate as a JSON file."""
    return write_json(certificate)


def read_certificate(data: bytes, *, name: str) -> Certificate:
    """A certificate from the bytes of its file (VER-001 to VER-003); what it claims is not yet verified."""
    certificate = read_json(data, adapter=_adapter(), name=name)
    ids = {stratum.id for stratum in certificate.strata}
    if not 1 <= certificate.leaves <= MOST_SLOTS or len(ids) < len(certificate.strata):
        says = f"the strata are no list: two of one id, no envelope, or more than {MOST_SLOTS}"
        raise WRONG_SHAPE.refuse(says, place=Place(file=name, path="strata"))
    return certificate


def source_of(manifest: Manifest) -> Source:
    """Where the arms of a manifest's list come from."""
    if manifest.method == imported.METHOD:
        return "imported"
    return "minimised" if manifest.method in ARM_AT_ALLOCATION else "drawn"


def sealed_strata(manifest: Manifest) -> tuple[SealedStratum, ...]:
    """The strata of a manifest as the certificate states them."""
    return tuple(SealedStratum(id=one.id, name=one.name, slots=one.length) for one in manifest.strata)


def check_manifest(manifest: Manifest, *, place: Place) -> None:
    """Refuse with VER-002 a manifest from a file that is larger than any list, or contradicts itself."""
    slots = sum(stratum.length for stratum in manifest.strata)
    each = len(manifest.arms) if manifest.method in ARM_AT_ALLOCATION else 1
    numbers = [
        number
        for value in manifest.parameters.values()
        for number in (value if isinstance(value, tuple) else [value] if isinstance(value, int) else [])
    ]
    wrong = {
        "strata of one id": len({stratum.id for stratum in manifest.strata}) < len(manifest.strata),
        "a stratum without slots": any(stratum.length < 1 for stratum in manifest.strata),
        f"no strata or more than {MOST_SLOTS} envelopes or kits": not 1 <= slots * each <= MOST_SLOTS,
        f"no arms, more than {MOST_ARMS} or two of one name": not (
            0 < len(manifest.arms) <= MOST_ARMS and len(set(manifest.arms)) == len(manifest.arms)
        ),
        "an arm or a stratum without a name": not all((*manifest.arms, *(one.id for one in manifest.strata))),
        "a ratio that does not go with the arms": len(manifest.ratio) != len(manifest.arms)
        or any(not 1 <= share <= LARGEST for share in manifest.ratio),
        "a generation before the first": not 1 <= manifest.generation <= LARGEST,
        f"a number beyond {LARGEST}": any(abs(number) > LARGEST for number in numbers),
    }
    for problem, is_so in wrong.items():
        if is_so:
            raise WRONG_SHAPE.refuse(f"the manifest has {problem}", place=place)


@cache
def _adapter() -> TypeAdapter[Certificate]:
    return TypeAdapter(Certificate)
