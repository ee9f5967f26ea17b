"""GRIM and DEBIT against enumeration and published examples."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.statistics.consistency import debit, grim, read_printed

few = settings(max_examples=40, deadline=None)


def test_the_example_of_the_grim_paper_is_impossible() -> None:
    # Brown and Heathers 2017: a mean of 5.19 of 28 whole numbers; 145/28 = 5.18 and 146/28 = 5.21.
    result = grim("5.19", 28)
    assert not result.consistent
    assert result.nearest == ("5.18", "5.21")
    assert "5.18 and 5.21" in result.why


def test_its_neighbour_is_possible() -> None:
    result = grim("5.18", 28)
    assert result.consistent
    assert result.possible_sums == (Decimal(145),)


def test_a_mean_of_several_items_has_a_finer_grid() -> None:
    # 5.19 x 84 = 435.96, and 436/84 = 5.1905: possible for three items a participant.
    assert grim("5.19", 28, items=3).consistent


def test_data_recorded_to_a_tenth_have_a_finer_grid() -> None:
    # 36.55 is (36.5 + 36.6)/2; whole numbers give only .0 and .5.
    assert grim("36.55", 2, step="0.1").consistent
    assert not grim("36.55", 2).consistent


def test_percentages_are_means_of_zero_and_a_hundred() -> None:
    # 1/3 = 33.3 %; no count out of 3 gives 35 %.
    assert grim("33.3", 3, step="100").possible_sums == (Decimal(100),)
    assert not grim("35", 3, step="100").consistent


def test_a_pass_that_could_not_fail_is_said_to_be_worthless() -> None:
    # With one decimal every mean of 10 whole numbers can occur; of 9, not every one.
    assert not grim("3.7", 10).can_fail
    assert "says nothing" in grim("3.7", 10).why
    assert grim("3.7", 9).can_fail


def test_rounding_half_up_and_half_down_are_both_accepted() -> None:
    # 1/8 = 0.125: printed 0.13 (half up) or 0.12 (half even and half down).
    assert grim("0.13", 8).consistent
    assert grim("0.12", 8).consistent
    assert not grim("0.14", 8).consistent


@few
@given(st.lists(st.integers(-30, 30), min_size=1, max_size=30), st.integers(0, 3))
def test_the_mean_of_real_data_always_passes(values: list[int], decimals: int) -> None:
    mean = Fraction(sum(values), len(values))
    result = grim(f"{Decimal(mean.numerator) / Decimal(mean.denominator):.{decimals}f}", len(values))
    assert result.consistent
    assert sum(values) in result.possible_sums


@few
@given(st.integers(0, 2000), st.integers(1, 40))
def test_grim_agrees_with_trying_every_sum(hundredths: int, n: int) -> None:
    mean = f"{hundredths / 100:.2f}"
    possible = any(read_printed(mean).admits(Fraction(total, n)) for total in range(21 * n))
    assert grim(mean, n).consistent == possible


def test_nobody_measured_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-501"):
        grim("1.0", 0)


@few
@given(st.integers(1, 200), st.data())
def test_real_binary_data_pass_debit(n: int, data: st.DataObject) -> None:
    ones = data.draw(st.integers(0, n))
    population = (ones / n * (1 - ones / n)) ** 0.5
    result = debit(f"{ones / n:.3f}", f"{population:.3f}", n)
    assert result.population
    assert ones in result.possible_counts


def test_a_sample_sd_of_binary_data_passes_under_its_own_divisor_only() -> None:
    # 2 of 4 ones: population SD 0.5, sample SD sqrt(1/3) = 0.577.
    assert debit("0.50", "0.58", 4).sample
    assert not debit("0.50", "0.58", 4).population
    assert debit("0.50", "0.50", 4).population
    assert not debit("0.50", "0.50", 4).sample


def test_a_fraction_no_count_gives_is_impossible() -> None:
    result = debit("0.45", "0.50", 3)
    assert not result.consistent
    assert result.possible_counts == ()


def test_a_fraction_above_one_is_impossible() -> None:
    assert not debit("1.20", "0.10", 5).consistent
