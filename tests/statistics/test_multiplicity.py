"""Adjusted p values against a printed example, scipy and their definitions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.multiplicity import benjamini_hochberg, bonferroni, hochberg, holm

METHODS = (bonferroni, holm, hochberg, benjamini_hochberg)
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=20)

# Fifteen comparisons of a thrombolysis trial: Benjamini & Hochberg 1995, JRSS B 57:289-300, section 4.
THROMBOLYSIS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
    *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000),
]


def count_rejected(adjusted: tuple[float, ...]) -> int:
    return sum(p <= 0.05 for p in adjusted)


def test_the_thrombolysis_example_rejects_as_printed() -> None:
    # The paper: Bonferroni and Hochberg reject three, the false-discovery procedure four.
    assert [count_rejected(method(THROMBOLYSIS)) for method in METHODS] == [3, 3, 3, 4]
    # 15 / 4 x 0.0095.
    assert benjamini_hochberg(THROMBOLYSIS)[3] == pytest.approx(0.035625, rel=1e-12)
    # Holm: 12 x 0.0095.
    assert holm(THROMBOLYSIS)[3] == pytest.approx(0.114, rel=1e-12)


def test_holm_and_hochberg_part_where_the_largest_p_is_small() -> None:
    # By definition: Hochberg rejects all where the largest p is at most the level.
    assert hochberg([0.04, 0.03]) == (0.04, 0.04)
    assert holm([0.04, 0.03]) == (0.06, 0.06)
    assert bonferroni([0.04, 0.03]) == (0.08, 0.06)


@given(P_VALUES)
def test_benjamini_hochberg_agrees_with_scipy(p_values: list[float]) -> None:
    expected = stats.false_discovery_control(p_values)
    assert benjamini_hochberg(p_values) == pytest.approx(tuple(expected), rel=1e-12, abs=1e-300)


@given(P_VALUES)
def test_the_methods_are_ordered_and_stay_between_p_and_one(p_values: list[float]) -> None:
    adjusted = [method(p_values) for method in METHODS]
    for p, *each in zip(p_values, *adjusted, strict=True):
        assert 1 >= each[0] >= each[1] * (1 - 1e-12)
        assert each[1] >= each[2] * (1 - 1e-12)
        assert each[2] >= each[3] * (1 - 1e-12)
        assert each[3] >= p * (1 - 1e-12)


@given(P_VALUES)
def test_the_order_given_does_not_matter(p_values: list[float]) -> None:
    turned = p_values[::-1]
    for method in METHODS:
        assert method(turned) == method(p_values)[::-1]


def test_one_p_value_needs_no_adjustment() -> None:
    assert [method([0.03]) for method in METHODS] == [(0.03,)] * 4


@pytest.mark.parametrize("p_values", [[], [None], [0.1, math.nan], [-0.001], [1.001]])
def test_missing_and_impossible_p_values_are_refused(p_values: list[float | None]) -> None:
    for method in METHODS:
        with pytest.raises(Refusal, match="STS-110"):
            method(p_values)


def test_zero_and_one_are_p_values() -> None:
    assert [method([0.0, 1.0]) for method in METHODS] == [(0.0, 1.0)] * 4
