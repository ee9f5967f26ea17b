"""The Cochran-Armitage test."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.chi_square import linear_by_linear
from exotrial.statistics.result import Alternative
from exotrial.statistics.trend import cochran_armitage

# Smokers among lung cancer patients in four studies (Fleiss 1981, p. 139), rows smokers, others.
SMOKERS = [[83, 3], [90, 3], [129, 7], [70, 12]]
ROWS = st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)).map(list), min_size=2, max_size=5)


def test_the_smokers_agree_with_r() -> None:
    # R ?prop.trend.test on these counts: X-squared 8.2249, p 0.004132.
    result = cochran_armitage(SMOKERS)
    assert result.statistic is not None
    assert result.statistic**2 == pytest.approx(8.2249, abs=5e-5)
    assert result.p_value == pytest.approx(0.004132, abs=5e-7)
    assert result.statistic < 0


@given(ROWS)
def test_it_is_the_linear_trend_without_its_lost_count(table: list[list[int]]) -> None:
    n = sum(map(sum, table))
    z, trend = cochran_armitage(table).statistic, linear_by_linear(table).statistic
    assert z is not None
    assert trend is not None
    assert z**2 == pytest.approx(trend * n / (n - 1), rel=1e-9, abs=1e-12)


def test_two_groups_have_the_risk_difference_as_slope() -> None:
    # Wald's interval of 9/10 - 3/10 is 0.2605 to 0.9395 (Newcombe 1998, Stat Med 17:873-890, table II).
    estimate = cochran_armitage([[3, 7], [9, 1]]).estimate
    assert estimate is not None
    assert (estimate.value, estimate.lower, estimate.upper) == pytest.approx((0.6, 0.2605, 0.9395), abs=5e-5)


def test_a_rising_risk_is_greater() -> None:
    table = SMOKERS[::-1]
    greater = cochran_armitage(table, alternative=Alternative.GREATER)
    less = cochran_armitage(table, alternative=Alternative.LESS)
    assert greater.p_value == pytest.approx(0.004132 / 2, abs=5e-7)
    assert less.p_value == pytest.approx(1 - 0.004132 / 2, abs=5e-7)
    assert greater.estimate is not None
    assert greater.estimate.upper == math.inf


@given(ROWS, st.floats(0.1, 100), st.floats(-100, 100))
def test_shifting_and_stretching_the_scores_keeps_z(
    table: list[list[int]], stretch: float, shift: float
) -> None:
    scores = [stretch * (row + 1) + shift for row in range(len(table))]
    assert cochran_armitage(table, scores=scores).statistic == pytest.approx(
        cochran_armitage(table).statistic, rel=1e-6, abs=1e-9
    )


def test_groups_that_separate_have_an_interval_without_width_and_say_so() -> None:
    result = cochran_armitage([[0, 5], [5, 0]])
    assert result.estimate is not None
    assert result.estimate.lower == result.estimate.upper == 1.0
    assert result.notes == ("every risk is 0 or 1: the interval has no width",)


@pytest.mark.parametrize(
    ("table", "scores", "code"),
    [
        ([[1, 2, 3], [3, 2, 1]], None, "STS-301"),
        ([[0, 0], [3, 2]], None, "STS-302"),
        ([[3, 0], [2, 0]], None, "STS-302"),
        ([[3, 1], [2, 2]], [1.0], "STS-305"),
        ([[3, 1], [2, 2]], [4.0, 4.0], "STS-305"),
        ([[3, 1], [2, 2]], [0.0, 0.0], "STS-305"),
    ],
)
def test_other_shapes_and_scores_that_say_nothing_are_refused(
    table: list[list[int]], scores: list[float] | None, code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        cochran_armitage(table, scores=scores)
