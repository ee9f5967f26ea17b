"""The exact test of r x c tables, against every table listed one by one."""

import math
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.chi_square import chi_square
from exotrial.statistics.fisher import fisher
from exotrial.statistics.fisher_rxc import freeman_halton, freeman_halton_monte_carlo

Table = list[list[int]]


def _tables(shape: tuple[int, int], most: int) -> st.SearchStrategy[Table]:
    row = st.lists(st.integers(0, most), min_size=shape[1], max_size=shape[1]).filter(any)
    return st.lists(row, min_size=shape[0], max_size=shape[0])


def _list_rows(total: int, columns: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if len(columns) == 1:
        if total <= columns[0]:
            yield (total,)
        return
    for cell in range(min(total, columns[0]) + 1):
        for rest in _list_rows(total - cell, columns[1:]):
            yield (cell, *rest)


def _list_tables(rows: tuple[int, ...], columns: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if not rows:
        yield ()
        return
    for row in _list_rows(rows[0], columns):
        left = tuple(c - x for c, x in zip(columns, row, strict=True))
        for rest in _list_tables(rows[1:], left):
            yield (*row, *rest)


def _p_by_hand(table: Table) -> Fraction:
    rows = tuple(sum(row) for row in table)
    columns = tuple(sum(column) for column in zip(*table, strict=True))
    weights = [
        Fraction(1, math.prod(math.factorial(x) for x in cells)) for cells in _list_tables(rows, columns)
    ]
    seen = Fraction(1, math.prod(math.factorial(x) for row in table for x in row))
    return sum((w for w in weights if w <= seen), Fraction(0)) / sum(weights)


@settings(max_examples=40, deadline=None)
@given(st.one_of(_tables((3, 3), 3), _tables((2, 4), 5), _tables((4, 3), 2), _tables((3, 5), 1)))
def test_p_is_that_of_all_tables_listed(table: Table) -> None:
    assert freeman_halton(table).p_value == pytest.approx(float(_p_by_hand(table)), rel=1e-9)


@given(_tables((2, 2), 9))
def test_two_by_two_is_fishers_test(table: Table) -> None:
    assert freeman_halton(table).p_value == pytest.approx(fisher(table).p_value, rel=1e-9)


def test_an_empty_column_changes_nothing_and_is_named() -> None:
    with_empty = freeman_halton([[3, 0, 1], [1, 0, 4]])
    assert with_empty.p_value == pytest.approx(fisher([[3, 1], [1, 4]]).p_value, rel=1e-12)
    assert "column 2" in with_empty.notes[0]


def test_one_full_column_leaves_one_table() -> None:
    for method in (freeman_halton, freeman_halton_monte_carlo):
        result = method([[3, 0], [5, 0], [2, 0]])
        assert (result.p_value, result.estimate) == (1.0, None)
        assert "only this table is possible" in result.notes[-1]


def test_an_empty_row_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-302: row 2"):
        freeman_halton([[1, 2, 3], [0, 0, 0]])


def test_a_table_too_large_is_refused_at_once_with_the_way_out() -> None:
    with pytest.raises(Refusal, match=r"STS-304.*freeman_halton_monte_carlo"):
        freeman_halton([[200] * 6] * 6)


def test_monte_carlo_is_near_the_exact_p_and_repeats() -> None:
    table = [[1, 3, 4], [2, 3, 1], [5, 1, 0]]
    exact = freeman_halton(table).p_value
    drawn = freeman_halton_monte_carlo(table, seed=7)
    assert exact is not None
    assert not drawn.exact
    # Five standard errors of 99,999 draws.
    assert drawn.p_value == pytest.approx(exact, abs=5 * math.sqrt(exact * (1 - exact) / 99_999))
    assert freeman_halton_monte_carlo(table, seed=7) == drawn


def test_three_by_six_with_a_hundred_counts_is_feasible() -> None:
    table = [[5, 7, 9, 3, 2, 8], [9, 3, 2, 8, 7, 7], [3, 8, 7, 5, 6, 4]]
    exact, drawn = freeman_halton(table), freeman_halton_monte_carlo(table, seed=3)
    assert exact.p_value is not None
    spread = math.sqrt(exact.p_value * (1 - exact.p_value) / 99_999)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=5 * spread)


def test_monte_carlo_refuses_a_seed_below_zero() -> None:
    with pytest.raises(Refusal, match="STS-108"):
        freeman_halton_monte_carlo([[1, 2], [3, 4]], seed=-1)


def test_a_million_counts_keep_their_digits() -> None:
    # At this size Pearson's chi-square is right to three digits.
    table = [[100_000, 100_300], [100_000, 99_700]]
    assert freeman_halton(table).p_value == pytest.approx(chi_square(table).p_value, rel=5e-3)
