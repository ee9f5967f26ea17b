"""Means and standard deviations keep their digits, and refuse what cannot be squared."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.moments import as_moments, compute_moments, is_constant, snap_noise


def sample(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=30))
def test_moments_agree_with_exact_fractions(values: list[int]) -> None:
    # The standard library computes the variance of integers in exact fractions.
    moments = compute_moments(sample(*values))
    assert moments.mean == pytest.approx(statistics.mean(values), rel=1e-14, abs=1e-14)
    assert moments.variance == pytest.approx(float(statistics.variance(values)), rel=1e-12, abs=1e-12)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=20), st.integers(0, 10**9))
def test_a_shift_by_a_whole_number_leaves_the_sd(values: list[int], shift: int) -> None:
    moved = compute_moments(sample(*values) + shift)
    assert moved.variance == pytest.approx(compute_moments(sample(*values)).variance, rel=1e-9, abs=1e-9)


def test_a_single_value_has_no_sd() -> None:
    moments = compute_moments(sample(4.2))
    assert (moments.n, moments.mean, moments.sd, moments.sum_of_squares) == (1, 4.2, None, 0.0)


def test_numbers_equal_as_printed_are_constant() -> None:
    # In binary 0.1 + 0.2 is one unit in the last place above 0.3.
    assert is_constant(sample(0.1 + 0.2, 0.3))
    assert compute_moments(sample(0.1 + 0.2, 0.3)).sd == 0.0
    assert not is_constant(sample(0.3000000000001, 0.3))


@pytest.mark.parametrize(
    "values", [(1e151, 0.0), (0.0, 1e-151), (1e-151, 1e-151), (1.0e-140, 1.0000000000001e-140)]
)
def test_values_that_cannot_be_squared_are_refused(values: tuple[float, float]) -> None:
    with pytest.raises(Refusal, match="STS-101"):
        compute_moments(sample(*values))


@pytest.mark.parametrize("values", [(1e150, 0.0), (0.0, 1e-150)])
def test_values_at_the_edge_of_the_range_are_accepted(values: tuple[float, float]) -> None:
    # The sd of (0, a) is a / sqrt 2.
    assert compute_moments(sample(*values)).sd == pytest.approx(max(values) / math.sqrt(2), rel=1e-12)


def test_noise_of_a_subtraction_is_rounded_away_and_data_are_not() -> None:
    assert snap_noise(sample(36.5 - 36.6, 36.4 - 36.5), scale=36.6).tolist() == [-0.1, -0.1]
    assert snap_noise(sample(1e-12), scale=36.6).tolist() == [1e-12]
    assert snap_noise(sample(0.0), scale=0.0).tolist() == [0.0]


@pytest.mark.parametrize(
    ("mean", "sd", "n"),
    [
        (math.nan, 1.0, 3),
        (1.0, -0.1, 3),
        (1.0, math.inf, 3),
        (1.0, 1.0, 0),
        (1.0, 1.0, 1),
        (1.0, None, 2),
    ],
)
def test_printed_figures_that_cannot_be_are_refused(mean: float, sd: float | None, n: int) -> None:
    with pytest.raises(Refusal, match="STS-102"):
        as_moments(mean, sd, n, name="first")


def test_a_printed_sd_of_zero_for_one_value_means_none() -> None:
    assert as_moments(3.0, 0.0, 1, name="first").sd is None
    assert as_moments(3.0, 0.0, 2, name="first").sd == 0.0
