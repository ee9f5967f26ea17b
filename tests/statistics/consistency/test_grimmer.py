"""GRIMMER against full enumeration for small samples."""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from math import sqrt
from statistics import mean, pstdev, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.consistency import grimmer, read_printed
from exotrial.statistics.consistency.integer_samples import exists, samples

few = settings(max_examples=40, deadline=None)


@cache
def _every_sample(n: int, reach: int) -> dict[tuple[Fraction, Fraction], list[tuple[int, ...]]]:
    """All rising samples of whole numbers within reach of zero, by mean and sum of squared deviations."""
    groups: dict[tuple[Fraction, Fraction], list[tuple[int, ...]]] = {}
    for sample in combinations_with_replacement(range(-reach, reach + 1), n):
        m = Fraction(sum(sample), n)
        groups.setdefault((m, sum(((x - m) ** 2 for x in sample), Fraction(0))), []).append(sample)
    return groups


def _enumerate(printed_mean: str, printed_sd: str, n: int, divisor: int, reach: int) -> set[tuple[int, ...]]:
    """Every one of them that prints so."""
    centre, spread = read_printed(printed_mean), read_printed(printed_sd)
    low, high = max(spread.lower, Fraction(0)) ** 2, spread.upper**2
    return {
        sample
        for (m, deviations), samples_of in _every_sample(n, reach).items()
        if centre.admits(m) and low <= deviations / divisor <= high
        for sample in samples_of
    }


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 4), st.integers(0, 10), st.integers(0, 40))
def test_grimmer_agrees_with_full_enumeration(n: int, mean_tenths: int, sd_tenths: int) -> None:
    # |mean| <= 1 and SD <= 4: no value of at most 4 can lie further than 1.05 + 4.05 * sqrt(3) < 9 away.
    printed_mean, printed_sd = f"{mean_tenths / 10:.1f}", f"{sd_tenths / 10:.1f}"
    result = grimmer(printed_mean, printed_sd, n)
    for verdict, divisor in ((result.sample, n - 1), (result.population, n)):
        found = _enumerate(printed_mean, printed_sd, n, divisor, 9)
        assert verdict.consistent == bool(found)
        assert {tuple(int(x) for x in data) for data in verdict.data_sets} <= found
        assert verdict.more_data_sets == (len(found) > 20)
        if not verdict.more_data_sets:
            assert len(verdict.data_sets) == len(found)


@few
@given(st.lists(st.integers(-40, 40), min_size=2, max_size=40))
def test_the_mean_and_sd_of_real_data_always_pass(values: list[int]) -> None:
    told = f"{mean(values):.2f}"
    assert grimmer(told, f"{stdev(values):.2f}", len(values)).sample.consistent
    assert grimmer(told, f"{pstdev(values):.2f}", len(values)).population.consistent


@pytest.mark.parametrize(("n", "reach"), [(1, 6), (2, 6), (3, 6), (4, 6), (5, 5), (6, 4)])
def test_the_existence_rule_agrees_with_enumeration(n: int, reach: int) -> None:
    real = {
        (sum(sample), sum(x * x for x in sample))
        for sample in combinations_with_replacement(range(-reach, reach + 1), n)
    }
    # Up to reach squared no larger value can take part.
    for total in range(-reach, reach + 1):
        for squares in range(reach * reach + 1):
            assert exists(n, total, squares) == ((total, squares) in real), (n, total, squares)


@few
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=5))
def test_a_sample_is_found_among_those_of_its_sums(values: list[int]) -> None:
    found = list(samples(len(values), sum(values), sum(x * x for x in values), steps=iter(range(10**6))))
    assert tuple(sorted(values)) in found
    assert len(set(found)) == len(found)


@few
@given(st.lists(st.integers(-20, 20), min_size=2, max_size=12), st.integers(-1000, 1000))
def test_moving_every_value_changes_nothing(values: list[int], shift: int) -> None:
    total, squares = sum(values), sum(x * x for x in values)
    moved = squares + 2 * shift * total + len(values) * shift**2
    for near in range(squares, squares + 4):
        assert exists(len(values), total, near) == exists(
            len(values), total + len(values) * shift, moved + near - squares
        )


def test_the_data_sets_behind_a_possible_pair_are_shown() -> None:
    # 14, 17 and 15 days: mean 15.33, sample SD 1.53 (1.5275), the stays that seed 002 lists.
    result = grimmer("15.3", "1.53", 3)
    assert result.sample.data_sets == ((Decimal(14), Decimal(15), Decimal(17)),)
    assert "14, 15, 17" in result.why
    # Divisor 3: the same three days give 1.25, and 13, 16, 17 the next above 1.53.
    assert result.population.nearest_sds == (f"{pstdev([14, 15, 17]):.2f}", f"{pstdev([13, 16, 17]):.2f}")


def test_the_nearest_possible_sds_stand_on_either_side() -> None:
    # Three whole days of sum 46 with SDs around 1.33, next to each other: 14, 16, 16 and 14, 15, 17.
    result = grimmer("15.3", "1.33", 3)
    assert result.sample.nearest_sds == (f"{stdev([14, 16, 16]):.2f}", f"{stdev([14, 15, 17]):.2f}")


def test_a_search_without_steps_left_finds_nothing() -> None:
    assert list(samples(3, 6, 14, steps=iter(()))) == []
    assert list(samples(3, 6, 14, steps=iter(range(100)))) == [(1, 2, 3)]


def test_a_fine_grid_is_decided_even_where_the_samples_are_too_many_to_list() -> None:
    # 1000.00, 1200.00, 1500.24 and 1238.00: mean 1234.56, sample SD 205.96 (from the statistics module).
    values = [1000.00, 1200.00, 1500.24, 1238.00]
    result = grimmer(f"{mean(values):.2f}", f"{stdev(values):.2f}", 4, step="0.01")
    assert result.sample.consistent
    assert result.sample.more_data_sets


def test_an_impossible_mean_is_told_as_such() -> None:
    result = grimmer("15.2", "1.53", 3)
    assert not result.consistent
    assert not result.grim.consistent
    assert result.why == result.grim.why


def test_data_in_tenths_allow_more() -> None:
    # 1.1, 1.2, 1.4: mean 1.2333, sample SD 0.15275.
    assert grimmer("1.23", "0.15", 3, step="0.1").consistent
    assert not grimmer("1.23", "0.15", 3).consistent


def test_averages_of_items_are_a_grid_of_their_own() -> None:
    # Two participants, three items: 4/3 and 5/3 have mean 1.5 and sample SD sqrt(1/18) = 0.2357.
    assert grimmer("1.50", "0.24", 2, items=3).sample.consistent
    assert not grimmer("1.50", "0.24", 2).sample.consistent


def test_one_value_has_a_population_sd_of_zero_and_no_sample_sd() -> None:
    result = grimmer("7", "0.0", 1)
    assert result.population.consistent
    assert not result.sample.consistent


def test_equal_values_have_an_sd_of_zero() -> None:
    assert grimmer("7.00", "0.00", 40).sample.consistent
    # 40 values of mean 7.05 sum to 282: at least two values differ, so the SD is at least sqrt(2*38/40/39).
    assert not grimmer("7.05", "0.00", 40).consistent
    assert grimmer("7.05", f"{sqrt(2 * 38 / 40 / 39):.2f}", 40).sample.consistent


def test_a_negative_sd_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-503"):
        grimmer("7", "-1", 3)
