"""Chi-square tests of counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.chi_square import chi_square, chi_square_yates, likelihood_ratio_g, linear_by_linear

CELL = st.integers(1, 40)
TWO_BY_TWO = st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=2, max_size=2)
THREE_BY_FOUR = st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=3, max_size=3)


@given(THREE_BY_FOUR)
def test_pearson_and_g_agree_with_scipy(table: list[list[int]]) -> None:
    ours, g = chi_square(table), likelihood_ratio_g(table)
    assert ours.p_value == pytest.approx(float(stats.chi2_contingency(table).pvalue), rel=1e-9)
    theirs = stats.chi2_contingency(table, lambda_="log-likelihood")
    assert g.statistic == pytest.approx(float(theirs.statistic), rel=1e-9, abs=1e-9)
    estimate = ours.estimate
    assert estimate is not None
    if estimate.lower is not None and estimate.upper is not None:
        assert 0 <= estimate.lower <= estimate.value <= estimate.upper <= 1


@given(TWO_BY_TWO)
def test_yates_agrees_with_scipy(table: list[list[int]]) -> None:
    theirs = stats.chi2_contingency(table, correction=True)
    assert chi_square_yates(table).p_value == pytest.approx(float(theirs.pvalue), rel=1e-9)


@given(THREE_BY_FOUR)
def test_the_order_of_rows_does_not_matter_to_pearson(table: list[list[int]]) -> None:
    assert chi_square(table[::-1]).statistic == pytest.approx(chi_square(table).statistic, rel=1e-9, abs=1e-9)


@given(THREE_BY_FOUR)
def test_the_trend_is_the_correlation_of_the_participants(table: list[list[int]]) -> None:
    counts = np.array(table)
    rows, columns = np.repeat(np.indices(counts.shape).reshape(2, -1), counts.reshape(-1), axis=1)
    r = float(np.corrcoef(rows, columns)[0, 1])
    result = linear_by_linear(table)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(r, abs=1e-9)
    assert result.statistic == pytest.approx((counts.sum() - 1) * r * r, rel=1e-6, abs=1e-9)


def test_a_zero_margin_is_refused() -> None:
    for method in (chi_square, likelihood_ratio_g, chi_square_yates):
        with pytest.raises(Refusal, match="STS-302: column 1"):
            method([[0, 5], [0, 7]])


def test_small_expected_counts_are_noted_below_five_and_not_at_five() -> None:
    assert chi_square([[5, 5], [5, 5]]).notes == ()
    assert "4 of 4 expected counts are below 5" in chi_square([[5, 4], [4, 5]]).notes[0]


def test_a_table_as_expected_has_no_interval_of_cramers_v() -> None:
    result = chi_square([[10, 10, 10], [10, 10, 10]])
    assert result.p_value == 1.0
    assert result.estimate is not None
    assert (result.estimate.value, result.estimate.lower) == (0.0, None)
    assert "too small for an interval" in result.notes[0]


def test_a_trend_needs_scores_that_differ() -> None:
    with pytest.raises(Refusal, match="STS-305: there are 2 rows"):
        linear_by_linear([[1, 2], [3, 4]], row_scores=[1.0])
    with pytest.raises(Refusal, match="STS-305: all counts stand in one row"):
        linear_by_linear([[1, 2], [0, 0]])


def test_a_perfect_trend_has_no_interval() -> None:
    result = linear_by_linear([[5, 0], [0, 5]])
    assert result.statistic == pytest.approx(9.0)  # (n - 1) times 1
    assert result.estimate is not None
    assert result.estimate.lower is None
