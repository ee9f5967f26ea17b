"""Numbers as printed: rounding half away from zero, true minus signs, both sides of each boundary."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.report.format import (
    decimals_of,
    format_count,
    format_interval,
    format_mean_sd,
    format_number,
    format_p,
    format_range,
)
from exotrial.statistics.result import Estimate


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (0.125, 2, "0.13"),
        (-0.125, 2, "−0.13"),
        (2.675, 2, "2.68"),  # its double is below 2.675; what was written decides
        (1.005, 2, "1.01"),
        (-0.004, 2, "0.00"),
        (1e9, 1, "1000000000.0"),
        (math.inf, 1, "∞"),
        (-math.inf, 1, "−∞"),
        (None, 1, "–"),
    ],
)
def test_a_number_rounds_half_away_from_zero(value: float | None, decimals: int, shown: str) -> None:
    assert format_number(value, decimals) == shown


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.0009999, "<0.001"),
        (0.001, "0.001"),
        (0.04949, "0.049"),
        (0.0495, "0.050"),
        (0.9994, "0.999"),
        (0.9995, "1.000"),
        (1.0, "1.000"),
        (None, "–"),
    ],
)
def test_a_p_value_has_three_decimals_and_is_never_zero(p: float | None, shown: str) -> None:
    assert format_p(p) == shown


def test_an_interval_without_limits_says_so() -> None:
    assert format_interval(Estimate(name="d", value=1.25, lower=-0.5, upper=math.inf), 1) == "1.3 (−0.5 to ∞)"
    assert format_interval(Estimate(name="d", value=1.25), 1) == "1.3 (no interval)"
    assert format_interval(None, 1) == "–"


def test_a_single_value_has_no_standard_deviation() -> None:
    assert format_mean_sd(3.0, None, 1) == "3.0"
    assert format_mean_sd(3.0, 0.25, 1) == "3.0 ± 0.3"
    assert format_range(-1.0, 2.0, 0) == "−1 to 2"


def test_a_share_of_nobody_has_no_percentage() -> None:
    assert format_count(0, 0) == "0"
    assert format_count(3, 7) == "3 (43 %)"


def test_decimals_are_those_that_were_captured() -> None:
    assert decimals_of(["88.4", "5", "0.50"]) == 2
    assert decimals_of([]) == 0


@given(st.floats(min_value=-1e9, max_value=1e9), st.integers(min_value=0, max_value=6))
def test_a_printed_number_is_within_half_a_unit_of_its_last_digit(value: float, decimals: int) -> None:
    shown = float(format_number(value, decimals).replace("−", "-"))
    assert abs(shown - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9) + abs(value) * 1e-12


@pytest.mark.parametrize(
    ("text", "decimals"),
    [
        ("0.43", 2),
        ("12345.678", 3),
        ("1234567.89", 0),
        ("109.43396226415094", 0),
        ("95.71428571428571", 1),
        ("0.33333333333333", 2),
    ],
)
def test_a_computed_number_has_no_more_decimals_than_a_captured_one_could(text: str, decimals: int) -> None:
    assert decimals_of([text]) == decimals


def test_a_division_that_comes_out_even_has_no_more_decimals_than_its_neighbours() -> None:
    assert decimals_of(["82.8125", "109.43396226415094"]) == 1
    assert decimals_of(["82.8125"]) == 4
