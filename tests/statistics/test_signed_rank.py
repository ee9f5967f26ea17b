"""The signed-rank tests, against listing all sign patterns, scipy and the published before-after table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.result import Alternative, Result
from exotrial.statistics.signed_rank import (
    EXACT_LIMIT,
    WALSH_LIMIT,
    compute_walsh_averages,
    signed_rank_exact,
    signed_rank_normal,
    signed_rank_normal_corrected,
    signed_rank_pratt_exact,
    signed_rank_pratt_normal,
)

# The pilot's white cells before and after (seed 002, before-after table).
WHITE_CELLS_BEFORE = [5.28, 5.99, 7.28, 6.38, 8.16, 6.02, 4.34]
WHITE_CELLS_AFTER = [4.96, 5.02, 6.87, 3.95, 5.26, 8.41, 5.63]

EVERY_METHOD: list[Callable[..., Result]] = [
    signed_rank_exact,
    signed_rank_pratt_exact,
    signed_rank_normal,
    signed_rank_normal_corrected,
    signed_rank_pratt_normal,
]
TIED = st.lists(st.integers(-4, 4), min_size=1, max_size=9)


def list_p_value(differences: Sequence[float], *, pratt: bool = False) -> float:
    """The two-sided p value by listing all sign patterns."""
    values = np.array(differences, dtype=float)
    kept = values[values != 0]
    ranks = stats.rankdata(np.abs(values))[values != 0] if pratt else stats.rankdata(np.abs(kept))
    signs = np.sign(kept)
    observed = abs(float(signs @ ranks))
    patterns = [abs(float(np.dot(pattern, ranks))) for pattern in product((-1, 1), repeat=len(ranks))]
    return sum(value >= observed - 1e-9 for value in patterns) / len(patterns)


def test_the_white_cells_of_the_pilot_give_fifteen_in_thirty_two() -> None:
    result = signed_rank_exact(WHITE_CELLS_BEFORE, WHITE_CELLS_AFTER)
    assert result.p_value == 15 / 32  # seed 002: 0.469 by full enumeration
    assert result.exact
    assert result.n == (7,)


@settings(deadline=None)
@given(TIED)
def test_exact_p_is_what_listing_all_sign_patterns_gives(differences: list[int]) -> None:
    result = signed_rank_exact(differences, [0] * len(differences))
    expected = list_p_value(differences) if any(differences) else 1.0
    assert result.p_value == pytest.approx(expected, rel=1e-12)


@settings(deadline=None)
@given(TIED)
def test_pratt_p_is_what_listing_all_sign_patterns_gives(differences: list[int]) -> None:
    result = signed_rank_pratt_exact(differences, [0] * len(differences))
    expected = list_p_value(differences, pratt=True) if any(differences) else 1.0
    assert result.p_value == pytest.approx(expected, rel=1e-12)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 1000), min_size=2, max_size=25, unique=True),
    st.data(),
    st.sampled_from(list(Alternative)),
)
def test_without_ties_exact_p_is_that_of_scipy(
    sizes: list[int], data: st.DataObject, alternative: Alternative
) -> None:
    differences = [size * data.draw(st.sampled_from([-1, 1])) for size in sizes]
    result = signed_rank_exact(differences, [0] * len(sizes), alternative=alternative)
    expected = stats.wilcoxon(differences, method="exact", alternative=alternative.value).pvalue
    assert result.p_value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("method", "zeros", "correction"),
    [
        (signed_rank_normal, "wilcox", False),
        (signed_rank_normal_corrected, "wilcox", True),
        (signed_rank_pratt_normal, "pratt", False),
    ],
)
@pytest.mark.parametrize("alternative", list(Alternative))
def test_the_normal_approximations_are_those_of_scipy(
    method: Callable[..., Result], zeros: str, correction: bool, alternative: Alternative
) -> None:
    differences = [3, -1, 4, 1, -5, 9, 2, 0, 6, -5, 3, 5, 0, 8, -9, 7]
    result = method(differences, [0] * 16, alternative=alternative)
    expected = stats.wilcoxon(
        differences, zero_method=zeros, correction=correction, alternative=alternative.value, method="approx"
    ).pvalue
    assert result.p_value == pytest.approx(expected, rel=1e-9)
    assert not result.exact


def test_differences_equal_as_printed_are_tied() -> None:
    # As floats 36.5 - 36.6 and 36.4 - 36.5 differ in the last digit; as written both are -0.1.
    decimals = signed_rank_exact([36.5, 36.4, 36.9], [36.6, 36.5, 36.2])
    whole = signed_rank_exact([365, 364, 369], [366, 365, 362])
    assert decimals.p_value == whole.p_value
    assert decimals.statistic == whole.statistic == 3.0
    assert any("tied" in note for note in decimals.notes)


def test_pratt_and_wilcoxon_differ_where_a_difference_is_zero() -> None:
    # Ranks after dropping: 1 2 3 4; ranks with the zero: 2 3 4 5. V = 1 + 4 against 2 + 5, by hand.
    differences = [0, 1, -2, -3, 4]
    assert signed_rank_exact(differences, [0] * 5).statistic == 5.0
    assert signed_rank_pratt_exact(differences, [0] * 5).statistic == 7.0


@pytest.mark.parametrize("method", EVERY_METHOD)
def test_differences_that_are_all_zero_give_p_of_one_with_a_note(method: Callable[..., Result]) -> None:
    result = method([36.5, 36.6, 36.7], [36.5, 36.6, 36.7])
    assert result.p_value == 1.0
    assert any("all differences are zero" in note for note in result.notes)
    assert result.estimate is not None
    assert result.estimate.value == 0.0


@pytest.mark.parametrize("method", EVERY_METHOD)
def test_one_pair_gives_an_unbounded_interval_and_says_so(method: Callable[..., Result]) -> None:
    result = method([3.0], [1.0])
    assert result.estimate is not None
    assert (result.estimate.lower, result.estimate.upper) == (-math.inf, math.inf)
    assert any("too few differences" in note for note in result.notes)
    assert result.p_value is not None
    assert 0 < result.p_value <= 1


@pytest.mark.parametrize("method", EVERY_METHOD)
def test_a_missing_value_is_refused(method: Callable[..., Result]) -> None:
    with pytest.raises(Refusal, match="STS-001"):
        method([1.0, math.nan], [1.0, 2.0])


@pytest.mark.parametrize("method", EVERY_METHOD)
def test_pairs_of_different_length_are_refused(method: Callable[..., Result]) -> None:
    with pytest.raises(Refusal, match="STS-003"):
        method([1.0, 2.0], [1.0])


def test_six_pairs_allow_a_bounded_interval_and_five_do_not() -> None:
    six = signed_rank_exact(range(1, 7), [0] * 6).estimate
    five = signed_rank_exact(range(1, 6), [0] * 5).estimate
    assert six is not None
    assert (six.lower, six.upper) == (1.0, 6.0)
    assert five is not None
    assert (five.lower, five.upper) == (-math.inf, math.inf)


@settings(deadline=None)
@given(
    st.lists(st.integers(-1000, 1000).filter(bool), min_size=6, max_size=14, unique_by=abs),
    st.sampled_from([0.90, 0.95, 0.99]),
)
def test_without_ties_the_interval_leaves_out_zero_when_the_test_rejects(
    differences: list[int], level: float
) -> None:
    result = signed_rank_exact(differences, [0] * len(differences), level=level)
    assert result.estimate is not None
    assert result.estimate.lower is not None
    assert result.estimate.upper is not None
    assert result.p_value is not None
    # Walsh averages of zero sit on the boundary, where rejection and exclusion may part.
    if not np.any(compute_walsh_averages(np.array(differences, dtype=float)) == 0):
        excludes = result.estimate.lower > 0 or result.estimate.upper < 0
        assert excludes == (result.p_value <= (1 - level) * (1 + 1e-12))


@settings(deadline=None)
@given(TIED)
def test_swapping_the_two_samples_mirrors_the_result(differences: list[int]) -> None:
    zeros = [0] * len(differences)
    forth, back = signed_rank_exact(differences, zeros), signed_rank_exact(zeros, differences)
    assert forth.p_value == back.p_value
    assert forth.estimate is not None
    assert back.estimate is not None
    assert back.estimate.lower is not None
    assert forth.estimate.value == -back.estimate.value
    assert forth.estimate.upper == -back.estimate.lower


def test_a_one_sided_alternative_gives_a_one_sided_interval() -> None:
    greater = signed_rank_exact(range(1, 11), [0] * 10, alternative=Alternative.GREATER).estimate
    less = signed_rank_exact(range(1, 11), [0] * 10, alternative=Alternative.LESS).estimate
    assert greater is not None
    assert less is not None
    assert greater.upper == math.inf
    assert less.lower == -math.inf
    # One-sided 5 % critical value of T for n = 10 is 10 (Wilcoxon & Wilcox 1964, table 2).
    walsh = compute_walsh_averages(np.arange(1.0, 11.0))
    assert greater.lower == walsh[10]
    assert less.upper == walsh[-11]


def test_the_exact_test_counts_up_to_its_limit_and_points_to_the_approximation_beyond() -> None:
    values = list(range(1, EXACT_LIMIT + 1))
    assert signed_rank_exact(values, [0] * EXACT_LIMIT).p_value == 2.0 ** (1 - EXACT_LIMIT)
    with pytest.raises(Refusal, match=r"STS-201.*signed_rank_normal"):
        signed_rank_exact([*values, 0.5], [0] * (EXACT_LIMIT + 1))


def test_too_many_differences_for_walsh_averages_leave_out_the_estimate_and_say_so() -> None:
    result = signed_rank_normal(range(WALSH_LIMIT + 1), [0] * (WALSH_LIMIT + 1))
    assert result.estimate is None
    assert any("Walsh" in note for note in result.notes)
