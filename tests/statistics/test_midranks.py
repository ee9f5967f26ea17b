"""Mid-ranks, ties and differences free of binary noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.midranks import (
    as_groups,
    as_two_groups,
    compute_differences,
    compute_normal_p,
    compute_tail,
    double_midranks,
    scale_down,
)
from exotrial.statistics.result import Alternative


@settings(deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30))
def test_doubled_midranks_are_twice_the_average_ranks_of_scipy(values: list[int]) -> None:
    expected = 2 * stats.rankdata(values)
    assert double_midranks(np.array(values, dtype=np.float64)).tolist() == expected.tolist()


def test_differences_equal_as_printed_are_tied() -> None:
    differences = compute_differences([36.5, 36.4], [36.6, 36.5])
    assert differences[0] == differences[1] == -0.1


def test_small_differences_of_large_values_are_tied_too() -> None:
    differences = compute_differences([1000000.3, 500000.2], [1000000.2, 500000.1])
    assert differences[0] == differences[1]


def test_two_groups_share_one_rounding() -> None:
    first, second = as_two_groups([0.1 + 0.2], [0.3])
    assert first[0] == second[0]


def test_one_group_is_refused_and_two_are_not() -> None:
    with pytest.raises(Refusal, match="STS-200"):
        as_groups([[1, 2, 3]])
    assert [group.tolist() for group in as_groups([[1, 2], [3]])] == [[1, 2], [3]]


def test_no_spread_gives_p_of_one() -> None:
    assert compute_normal_p(0.0, 0.0, Alternative.TWO_SIDED) == (0.0, 1.0)


def test_the_continuity_correction_never_crosses_the_mean() -> None:
    assert compute_normal_p(0.25, 1.0, Alternative.TWO_SIDED, correction=0.5) == (0.0, 1.0)


def test_one_sided_normal_p_values_lie_on_their_sides() -> None:
    _, greater = compute_normal_p(2.0, 1.0, Alternative.GREATER)
    _, less = compute_normal_p(2.0, 1.0, Alternative.LESS)
    # The normal table: 1 - Phi(2) = 0.02275.
    assert greater == pytest.approx(0.02275, abs=5e-6)
    assert less == pytest.approx(1 - 0.02275, abs=5e-6)


def test_a_tail_of_one_in_twenty_is_not_above_ten_per_cent_in_two_tails() -> None:
    assert compute_tail(0.90, Alternative.TWO_SIDED) >= 1 / 20
    assert compute_tail(0.95, Alternative.GREATER) >= 1 / 20


def test_scaling_down_keeps_every_digit() -> None:
    assert (scale_down(np.array([3.0, 5.0])) * 8).tolist() == [3.0, 5.0]
