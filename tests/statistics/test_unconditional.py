"""Barnard's and Boschloo's tests."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.fisher import fisher
from exotrial.statistics.result import Alternative
from exotrial.statistics.unconditional import barnard, boschloo, maximise_over_risk

TABLES = st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=2).filter(
    lambda table: all(sum(row) for row in table)
)


@settings(max_examples=40, deadline=None)
@given(TABLES, st.sampled_from([Alternative.LESS, Alternative.GREATER]))
def test_boschloo_is_never_above_fisher(table: list[list[int]], alternative: Alternative) -> None:
    ours, fishers = boschloo(table, alternative=alternative).p_value, fisher(table, alternative=alternative)
    assert ours is not None
    assert fishers.p_value is not None
    assert ours <= fishers.p_value + 1e-9


@settings(max_examples=30, deadline=None)
@given(TABLES)
def test_barnard_is_the_largest_sum_of_binomials(table: list[list[int]]) -> None:
    n1, n2 = sum(table[0]), sum(table[1])

    def z(x: int, y: int) -> float:
        pooled = (x + y) / (n1 + n2)
        return 0.0 if pooled in (0, 1) else (x / n1 - y / n2) / math.sqrt(pooled * (1 - pooled))

    seen = abs(z(table[0][0], table[1][0]))
    extreme = [(x, y) for x in range(n1 + 1) for y in range(n2 + 1) if abs(z(x, y)) >= seen - 1e-9]
    largest = max(
        sum(
            math.comb(n1, x) * math.comb(n2, y) * p ** (x + y) * (1 - p) ** (n1 + n2 - x - y)
            for x, y in extreme
        )
        for p in np.linspace(0, 1, 101)
    )
    ours = barnard(table).p_value
    assert ours is not None
    assert ours >= largest - 1e-9  # the coarse grid here can only miss upwards
    assert ours == pytest.approx(largest, rel=2e-2)


@given(TABLES)
@settings(max_examples=25, deadline=None)
def test_swapping_the_groups_swaps_the_sides(table: list[list[int]]) -> None:
    for test in (barnard, boschloo):
        one = test(table, alternative=Alternative.LESS).p_value
        assert test(table[::-1], alternative=Alternative.GREATER).p_value == pytest.approx(one, rel=1e-6)


def test_the_maximum_of_one_event_in_two_is_at_one_half() -> None:
    # One event in total of one participant a group: 2 p (1 - p), at most 1/2.
    extreme = np.array([[False, True], [True, False]])
    p_value, risk = maximise_over_risk(extreme)
    assert p_value == pytest.approx(0.5)
    assert risk == pytest.approx(0.5, abs=1e-4)


def test_without_any_event_p_is_one() -> None:
    assert barnard([[0, 5], [0, 7]]).p_value == pytest.approx(1.0)
    assert boschloo([[0, 5], [0, 7]]).p_value == pytest.approx(1.0)


def test_a_group_of_nobody_and_huge_groups_are_refused() -> None:
    with pytest.raises(Refusal, match="STS-302"):
        barnard([[0, 0], [1, 2]])
    with pytest.raises(Refusal, match="STS-304: groups of 3000 and 3000"):
        boschloo([[1000, 2000], [1500, 1500]])
