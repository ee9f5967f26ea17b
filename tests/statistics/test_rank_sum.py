"""The rank-sum tests, against listing all choices, scipy, and each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.rank_sum import (
    compute_superiority,
    rank_sum_exact,
    rank_sum_normal,
    rank_sum_normal_corrected,
    rank_sum_t,
    rank_sum_t_corrected,
)
from exotrial.statistics.result import Alternative, Result

EVERY_METHOD: list[Callable[..., Result]] = [
    rank_sum_exact,
    rank_sum_normal,
    rank_sum_normal_corrected,
    rank_sum_t,
    rank_sum_t_corrected,
]
TIED = st.lists(st.integers(0, 5), min_size=1, max_size=6)
UNTIED = st.lists(st.integers(-1000, 1000), min_size=2, max_size=16, unique=True)


def list_p_value(first: list[int], second: list[int], alternative: Alternative) -> float:
    """The p value by listing all ways to choose the first group."""
    ranks = stats.rankdata([*first, *second])
    centre = len(first) * (len(ranks) + 1) / 2
    observed = float(ranks[: len(first)].sum()) - centre
    away = [float(sum(chosen)) - centre for chosen in combinations(ranks, len(first))]
    extreme = {
        Alternative.TWO_SIDED: [abs(value) >= abs(observed) - 1e-9 for value in away],
        Alternative.GREATER: [value >= observed - 1e-9 for value in away],
        Alternative.LESS: [value <= observed + 1e-9 for value in away],
    }[alternative]
    return sum(extreme) / len(extreme)


@settings(deadline=None)
@given(TIED, TIED, st.sampled_from(list(Alternative)))
def test_exact_p_is_what_listing_all_choices_gives(
    first: list[int], second: list[int], alternative: Alternative
) -> None:
    result = rank_sum_exact(first, second, alternative=alternative)
    assert result.p_value == pytest.approx(list_p_value(first, second, alternative), rel=1e-12)


@settings(deadline=None)
@given(UNTIED, st.data(), st.sampled_from(list(Alternative)))
def test_without_ties_exact_p_is_that_of_scipy(
    pooled: list[int], data: st.DataObject, alternative: Alternative
) -> None:
    cut = data.draw(st.integers(1, len(pooled) - 1))
    result = rank_sum_exact(pooled[:cut], pooled[cut:], alternative=alternative)
    expected = stats.mannwhitneyu(pooled[:cut], pooled[cut:], method="exact", alternative=alternative.value)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.statistic == expected.statistic


@pytest.mark.parametrize(
    ("method", "correction"), [(rank_sum_normal, False), (rank_sum_normal_corrected, True)]
)
@pytest.mark.parametrize("alternative", list(Alternative))
def test_the_normal_approximations_are_those_of_scipy(
    method: Callable[..., Result], correction: bool, alternative: Alternative
) -> None:
    first, second = [1, 2, 2, 3, 5, 8, 8, 9], [2, 3, 3, 4, 8, 10, 12, 12, 13, 15]
    expected = stats.mannwhitneyu(
        first, second, method="asymptotic", use_continuity=correction, alternative=alternative.value
    )
    result = method(first, second, alternative=alternative)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert not result.exact


def test_decimals_equal_as_printed_are_tied_across_groups() -> None:
    noisy = rank_sum_exact([0.1 + 0.2, 0.5], [0.3, 0.4, 0.6])
    clean = rank_sum_exact([3, 5], [3, 4, 6])
    assert noisy.statistic == clean.statistic
    assert noisy.p_value == clean.p_value


@settings(deadline=None)
@given(TIED, TIED)
def test_swapping_the_groups_mirrors_the_result(first: list[int], second: list[int]) -> None:
    forth, back = rank_sum_exact(first, second), rank_sum_exact(second, first)
    assert forth.p_value == back.p_value
    assert forth.estimate is not None
    assert back.estimate is not None
    assert back.estimate.lower is not None
    assert forth.estimate.value == -back.estimate.value
    assert forth.estimate.upper == -back.estimate.lower


@settings(deadline=None)
@given(UNTIED, st.data(), st.sampled_from([0.90, 0.95, 0.99]))
def test_without_ties_the_interval_leaves_out_zero_when_the_test_rejects(
    pooled: list[int], data: st.DataObject, level: float
) -> None:
    cut = data.draw(st.integers(1, len(pooled) - 1))
    result = rank_sum_exact(pooled[:cut], pooled[cut:], level=level)
    assert result.estimate is not None
    assert result.estimate.lower is not None
    assert result.estimate.upper is not None
    assert result.p_value is not None
    excludes = result.estimate.lower > 0 or result.estimate.upper < 0
    assert excludes == (result.p_value <= (1 - level) * (1 + 1e-12))


@settings(deadline=None)
@given(TIED, TIED)
def test_superiority_is_the_share_of_pairs_won_with_ties_as_one_half(
    first: list[int], second: list[int]
) -> None:
    wins = [1.0 if x > y else 0.5 if x == y else 0.0 for x in first for y in second]
    assert compute_superiority(first, second) == pytest.approx(float(np.mean(wins)), rel=1e-12)


def test_a_one_sided_alternative_gives_a_one_sided_interval() -> None:
    greater = rank_sum_exact([5, 6, 7], [1, 2, 3], alternative=Alternative.GREATER).estimate
    less = rank_sum_exact([5, 6, 7], [1, 2, 3], alternative=Alternative.LESS).estimate
    assert greater is not None
    assert less is not None
    # 1 of 20 choices is 5 %: the least and the greatest pairwise difference are the limits.
    assert (greater.lower, greater.upper) == (2.0, math.inf)
    assert (less.lower, less.upper) == (-math.inf, 6.0)


def test_groups_too_small_for_the_level_give_an_unbounded_interval_and_say_so() -> None:
    result = rank_sum_exact([5, 6, 7], [1, 2, 3])
    assert result.estimate is not None
    assert (result.estimate.lower, result.estimate.upper) == (-math.inf, math.inf)
    assert any("no bounded interval" in note for note in result.notes)
    four = rank_sum_exact([5, 6, 7, 8], [1, 2, 3, 4])
    assert not any("no bounded interval" in note for note in four.notes)


@pytest.mark.parametrize("method", EVERY_METHOD)
def test_values_that_are_all_equal_give_p_of_one_with_a_note(method: Callable[..., Result]) -> None:
    result = method([2.0, 2.0, 2.0], [2.0, 2.0])
    assert result.p_value == 1.0
    assert any("all values are equal" in note for note in result.notes)


@pytest.mark.parametrize("method", EVERY_METHOD)
def test_one_value_against_one_is_a_defined_result(method: Callable[..., Result]) -> None:
    result = method([2.0], [1.0])
    assert result.p_value is not None
    assert 0 < result.p_value <= 1


@pytest.mark.parametrize("method", EVERY_METHOD)
def test_missing_values_and_empty_groups_are_refused(method: Callable[..., Result]) -> None:
    with pytest.raises(Refusal, match="STS-001"):
        method([1.0, math.nan], [1.0, 2.0])
    with pytest.raises(Refusal, match="STS-002"):
        method([1.0], [])


def test_the_exact_test_counts_up_to_its_limit_and_points_to_the_approximation_beyond() -> None:
    # One value above all of 10,000 others: 1 of 10,001 choices, and as many on the other side.
    assert rank_sum_exact([10_000], range(10_000)).p_value == pytest.approx(2 / 10_001, rel=1e-12)
    with pytest.raises(Refusal, match=r"STS-201.*rank_sum_normal"):
        rank_sum_exact([10_001], range(10_001))


def test_too_many_pairs_for_the_shift_leave_out_the_estimate_and_say_so() -> None:
    result = rank_sum_normal(range(2001), range(2000))
    assert result.estimate is None
    assert any("no Hodges-Lehmann shift" in note for note in result.notes)
