"""Reading figures as printed."""

from decimal import Decimal
from fractions import Fraction

import pytest

from exotrial.core.errors import Refusal
from exotrial.statistics.consistency import read_printed, read_printed_p
from exotrial.statistics.consistency.printed import check_count, read_printed_spread, read_step


def test_a_trailing_zero_narrows_the_interval() -> None:
    # By definition of rounding to nearest: 15.3 covers 15.25 to 15.35, 15.30 covers 15.295 to 15.305.
    assert (read_printed("15.3").lower, read_printed("15.3").upper) == (Fraction("15.25"), Fraction("15.35"))
    assert (read_printed("15.30").lower, read_printed("15.30").upper) == (
        Fraction("15.295"),
        Fraction("15.305"),
    )


def test_both_ends_of_the_interval_are_admitted_and_nothing_beyond() -> None:
    printed = read_printed("0.5")
    assert printed.admits(Fraction("0.45"))
    assert printed.admits(Fraction("0.55"))
    assert not printed.admits(Fraction("0.5500001"))


def test_a_decimal_keeps_its_trailing_zeros() -> None:
    assert read_printed(Decimal("1.30")).decimals == 2


def test_typographic_minus_and_raised_point_are_read() -> None:
    assert read_printed("\N{MINUS SIGN}0\N{MIDDLE DOT}5").value == Fraction(-1, 2)


@pytest.mark.parametrize("figure", ["", "abc", "7.66e+08", "1,5", "nan", "1.2.3"])
def test_what_is_not_a_plain_number_is_refused(figure: str) -> None:
    with pytest.raises(Refusal, match="STS-500"):
        read_printed(figure)


def test_a_float_is_refused_because_its_decimals_are_unknown() -> None:
    with pytest.raises(Refusal, match=r"STS-500.*float"):
        read_printed(15.3)  # type: ignore[arg-type]  # what a hurried user passes


@pytest.mark.parametrize(
    ("figure", "lower", "upper"),
    [
        ("0.033", 0.0325, 0.0335),
        ("p=0.033", 0.0325, 0.0335),
        ("P = 0.5", 0.45, 0.55),
        ("<0.001", 0.0, 0.001),
        ("p < 0.05", 0.0, 0.05),
        (">0.05", 0.05, 1.0),
        ("1.0", 0.95, 1.0),
        ("0.00", 0.0, 0.005),
    ],
)
def test_a_p_value_is_read_as_the_interval_it_stands_for(figure: str, lower: float, upper: float) -> None:
    read = read_printed_p(figure)
    assert (read.lower, read.upper) == (lower, upper)


def test_a_p_value_above_one_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-504"):
        read_printed_p("1.2")


def test_words_are_no_p_value() -> None:
    with pytest.raises(Refusal, match="STS-500"):
        read_printed_p("not significant")


def test_a_negative_standard_deviation_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-503"):
        read_printed_spread("-1.2")


def test_a_step_of_zero_is_refused() -> None:
    with pytest.raises(Refusal, match="STS-502"):
        read_step("0")


@pytest.mark.parametrize("count", [0, -1, 2.5, float("nan"), True])
def test_a_count_that_is_none_is_refused(count: int) -> None:
    with pytest.raises(Refusal, match="STS-501"):
        check_count(count, name="n")
