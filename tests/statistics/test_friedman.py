"""The Friedman tests, against scipy, listing all orders, and the printed exact table."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.friedman import friedman, friedman_exact
from exotrial.statistics.result import Result


def tables(subjects: int, conditions: int) -> st.SearchStrategy[list[list[int]]]:
    row = st.lists(st.integers(0, 3), min_size=conditions, max_size=conditions)
    return st.lists(row, min_size=1, max_size=subjects)


@settings(deadline=None)
@given(tables(8, 4))
def test_q_and_p_are_those_of_scipy(table: list[list[int]]) -> None:
    assume(any(len(set(row)) > 1 for row in table))
    expected = stats.friedmanchisquare(*np.array(table).T)
    result = friedman(table)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(tables(4, 3))
def test_exact_p_is_what_listing_all_orders_gives(table: list[list[int]]) -> None:
    ranks = [tuple(stats.rankdata(row).tolist()) for row in table]

    def spread(rows: tuple[tuple[float, ...], ...]) -> float:
        return float((np.array(rows).sum(axis=0) ** 2).sum())

    listed = np.array([spread(rows) for rows in product(*(list(permutations(row)) for row in ranks))])
    expected = float(np.mean(listed >= spread(tuple(ranks)) - 1e-9))
    assert friedman_exact(table).p_value == pytest.approx(expected, rel=1e-12)


def test_exact_p_is_that_of_the_printed_table() -> None:
    # Friedman 1937, table V: 3 ranks, 3 sets, chi-square 6.000 has probability 0.028 (1 of 36).
    result = friedman_exact([[1, 2, 3]] * 3)
    assert result.statistic == pytest.approx(6.0)
    assert result.p_value == pytest.approx(1 / 36, rel=1e-12)
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(1.0)


@pytest.mark.parametrize("method", [friedman, friedman_exact])
def test_subjects_with_equal_values_only_give_p_of_one_with_a_note(method: Callable[..., Result]) -> None:
    result = method([[1, 1, 1], [2, 2, 2]])
    assert (result.statistic, result.p_value) == (0.0, 1.0)
    assert any("values are equal" in note for note in result.notes)


@pytest.mark.parametrize("method", [friedman, friedman_exact])
def test_what_is_no_complete_table_is_refused(method: Callable[..., Result]) -> None:
    with pytest.raises(Refusal, match="STS-001"):
        method([[1, math.nan], [1, 2]])
    with pytest.raises(Refusal, match="STS-002"):
        method([])
    with pytest.raises(Refusal, match="STS-200"):
        method([[1], [2]])
    with pytest.raises(Refusal, match="STS-202: subject 2 has 3 values"):
        method([[1, 2], [1, 2, 3]])


def test_decimals_equal_as_printed_are_tied_within_a_subject() -> None:
    assert friedman([[0.1 + 0.2, 0.3, 0.4]]).statistic == friedman([[3, 3, 4]]).statistic


def test_eight_subjects_under_five_conditions_are_counted_and_thirty_are_refused() -> None:
    rows = [[(7 * subject + 3 * condition**2) % 11 for condition in range(5)] for subject in range(30)]
    assert friedman_exact(rows[:8]).exact
    with pytest.raises(Refusal, match=r"STS-201.*use friedman,"):
        friedman_exact(rows)


def test_six_conditions_are_refused_by_the_exact_test() -> None:
    with pytest.raises(Refusal, match="STS-201"):
        friedman_exact([[1, 2, 3, 4, 5, 6]])
