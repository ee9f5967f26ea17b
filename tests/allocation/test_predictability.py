"""Predictability, imbalance and selection bias against closed forms, papers and brute force."""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
from scipy import stats

from exotrial.allocation.envelope_choice import compute_free_choice
from exotrial.allocation.imbalance import arms_behind, compute_imbalance
from exotrial.allocation.predictability import (
    Predictability,
    compute_for_list,
    compute_long_run_convergence,
    compute_predictability,
)
from exotrial.allocation.selection_bias import compute_doubly_noncentral_tail, compute_type_one_error
from exotrial.allocation.sequence.law import Law
from exotrial.allocation.sequence.method import find_sequence_methods
from exotrial.core.errors import Refusal
from tests.conftest import shared

METHODS = find_sequence_methods()
EQUAL = (1, 1)


def law_of(name: str, length: int, ratio: tuple[int, ...] = EQUAL, **parameters: Any) -> Law:
    return METHODS[name].law(ratio, length, parameters)


def blocks(length: int, *sizes: int, ratio: tuple[int, ...] = EQUAL, completion: str = "fit") -> Law:
    return law_of("permuted blocks", length, ratio, block_sizes=sizes, completion=completion)


def figures_of(law: Law, length: int, ratio: tuple[int, ...] = EQUAL) -> Predictability:
    return compute_predictability(law, ratio=ratio, length=length)


@pytest.fixture(scope="module")
def cases() -> dict[str, dict[str, Any]]:
    document = json.loads(shared("reference", "design_cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in document["cases"]}


@pytest.mark.parametrize("case_id", ["pbr_guess_block4", "pbr_guess_block8"])
def test_a_permuted_block_is_as_predictable_as_the_reference_says(
    cases: dict[str, dict[str, Any]], case_id: str
) -> None:
    case = cases[case_id]
    size, expected = case["inputs"]["block"], case["expected"]
    figures = figures_of(blocks(size, size), size)
    assert figures.convergence.value == pytest.approx(expected["correct_guess"], abs=case["tolerance"])
    assert figures.certain.value == pytest.approx(expected["deterministic"], abs=case["tolerance"])
    assert comb(size, size // 2) == expected["n_seq"]
    assert figures.how == "Exact."


def test_random_blocks_of_2_4_8_are_as_predictable_in_the_long_run_as_the_reference_says(
    cases: dict[str, dict[str, Any]],
) -> None:
    case = cases["rpbr_2_4_8_guess"]
    share = compute_long_run_convergence(case["inputs"]["sizes"], ratio=EQUAL)
    assert share == pytest.approx(case["expected"]["correct_guess"], abs=case["tolerance"])


def test_the_t_test_under_selection_bias_errs_as_often_as_the_reference_says(
    cases: dict[str, dict[str, Any]],
) -> None:
    case = cases["selbias_pbr2x6"]
    found = compute_type_one_error(
        blocks(12, 2), ratio=EQUAL, length=12, eta=case["inputs"]["eta"], alpha=case["inputs"]["alpha"]
    )
    assert found.how == "Exact."
    assert found.error.value == pytest.approx(case["expected"]["type1"], abs=case["tolerance"])


@pytest.mark.parametrize("length", [2, 4, 6, 8, 10])
def test_the_random_allocation_rule_is_guessed_as_blackwell_and_hodges_say(length: int) -> None:
    # Blackwell & Hodges 1957: n + (2^(2n) / C(2n, n) - 1) / 2 right guesses in 2n.
    n = length // 2
    right = n + (2 ** (2 * n) / comb(2 * n, n) - 1) / 2
    figures = figures_of(law_of("random allocation rule", length), length)
    assert figures.convergence.value == pytest.approx(right / length, rel=1e-12)


@pytest.mark.parametrize("length", [2, 4, 8, 12])
def test_the_truncated_binomial_is_guessed_as_blackwell_and_hodges_say(length: int) -> None:
    # The excess over half of the guesses is half the expected tail, n C(2n, n) / 2^(2n) (Blackwell & Hodges 1957).
    n = length // 2
    tail = 2 * n * comb(2 * n, n) / 4**n
    figures = figures_of(law_of("truncated binomial", length), length)
    assert figures.certain.value == pytest.approx(tail / length, rel=1e-12)
    assert figures.best.value == pytest.approx((n + tail / 2) / length, rel=1e-12)


def test_nobody_guesses_simple_randomisation() -> None:
    figures = figures_of(law_of("simple", 12), 12)
    assert figures.convergence.value == pytest.approx(0.5, abs=1e-12)
    assert figures.certain.value == 0
    # E|2X - 12| of X ~ Bin(12, 1/2) is 12 C(12, 6) / 2^12 (Feller, vol. 1, III).
    assert figures.final_imbalance.value == pytest.approx(12 * comb(12, 6) / 2**12, rel=1e-12)


def test_half_of_all_allocations_are_certain_in_blocks_of_two() -> None:
    figures = figures_of(blocks(60, 2), 60)
    assert figures.certain.value == pytest.approx(0.5, abs=1e-12)
    assert figures.convergence.value == pytest.approx(0.75, abs=1e-12)
    assert figures.largest_imbalance.value == 1


def test_the_biased_coin_is_balanced_as_often_as_efron_says() -> None:
    # Efron 1971: with p = 2/3 the chance of balance tends to 1/2 after even and is 0 after odd numbers, so that
    # the share of right guesses tends to 1/4 x 1/2 + 3/4 x 2/3 = 5/8.
    figures = figures_of(law_of("biased coin", 100, p="2/3"), 100)
    assert figures.convergence.value == pytest.approx(0.625, abs=0.003)


@pytest.mark.parametrize("mti", [1, 2, 3])
def test_the_bound_of_big_stick_and_maximal_procedure_is_reached_and_never_passed(mti: int) -> None:
    for name in ("big stick", "maximal procedure"):
        assert figures_of(law_of(name, 20, mti=mti), 20).largest_imbalance.value == mti


def brute_force(law: Law, length: int) -> dict[str, float]:
    """Every figure by going through whole lists of two arms, with hidden states kept apart by their weights."""
    lists: dict[str, dict[Any, Fraction]] = {"": {law.start: Fraction(1)}}
    best = certain = Fraction(0)
    for _ in range(length):
        after: dict[str, dict[Any, Fraction]] = {}
        for word, states in lists.items():
            whole = sum(states.values())
            chance = {"A": Fraction(0), "B": Fraction(0)}
            for state, weight in states.items():
                for move in law.moves(state):
                    arm = "AB"[move.arm]
                    chance[arm] += weight * move.chance
                    there = after.setdefault(word + arm, {})
                    there[move.state] = there.get(move.state, Fraction(0)) + weight * move.chance
            best += max(chance.values())
            certain += whole if max(chance.values()) == whole else 0
        lists = after
    worst = Fraction(0)
    for word, states in lists.items():
        walk = itertools.accumulate(1 if arm == "A" else -1 for arm in word)
        worst += sum(states.values()) * max(map(abs, walk))
    return {
        "best": float(best / length),
        "certain": float(certain / length),
        "expected_largest_imbalance": float(worst),
    }


BRUTE = [
    ("permuted blocks", 10, {"block_sizes": (2, 4), "completion": "fit"}),
    ("permuted blocks", 9, {"block_sizes": (2, 4, 8), "completion": "truncate"}),
    ("wei urn", 8, {"alpha": 1, "beta": 1}),
    ("block urn", 9, {"sets": 2}),
    ("maximal procedure", 10, {"mti": 2}),
]


@pytest.mark.parametrize(("name", "length", "parameters"), BRUTE)
def test_the_exact_figures_are_those_of_all_lists_one_by_one(
    name: str, length: int, parameters: dict[str, Any]
) -> None:
    law = law_of(name, length, **parameters)
    figures = figures_of(law, length)
    for key, expected in brute_force(law, length).items():
        assert getattr(figures, key).value == pytest.approx(expected, abs=1e-12), key


def test_who_knows_more_never_guesses_worse() -> None:
    for ratio, sizes in ((EQUAL, (2, 4)), ((2, 1), (3, 6)), ((2, 1, 1), (4, 8))):
        length = 3 * sizes[1]
        figures = figures_of(blocks(length, *sizes, ratio=ratio), length, ratio)
        assert figures.convergence.value <= figures.best.value + 1e-12
        assert figures.best.value <= figures.best_informed.value + 1e-12
        assert figures.certain.value < figures.certain_informed.value


def test_what_is_simulated_says_so_and_agrees_with_what_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    law = blocks(12, 2, 4)
    exact = figures_of(law, 12)
    monkeypatch.setattr("exotrial.allocation.predictability.MOST_STATES", 3)
    simulated = compute_predictability(law, ratio=EQUAL, length=12, seed=7, lists=2_000)
    assert simulated.how.startswith("Simulated over 2000 lists from seed 7")
    assert "only the largest seen" in simulated.how
    for name in (
        "convergence",
        "best",
        "certain",
        "best_informed",
        "certain_informed",
        "expected_largest_imbalance",
    ):
        figure, true = getattr(simulated, name), getattr(exact, name)
        assert true.standard_error is None
        assert figure.standard_error > 0
        # Six figures at 4.5 standard errors: a false alarm once in 25,000 seeds; the seed is fixed.
        assert abs(figure.value - true.value) < 4.5 * figure.standard_error, name
    again = compute_predictability(law, ratio=EQUAL, length=12, seed=7, lists=2_000)
    assert again == simulated


@pytest.mark.parametrize("seed", [None, -1, True])
def test_nothing_is_simulated_without_a_seed(seed: Any) -> None:
    law = blocks(60, 2, 4, 8)
    with pytest.raises(Refusal, match="SEQ-040"):
        compute_predictability(law, ratio=EQUAL, length=60, seed=seed)


def test_one_list_is_followed_step_by_step() -> None:
    # ABBA in blocks of 2: guesses 1/2, 1, 1/2, 1; allocations 2 and 4 are certain.
    found = compute_for_list("ABBA", arms="AB", ratio=EQUAL, law=blocks(4, 2))
    assert found.convergence == 0.75
    assert found.best == 0.75
    assert found.certain == 0.5
    assert (found.final_imbalance, found.largest_imbalance) == (0, 1)
    # AABB without a known method: 1/2, 0, 1, 1.
    found = compute_for_list("AABB", arms="AB", ratio=EQUAL)
    assert found.convergence == 0.625
    assert (found.best, found.certain, found.largest_imbalance) == (None, None, 2)


def test_a_list_that_the_method_cannot_have_made_is_refused_at_its_slot() -> None:
    with pytest.raises(Refusal, match="SEQ-041: slot 2: allocation 2") as refused:
        compute_for_list("AABB", arms="AB", ratio=EQUAL, law=blocks(4, 2))
    assert refused.value.value == "2"


def test_imbalance_is_counted_in_turns_of_the_ratio() -> None:
    assert compute_imbalance((4, 2, 2), (2, 1, 1)) == 0
    assert compute_imbalance((3, 1, 0), (2, 1, 1)) == Fraction(3, 2)
    assert arms_behind((2, 1, 1), (2, 1, 1)) == (0, 1, 2)
    assert arms_behind((3, 1, 1), (2, 1, 1)) == (1, 2)


def test_without_bias_the_t_test_keeps_its_level() -> None:
    for alpha in (0.01, 0.05):
        found = compute_type_one_error(blocks(8, 4), ratio=EQUAL, length=8, eta=0.0, alpha=alpha)
        assert found.error.value == pytest.approx(alpha, abs=1e-12)


def test_the_doubly_noncentral_tail_is_the_noncentral_f_where_nothing_varies_within() -> None:
    for between, freedom in ((0.3, 10), (4.0, 4), (25.0, 58)):
        expected = stats.ncf.sf(stats.f.isf(0.05, 1, freedom), 1, freedom, between)
        found = compute_doubly_noncentral_tail(between=between, within=0.0, freedom=freedom, alpha=0.05)
        assert found == pytest.approx(expected, abs=1e-10)


def test_the_doubly_noncentral_tail_agrees_with_a_simulation() -> None:
    generator = np.random.default_rng(20261122)
    top = generator.noncentral_chisquare(1, 2.0, 400_000)
    below = generator.noncentral_chisquare(10, 3.0, 400_000)
    share = float(np.mean(top / (below / 10) > stats.f.isf(0.05, 1, 10)))
    found = compute_doubly_noncentral_tail(between=2.0, within=3.0, freedom=10, alpha=0.05)
    # Four standard errors of the simulated share.
    assert found == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 400_000))


def test_the_simulated_type_one_error_agrees_with_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    law = law_of("random allocation rule", 12)
    exact = compute_type_one_error(law, ratio=EQUAL, length=12, eta=0.5)
    monkeypatch.setattr("exotrial.allocation.selection_bias.MOST_STATES", 3)
    simulated = compute_type_one_error(law, ratio=EQUAL, length=12, eta=0.5, seed=3, lists=3_000)
    assert exact.error.standard_error is None
    assert simulated.error.standard_error is not None
    assert abs(simulated.error.value - exact.error.value) < 4.5 * simulated.error.standard_error
    with pytest.raises(Refusal, match="SEQ-040"):
        compute_type_one_error(law, ratio=EQUAL, length=12, eta=0.5)


@pytest.mark.parametrize(
    ("ratio", "length", "eta", "alpha"),
    [((1, 1, 1), 12, 0.5, 0.05), (EQUAL, 2, 0.5, 0.05), (EQUAL, 12, math.inf, 0.05), (EQUAL, 12, 0.5, 1.0)],
)
def test_a_type_one_error_that_is_not_defined_is_refused(
    ratio: tuple[int, ...], length: int, eta: float, alpha: float
) -> None:
    with pytest.raises(Refusal, match="SEQ-042"):
        compute_type_one_error(
            law_of("simple", length, ratio), ratio=ratio, length=length, eta=eta, alpha=alpha
        )


def test_envelopes_chosen_freely_leave_no_bound_of_the_blocks() -> None:
    found = compute_free_choice(6, taken=3, bound=1)
    # All 20 orders of AAABBB are as likely: 8 keep within 1 (ABAB.. as pairs), 2 begin with three alike.
    assert found.beyond_bound == pytest.approx(12 / 20, abs=1e-12)
    assert dict(found.largest) == pytest.approx({1: 8 / 20, 2: 10 / 20, 3: 2 / 20})
    assert dict(found.after_taken) == pytest.approx({1: 18 / 20, 3: 2 / 20})
    assert compute_free_choice(60, taken=30, bound=4).beyond_bound > 0.8


@pytest.mark.parametrize(
    ("envelopes", "taken", "bound"), [(0, 0, 1), (5, 2, 1), (6, 7, 1), (6, -1, 1), (6, 3, -1)]
)
def test_a_choice_that_cannot_be_is_refused(envelopes: int, taken: int, bound: int) -> None:
    with pytest.raises(Refusal, match="SEQ-043"):
        compute_free_choice(envelopes, taken=taken, bound=bound)
