"""The exact distributions of rank sums, against listing every arrangement."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.statistics.rank_distribution import RankDistribution, count_signed_sums, count_subset_sums
from exotrial.statistics.result import Alternative

WEIGHTS = st.lists(st.integers(1, 12), min_size=1, max_size=8)


def list_counts(null: RankDistribution) -> Counter[int]:
    return Counter(
        {null.start + index * null.step: count for index, count in enumerate(null.counts) if count > 0}
    )


@settings(deadline=None)
@given(WEIGHTS)
def test_signed_sums_are_what_listing_all_sign_patterns_gives(weights: list[int]) -> None:
    listed = Counter(
        sum(w for w, sign in zip(weights, signs, strict=True) if sign)
        for signs in product((0, 1), repeat=len(weights))
    )
    assert list_counts(count_signed_sums(weights)) == listed


@settings(deadline=None)
@given(WEIGHTS, st.data())
def test_subset_sums_are_what_listing_all_choices_gives(weights: list[int], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(weights)))
    null = count_subset_sums(weights, size)
    assert list_counts(null) == Counter(sum(chosen) for chosen in combinations(weights, size))
    assert null.centre * null.total == sum(value * count for value, count in list_counts(null).items())


def test_the_number_of_sign_patterns_is_not_rounded_for_two_hundred_pairs() -> None:
    assert count_signed_sums(range(1, 201)).total == 2**200


def test_critical_values_are_those_of_the_printed_table_for_ten_pairs() -> None:
    # Wilcoxon & Wilcox 1964, table 2: for n = 10 the two-sided 5 % critical value of T is 8.
    null = count_signed_sums(range(1, 11))
    assert null.find_highest_rejected(0.025) == 8
    assert null.find_lowest_rejected(0.025) == 55 - 8


def test_five_pairs_have_no_critical_value_at_five_per_cent_and_six_have() -> None:
    # 1/32 is above 0.025 and 1/64 below.
    assert count_signed_sums(range(1, 6)).find_highest_rejected(0.025) is None
    assert count_signed_sums(range(1, 7)).find_highest_rejected(0.025) == 0


def test_the_extreme_value_alone_has_the_chance_of_one_arrangement() -> None:
    null = count_signed_sums(range(1, 5))
    assert null.compute_p_value(10, Alternative.GREATER) == 1 / 16
    assert null.compute_p_value(10, Alternative.LESS) == 1
    assert null.compute_p_value(10, Alternative.TWO_SIDED) == 2 / 16


def test_a_value_that_no_choice_reaches_is_no_critical_value() -> None:
    # Weights 1 1 2 2 2 3, three of them: the least sum is 4, reached by 3 of 20 choices.
    null = count_subset_sums([1, 1, 2, 2, 2, 3], 3)
    assert null.find_highest_rejected(0.149) is None
    assert null.find_highest_rejected(0.15 + 1e-9) == 4
