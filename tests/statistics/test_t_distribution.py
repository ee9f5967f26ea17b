"""Tail areas and quantiles of t against tables and against another implementation."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.statistics.result import Alternative
from exotrial.statistics.t_distribution import compute_t_interval, compute_t_p_value, compute_t_quantile


@pytest.mark.parametrize(
    ("df", "printed"), [(1, 12.706), (2, 4.303), (6, 2.447), (9, 2.262), (30, 2.042), (120, 1.980)]
)
def test_quantiles_match_the_printed_table(df: int, printed: float) -> None:
    # Fisher & Yates, Statistical Tables (1938), table III, P = 0.05.
    assert compute_t_quantile(0.975, df) == pytest.approx(printed, abs=5e-4)


@given(st.floats(-50, 50), st.floats(0.5, 500), st.sampled_from(list(Alternative)))
def test_p_values_agree_with_scipy(t: float, df: float, alternative: Alternative) -> None:
    expected = {
        Alternative.TWO_SIDED: 2 * stats.t.sf(abs(t), df),
        Alternative.GREATER: stats.t.sf(t, df),
        Alternative.LESS: stats.t.cdf(t, df),
    }[alternative]
    assert compute_t_p_value(t, df, alternative) == pytest.approx(float(expected), rel=1e-8, abs=1e-300)


def test_a_t_of_next_to_nothing_keeps_its_digits() -> None:
    # One degree of freedom: 1 - p = 2 atan(t) / pi = 2e-7 / pi at t = 1e-7.
    assert 1 - compute_t_p_value(1e-7, 1) == pytest.approx(2e-7 / math.pi, rel=1e-8)


def test_one_degree_of_freedom_is_the_cauchy_distribution() -> None:
    # P(|T| > t) = 1 - 2 atan(t) / pi.
    assert compute_t_p_value(2.0, 1) == pytest.approx(1 - 2 * math.atan(2.0) / math.pi, rel=1e-13)


def test_a_one_sided_interval_is_unbounded_on_the_other_side() -> None:
    two_sided = compute_t_interval(1.0, 0.5, 9, level=0.9)
    lower, upper = compute_t_interval(1.0, 0.5, 9, level=0.95, alternative=Alternative.GREATER)
    assert lower == pytest.approx(two_sided[0])
    assert upper == math.inf
    lower, upper = compute_t_interval(1.0, 0.5, 9, level=0.95, alternative=Alternative.LESS)
    assert lower == -math.inf
    assert upper == pytest.approx(two_sided[1])
