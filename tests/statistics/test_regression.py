"""Least-squares lines against Anscombe's printed figures and scipy, and lines that are degenerate."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.regression import fit_line, linear_regression
from exotrial.statistics.result import Alternative

# Anscombe 1973, The American Statistician 27:17-21, data set 1.
X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]


def test_anscombes_line_has_his_printed_figures() -> None:
    # He prints y = 3 + 0.5 x, se of the slope 0.118, residual sum of squares 13.75 on 9 df, r squared 0.667.
    line = fit_line(X, Y)
    assert line.intercept == pytest.approx(3.0, abs=5e-3)
    assert line.slope == pytest.approx(0.5, abs=5e-3)
    assert line.se_slope == pytest.approx(0.118, abs=5e-4)
    assert line.residual_sd**2 * line.df == pytest.approx(13.75, abs=2e-2)
    assert line.r_squared == pytest.approx(0.667, abs=1e-3)


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=20))
def test_the_line_agrees_with_scipy(points: list[tuple[int, int]]) -> None:
    x, y = [a for a, _ in points], [b for _, b in points]
    if len(set(x)) == 1 or len(set(y)) == 1:
        return  # scipy has no standard error there; ours are tested below
    theirs, ours = stats.linregress(x, y), fit_line(x, y)
    assert ours.slope == pytest.approx(float(theirs.slope), rel=1e-9, abs=1e-9)
    assert ours.intercept == pytest.approx(float(theirs.intercept), rel=1e-9, abs=1e-9)
    if ours.residual_sd > 0:  # on a perfect line scipy keeps the root of its rounding error
        assert ours.se_slope == pytest.approx(float(theirs.stderr), rel=1e-6)
        assert ours.se_intercept == pytest.approx(float(theirs.intercept_stderr), rel=1e-6)
        assert linear_regression(x, y).p_value == pytest.approx(float(theirs.pvalue), rel=1e-6, abs=1e-9)


def test_the_interval_of_the_slope_uses_t_on_n_less_two() -> None:
    result = linear_regression(X, Y)
    line = fit_line(X, Y)
    assert result.estimate is not None
    # t(0.975; 9) = 2.262157.
    assert result.estimate.upper == pytest.approx(line.slope + 2.262157 * line.se_slope, rel=1e-7)
    assert result.df == (9.0,)


def test_points_on_a_line_have_no_t_and_say_so() -> None:
    result = linear_regression([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4])
    assert (result.statistic, result.p_value) == (None, 0.0)
    assert result.estimate is not None
    assert result.estimate.lower == result.estimate.upper == result.estimate.value == pytest.approx(0.1)
    assert "all points lie on the line" in result.notes[1]
    falling = ([1, 2, 3, 4], [4, 3, 2, 1])
    assert linear_regression(*falling, alternative=Alternative.GREATER).p_value == 1.0
    assert linear_regression(*falling, alternative=Alternative.LESS).p_value == 0.0


def test_a_y_that_does_not_vary_gives_p_one_with_a_note() -> None:
    result = linear_regression([1, 2, 3], [5.1, 5.1, 5.1])
    assert (result.p_value, result.statistic) == (1.0, None)
    assert "by convention" in result.notes[1]
    assert fit_line([1, 2, 3], [5.1, 5.1, 5.1]).r_squared == 0.0


def test_an_x_that_does_not_vary_and_missing_values_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-100: all values of x are 2"):
        fit_line([2, 2, 2], [1, 2, 3])
    with pytest.raises(Refusal, match="STS-001"):
        fit_line([1, 2, 3], [1, 2, math.nan])
    with pytest.raises(Refusal, match="STS-002"):
        fit_line([1, 2], [1, 2])
    with pytest.raises(Refusal, match="STS-003"):
        fit_line([1, 2, 3], [1, 2])
