"""Predicted body weight against the ARDS Network's formula, and weights that no adult has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.participants.anthropometry import (
    Sex,
    check_height,
    check_weight,
    compute_predicted_weight,
)


@pytest.mark.parametrize(
    ("sex", "height_cm", "expected"),
    [("M", 183, 77.846), ("F", 165, 56.966), ("M", 170, 66.016), ("F", 152.4, 45.5), ("M", 152.4, 50.0)],
)
def test_predicted_weight_is_that_of_the_network(sex: Sex, height_cm: float, expected: float) -> None:
    # N Engl J Med 2000;342:1301: men 50, women 45.5, and 0.91 kg for each centimetre above 152.4.
    assert compute_predicted_weight(height_cm, sex=sex) == pytest.approx(expected, rel=1e-9)


def test_below_the_formulas_range_it_is_refused() -> None:
    with pytest.raises(Refusal, match="ANT-003"):
        compute_predicted_weight(152.3, sex="F")


@pytest.mark.parametrize("weight", [19.9, 350.1, 700, float("nan"), float("inf")])
def test_a_weight_that_no_adult_has_is_refused(weight: float) -> None:
    with pytest.raises(Refusal, match="ANT-001"):
        check_weight(weight)


@pytest.mark.parametrize("height", [99.9, 230.1, 1.7, float("nan")])
def test_a_height_that_no_adult_has_is_refused(height: float) -> None:
    with pytest.raises(Refusal, match="ANT-002"):
        check_height(height)


def test_both_sides_of_the_limits_are_kept() -> None:
    assert [check_weight(20), check_weight(350), check_height(100), check_height(230)] == [20, 350, 100, 230]


@given(st.floats(152.4, 229), st.floats(0.01, 1), st.sampled_from(["F", "M"]))
def test_the_taller_weighs_more(height: float, more: float, sex: Sex) -> None:
    assert compute_predicted_weight(height + more, sex=sex) > compute_predicted_weight(height, sex=sex)
