"""Two one-sided tests against a paper's example, scipy's shifted t tests, and the interval that goes with them."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.equivalence import (
    compute_log_margin,
    compute_log_moments,
    compute_log_sd,
    tost_paired,
    tost_student_from_summary,
    tost_welch,
    tost_welch_from_summary,
)
from tests.conftest import shared

LOW, HIGH = math.log(0.8), math.log(1.25)

# Made up: logarithms of a particle concentration before and after a device, six aliquots.
BEFORE = np.log([7.1e8, 6.8e8, 7.4e8, 7.0e8, 6.9e8, 7.6e8])
AFTER = np.log([6.7e8, 6.6e8, 7.5e8, 6.4e8, 6.6e8, 7.2e8])


@pytest.fixture(scope="module")
def lakens() -> dict[str, Any]:
    cases = json.loads(shared("reference", "ev_cases.json").read_text(encoding="utf-8"))["cases"]
    return dict(next(case for case in cases if case["id"] == "TOST-01"))


@pytest.mark.shared
def test_the_example_of_lakens_2017_comes_out_as_printed(lakens: dict[str, Any]) -> None:
    given, expected = lakens["inputs"], lakens["expected"]
    (m1, m2), (s1, s2), (n1, n2) = given["m"], given["sd"], given["n"]
    pooled = math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
    bound = given["bound_d"] * pooled
    student = tost_student_from_summary(m1, s1, n1, m2, s2, n2, low=-bound, high=bound, alpha=0.05)
    # The note beside the case: Welch -2.6928 with df 181.1, Student -2.6874 with 182.
    assert student.t_high == pytest.approx(expected["t_upper"], abs=0.005)
    assert student.t_high == pytest.approx(-2.6874, abs=5e-5)
    assert student.df == expected["df"]
    assert student.p_value == pytest.approx(expected["p"], abs=0.0005)
    bound = given["bound_d"] * math.sqrt((s1**2 + s2**2) / 2)
    welch = tost_welch_from_summary(m1, s1, n1, m2, s2, n2, low=-bound, high=bound, alpha=0.05)
    assert welch.t_high == pytest.approx(-2.6928, abs=5e-5)
    assert welch.df == pytest.approx(181.1, abs=0.05)
    assert welch.equivalent


def test_welch_is_two_of_scipys_one_sided_tests_of_shifted_data() -> None:
    ours = tost_welch(AFTER, BEFORE, low=LOW, high=HIGH, alpha=0.05)
    above = stats.ttest_ind(AFTER - LOW, BEFORE, equal_var=False, alternative="greater")
    below = stats.ttest_ind(AFTER - HIGH, BEFORE, equal_var=False, alternative="less")
    assert (ours.t_low, ours.t_high) == pytest.approx((above.statistic, below.statistic), rel=1e-10)
    assert (ours.p_low, ours.p_high) == pytest.approx((above.pvalue, below.pvalue), rel=1e-10)
    interval = stats.ttest_ind(AFTER, BEFORE, equal_var=False).confidence_interval(0.90)
    assert (ours.lower, ours.upper) == pytest.approx(tuple(interval), rel=1e-10)


def test_paired_is_two_of_scipys_one_sided_tests_of_the_differences() -> None:
    ours = tost_paired(AFTER, BEFORE, low=LOW, high=HIGH, alpha=0.05)
    above = stats.ttest_1samp(AFTER - BEFORE, LOW, alternative="greater")
    below = stats.ttest_1samp(AFTER - BEFORE, HIGH, alternative="less")
    assert (ours.p_low, ours.p_high) == pytest.approx((above.pvalue, below.pvalue), rel=1e-8)
    assert ours.as_ratio().value == pytest.approx(stats.gmean(np.exp(AFTER)) / stats.gmean(np.exp(BEFORE)))


def test_no_significant_difference_is_not_equivalence_and_the_other_way_round() -> None:
    noisy = tost_welch_from_summary(0.0, 1.0, 3, 0.05, 1.0, 3, low=LOW, high=HIGH, alpha=0.05)
    assert noisy.p_difference > 0.9
    assert not noisy.equivalent
    precise = tost_welch_from_summary(0.0, 0.05, 400, 0.05, 0.05, 400, low=LOW, high=HIGH, alpha=0.05)
    assert precise.p_difference < 1e-6
    assert precise.equivalent


@given(
    mean=st.floats(-0.4, 0.4),
    sds=st.tuples(st.floats(0.01, 2), st.floats(0.01, 2)),
    n=st.tuples(st.integers(2, 40), st.integers(2, 40)),
    alpha=st.floats(0.001, 0.4),
)
def test_the_test_says_yes_exactly_where_the_interval_lies_inside_the_margin(
    mean: float, sds: tuple[float, float], n: tuple[int, int], alpha: float
) -> None:
    found = tost_welch_from_summary(mean, sds[0], n[0], 0.0, sds[1], n[1], low=LOW, high=HIGH, alpha=alpha)
    inside = found.lower >= LOW and found.upper <= HIGH
    near = min(abs(found.lower - LOW), abs(found.upper - HIGH)) < 1e-9
    assert found.equivalent == inside or near
    assert 0 <= found.p_value <= 1


@given(
    st.lists(st.floats(1, 100), min_size=2, max_size=12), st.lists(st.floats(1, 100), min_size=2, max_size=12)
)
def test_groups_exchanged_give_the_reciprocal_ratio_and_the_same_answer(
    first: list[float], second: list[float]
) -> None:
    x, y = np.log(first), np.log(second)
    if max(np.ptp(x), np.ptp(y)) < 1e-6:
        return
    one = tost_welch(x, y, low=LOW, high=HIGH, alpha=0.05)
    other = tost_welch(y, x, low=-HIGH, high=-LOW, alpha=0.05)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-6, abs=1e-12)
    assert one.as_ratio().value == pytest.approx(1 / other.as_ratio().value)


def test_alpha_decides_on_both_sides_of_the_p_value() -> None:
    p = tost_welch(AFTER, BEFORE, low=LOW, high=HIGH, alpha=0.05).p_value
    assert tost_welch(AFTER, BEFORE, low=LOW, high=HIGH, alpha=p * 1.0001).equivalent
    assert not tost_welch(AFTER, BEFORE, low=LOW, high=HIGH, alpha=p * 0.9999).equivalent


def test_a_margin_of_ratios_lies_on_both_sides_of_one() -> None:
    assert compute_log_margin(0.8, 1.25) == pytest.approx((-math.log(1.25), math.log(1.25)))
    for lower, upper in ((1.0, 1.25), (0.8, 1.0), (0.0, 1.25), (1.25, 0.8), (0.8, math.inf), (math.nan, 1.2)):
        with pytest.raises(Refusal, match="TST-001"):
            compute_log_margin(lower, upper)
    with pytest.raises(Refusal, match="TST-001"):
        tost_welch(AFTER, BEFORE, low=0.0, high=HIGH, alpha=0.05)


@pytest.mark.parametrize("alpha", [0.0, 0.5, -0.1, math.nan])
def test_an_alpha_that_is_none_is_refused(alpha: float) -> None:
    with pytest.raises(Refusal, match="TST-002"):
        tost_welch(AFTER, BEFORE, low=LOW, high=HIGH, alpha=alpha)


def test_values_without_spread_show_nothing_however_alike_they_are() -> None:
    with pytest.raises(Refusal, match="STS-100"):
        tost_welch([1.0, 1.0], [1.0, 1.0], low=LOW, high=HIGH, alpha=0.05)
    with pytest.raises(Refusal, match="STS-100"):
        tost_paired([1.0, 2.0], [1.1, 2.1], low=LOW, high=HIGH, alpha=0.05)


def test_one_value_a_group_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-002"):
        tost_welch([1.0], [1.0, 1.1], low=LOW, high=HIGH, alpha=0.05)
    with pytest.raises(Refusal, match="STS-002"):
        tost_welch_from_summary(1.0, 0.0, 1, 1.0, 0.1, 3, low=LOW, high=HIGH, alpha=0.05)


def test_log_moments_are_those_of_the_log_normal_with_that_mean_and_sd() -> None:
    found = compute_log_moments(100.0, 30.0, 5)
    law = stats.lognorm(s=found.sd, scale=math.exp(found.mean))
    assert (law.mean(), law.std()) == pytest.approx((100.0, 30.0))
    assert compute_log_sd(0.3) == pytest.approx(found.sd)


def test_a_summary_without_logarithm_or_spread_is_refused() -> None:
    for mean, sd, n, code in ((0.0, 1.0, 3, "STS-100"), (-1.0, 1.0, 3, "STS-100"), (1.0, -1.0, 3, "STS-102")):
        with pytest.raises(Refusal, match=code):
            compute_log_moments(mean, sd, n)
    with pytest.raises(Refusal, match="STS-002"):
        compute_log_moments(1.0, 0.0, 1)
