"""Commitment, seed and keys, held to published vectors that were computed without exotrial."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from exotrial.allocation.commitment import Contribution, commit, derive_bytes, derive_key, derive_seed
from exotrial.allocation.envelopes import Envelope
from exotrial.allocation.manifest import ListStratum, Manifest
from exotrial.allocation.order import Entry, sign
from exotrial.core.errors import Refusal

VECTORS: dict[str, Any] = tomllib.loads(
    files("exotrial.allocation").joinpath("commitment_vectors.toml").read_text(encoding="utf-8")
)
SECRET = bytes.fromhex(VECTORS["secret"])
GIVEN = bytes.fromhex(VECTORS["contribution"])
MANIFEST = Manifest(
    study="example",
    study_version=1,
    arms=("exosomes", "placebo"),
    ratio=(1, 1),
    strata=(ListStratum(id="a", length=4, name="A", stratum="a"),),
    method="permuted blocks",
    parameters={"block_sizes": (2, 4), "completion": "fit"},
)


@pytest.mark.parametrize("case", VECTORS["rfc5869"])
def test_hkdf_gives_the_vectors_of_rfc_5869(case: dict[str, str]) -> None:
    given = {name: bytes.fromhex(value) for name, value in case.items()}
    made = derive_bytes(given["ikm"], salt=given["salt"], info=given["info"], length=len(given["okm"]))
    assert made == given["okm"]


def test_commitment_seed_and_keys_are_those_of_the_vectors() -> None:
    assert MANIFEST.canonical().decode() == VECTORS["manifest"]
    assert MANIFEST.digest() == VECTORS["manifest_digest"]
    assert commit(SECRET, MANIFEST) == VECTORS["commitment"]
    contribution = Contribution(data=GIVEN, who="Ethics office", at="2026-01-06T10:00:00Z")
    assert contribution.digest() == VECTORS["contribution_digest"]
    assert derive_seed(SECRET, GIVEN, MANIFEST).hex() == VECTORS["seed"]
    assert derive_key(SECRET, "order").hex() == VECTORS["keys"]["order"]
    assert derive_key(SECRET, "nonces").hex() == VECTORS["keys"]["nonces"]
    assert derive_key(SECRET, "kits").hex() == VECTORS["keys"]["kits"]


def test_a_leaf_and_an_entry_are_those_of_the_vectors() -> None:
    envelope = Envelope(**json.loads(VECTORS["leaf"]["json"]))
    assert envelope.canonical().decode() == VECTORS["leaf"]["json"]
    assert envelope.leaf().hex() == VECTORS["leaf"]["hash"]
    signed = sign(Entry(**json.loads(VECTORS["entry"]["json"])), key=derive_key(SECRET, "order"))
    assert (signed.mac, signed.marks, signed.link()) == tuple(
        VECTORS["entry"][name] for name in ("mac", "marks", "link")
    )


def test_the_seed_changes_with_each_of_secret_contribution_and_manifest() -> None:
    other = replace(MANIFEST, generation=2)
    seeds = {
        derive_seed(SECRET, GIVEN, MANIFEST),
        derive_seed(bytes(32), GIVEN, MANIFEST),
        derive_seed(SECRET, GIVEN + b"\0", MANIFEST),  # HMAC alone would read this salt as the same
        derive_seed(SECRET, GIVEN, other),
    }
    assert len(seeds) == 4


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_that_is_not_256_bits_is_refused_and_not_shown(size: int) -> None:
    for act in (
        lambda secret: commit(secret, MANIFEST),
        lambda secret: derive_key(secret, "order"),
        lambda secret: derive_seed(secret, b"x", MANIFEST),
    ):
        with pytest.raises(Refusal, match="ENV-002") as refused:
            act(b"\xaa" * size)
        assert "aa" not in refused.value.value


def test_an_empty_contribution_is_refused() -> None:
    with pytest.raises(Refusal, match="ENV-003"):
        derive_seed(SECRET, b"", MANIFEST)
