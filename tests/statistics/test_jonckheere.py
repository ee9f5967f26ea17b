"""The Jonckheere-Terpstra tests, against listing all ways to deal, the rank-sum test and each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.jonckheere import jonckheere, jonckheere_exact
from exotrial.statistics.rank_sum import rank_sum_exact, rank_sum_normal
from exotrial.statistics.result import Alternative, Result

GROUP = st.lists(st.integers(0, 5), min_size=1, max_size=6)


def count_rising(values: tuple[int, ...]) -> float:
    """J for groups of two, two and three, pair by pair."""
    groups = (values[:2], values[2:4], values[4:])
    pairs = [
        (early, late) for i in range(3) for j in range(i + 1, 3) for early in groups[i] for late in groups[j]
    ]
    return sum(1.0 if early < late else 0.5 if early == late else 0.0 for early, late in pairs)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=7, max_size=7), st.sampled_from(list(Alternative)))
def test_exact_p_is_what_listing_all_ways_to_deal_gives(values: list[int], alternative: Alternative) -> None:
    listed = np.array([count_rising(order) for order in permutations(values)])
    observed = count_rising(tuple(values))
    extreme = {
        Alternative.TWO_SIDED: np.abs(listed - 8) >= abs(observed - 8),  # 16 pairs, half of them rise
        Alternative.GREATER: listed >= observed,
        Alternative.LESS: listed <= observed,
    }[alternative]
    result = jonckheere_exact([values[:2], values[2:4], values[4:]], alternative=alternative)
    assert result.statistic == observed
    assert result.p_value == pytest.approx(float(np.mean(extreme)), rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=7, max_size=7))
def test_the_variance_with_ties_is_that_of_all_ways_to_deal(values: list[int]) -> None:
    listed = np.array([count_rising(order) for order in permutations(values)])
    result = jonckheere([values[:2], values[2:4], values[4:]])
    z = float(next(note for note in result.notes if note.startswith("z =")).removeprefix("z = "))
    spread = float(np.std(listed))
    expected = (count_rising(tuple(values)) - 8) / spread if spread else 0.0
    assert z == pytest.approx(expected, rel=1e-4, abs=1e-9)


@settings(deadline=None)
@given(GROUP, GROUP, st.sampled_from(list(Alternative)))
def test_two_groups_are_the_rank_sum_test_of_the_second_against_the_first(
    first: list[int], second: list[int], alternative: Alternative
) -> None:
    exact = jonckheere_exact([first, second], alternative=alternative)
    assert exact.p_value == pytest.approx(
        rank_sum_exact(second, first, alternative=alternative).p_value, rel=1e-12
    )
    normal = jonckheere([first, second], alternative=alternative)
    assert normal.p_value == pytest.approx(
        rank_sum_normal(second, first, alternative=alternative).p_value, rel=1e-9
    )


def test_rising_groups_are_greater_and_falling_groups_are_less() -> None:
    rising = [[1, 2], [3, 4], [5, 6]]
    # By hand: one of 6! / (2! 2! 2!) = 90 ways rises throughout.
    assert jonckheere_exact(rising, alternative=Alternative.GREATER).p_value == pytest.approx(1 / 90)
    assert jonckheere_exact(rising[::-1], alternative=Alternative.LESS).p_value == pytest.approx(1 / 90)
    assert jonckheere_exact(rising, alternative=Alternative.LESS).p_value == 1.0


@pytest.mark.parametrize("method", [jonckheere, jonckheere_exact])
def test_values_that_are_all_equal_give_p_of_one_with_a_note(method: Callable[..., Result]) -> None:
    result = method([[2, 2], [2], [2, 2, 2]])
    assert result.p_value == 1.0
    assert any("all values are equal" in note for note in result.notes)
    assert result.estimate is not None
    assert result.estimate.value == 0.5


@pytest.mark.parametrize("method", [jonckheere, jonckheere_exact])
def test_missing_values_empty_groups_and_one_group_are_refused(method: Callable[..., Result]) -> None:
    with pytest.raises(Refusal, match="STS-001"):
        method([[1, math.nan], [2]])
    with pytest.raises(Refusal, match="STS-002"):
        method([[1], []])
    with pytest.raises(Refusal, match="STS-200"):
        method([[1, 2, 3]])


def test_groups_too_large_to_count_are_refused_with_a_pointer() -> None:
    groups = [list(range(start, start + 40)) for start in range(4)]
    with pytest.raises(Refusal, match=r"STS-201.*use jonckheere,"):
        jonckheere_exact(groups)
