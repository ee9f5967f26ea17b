"""A true trial of two strata, sealed, allocated and exported: what the attacks of the tests start from."""

from __future__ import annotations

from dataclasses import replace

from exotrial.allocation.certificate import Certificate, make_certificate
from exotrial.allocation.commitment import Contribution, commit, derive_key, derive_seed
from exotrial.allocation.envelopes import Envelope, make_envelopes, path_for
from exotrial.allocation.export import Allocation, Correction, Export, LeafProof, Unblinding
from exotrial.allocation.manifest import ListStratum, Manifest
from exotrial.allocation.order import Signed, append

SECRET = bytes(range(32))
MANIFEST = Manifest(
    study="example",
    study_version=1,
    arms=("exosomes", "placebo"),
    ratio=(1, 1),
    strata=(ListStratum(id="a", length=8, name="A"), ListStratum(id="b", length=6, name="B")),
    method="permuted blocks",
    parameters={"block_sizes": (2, 4), "completion": "fit"},
)
CONTRIBUTION = Contribution(data=b"dice: 4 2 6 1 1 3", who="Ethics office", at="2026-01-06T10:00:00Z")
ARRIVALS = "aabbabaabb"
"""Strata of the participants S-001, S-002, ... in the order in which they came."""


def seal(
    manifest: Manifest = MANIFEST, *, secret: bytes = SECRET, contribution: Contribution = CONTRIBUTION
) -> tuple[Certificate, tuple[Envelope, ...]]:
    seed = derive_seed(secret, contribution.data, manifest)
    envelopes = make_envelopes(manifest, seed=seed, secret=secret)
    certificate = make_certificate(
        manifest,
        title="An example",
        commitment=commit(secret, manifest),
        committed_at="2026-01-05T10:00:00Z",
        contribution=contribution,
        envelopes=envelopes,
        sealed_at="2026-01-07T10:00:00Z",
    )
    return certificate, envelopes


def allocate(
    certificate: Certificate,
    envelopes: tuple[Envelope, ...],
    arrivals: str = ARRIVALS,
    *,
    secret: bytes = SECRET,
) -> tuple[Signed, ...]:
    key = derive_key(secret, "order")
    chain: list[Signed] = []
    for number, stratum in enumerate(arrivals, start=1):
        slot = sum(one.entry.stratum == stratum for one in chain) + 1
        position = certificate.position(stratum, slot)
        assert position is not None
        chain.append(
            append(
                chain,
                key=key,
                start=certificate.digest(),
                list_id=certificate.commitment,
                stratum=stratum,
                slot=slot,
                participant=f"S-{number:03d}",
                at=f"2026-02-{number:02d}T09:30:00Z",
                leaf=envelopes[position].leaf().hex(),
            )
        )
    return tuple(chain)


def record(chain: tuple[Signed, ...], envelopes: tuple[Envelope, ...]) -> tuple[Allocation, ...]:
    """The allocations with the arms and kits of their envelopes."""
    by_slot = {(one.stratum, one.slot): one for one in envelopes}
    made = []
    for one in chain:
        envelope = by_slot[one.entry.stratum, one.entry.slot]
        made.append(
            Allocation(entry=one.entry, mac=one.mac, marks=one.marks, arm=envelope.arm, kit=envelope.kit)
        )
    return tuple(made)


def true_export() -> Export:
    """Ten allocations, one correction of stratum, one emergency unblinding (S-003, at b slot 1)."""
    certificate, envelopes = seal()
    shown = next(one for one in envelopes if (one.stratum, one.slot) == ("b", 1))
    return Export(
        certificate=certificate,
        manifest=MANIFEST,
        secret=SECRET.hex(),
        contribution=CONTRIBUTION.data.hex(),
        envelopes=envelopes,
        allocations=record(allocate(certificate, envelopes), envelopes),
        corrections=(
            Correction(
                participant="S-002",
                recorded="a",
                correct="b",
                at="2026-02-03T08:00:00Z",
                who="coordinator",
                why="The ventilation was read from the wrong line.",
            ),
        ),
        unblindings=(
            Unblinding(
                participant="S-003",
                at="2026-02-20T03:12:00Z",
                who="treating physician",
                why="Anaphylaxis.",
                proof=LeafProof(envelope=shown, path=path_for(shown, envelopes=envelopes)),
            ),
        ),
    )


def edit(export: Export, at: int, /, **entry: object) -> Export:
    """The export with fields of the entry at this position (from 0) edited, without the key."""
    rows = list(export.allocations)
    rows[at] = replace(rows[at], entry=replace(rows[at].entry, **entry))  # type: ignore[arg-type]
    return replace(export, allocations=tuple(rows))
