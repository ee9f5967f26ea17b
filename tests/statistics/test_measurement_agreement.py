"""Limits of agreement against the paper's own example, concordance against its definition and a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.measurement_agreement import compute_concordance, compute_limits_of_agreement

# Bland & Altman 1986, table 1: peak flow, first reading of the Wright and of the mini Wright meter, l/min
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_the_example_of_bland_and_altman() -> None:
    found = compute_limits_of_agreement(MINI, WRIGHT)
    # the paper prints: mean difference -2.1, SD 38.8, limits -79.7 and 75.5 (with 2 SD; here 1.96), and
    # 95 % intervals -22.0 to 17.8 of the bias and a standard error of the limits of 16.3
    assert found.bias == pytest.approx(-2.1, abs=0.05)
    assert found.sd == pytest.approx(38.8, abs=0.05)
    assert found.lower == pytest.approx(-2.1 - 1.96 * 38.8, abs=0.1)
    assert (found.bias_lower, found.bias_upper) == pytest.approx((-22.0, 17.8), abs=0.1)
    assert found.limit_half_width == pytest.approx(2.12 * 16.3, rel=0.01)


pairs = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=3, max_size=20)


@given(pairs)
@settings(max_examples=60, deadline=None)
def test_concordance_is_one_less_the_share_of_squared_differences(given: list[tuple[float, float]]) -> None:
    # Lin 1989, definition: 1 - E(a - b)^2 / E(a - b)^2 if a and b were uncorrelated
    a, b = (np.array(side) for side in zip(*given, strict=True))
    apart = a.var() + b.var() + (a.mean() - b.mean()) ** 2
    if apart < 1e-6:
        return
    found = compute_concordance(a, b)
    assert found.value == pytest.approx(1 - np.mean((a - b) ** 2) / apart, abs=1e-9)
    if found.lower is not None and found.upper is not None:
        assert found.lower <= found.value <= found.upper


def test_the_interval_of_concordance_covers_as_often_as_it_says() -> None:
    generator = np.random.default_rng(1)
    truth = 2 * 0.9 / (1 + 1 + 0.2**2)  # correlation 0.9, one unit of variance each, 0.2 apart
    covered = 0
    for _ in range(400):
        a = generator.standard_normal(60)
        b = 0.9 * a + math.sqrt(1 - 0.81) * generator.standard_normal(60) + 0.2
        found = compute_concordance(a, b)
        assert found.lower is not None
        assert found.upper is not None
        covered += found.lower <= truth <= found.upper
    assert 364 <= covered <= 394  # 95 % of 400, with binomial bounds beyond one in a thousand


def test_numbers_that_agree_have_no_spread_and_no_interval() -> None:
    assert compute_limits_of_agreement([1, 2, 3], [1, 2, 3]).sd == 0
    found = compute_concordance([1, 2, 3], [1, 2, 3])
    assert found.value == pytest.approx(1)
    assert found.lower is None


@pytest.mark.parametrize(
    ("first", "second"),
    [([1, 2], [1, 2]), ([1, 2, 3], [1, 2]), ([1, 2, math.nan], [1, 2, 3]), ([4, 4, 4], [4, 4, 4])],
)
def test_too_few_missing_or_constant_numbers_are_refused(first: list[float], second: list[float]) -> None:
    with pytest.raises(Refusal, match="STS-331"):
        compute_concordance(first, second)
