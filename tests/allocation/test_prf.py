"""The random stream against its published vectors, an independent writing of it, and RFC 4231."""

from __future__ import annotations

import hashlib
import hmac
import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.allocation.prf import RandomStream, compute_block
from exotrial.allocation.probability import read_probability
from exotrial.core.errors import Refusal

VECTORS: dict[str, Any] = json.loads(
    files("exotrial.allocation").joinpath("prf_vectors.json").read_text(encoding="utf-8")
)
SEED = bytes(range(32))


def opened(entry: dict[str, Any]) -> RandomStream:
    return RandomStream(bytes.fromhex(entry["seed"]), label=entry["label"])


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC written out from RFC 2104, with nothing but the hash function."""
    key = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\x00")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()


def all_bytes(seed: bytes, label: str, n: int) -> bytes:
    blocks = (n + 31) // 32
    return b"".join(
        hmac_sha256(seed, label.encode() + b"\x00" + i.to_bytes(8, "big")) for i in range(blocks)
    )[:n]


@pytest.mark.parametrize(
    ("key", "message", "digest"),
    [
        # RFC 4231, test cases 1, 2 and 6.
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ],
)
def test_the_function_under_the_stream_is_hmac_sha_256_of_rfc_4231(
    key: bytes, message: bytes, digest: str
) -> None:
    assert hmac_sha256(key, message).hex() == digest
    assert hmac.new(key, message, hashlib.sha256).hexdigest() == digest


@pytest.mark.parametrize("entry", VECTORS["blocks"])
def test_a_published_block_is_made_again_by_the_module_and_by_hand(entry: dict[str, Any]) -> None:
    seed, label, counter = bytes.fromhex(entry["seed"]), entry["label"], entry["counter"]
    assert compute_block(seed, label=label, counter=counter).hex() == entry["block"]
    message = label.encode() + b"\x00" + counter.to_bytes(8, "big")
    assert hmac_sha256(seed, message).hex() == entry["block"]


@pytest.mark.parametrize("entry", VECTORS["below"])
def test_published_numbers_are_drawn_again(entry: dict[str, Any]) -> None:
    stream = opened(entry)
    assert [str(stream.below(int(entry["n"]))) for _ in entry["drawn"]] == entry["drawn"]
    assert stream.taken == entry["bytes_taken"]


@pytest.mark.parametrize("entry", VECTORS["shuffle"])
def test_published_orders_are_drawn_again(entry: dict[str, Any]) -> None:
    stream = opened(entry)
    assert list(stream.shuffle(entry["sequence"])) == entry["shuffled"]
    assert stream.taken == entry["bytes_taken"]


@pytest.mark.parametrize("entry", VECTORS["chance"])
def test_published_chances_are_drawn_again(entry: dict[str, Any]) -> None:
    stream = opened(entry)
    assert [stream.chance(entry["p"]) for _ in entry["drawn"]] == entry["drawn"]
    assert stream.taken == entry["bytes_taken"]


@pytest.mark.parametrize("entry", VECTORS["below"] + VECTORS["shuffle"])
def test_the_vectors_of_draws_follow_from_the_bytes_by_the_specification_alone(entry: dict[str, Any]) -> None:
    source = iter(all_bytes(bytes.fromhex(entry["seed"]), entry["label"], 4096))
    taken = 0

    def below(n: int) -> int:
        nonlocal taken
        width = next(k for k in range(32) if 256**k >= n)
        while True:
            value = 0
            for _ in range(width):
                value = 256 * value + next(source)
            taken += width
            if value < 256**width // n * n:
                return value % n

    if "n" in entry:
        assert [str(below(int(entry["n"]))) for _ in entry["drawn"]] == entry["drawn"]
    else:
        order = list(entry["sequence"])
        for i in reversed(range(1, len(order))):
            j = below(i + 1)
            order[i], order[j] = order[j], order[i]
        assert order == entry["shuffled"]
    assert taken == entry["bytes_taken"]


@given(st.lists(st.integers(0, 80), max_size=12))
def test_the_stream_is_the_same_in_whatever_portions_it_is_taken(portions: list[int]) -> None:
    stream = RandomStream(SEED, label="x")
    taken = b"".join(stream.take(n) for n in portions)
    assert taken == all_bytes(SEED, "x", sum(portions))


@given(st.integers(1, 2**70), st.binary(min_size=32, max_size=32))
def test_a_number_drawn_is_never_out_of_range(n: int, seed: bytes) -> None:
    assert 0 <= RandomStream(seed, label="range").below(n) < n


def test_every_value_has_exactly_as_many_bytes_behind_it() -> None:
    # One byte decides below(n) for n up to 256: the accepted bytes fall evenly on the values.
    for n in range(2, 257):
        limit = 256 - 256 % n
        landed = [byte % n for byte in range(limit)]
        assert {landed.count(value) for value in range(n)} == {limit // n}


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33), "0" * 32])
def test_a_seed_of_another_length_is_refused_and_not_shown(seed: Any) -> None:
    with pytest.raises(Refusal, match="SEQ-001") as refused:
        RandomStream(seed, label="phase_1/a")
    assert refused.value.value == "phase_1/a"


def test_a_label_with_nul_is_refused_because_it_could_end_early() -> None:
    with pytest.raises(Refusal, match="SEQ-001"):
        RandomStream(SEED, label="a\x00b")


def test_nothing_can_be_drawn_below_zero_or_one_less() -> None:
    stream = RandomStream(SEED, label="x")
    assert stream.below(1) == 0
    assert stream.taken == 0
    for n in (0, -1):
        with pytest.raises(Refusal, match="SEQ-001"):
            stream.below(n)
    with pytest.raises(Refusal, match="SEQ-001"):
        stream.take(-1)


@pytest.mark.parametrize(
    "text",
    ["0.5", "3/2", "1/0", "-1/2", " 1/2", "1/2 ", "01/2", "1", "", "½", "٢/٣", 0.5, None, "1/1000000000"],
)
def test_a_probability_that_is_no_fraction_up_to_one_is_refused(text: Any) -> None:
    with pytest.raises(Refusal, match="SEQ-002"):
        read_probability(text)
