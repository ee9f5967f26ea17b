"""Fisher's exact test of 2 x 2 tables."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from exotrial.core.errors import Refusal
from exotrial.statistics.fisher import fisher, fisher_mid_p
from exotrial.statistics.result import Alternative

TABLES = st.lists(st.lists(st.integers(0, 12), min_size=2, max_size=2), min_size=2, max_size=2).filter(
    lambda table: all(sum(row) for row in table)
)
POSITIVE = st.lists(st.lists(st.integers(1, 12), min_size=2, max_size=2), min_size=2, max_size=2)


def _count_by_hand(table: list[list[int]]) -> list[tuple[int, int]]:
    """(first cell, number of ways) of every table with these margins, in whole numbers."""
    (a, b), (c, d) = table
    return [
        (x, math.comb(a + b, x) * math.comb(c + d, a + c - x))
        for x in range(max(0, a - d), min(a + b, a + c) + 1)
    ]


@given(TABLES)
def test_p_counts_every_table_no_more_probable(table: list[list[int]]) -> None:
    ways = _count_by_hand(table)
    total, seen = sum(w for _, w in ways), dict(ways)[table[0][0]]
    assert fisher(table).p_value == pytest.approx(sum(w for _, w in ways if w <= seen) / total, rel=1e-9)
    greater = sum(w for x, w in ways if x >= table[0][0]) / total
    assert fisher(table, alternative=Alternative.GREATER).p_value == pytest.approx(greater, rel=1e-9)
    if len(ways) > 1:
        mid = sum(w * (0.5 if w == seen else 1) for _, w in ways if w <= seen) / total
        assert fisher_mid_p(table).p_value == pytest.approx(mid, rel=1e-9)


@given(POSITIVE)
def test_swapping_the_rows_inverts_the_odds_ratio(table: list[list[int]]) -> None:
    one, other = fisher(table).estimate, fisher(table[::-1]).estimate
    assert one is not None
    assert other is not None
    assert one.lower is not None
    assert other.upper is not None
    assert one.value * other.value == pytest.approx(1.0, rel=1e-6)
    assert one.lower * other.upper == pytest.approx(1.0, rel=1e-6)


@given(POSITIVE)
def test_the_interval_and_estimate_agree_with_scipy(table: list[list[int]]) -> None:
    theirs = stats.contingency.odds_ratio(table)
    interval = theirs.confidence_interval(0.95)
    ours = fisher(table).estimate
    assert ours is not None
    assert ours.value == pytest.approx(theirs.statistic, rel=1e-5)
    assert ours.lower == pytest.approx(interval.low, rel=1e-5)
    assert ours.upper == pytest.approx(interval.high, rel=1e-5)


@given(POSITIVE)
def test_the_mid_p_interval_lies_inside_the_exact_one(table: list[list[int]]) -> None:
    exact, mid = fisher(table).estimate, fisher_mid_p(table).estimate
    assert exact is not None
    assert mid is not None
    bounds = [exact.lower, mid.lower, mid.upper, exact.upper]
    assert all(a is not None and b is not None and a <= b for a, b in pairwise(bounds))


def test_without_any_event_only_one_table_is_possible() -> None:
    result = fisher([[0, 5], [0, 7]])
    assert (result.p_value, result.estimate) == (1.0, None)
    assert "only this table is possible" in result.notes[0]


def test_a_group_of_nobody_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-302: row 1"):
        fisher([[0, 0], [3, 7]])


def test_a_zero_cell_gives_an_odds_ratio_at_the_end_of_its_range() -> None:
    result = fisher([[0, 5], [4, 2]])
    assert result.estimate is not None
    assert (result.estimate.value, result.estimate.lower) == (0.0, 0.0)
    assert result.estimate.upper is not None
    assert 0 < result.estimate.upper < math.inf


def test_a_large_table_stays_finite() -> None:
    result = fisher([[4000, 6000], [5000, 5000]])
    assert result.estimate is not None
    # So large a table has the sample odds ratio, 4000 * 5000 / (6000 * 5000), to three digits.
    assert result.estimate.value == pytest.approx(2 / 3, rel=1e-3)


def test_counts_that_allow_millions_of_tables_are_refused_with_a_way_out() -> None:
    with pytest.raises(Refusal, match=r"STS-304.*use chi_square"):
        fisher([[10**9, 10**9], [10**9, 10**9]])
