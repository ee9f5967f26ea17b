"""The sign test, against scipy's binomial test and hand counts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.result import Alternative
from exotrial.statistics.sign_test import sign_test


@settings(deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40), st.sampled_from(list(Alternative)))
def test_p_is_that_of_the_binomial_test_of_the_signs(
    differences: list[int], alternative: Alternative
) -> None:
    result = sign_test(differences, [0] * len(differences), alternative=alternative)
    positive, signs = sum(d > 0 for d in differences), sum(d != 0 for d in differences)
    expected = stats.binomtest(positive, signs, 0.5, alternative=alternative.value).pvalue if signs else 1.0
    assert result.p_value == pytest.approx(expected, rel=1e-9)


def test_seven_positive_of_seven_give_one_in_sixty_four() -> None:
    result = sign_test([1, 2, 3, 4, 5, 6, 9], [0] * 7)
    assert result.p_value == pytest.approx(1 / 64, rel=1e-12)
    assert result.estimate is not None
    assert (result.estimate.lower, result.estimate.value, result.estimate.upper) == (1.0, 4.0, 9.0)


def test_the_interval_for_ten_pairs_leaves_out_one_value_at_each_end() -> None:
    # Binomial(10, 1/2): P(at most 1) = 11/1024 is below 0.025 and P(at most 2) = 56/1024 above.
    estimate = sign_test(range(1, 11), [0] * 10).estimate
    assert estimate is not None
    assert (estimate.lower, estimate.upper) == (2.0, 9.0)


def test_six_pairs_allow_a_bounded_interval_and_five_do_not() -> None:
    five = sign_test(range(1, 6), [0] * 5)
    assert five.estimate is not None
    assert (five.estimate.lower, five.estimate.upper) == (-math.inf, math.inf)
    assert any("too few differences" in note for note in five.notes)
    six = sign_test(range(1, 7), [0] * 6).estimate
    assert six is not None
    assert (six.lower, six.upper) == (1.0, 6.0)


def test_a_one_sided_alternative_gives_a_one_sided_interval() -> None:
    greater = sign_test(range(1, 6), [0] * 5, alternative=Alternative.GREATER).estimate
    less = sign_test(range(1, 6), [0] * 5, alternative=Alternative.LESS).estimate
    assert greater is not None
    assert less is not None
    # 1/32 is below 0.05: the extremes are the one-sided limits for five pairs.
    assert (greater.lower, greater.upper) == (1.0, math.inf)
    assert (less.lower, less.upper) == (-math.inf, 5.0)


def test_zero_differences_are_dropped_and_said() -> None:
    result = sign_test([36.6, 36.5, 36.9], [36.6, 36.4, 36.8])
    assert result.statistic == 2.0
    assert result.p_value == 0.5
    assert any("1 zero differences dropped" in note for note in result.notes)


def test_differences_that_are_all_zero_give_p_of_one_with_a_note() -> None:
    result = sign_test([1, 2], [1, 2])
    assert result.p_value == 1.0
    assert any("all differences are zero" in note for note in result.notes)


def test_missing_values_and_unequal_lengths_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-001"):
        sign_test([1, math.nan], [1, 2])
    with pytest.raises(Refusal, match="STS-003"):
        sign_test([1, 2], [1])
