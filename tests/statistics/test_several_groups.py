"""Analysis of variance from data and from printed summaries, and Welch's form."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.describe import describe
from exotrial.statistics.several_groups import (
    compute_eta_squared_interval,
    one_way_anova,
    one_way_anova_from_summary,
    welch_anova,
    welch_anova_from_summary,
)
from exotrial.statistics.two_groups import student, welch

VARIED = st.lists(st.integers(-100, 100), min_size=3, max_size=8).filter(lambda v: len(set(v)) > 1)
GROUPS = st.lists(VARIED, min_size=2, max_size=4)


@given(GROUPS)
def test_the_anova_agrees_with_scipy(groups: list[list[int]]) -> None:
    theirs = stats.f_oneway(*groups)
    ours = one_way_anova(groups)
    if theirs.statistic < 0:  # scipy rounds an F of zero to just below it, and has no p value then
        assert ours.statistic == pytest.approx(0.0, abs=1e-12)
        assert ours.p_value == pytest.approx(1.0)
        return
    assert ours.statistic == pytest.approx(float(theirs.statistic), rel=1e-9, abs=1e-12)
    assert ours.p_value == pytest.approx(float(theirs.pvalue), rel=1e-9, abs=1e-12)


@given(GROUPS)
def test_welchs_anova_agrees_with_scipy(groups: list[list[int]]) -> None:
    theirs = stats.f_oneway(*groups, equal_var=False)
    ours = welch_anova(groups)
    assert ours.statistic == pytest.approx(float(theirs.statistic), rel=1e-8, abs=1e-10)
    assert ours.p_value == pytest.approx(float(theirs.pvalue), rel=1e-7, abs=1e-10)


@given(VARIED, VARIED)
def test_two_groups_give_the_square_of_t(first: list[int], second: list[int]) -> None:
    for f_test, t_test in ((one_way_anova, student), (welch_anova, welch)):
        f, t = f_test([first, second]), t_test(first, second)
        assert t.statistic is not None
        assert f.statistic == pytest.approx(t.statistic**2, rel=1e-9, abs=1e-12)
        assert f.p_value == pytest.approx(t.p_value, rel=1e-8)
        assert f.df[1] == pytest.approx(t.df[0], rel=1e-9)


@given(GROUPS)
def test_summaries_give_what_the_data_give(groups: list[list[int]]) -> None:
    summaries = [describe(group) for group in groups]
    means = [summary.mean for summary in summaries]
    sds = [summary.sd or 0.0 for summary in summaries]
    ns = [summary.n for summary in summaries]
    assert one_way_anova_from_summary(means, sds, ns).statistic == pytest.approx(
        one_way_anova(groups).statistic, rel=1e-8, abs=1e-10
    )
    assert welch_anova_from_summary(means, sds, ns).statistic == pytest.approx(
        welch_anova(groups).statistic, rel=1e-8, abs=1e-10
    )


def test_effect_sizes_are_shares_of_the_sums_of_squares() -> None:
    # By hand: groups (1 2 3), (2 3 4), (6 7 8): means 2 3 7, between 42, within 6, F = 21 / 1.
    result = one_way_anova([[1, 2, 3], [2, 3, 4], [6, 7, 8]])
    assert result.statistic == pytest.approx(21.0, rel=1e-13)
    assert result.df == (2.0, 6.0)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(42 / 48, rel=1e-13)
    # omega squared = (42 - 2 x 1) / (48 + 1).
    assert result.notes == ("between 42, within 6 (sums of squares); omega squared = 0.8163",)


@pytest.mark.parametrize(("f", "df1", "df2"), [(4.0, 2, 30), (21.0, 8, 180), (1.2, 3, 12)])
def test_the_interval_of_eta_squared_inverts_the_noncentral_f(f: float, df1: float, df2: float) -> None:
    interval = compute_eta_squared_interval(f, df1, df2, level=0.9)
    assert interval is not None
    lower, upper = interval
    noncentralities = [bound / (1 - bound) * (df1 + df2 + 1) for bound in interval]
    assert stats.ncf.cdf(f, df1, df2, noncentralities[1]) == pytest.approx(0.05, abs=1e-9)
    if lower == 0:
        assert stats.f.cdf(f, df1, df2) <= 0.95
    else:
        assert stats.ncf.cdf(f, df1, df2, noncentralities[0]) == pytest.approx(0.95, abs=1e-9)
    assert 0 <= lower < upper < 1


def test_an_f_beyond_the_noncentral_distribution_has_no_interval_and_says_so() -> None:
    result = one_way_anova([[0.0, 1e-6], [1.0, 1.000001]])
    assert result.estimate is not None
    assert result.estimate.lower is None
    assert "no interval" in result.notes[-1]


def test_equal_values_give_p_one_and_different_constants_are_refused() -> None:
    for method in (one_way_anova, welch_anova):
        result = method([[0.3, 0.3], [0.1 + 0.2, 0.3]])
        assert (result.p_value, result.statistic) == (1.0, None)
        with pytest.raises(Refusal, match="STS-100"):
            method([[1.0, 1.0], [2.0, 2.0]])


def test_one_constant_group_stops_welch_and_not_fisher() -> None:
    groups = [[1.0, 1.0, 1.0], [2.0, 3.0, 4.0]]
    with pytest.raises(Refusal, match="STS-100: the values of group 1 do not vary"):
        welch_anova(groups)
    # Between 3 x 3 x 4 / 6 = 6, within 2 on 4 degrees of freedom: F = 6 / 0.5.
    assert one_way_anova(groups).statistic == pytest.approx(12.0, rel=1e-12)


def test_a_group_of_one_enters_fishers_anova_and_not_welchs() -> None:
    assert one_way_anova([[5.0], [1.0, 2.0]]).df == (1.0, 1.0)
    with pytest.raises(Refusal, match="STS-002"):
        welch_anova([[5.0], [1.0, 2.0]])
    assert one_way_anova_from_summary([5.0, 1.5], [None, 0.5], [1, 2]).df == (1.0, 1.0)
    with pytest.raises(Refusal, match="STS-002"):
        welch_anova_from_summary([5.0, 1.5], [0.0, 0.5], [1, 2])


def test_input_that_is_no_set_of_groups_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-109"):
        one_way_anova([[1.0, 2.0]])
    with pytest.raises(Refusal, match="STS-109"):
        one_way_anova_from_summary([1.0], [1.0], [3])
    with pytest.raises(Refusal, match="STS-002"):
        one_way_anova([[1.0], [2.0], [3.0]])
    with pytest.raises(Refusal, match="STS-002"):
        one_way_anova_from_summary([1.0, 2.0], [None, None], [1, 1])
    with pytest.raises(Refusal, match="STS-001: value 2 of group 2"):
        one_way_anova([[1.0, 2.0], [1.0, math.nan]])
    with pytest.raises(Refusal, match="STS-003"):
        one_way_anova_from_summary([1.0, 2.0], [1.0], [3, 3])
    with pytest.raises(Refusal, match="STS-102"):
        one_way_anova_from_summary([1.0, 2.0], [1.0, -1.0], [3, 3])
