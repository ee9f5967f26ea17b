"""The Kruskal-Wallis tests, against scipy and listing all ways to deal."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.kruskal import kruskal_wallis, kruskal_wallis_exact
from exotrial.statistics.rank_sum import rank_sum_exact
from exotrial.statistics.result import Result

GROUP = st.lists(st.integers(0, 6), min_size=1, max_size=5)


@settings(deadline=None)
@given(st.lists(GROUP, min_size=2, max_size=4))
def test_h_and_p_are_those_of_scipy(groups: list[list[int]]) -> None:
    assume(len({value for group in groups for value in group}) > 1)
    expected = stats.kruskal(*groups)
    result = kruskal_wallis(groups)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.df == (len(groups) - 1,)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=7, max_size=7))
def test_exact_p_is_what_listing_all_ways_to_deal_gives(values: list[int]) -> None:
    ranks = stats.rankdata(values)

    def spread(order: tuple[float, ...]) -> float:
        return sum(order[:2]) ** 2 / 2 + sum(order[2:4]) ** 2 / 2 + sum(order[4:]) ** 2 / 3

    listed = np.array([spread(order) for order in permutations(ranks.tolist())])
    expected = float(np.mean(listed >= spread(tuple(ranks.tolist())) - 1e-9))
    result = kruskal_wallis_exact([values[:2], values[2:4], values[4:]])
    assert result.p_value == pytest.approx(expected, rel=1e-12)
    assert result.exact


@settings(deadline=None)
@given(GROUP, GROUP)
def test_for_two_groups_exact_p_is_that_of_the_rank_sum_test(first: list[int], second: list[int]) -> None:
    p_value = kruskal_wallis_exact([first, second]).p_value
    assert p_value == pytest.approx(rank_sum_exact(first, second).p_value, rel=1e-12)


@pytest.mark.parametrize("method", [kruskal_wallis, kruskal_wallis_exact])
def test_values_that_are_all_equal_give_p_of_one_with_a_note(method: Callable[..., Result]) -> None:
    result = method([[2, 2], [2], [2, 2, 2]])
    assert (result.statistic, result.p_value) == (0.0, 1.0)
    assert any("all values are equal" in note for note in result.notes)


@pytest.mark.parametrize("method", [kruskal_wallis, kruskal_wallis_exact])
def test_missing_values_empty_groups_and_one_group_are_refused(method: Callable[..., Result]) -> None:
    with pytest.raises(Refusal, match="STS-001"):
        method([[1, math.nan], [2]])
    with pytest.raises(Refusal, match="STS-002"):
        method([[1], []])
    with pytest.raises(Refusal, match="STS-200"):
        method([[1, 2, 3]])


def test_separated_groups_have_epsilon_squared_near_one() -> None:
    result = kruskal_wallis([[1, 2], [3, 4], [5, 6]])
    assert result.estimate is not None
    # By hand: H = 12/(6*7) * (9 + 49 + 121)/2 - 3*7 = 32/7, over N - 1 = 5.
    assert result.estimate.value == pytest.approx(32 / 35, rel=1e-12)


@pytest.mark.parametrize("sizes", [(12, 12, 12, 12), (10,) * 8])
def test_groups_too_large_to_count_are_refused_with_a_pointer(sizes: tuple[int, ...]) -> None:
    values = iter(range(sum(sizes)))
    groups = [[next(values) ** 2 for _ in range(size)] for size in sizes]
    with pytest.raises(Refusal, match=r"STS-201.*kruskal_wallis,"):
        kruskal_wallis_exact(groups)
