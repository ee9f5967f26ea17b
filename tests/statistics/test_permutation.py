"""The permutation test of two groups counts every regrouping, ties as printed."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.permutation import permutation, permutation_monte_carlo
from exotrial.statistics.result import Alternative
from tests.statistics.chictr import CRP

GROUP = st.lists(st.integers(-20, 20), min_size=1, max_size=5)


def count_by_hand(first: list[int], second: list[int], alternative: Alternative) -> Fraction:
    pooled, n = first + second, len(first)
    differences = []
    for chosen in itertools.combinations(range(len(pooled)), n):
        inside = sum(pooled[i] for i in chosen)
        differences.append(Fraction(inside, n) - Fraction(sum(pooled) - inside, len(second)))
    observed = Fraction(sum(first), n) - Fraction(sum(second), len(second))
    hits = {
        Alternative.TWO_SIDED: [abs(d) >= abs(observed) for d in differences],
        Alternative.GREATER: [d >= observed for d in differences],
        Alternative.LESS: [d <= observed for d in differences],
    }[alternative]
    return Fraction(sum(hits), len(hits))


@given(GROUP, GROUP, st.sampled_from(list(Alternative)))
def test_every_regrouping_is_counted(first: list[int], second: list[int], alternative: Alternative) -> None:
    result = permutation(first, second, alternative=alternative)
    assert result.p_value == float(count_by_hand(first, second, alternative))
    assert result.exact


@given(GROUP, GROUP)
def test_exchanging_the_groups_mirrors_the_result(first: list[int], second: list[int]) -> None:
    there, back = permutation(first, second), permutation(second, first)
    assert there.p_value == back.p_value
    assert there.estimate is not None
    assert back.estimate is not None
    assert there.estimate.lower is not None
    assert back.estimate.upper == pytest.approx(-there.estimate.lower)


def test_two_separated_groups_of_two_have_two_of_six_regroupings() -> None:
    result = permutation([1, 2], [3, 4])
    assert result.p_value == 2 / 6
    assert result.notes[0] == "2 of 6 regroupings are at least as extreme (full enumeration)"
    assert "too small for a bounded interval" in result.notes[1]


def test_decimals_equal_as_printed_tie() -> None:
    # In tenths the same data: (1, 2) against (3), where 0.1 + 0.2 and 0.3 must tie.
    assert permutation([0.1, 0.2], [0.1 + 0.2]).p_value == permutation([1, 2], [3]).p_value
    in_tenths = ([round(10 * v) for v in CRP[0]], [round(10 * v) for v in CRP[1]])
    assert permutation(*CRP).p_value == float(count_by_hand(*in_tenths, Alternative.TWO_SIDED))


@given(
    st.lists(st.integers(-20, 20), min_size=4, max_size=4),
    st.lists(st.integers(-20, 20), min_size=4, max_size=4),
)
@settings(max_examples=40)
def test_the_exact_interval_ends_where_the_one_sided_tests_turn(first: list[int], second: list[int]) -> None:
    # 70 regroupings: one in each tail of 2.5 %.
    estimate = permutation(first, second).estimate
    assert estimate is not None
    assert estimate.lower is not None
    assert estimate.upper is not None
    step = 1e-6

    def tail(shift: float, alternative: Alternative) -> float:
        p = permutation([value - shift for value in first], second, alternative=alternative).p_value
        assert p is not None
        return p

    assert tail(estimate.lower - step, Alternative.GREATER) <= 0.025
    assert tail(estimate.lower + step, Alternative.GREATER) > 0.025
    assert tail(estimate.upper + step, Alternative.LESS) <= 0.025
    assert tail(estimate.upper - step, Alternative.LESS) > 0.025


def test_all_values_equal_give_p_one_with_a_note() -> None:
    result = permutation([2.5, 2.5], [2.5, 2.5, 2.5])
    assert result.p_value == 1.0
    assert "all values are equal: p is 1" in result.notes


def test_one_value_in_each_group_says_nothing() -> None:
    assert permutation([1.0], [9.0]).p_value == 1.0


def test_missing_and_absent_values_are_refused() -> None:
    for method in (permutation, permutation_monte_carlo):
        with pytest.raises(Refusal, match="STS-001"):
            method([1.0, math.nan], [1.0])
        with pytest.raises(Refusal, match="STS-002"):
            method([1.0], [])


def test_an_interval_is_listed_up_to_five_million_regroupings() -> None:
    # C(24, 12) = 2,704,156 and C(26, 13) = 10,400,600.
    for n, listed in ((12, True), (13, False)):
        result = permutation(list(range(n)), list(range(n, 2 * n)))
        assert result.p_value == 2 / math.comb(2 * n, n)
        assert result.estimate is not None
        assert (result.estimate.lower is not None) is listed


def test_a_small_group_against_many_is_counted() -> None:
    # The three largest of 190 values are one of C(190, 3) = 1,125,180 choices.
    result = permutation([501, 502, 503], list(range(187)), alternative=Alternative.GREATER)
    assert result.p_value == 1 / 1_125_180


@pytest.mark.parametrize("alternative", list(Alternative))
def test_monte_carlo_is_repeatable_and_near_the_exact_p(alternative: Alternative) -> None:
    exact = permutation(*CRP, alternative=alternative).p_value
    drawn = permutation_monte_carlo(*CRP, seed=3, resamples=20_000, alternative=alternative)
    assert drawn == permutation_monte_carlo(*CRP, seed=3, resamples=20_000, alternative=alternative)
    # Five standard errors of a proportion in 20,000 are at most 0.0177.
    assert drawn.p_value == pytest.approx(exact, abs=0.0177)
    assert not drawn.exact
    assert "20000 resamples from seed 3" in drawn.notes[0]
