"""From manifest and seed to lists: the same always, one stream a stratum, and every unusable manifest refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.allocation.manifest import ListStratum, Manifest
from exotrial.allocation.prf import RandomStream
from exotrial.allocation.sequence.draw import check_manifest, draw_list, find_method
from exotrial.core.errors import Refusal, Refusals

SEED = bytes(range(32))
A, B = ListStratum(id="phase_1/a", length=6), ListStratum(id="phase_1/b", length=6)
BLOCKS = Manifest(
    study="irct20201202049568n3",
    study_version=1,
    arms=("exosomes", "control"),
    ratio=(1, 1),
    strata=(A, B),
    method="permuted blocks",
    parameters={"block_sizes": (2, 4), "completion": "fit"},
)


def codes(manifest: Manifest) -> list[str]:
    return [refusal.code.code for refusal in check_manifest(manifest)]


def test_a_manifest_and_a_seed_make_the_lists_that_the_specification_gives() -> None:
    # Written out from prf.py and permuted_blocks.py: sizes that fit by below(), then Fisher-Yates from the end.
    for stratum in BLOCKS.strata:
        stream = RandomStream(SEED, label=f"exotrial-allocation-1/list/{stratum.id}")
        expected: list[str] = []
        while len(expected) < 6:
            sizes = (2, 4) if len(expected) <= 2 else (2,)
            size = sizes[stream.below(len(sizes))]
            block = ["exosomes"] * (size // 2) + ["control"] * (size // 2)
            for last in range(size - 1, 0, -1):
                at = stream.below(last + 1)
                block[last], block[at] = block[at], block[last]
            expected += block
        assert draw_list(BLOCKS, seed=SEED)[stratum.id] == tuple(expected)


def test_the_lists_of_a_version_of_the_algorithm_never_change() -> None:
    # Made once with exotrial-allocation-1; another digest means that old trials can no longer be verified.
    words = []
    for method, parameters in sorted(ALL_METHODS.items()):
        manifest = replace(
            BLOCKS, method=method, parameters=parameters, strata=(ListStratum(id="x", length=24),)
        )
        words.append("".join(arm[0] for arm in draw_list(manifest, seed=SEED)["x"]))
    assert hashlib.sha256("\n".join(words).encode()).hexdigest() == FROZEN


ALL_METHODS: dict[str, dict[str, Any]] = {
    "simple": {},
    "random allocation rule": {},
    "truncated binomial": {},
    "biased coin": {"p": "2/3"},
    "wei urn": {"alpha": 0, "beta": 1},
    "big stick": {"mti": 3},
    "maximal procedure": {"mti": 3},
    "block urn": {"sets": 2},
    "permuted blocks": {"block_sizes": (2, 4, 8), "completion": "fit"},
}
FROZEN = "023578338ff7aa1f4e6c0886bd263cdb4a7be89d64fe8640af859b4a49c0da99"


def test_strata_have_streams_of_their_own() -> None:
    alone = draw_list(replace(BLOCKS, strata=(B,)), seed=SEED)
    both = draw_list(BLOCKS, seed=SEED)
    assert both["phase_1/b"] == alone["phase_1/b"]
    long = replace(BLOCKS, strata=(replace(A, length=60), replace(B, length=60)))
    lists = draw_list(long, seed=SEED)
    assert lists["phase_1/a"] != lists["phase_1/b"]


def test_another_seed_makes_another_list() -> None:
    long = replace(BLOCKS, strata=(replace(A, length=60),))
    assert draw_list(long, seed=SEED) != draw_list(long, seed=bytes(32))


@given(
    st.binary(min_size=32, max_size=32),
    st.lists(st.sampled_from([2, 4, 6, 8]), min_size=1, unique=True),
    st.integers(4, 30),
)
def test_blocks_that_fit_always_end_balanced(seed: bytes, sizes: list[int], turns: int) -> None:
    manifest = replace(
        BLOCKS,
        strata=(replace(A, length=2 * turns),),
        parameters={"block_sizes": tuple(sorted(sizes)), "completion": "fit"},
    )
    wrong = codes(manifest)
    if wrong:
        assert wrong == ["SEQ-017"]
        assert sizes != [2]
        return
    sequence = draw_list(manifest, seed=seed)[A.id]
    assert len(sequence) == 2 * turns
    assert sequence.count("control") == turns


@pytest.mark.parametrize("method", sorted(ALL_METHODS))
def test_a_list_is_as_long_as_its_stratum(method: str) -> None:
    manifest = replace(
        BLOCKS, method=method, parameters=ALL_METHODS[method], strata=(ListStratum(id="x", length=24),)
    )
    sequence = draw_list(manifest, seed=SEED)["x"]
    assert len(sequence) == 24
    assert set(sequence) <= {"exosomes", "control"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"arms": ("one",), "ratio": (1,)}, ["SEQ-010"]),
        ({"arms": ("one", "one")}, ["SEQ-010"]),
        ({"arms": ("one", " ")}, ["SEQ-010"]),
        ({"ratio": (1,)}, ["SEQ-010"]),
        ({"ratio": (1, 0)}, ["SEQ-010"]),
        ({"ratio": (1, True)}, ["SEQ-010"]),
        ({"strata": ()}, ["SEQ-011"]),
        ({"strata": (A, A)}, ["SEQ-011"]),
        ({"strata": (replace(A, length=0),)}, ["SEQ-011"]),
        ({"strata": (replace(A, id=""),)}, ["SEQ-011"]),
        ({"strata": (replace(A, id="a\x00b"),)}, ["SEQ-011"]),
        ({"method": "permuted block"}, ["SEQ-012"]),
        ({"parameters": {"block_size": (2,), "completion": "fit"}}, ["SEQ-013", "SEQ-014"]),
        ({"parameters": {"block_sizes": (2,)}}, ["SEQ-014"]),
        ({"parameters": {"block_sizes": (), "completion": "fit"}}, ["SEQ-015"]),
        ({"parameters": {"block_sizes": (0, 2), "completion": "fit"}}, ["SEQ-015"]),
        ({"parameters": {"block_sizes": (4, 2), "completion": "fit"}}, ["SEQ-015"]),
        ({"parameters": {"block_sizes": (2, 2), "completion": "fit"}}, ["SEQ-015"]),
        ({"parameters": {"block_sizes": 2, "completion": "cut"}}, ["SEQ-015", "SEQ-015"]),
        ({"parameters": {"block_sizes": (3,), "completion": "fit"}}, ["SEQ-018"]),
        ({"parameters": {"block_sizes": (2, 8), "completion": "fit"}}, ["SEQ-019", "SEQ-019"]),
        ({"parameters": {"block_sizes": (4,), "completion": "fit"}}, ["SEQ-017", "SEQ-017"]),
        ({"parameters": {"block_sizes": (4,), "completion": "truncate"}}, []),
        ({"parameters": {"block_sizes": (6,), "completion": "fit"}}, []),
        ({"ratio": (2, 1)}, ["SEQ-018", "SEQ-018"]),
        ({"method": "biased coin", "parameters": {"p": "0.67"}}, ["SEQ-002"]),
        ({"method": "biased coin", "parameters": {"p": "1/2"}}, ["SEQ-015"]),
        ({"method": "biased coin", "parameters": {"p": "51/100"}}, []),
        ({"method": "biased coin", "parameters": {"p": "1/1"}}, ["SEQ-015"]),
        ({"method": "biased coin", "parameters": {"p": "2/3"}, "ratio": (2, 1)}, ["SEQ-016"]),
        ({"method": "big stick", "parameters": {"mti": 0}}, ["SEQ-015"]),
        ({"method": "big stick", "parameters": {"mti": 1}}, []),
        (
            {"method": "big stick", "parameters": {"mti": 2}, "arms": ("a", "b", "c"), "ratio": (1, 1, 1)},
            ["SEQ-016"],
        ),
        ({"method": "wei urn", "parameters": {"alpha": 0, "beta": 0}}, ["SEQ-015"]),
        ({"method": "wei urn", "parameters": {"alpha": 0, "beta": 1}, "ratio": (1, 2)}, ["SEQ-016"]),
        (
            {"method": "maximal procedure", "parameters": {"mti": 2}, "strata": (replace(A, length=7),)},
            ["SEQ-017"],
        ),
        ({"method": "random allocation rule", "parameters": {}, "ratio": (3, 1)}, ["SEQ-017", "SEQ-017"]),
        ({"method": "simple", "parameters": {"p": "1/2"}}, ["SEQ-013"]),
        ({"algorithm": "exotrial-allocation-2"}, ["SEQ-020"]),
        (
            {"arms": ("one",), "ratio": (1,), "strata": (), "parameters": {}},
            ["SEQ-010", "SEQ-011", *["SEQ-014"] * 2],
        ),
    ],
)
def test_an_unusable_manifest_is_refused_for_every_reason_at_once(
    change: dict[str, Any], expected: list[str]
) -> None:
    manifest = replace(BLOCKS, **change)
    assert codes(manifest) == expected
    if expected:
        with pytest.raises(Refusals):
            draw_list(manifest, seed=SEED)
    else:
        assert draw_list(manifest, seed=SEED)


def test_a_refusal_names_the_nearest_method_and_parameter() -> None:
    (refusal,) = check_manifest(replace(BLOCKS, method="permuted block"))
    assert refusal.remedy == "did you mean 'permuted blocks'?"
    first = check_manifest(replace(BLOCKS, parameters={"block_size": (2,), "completion": "fit"}))[0]
    assert first.remedy == "did you mean 'block_sizes'?"
    with pytest.raises(Refusal, match="SEQ-012"):
        find_method("coin")


def test_a_seed_of_the_wrong_length_makes_no_list() -> None:
    with pytest.raises(Refusal, match="SEQ-001"):
        draw_list(BLOCKS, seed=b"short")
