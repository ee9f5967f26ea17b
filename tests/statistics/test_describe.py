"""Describing a sample: every number defined or said to be missing, and the quartile rule named."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.describe import QuantileRule, compute_geometric_mean, compute_quantile, describe
from tests.statistics.chictr import CRP

ONE_TO_TEN = list(range(1, 11))


@pytest.mark.parametrize(
    ("p", "rule", "expected"),
    [
        # Hyndman & Fan 1996, by hand on 1..10: type 2 takes x(3) at np = 2.5 and averages at np = 5;
        # type 6 stands at 11 p; type 7 at 1 + 9 p.
        (0.25, 2, 3.0),
        (0.25, 6, 2.75),
        (0.25, 7, 3.25),
        (0.5, 2, 5.5),
        (0.5, 6, 5.5),
        (0.5, 7, 5.5),
        (0.75, 2, 8.0),
        (0.75, 6, 8.25),
        (0.75, 7, 7.75),
        (0.05, 6, 1.0),
        (0.95, 6, 10.0),
    ],
)
def test_each_rule_reads_its_own_quartile(p: float, rule: int, expected: float) -> None:
    assert compute_quantile(ONE_TO_TEN, p, rule) == pytest.approx(expected, rel=1e-15)


def test_a_position_of_three_is_not_missed_by_binary_noise() -> None:
    # 0.1 x 30 is 3.0000000000000004 in binary; type 2 averages x(3) and x(4) there.
    assert compute_quantile(list(range(1, 31)), 0.1, 2) == 3.5


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]),
)
def test_rule_seven_agrees_with_numpy_and_all_rules_stay_inside(values: list[float], p: float) -> None:
    assert compute_quantile(values, p, 7) == pytest.approx(float(np.quantile(values, p)), rel=1e-9, abs=1e-9)
    for rule in QuantileRule:
        assert min(values) <= compute_quantile(values, p, rule) <= max(values)


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=30), st.sampled_from([0.25, 0.5, 0.1]))
def test_rules_two_and_six_agree_with_numpys_names_for_them(values: list[int], p: float) -> None:
    by_numpy = {2: "averaged_inverted_cdf", 6: "weibull"}
    for rule, name in by_numpy.items():
        expected = float(np.quantile(values, p, method=name))  # type: ignore[call-overload]
        assert compute_quantile(values, p, rule) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_c_reactive_protein_after_is_as_the_pilot_prints_it_and_before_is_not() -> None:
    # ChiCTR2000030261 pilot report prints 3.17 ± 4.12 after and 23.00 ± 31.87 before; its own Table 2 has
    # a sum of 161.3 mg/L before in seven patients, a mean of 23.04.
    before, after = describe(CRP[0]), describe(CRP[1])
    assert before.sd is not None
    assert after.sd is not None
    assert (round(after.mean, 2), round(after.sd, 2)) == (3.17, 4.12)
    assert before.mean == pytest.approx(161.3 / 7, rel=1e-14)
    assert (round(before.mean, 2), round(before.sd, 2)) == (23.04, 31.88)


def test_a_known_sample_is_described_to_the_digit() -> None:
    # By hand: 2 4 4 4 5 5 7 9 has mean 5 and sum of squares 32; t(0.975; 7) = 2.3646.
    summary = describe([2, 4, 4, 4, 5, 5, 7, 9])
    assert (summary.n, summary.mean, summary.median, summary.minimum, summary.maximum) == (
        8,
        5.0,
        4.5,
        2.0,
        9.0,
    )
    assert summary.sd == pytest.approx(math.sqrt(32 / 7), rel=1e-15)
    assert summary.se == pytest.approx(math.sqrt(32 / 7 / 8), rel=1e-15)
    assert summary.upper == pytest.approx(5 + 2.3646 * math.sqrt(32 / 7 / 8), abs=1e-4)
    assert (summary.q1, summary.q3, summary.quartile_rule) == (4.0, 6.0, QuantileRule.SAS)
    assert "PCTLDEF=5" in summary.quartile_rule.label


def test_a_single_value_has_no_sd_and_says_so() -> None:
    summary = describe([3.5])
    assert (summary.mean, summary.median, summary.q1, summary.q3) == (3.5, 3.5, 3.5, 3.5)
    assert (summary.sd, summary.se, summary.lower, summary.upper) == (None, None, None, None)
    assert "single value" in summary.notes[0]


def test_equal_values_have_an_sd_of_zero_and_a_note() -> None:
    summary = describe([0.1] * 10)
    assert (summary.sd, summary.notes) == (0.0, ("all values are equal",))
    assert summary.lower == summary.upper == summary.mean


def test_the_geometric_mean_of_two_and_eight_is_four() -> None:
    assert compute_geometric_mean([2.0, 8.0]) == pytest.approx(4.0, rel=1e-15)


@pytest.mark.parametrize("values", [[0.0, 1.0], [-1.0, 2.0]])
def test_a_geometric_mean_refuses_zero_and_below(values: list[float]) -> None:
    with pytest.raises(Refusal, match="STS-105"):
        compute_geometric_mean(values)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [math.inf]])
def test_nothing_and_missing_values_are_refused(values: list[float]) -> None:
    with pytest.raises(Refusal, match=r"STS-00[12]"):
        describe(values)


def test_an_unknown_rule_and_a_wrong_probability_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-103: 5 is no quantile rule"):
        describe([1.0, 2.0], quartile_type=5)
    for p in (-0.01, 1.01, math.nan):
        with pytest.raises(Refusal, match="STS-104"):
            compute_quantile([1.0, 2.0], p)
    assert [compute_quantile([1.0, 2.0], p) for p in (0, 1)] == [1.0, 2.0]
