"""Figures as printed: what is read, what each print admits, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.report.recheck.printed import (
    read_day,
    read_figure,
    read_figures,
    read_mean_sd,
    read_p,
    same_fact,
)


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("88.4 mg/L", Fraction("88.4")),
        ("seven patients", 7),
        ("only seven COVID-19 pneumonia patients", 7),
        ("IL-6 was 3", 3),
        ("1,500 x g", 1500),
        ("100 000 x g", 100_000),
        ("2.0 × 10^8", 200_000_000),
        ("7.66e+08 particles/ml", 766_000_000),
        ("−0.5", Fraction("-0.5")),
        ("(n=7)", 7),
        (".05", Fraction("0.05")),
        ("a twofold increase", 2),
        ("2ml", 2),
        ("–0.5", Fraction("-0.5")),  # an en dash set for a minus
        ("0·5", Fraction("0.5")),  # the raised point of some journals
        ("1\N{NO-BREAK SPACE}234", 1234),
        ("1,234.5", Fraction("1234.5")),
        ("5.0E-4", Fraction("0.0005")),
        ("5.0 × 10⁻⁴", Fraction("0.0005")),
        ("10⁵", 100_000),
        ("2.0 × 108", 200_000_000),  # the superscript lost
    ],
)
def test_the_one_number_of_a_print_is_read(printed: str, value: Fraction | int) -> None:
    assert read_figure(printed).value == value


@pytest.mark.parametrize(
    "printed",
    [
        *("none", "3 of 7", "18-65", "1,5", "12 13", "seven of 7", "COVID-19", ""),
        *("12–15", "12 – 15", "1.5.2", "2 x 100", "3 x 5.0e3", "1e9999999999", "²", "٣"),
    ],
)
def test_a_print_without_one_number_is_refused(printed: str) -> None:
    with pytest.raises(Refusal, match="RCK-010"):
        read_figure(printed)


@pytest.mark.parametrize(
    ("value", "admitted"),
    [("2.645", True), ("2.6449", False), ("2.655", True), ("2.6551", False)],
)
def test_half_a_unit_either_way_still_rounds_to_the_print(value: str, admitted: bool) -> None:
    assert read_figure("2.65").admits(Fraction(value)) is admitted
    assert read_figure("2.65").admits(float(value)) is admitted


@given(st.decimals(min_value=-1000, max_value=1000, places=4), st.integers(0, 3))
def test_a_number_is_admitted_by_its_own_rounding(value: Decimal, places: int) -> None:
    printed = str(round(value, places))
    assert read_figure(printed).admits(Fraction(value))


@pytest.mark.parametrize(
    ("printed", "value", "admitted"),
    [
        ("p < 0.05", 0.0499, True),
        ("p < 0.05", 0.05, False),
        ("p > 0.05", 0.0501, True),
        ("p>0.05", 0.05, False),
        ("P = 0.151", 0.1514, True),
        ("p=0.151", 0.1516, False),
        ("p 0.05", 0.05, True),
        ("p ≤ 0.05", 0.06, False),
        ("p ≥ 0.05", 0.06, True),
    ],
)
def test_a_p_value_agrees_as_its_operator_says(printed: str, value: float, admitted: bool) -> None:
    assert read_p(printed).admits(value) is admitted


@pytest.mark.parametrize(
    ("printed", "relation", "figure"),
    [
        ("<0.001", "<", "0.001"),
        ("p=.03", "=", ".03"),
        ("P=0·03", "=", "0.03"),
        ("p = 0,03", "=", "0.03"),
        ("5.0E-4", "", "0.00050"),
        ("p = 5.0 × 10^-4", "=", "0.00050"),
        ("p<=0.05", "≤", "0.05"),
        ("p ⩾ 0.05", "≥", "0.05"),
        ("p\N{FULLWIDTH LESS-THAN SIGN}0.05", "<", "0.05"),
        ("t(12) = 2.4, p = 0.03", "=", "0.03"),
        ("p value of 0.03", "", "0.03"),
    ],
)
def test_a_p_value_is_read_as_journals_print_it(printed: str, relation: str, figure: str) -> None:
    read = read_p(printed)
    assert (read.relation, read.figure.text) == (relation, figure)


@pytest.mark.parametrize(
    "printed",
    [
        "NS",
        "p = n.s.",
        "",
        "−0.03",
        "p=-0.03",
        "p = 1.2",
        "5%",
        "p = 0.03–0.05",
        "p<0.05 and p=0.03",
        "p=1e-999",
    ],
)
def test_a_print_without_one_p_value_is_refused(printed: str) -> None:
    with pytest.raises(Refusal, match="RCK-010"):
        read_p(printed)


def test_a_p_value_below_a_millionth_keeps_its_digits() -> None:
    assert read_p("p = 5.0E-14").admits(5.04e-14)
    assert not read_p("p = 5.0E-14").admits(5.06e-14)


@pytest.mark.parametrize(
    ("printed", "mean", "sd"),
    [
        ("−3.2±1.1", "-3.2", "1.1"),
        ("(–3.2 ± 1.1)", "-3.2", "1.1"),
        ("1,234.5±100.2", "1234.5", "100.2"),
        ("12 345±67", "12345", "67"),
        ("3·2±1·1", "3.2", "1.1"),
        (".5±.2", ".5", ".2"),
        ("3.2 (1.1)", "3.2", "1.1"),
        ("3.2 mg/L (SD 1.1)", "3.2", "1.1"),
        ("6.2±1.2 × 10^9/L", "6.2", "1.2"),
    ],
)
def test_a_mean_with_sd_keeps_its_sign_and_its_thousands(printed: str, mean: str, sd: str) -> None:
    read = read_mean_sd(printed)
    assert (read[0].text, read[1].text) == (mean, sd)


@pytest.mark.parametrize(
    "printed", ["3,2±1,1", "1.2×10^9±3", "1.5e3±2", "3.2–1.1±2", "3.2±-1.1", "3.2", "3 (1 to 5)", "NS"]
)
def test_a_mean_with_sd_that_would_be_misread_is_refused(printed: str) -> None:
    with pytest.raises(Refusal, match="RCK-010"):
        read_mean_sd(printed)


@pytest.mark.parametrize(
    ("printed", "values"),
    [
        ("57 (43 to 70)", [57, 43, 70]),
        ("57 [43–70]", [57, 43, 70]),
        ("57 (43-70)", [57, 43, 70]),
        ("−5 (−7 to –3)", [-5, -7, -3]),
        ("1,234 (1,000 to 2,000)", [1234, 1000, 2000]),
        ("IL-6 5 (1 to 9)", [5, 1, 9]),
    ],
)
def test_the_figures_of_a_range_keep_their_signs(printed: str, values: list[int]) -> None:
    assert [figure.value for figure in read_figures(printed)] == values


def test_a_missing_operator_is_kept_as_missing() -> None:
    assert read_p("(p 0.05)").relation == ""
    assert read_p("(p=0.05)").relation == "="


@pytest.mark.parametrize("printed", ["23.00±31.87", "23.00 ± 31.87 mg/L", "23.00+/-31.87"])
def test_a_mean_with_sd_is_read_with_its_decimals(printed: str) -> None:
    mean, sd = read_mean_sd(printed)
    assert (mean.text, sd.text) == ("23.00", "31.87")


@pytest.mark.parametrize(
    "printed", ["2020-02-27", "Feb 27", "27 February", "February 27, 2020", "27 Feb 2020"]
)
def test_a_day_is_read_as_papers_print_it(printed: str) -> None:
    assert read_day(printed, year=2020).isoformat() == "2020-02-27"


def test_a_printed_year_wins_over_the_given_one() -> None:
    assert read_day("February 27, 2020", year=1999).year == 2020


@given(st.text(max_size=12), st.text(max_size=12))
def test_telling_the_same_does_not_depend_on_the_order(first: str, second: str) -> None:
    assert same_fact(first, second, year=2020) == same_fact(second, first, year=2020)
    assert same_fact(first, first)
