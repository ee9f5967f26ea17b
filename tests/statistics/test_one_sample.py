"""The one-sample t test and its form for geometric means."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.one_sample import geometric_mean_t, one_sample_t
from exotrial.statistics.result import Alternative

VARIED = st.lists(st.integers(-1000, 1000), min_size=2, max_size=20).filter(lambda v: len(set(v)) > 1)


@given(VARIED, st.sampled_from(list(Alternative)))
def test_the_t_test_agrees_with_scipy(values: list[int], alternative: Alternative) -> None:
    ours = one_sample_t(values, null=1.5, alternative=alternative)
    theirs = stats.ttest_1samp(values, 1.5, alternative=str(alternative))
    assert ours.statistic == pytest.approx(float(theirs.statistic), rel=1e-9)
    assert ours.p_value == pytest.approx(float(theirs.pvalue), rel=1e-7, abs=1e-12)


@given(VARIED)
def test_the_interval_ends_where_the_test_turns(values: list[int]) -> None:
    estimate = one_sample_t(values).estimate
    assert estimate is not None
    assert estimate.lower is not None
    assert one_sample_t(values, null=estimate.lower).p_value == pytest.approx(0.05, abs=1e-6)


def test_values_equal_to_the_null_give_p_one_with_a_note() -> None:
    result = one_sample_t([0.3, 0.1 + 0.2], null=0.3)
    assert (result.p_value, result.statistic) == (1.0, None)
    assert "by convention" in result.notes[0]
    assert result.estimate is not None
    assert result.estimate.lower is None


def test_equal_values_away_from_the_null_are_refused() -> None:
    with pytest.raises(Refusal, match=r"STS-100: all 3 values are 2"):
        one_sample_t([2.0, 2.0, 2.0])


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan]])
def test_too_few_or_missing_values_are_refused(values: list[float]) -> None:
    with pytest.raises(Refusal, match=r"STS-00[12]"):
        one_sample_t(values)


def test_a_null_that_is_no_number_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-106"):
        one_sample_t([1.0, 2.0], null=math.nan)


def test_the_geometric_mean_is_in_the_unit_of_the_values() -> None:
    # exp of the t test on logarithms: ln 1, ln 10, ln 100 have mean ln 10 and sd ln 10.
    result = geometric_mean_t([1.0, 10.0, 100.0])
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(10.0, rel=1e-13)
    assert result.statistic == pytest.approx(math.sqrt(3), rel=1e-13)
    # t(0.975; 2) = 4.30265: 10 to the power 1 ± 4.30265 / sqrt 3.
    assert result.estimate.upper == pytest.approx(10 ** (1 + 4.302653 / math.sqrt(3)), rel=1e-5)
    assert result.estimate.lower == pytest.approx(10 ** (1 - 4.302653 / math.sqrt(3)), rel=1e-5)


def test_the_geometric_mean_refuses_a_null_and_values_without_logarithm() -> None:
    with pytest.raises(Refusal, match="STS-105"):
        geometric_mean_t([1.0, 2.0], null=0.0)
    with pytest.raises(Refusal, match="STS-105"):
        geometric_mean_t([1.0, 0.0])


def test_a_bound_beyond_all_numbers_is_infinite() -> None:
    # Logarithms 0 and 106 on one degree of freedom: 53 + 12.7 x 53 is beyond 709, the largest power of e.
    estimate = geometric_mean_t([1.0, 1e46]).estimate
    assert estimate is not None
    assert estimate.upper == math.inf


def test_equal_values_at_the_null_have_a_geometric_mean_without_interval() -> None:
    result = geometric_mean_t([5.0, 5.0], null=5.0)
    assert result.p_value == 1.0
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(5.0)
    assert result.estimate.upper is None
