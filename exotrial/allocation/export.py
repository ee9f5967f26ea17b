"""What is published after lock: everything that a stranger needs to check a randomisation, offline, in one file.

Arms, secret and all are in it, so it is made only after the data are locked. An emergency unblinding before
that shows a `LeafProof` and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import TypeAdapter

from exotrial.allocation.certificate import Certificate, check_manifest
from exotrial.allocation.envelopes import Envelope
from exotrial.allocation.manifest import Manifest
from exotrial.allocation.merkle import MerklePath
from exotrial.allocation.order import Entry, Head, Signed
from exotrial.allocation.written import (
    Digest,
    HexBytes,
    ListText,
    Marks,
    Name,
    Ordinal,
    Text,
    Utc,
    read_json,
    write_json,
)
from exotrial.core.errors import Place

EXPORT_FORMAT: Literal["exotrial-allocation-export-1"] = "exotrial-allocation-export-1"
LEAF_FORMAT: Literal["exotrial-allocation-leaf-1"] = "exotrial-allocation-leaf-1"


@dataclass(frozen=True, kw_only=True)
class LeafProof:
    """One opened envelope with its path to the root: shows one slot, and nothing of any other."""

    envelope: Envelope
    path: MerklePath
    format: Literal["exotrial-allocation-leaf-1"] = LEAF_FORMAT


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """One entry of the order as signed, and the arm and kit that the record says the participant was given."""

    entry: Entry
    mac: Digest
    marks: Marks
    arm: Name
    kit: Name

    @property
    def signed(self) -> Signed:
        """The entry with its mac and marks."""
        return Signed(entry=self.entry, mac=self.mac, marks=self.marks)


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A wrong stratum, corrected without randomising again: the participant keeps slot and arm."""

    participant: Name
    recorded: Name
    correct: Name
    at: Utc
    who: Name
    why: Text


@dataclass(frozen=True, kw_only=True)
class Unblinding:
    """One participant's envelope shown before lock: to whom, when, why, and exactly what was shown."""

    participant: Name
    at: Utc
    who: Name
    why: Text
    proof: LeafProof


@dataclass(frozen=True, kw_only=True)
class GivenUp:
    """A list that was begun for this study and given up: a second try is a chance to choose."""

    generation: Ordinal
    commitment: Digest
    committed_at: Utc
    why: Text


@dataclass(frozen=True, kw_only=True)
class Export:
    """The whole record. `secret` and `contribution` are hexadecimal; `envelopes` are in leaf order, opened.

    `heads` are what others noted of the order while it grew. `imported` is the file of a list that came from
    outside, as it was, and empty for every other list.
    """

    certificate: Certificate
    manifest: Manifest
    secret: Digest
    contribution: HexBytes
    envelopes: tuple[Envelope, ...]
    allocations: tuple[Allocation, ...]
    corrections: tuple[Correction, ...] = ()
    unblindings: tuple[Unblinding, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    heads: tuple[Head, ...] = ()
    imported: ListText = ""
    format: Literal["exotrial-allocation-export-1"] = EXPORT_FORMAT


def write_export(export: Export) -> bytes:
    """The export as a JSON file."""
    return write_json(export)


def read_export(data: bytes, *, name: str) -> Export:
    """An export from the bytes of its file (VER-001 to VER-003); what it claims is not yet verified."""
    export = read_json(data, adapter=_export_adapter(), name=name)
    check_manifest(export.manifest, place=Place(file=name, path="manifest"))
    return export


def write_leaf(proof: LeafProof) -> bytes:
    """One opened envelope with its path as a JSON file."""
    return write_json(proof)


def read_leaf(data: bytes, *, name: str) -> LeafProof:
    """One opened envelope with its path from the bytes of its file (VER-001 to VER-003)."""
    return read_json(data, adapter=_leaf_adapter(), name=name)


@cache
def _export_adapter() -> TypeAdapter[Export]:
    return TypeAdapter(Export)


@cache
def _leaf_adapter() -> TypeAdapter[LeafProof]:
    return TypeAdapter(LeafProof)
