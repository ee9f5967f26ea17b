"""Envelopes: leaves and paths as in RFC 6962, kit numbers that tell nothing, ciphertexts that open in one place."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.allocation.commitment import derive_key, derive_seed
from exotrial.allocation.envelopes import (
    Envelope,
    SealedSlot,
    check_path,
    make_envelopes,
    open_envelope,
    path_for,
    seal_envelope,
)
from exotrial.allocation.kits import ALPHABET, compute_check_character, draw_kits, read_kit
from exotrial.allocation.manifest import ListStratum
from exotrial.allocation.merkle import compute_path, compute_root, hash_leaf, root_of_path
from exotrial.allocation.prf import RandomStream
from exotrial.core.errors import Refusal
from tests.allocation.sealed_trial import MANIFEST, SECRET, seal

KEY = bytes(range(32, 64))
LARGE = replace(
    MANIFEST,
    strata=(ListStratum(id="a", length=200), ListStratum(id="b", length=200)),
)
# The inputs and roots that certificate-transparency's own tests hold for the trees of RFC 6962, 2.1.
CT_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize(("size", "root"), CT_ROOTS.items())
def test_the_root_is_that_of_certificate_transparency(size: int, root: str) -> None:
    assert compute_root([hash_leaf(data) for data in CT_INPUTS[:size]]).hex() == root


def test_the_root_over_nothing_is_the_digest_of_nothing() -> None:
    assert compute_root([]) == hashlib.sha256(b"").digest()


@given(st.integers(1, 70), st.data())
def test_every_leaf_has_a_path_to_the_root_and_no_other_does(size: int, data: st.DataObject) -> None:
    leaves = [hash_leaf(bytes([number])) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path, root = compute_path(leaves, index), compute_root(leaves)
    assert root_of_path(leaves[index], path) == root
    assert root_of_path(hash_leaf(b"another"), path) != root
    assert root_of_path(leaves[index], replace(path, hashes=(*path.hashes, "0" * 64))) is None
    if size > 1:
        moved = replace(path, index=(index + 1) % size)
        assert root_of_path(leaves[index], moved) != root
        assert root_of_path(leaves[index], replace(path, hashes=path.hashes[:-1])) != root


@pytest.mark.requirement(38)
def test_a_path_of_an_envelope_leads_to_the_root_of_the_certificate_and_shows_no_other() -> None:
    certificate, envelopes = seal()
    for envelope in envelopes:
        path = path_for(envelope, envelopes=envelopes)
        assert check_path(envelope, path, root=certificate.root)
        assert not check_path(replace(envelope, nonce="0" * 64), path, root=certificate.root)
        assert len(path.hashes) <= 4  # log2 of 14 leaves
    with pytest.raises(Refusal, match="ENV-010"):
        path_for(replace(envelopes[0], slot=99), envelopes=envelopes)


def test_envelopes_are_the_same_for_the_same_secret_and_differ_in_every_nonce() -> None:
    seed = derive_seed(SECRET, b"x", LARGE)
    envelopes = make_envelopes(LARGE, seed=seed, secret=SECRET)
    assert envelopes == make_envelopes(LARGE, seed=seed, secret=SECRET)
    assert len({one.nonce for one in envelopes}) == len({one.kit for one in envelopes}) == 400


def test_with_minimisation_a_leaf_has_a_draw_and_a_kit_for_each_arm() -> None:
    manifest = replace(MANIFEST, method="minimisation")
    envelopes = make_envelopes(manifest, seed=bytes(32), secret=SECRET)
    other = make_envelopes(manifest, seed=bytes(31) + b"\1", secret=SECRET)
    assert all(one.arm == one.kit == "" and len(one.draw) == 64 for one in envelopes)
    assert len({kit for one in envelopes for _, kit in one.kits}) == 28
    assert {one.draw for one in envelopes}.isdisjoint(one.draw for one in other)
    assert envelopes[0].kit_for("placebo") == dict(envelopes[0].kits)["placebo"]
    assert envelopes[0].kit_for("nothing") == ""


def test_a_list_brought_from_outside_must_fit_the_manifest() -> None:
    right = {"a": ("exosomes", "placebo") * 4, "b": ("placebo", "exosomes") * 3}
    made = make_envelopes(MANIFEST, seed=bytes(32), secret=SECRET, arms=right)
    assert [one.arm for one in made[:2]] == ["exosomes", "placebo"]
    for wrong in ({"a": right["a"]}, right | {"b": right["b"][:-1]}, right | {"b": ("water",) * 6}):
        with pytest.raises(Refusal, match="ENV-007"):
            make_envelopes(MANIFEST, seed=bytes(32), secret=SECRET, arms=wrong)


# --- Kit numbers ---------------------------------------------------------------------------------------------


def test_kit_numbers_are_the_same_whatever_the_arms_and_the_contribution_are() -> None:
    # They come from a stream that nothing but the secret enters: no function of them can tell an arm.
    lists = [
        make_envelopes(LARGE, seed=derive_seed(SECRET, contribution, LARGE), secret=SECRET)
        for contribution in (b"one", b"another")
    ]
    assert [one.kit for one in lists[0]] == [one.kit for one in lists[1]]
    assert [one.arm for one in lists[0]] != [one.arm for one in lists[1]]


@pytest.mark.requirement(10)
def test_kit_numbers_rise_and_fall_without_regard_to_slot_stratum_or_arm() -> None:
    envelopes = make_envelopes(LARGE, seed=derive_seed(SECRET, b"x", LARGE), secret=SECRET)
    ranked = sorted(range(400), key=lambda at: envelopes[at].kit)
    rank = {at: place for place, at in enumerate(ranked)}
    for group in (
        [at for at in range(400) if envelopes[at].arm == "exosomes"],
        [at for at in range(400) if envelopes[at].stratum == "a"],
        range(200),
    ):
        # The rank sum of 200 of 400 has mean 39,900 and SD sqrt(200 * 200 * 401 / 12) = 1,156 (Wilcoxon).
        assert abs(sum(rank[at] for at in group) - 39_900) < 4 * 1_156
    rising = sum(envelopes[at].kit < envelopes[at + 1].kit for at in range(399))
    # Ascents of a random order of n: mean (n - 1) / 2, variance (n + 1) / 12 (Eulerian numbers).
    assert abs(rising - 399 / 2) < 4 * (401 / 12) ** 0.5


def test_every_character_of_a_kit_number_is_as_likely_as_another() -> None:
    stream = RandomStream(derive_key(SECRET, "kits"), label="test")
    counts = Counter("".join(kit[:5] for kit in draw_kits(stream, 6200)))
    chi_square = sum((counts[one] - 1000) ** 2 / 1000 for one in ALPHABET)
    assert chi_square < 59.7  # chi-square, 30 degrees of freedom: the 99.9 % point is 59.70


@given(
    st.text(ALPHABET, min_size=5, max_size=5), st.integers(0, 5), st.integers(0, 5), st.sampled_from(ALPHABET)
)
def test_a_wrong_character_and_an_exchange_of_two_are_seen(
    body: str, at: int, other: int, wrong: str
) -> None:
    right = body + compute_check_character(body)
    assert read_kit(f" {right.lower()} ") == f"{right[:5]}-{right[5]}"
    changed = right[:at] + wrong + right[at + 1 :]
    exchanged = list(right)
    exchanged[at], exchanged[other] = exchanged[other], exchanged[at]
    for text in (changed, "".join(exchanged)):
        if text != right:
            with pytest.raises(Refusal, match="ENV-004"):
                read_kit(text)


@given(st.text(max_size=9))
def test_what_is_no_kit_number_is_refused(text: str) -> None:
    try:
        kit = read_kit(text)
    except Refusal as refusal:
        if refusal.code.code != "ENV-004":
            raise
    else:
        assert kit[5] == "-"


# --- Sealing -------------------------------------------------------------------------------------------------


def slot_of(envelope: Envelope) -> SealedSlot:
    return SealedSlot(study="example", list="c" * 64, stratum=envelope.stratum, slot=envelope.slot)


def sealed(envelope: Envelope) -> bytes:
    return seal_envelope(envelope, key=KEY, aad=slot_of(envelope), nonce96=bytes(12))


def test_a_sealed_envelope_opens_to_what_it_was() -> None:
    minimised = make_envelopes(replace(MANIFEST, method="minimisation"), seed=bytes(32), secret=SECRET)
    for envelope in (*seal()[1], *minimised):
        opened = open_envelope(sealed(envelope), key=KEY, aad=slot_of(envelope), leaf=envelope.leaf().hex())
        assert opened == envelope


@pytest.mark.requirement(10)
def test_the_length_of_a_ciphertext_tells_nothing() -> None:
    short = Envelope(stratum="a", slot=1, nonce="0" * 64, arm="A", kit="7KQ4X-M")
    long = replace(short, arm="the longer name of another arm")
    assert len(sealed(short)) == len(sealed(long)) == 12 + 2048 + 16


@given(st.integers(0, 2075), st.integers(1, 255))
def test_a_changed_byte_anywhere_is_refused_by_name_of_the_slot(at: int, change: int) -> None:
    envelope = seal()[1][2]
    data = bytearray(sealed(envelope))
    data[at] ^= change
    with pytest.raises(Refusal, match="ENV-009: a slot 3: "):
        open_envelope(bytes(data), key=KEY, aad=slot_of(envelope), leaf=envelope.leaf().hex())


def test_an_envelope_moved_to_another_slot_study_or_list_is_refused() -> None:
    one, other = seal()[1][:2]
    for place in (
        slot_of(other),
        replace(slot_of(one), study="another"),
        replace(slot_of(one), list="d" * 64),
        replace(slot_of(one), stratum="b"),
    ):
        with pytest.raises(Refusal, match="ENV-009"):
            open_envelope(sealed(one), key=KEY, aad=place, leaf=one.leaf().hex())
    with pytest.raises(Refusal, match="ENV-009"):
        open_envelope(sealed(one), key=bytes(32), aad=slot_of(one), leaf=one.leaf().hex())
    with pytest.raises(Refusal, match="another leaf"):
        open_envelope(sealed(one), key=KEY, aad=slot_of(one), leaf=other.leaf().hex())
    with pytest.raises(Refusal, match="ENV-006"):
        seal_envelope(one, key=KEY, aad=slot_of(other), nonce96=bytes(12))


@pytest.mark.parametrize("size", [0, 11, 12, 27, 28])
def test_a_ciphertext_cut_short_is_refused(size: int) -> None:
    envelope = seal()[1][0]
    with pytest.raises(Refusal, match="ENV-009"):
        open_envelope(sealed(envelope)[:size], key=KEY, aad=slot_of(envelope), leaf=envelope.leaf().hex())


def test_a_key_or_nonce_of_another_length_is_refused() -> None:
    envelope = seal()[1][0]
    for key, nonce in ((KEY[:16], bytes(12)), (KEY, bytes(11))):
        with pytest.raises(Refusal, match="ENV-008"):
            seal_envelope(envelope, key=key, aad=slot_of(envelope), nonce96=nonce)


def test_an_envelope_too_long_to_pad_is_refused_and_the_longest_that_fits_is_not() -> None:
    base = Envelope(stratum="a", slot=1, nonce="0" * 64, arm="A", kit="7KQ4X-M")
    room = 2044 - len(base.canonical())
    assert len(sealed(replace(base, arm="A" * (room + 1)))) == 2076
    with pytest.raises(Refusal, match="ENV-006"):
        sealed(replace(base, arm="A" * (room + 2)))


def test_an_envelope_of_both_kinds_or_of_none_is_refused() -> None:
    for wrong in (
        {},
        {"arm": "A"},
        {"kit": "K"},
        {"arm": "A", "kit": "K", "draw": "0" * 64},
        {"draw": "0" * 64},
    ):
        with pytest.raises(Refusal, match="ENV-006"):
            Envelope(stratum="a", slot=1, nonce="0" * 64, **wrong)  # type: ignore[arg-type]
