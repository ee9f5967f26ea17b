"""Arrangements are counted on whole numbers, every one of them."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.enumeration import (
    Integers,
    Regroupings,
    as_integers,
    can_count_regroupings,
    can_count_sign_changes,
    count_subsets_at_most,
    list_exchange_shifts,
    list_subset_means,
    pick_interval,
)


def whole(*values: int) -> Integers:
    return np.array(values, dtype=np.int64)


def test_decimals_become_multiples_of_their_common_step() -> None:
    assert as_integers(np.array([0.1, 0.3, -0.25])).tolist() == [2, 6, -5]
    assert as_integers(np.array([7.66e8, 3.83e8])).tolist() == [2, 1]
    assert as_integers(np.zeros(3)).tolist() == [0, 0, 0]


@given(st.lists(st.integers(0, 40), max_size=10), st.integers(-5, 200))
def test_subsets_are_counted_as_by_listing(values: list[int], limit: int) -> None:
    listed = sum(
        sum(subset) <= limit for r in range(len(values) + 1) for subset in itertools.combinations(values, r)
    )
    assert count_subsets_at_most(whole(*values), limit) == listed


def test_the_table_of_sums_agrees_with_the_binomial_distribution() -> None:
    # 50 ones: subsets with at most 10 of them are the first eleven binomial coefficients.
    assert count_subsets_at_most(whole(*[1] * 50), 10) == sum(math.comb(50, j) for j in range(11))


def test_what_can_be_counted_ends_where_it_says() -> None:
    wide = np.full(41, 10**9, dtype=np.int64)
    assert can_count_sign_changes(wide[:40])
    assert not can_count_sign_changes(wide)
    assert can_count_sign_changes(np.ones(62, dtype=np.int64))
    assert not can_count_sign_changes(np.ones(63, dtype=np.int64))
    with pytest.raises(Refusal, match="STS-107"):
        count_subsets_at_most(np.ones(63, dtype=np.int64), 3)


@given(st.lists(st.integers(-40, 40), min_size=2, max_size=9), st.data())
def test_regroupings_are_counted_as_by_listing(values: list[int], data: st.DataObject) -> None:
    chosen = data.draw(st.integers(1, len(values) - 1))
    limit = data.draw(st.integers(-100, 100))
    sums = [sum(part) for part in itertools.combinations(values, chosen)]
    regroupings = Regroupings(whole(*values), chosen)
    assert regroupings.number == len(sums)
    assert regroupings.count_at_most(limit) == sum(total <= limit for total in sums)
    assert regroupings.count_at_least(limit) == sum(total >= limit for total in sums)


def test_a_count_beyond_floats_is_told_all_the_same() -> None:
    with pytest.raises(Refusal, match=r"STS-107: 6000 values .* e\+1804 ways".replace(" e", ".*e")):
        Regroupings(np.zeros(6000, dtype=np.int64), 3000)


def test_two_groups_of_twenty_can_be_regrouped_and_of_twenty_one_cannot() -> None:
    assert can_count_regroupings(40, 20)
    assert not can_count_regroupings(42, 21)
    with pytest.raises(Refusal, match=r"STS-107: 42 values in groups of 21 and 21 .* 5.38e\+11 ways"):
        # C(42, 21) = 538,257,874,440.
        Regroupings(np.arange(42, dtype=np.int64), 21)


def test_subset_means_and_exchange_shifts_are_all_listed() -> None:
    assert sorted(list_subset_means(np.array([1.0, 4.0]))) == [1.0, 2.5, 4.0]
    # Groups (1, 2) and (5): exchanging 1 or 2 for 5.
    assert sorted(list_exchange_shifts(np.array([1.0, 2.0]), np.array([5.0]))) == [-4.0, -3.0]


def test_an_interval_needs_one_whole_arrangement_in_the_tail() -> None:
    shifts = np.arange(1.0, 40.0)  # 39 shifts, 40 arrangements
    assert pick_interval(shifts, below=0.025, above=0.025) == (1.0, 39.0)
    assert pick_interval(shifts, below=0.05, above=None) == (2.0, math.inf)
    assert pick_interval(shifts, below=None, above=0.024) == (-math.inf, math.inf)
