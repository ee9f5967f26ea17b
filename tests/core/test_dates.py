"""Dates: no guess of a missing part, no day 0, and two calendars that agree."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.dates import (
    PartialDate,
    add_days,
    compute_date_of_study_day,
    compute_study_day,
    parse_day_month,
    read_date,
    read_jalali,
    read_partial_date,
    write_jalali,
)
from exotrial.core.errors import Refusal

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2150, 12, 31))


@pytest.mark.parametrize("text", ["2020", "2020-03", "2020-03-04"])
def test_a_date_known_in_part_keeps_what_is_known(text: str) -> None:
    assert str(read_partial_date(text)) == text


def test_a_year_and_month_spans_the_month() -> None:
    february = read_partial_date("2020-02")
    assert (february.first, february.last) == (date(2020, 2, 1), date(2020, 2, 29))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/04/2020", "DAY-002"),
        ("3-4-20", "DAY-002"),
        ("20200304", "DAY-001"),
        ("2020-3-4", "DAY-001"),
        ("", "DAY-001"),
        ("2020-02-30", "DAY-003"),
        ("2021-02-29", "DAY-003"),
        ("2020-13", "DAY-003"),
        ("2020-00", "DAY-003"),
        ("2020-01-00", "DAY-003"),
        ("0000-01-01", "DAY-003"),
        ("2020-02", "DAY-004"),
    ],
)
def test_a_date_that_is_none_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_date(text)
    assert caught.value.code.code == code


def test_a_day_without_its_month_is_refused() -> None:
    with pytest.raises(Refusal, match="DAY-004"):
        PartialDate(year=2020, day=3)
    with pytest.raises(Refusal, match="DAY-003"):
        PartialDate(year=2020, month=0)


@pytest.mark.parametrize(("day", "expected"), [(26, -1), (27, 1), (28, 2)])
def test_there_is_no_study_day_0(day: int, expected: int) -> None:
    # SDTMIG 3.4, 4.4.4: RFSTDTC is day 1, the day before it day -1
    assert compute_study_day(date(2020, 2, day), reference=date(2020, 2, 27)) == expected


def test_study_day_0_cannot_be_asked_for() -> None:
    with pytest.raises(Refusal, match="DAY-003"):
        compute_date_of_study_day(0, reference=date(2020, 2, 27))


@given(days, days)
def test_a_study_day_gives_its_date_back(day: date, reference: date) -> None:
    study_day = compute_study_day(day, reference=reference)
    assert study_day != 0
    assert compute_date_of_study_day(study_day, reference=reference) == day


def test_the_calendar_has_an_end() -> None:
    with pytest.raises(Refusal, match="DAY-003"):
        add_days(date(9999, 12, 31), 1)


def test_the_first_day_of_spring_is_the_first_day_of_the_iranian_year() -> None:
    # Nowruz 1400 fell on 21 March 2021, Nowruz 1399 (after a year of 365 days) on 20 March 2020
    assert read_jalali("1400/01/01") == date(2021, 3, 21)
    assert read_jalali("1399/1/1") == date(2020, 3, 20)
    assert read_jalali("۱۴۰۰/۰۱/۰۱") == date(2021, 3, 21)


def test_the_last_day_of_esfand_exists_in_leap_years_only() -> None:
    # 1399 is a leap year of the Solar Hijri calendar, 1400 is not
    assert read_jalali("1399/12/30") == date(2021, 3, 20)
    with pytest.raises(Refusal, match="DAY-003"):
        read_jalali("1400/12/30")


@pytest.mark.parametrize("text", ["2020/03/04", "1399-12", "", "99/12/15"])
def test_what_is_no_jalali_date_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="DAY-005"):
        read_jalali(text)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_a_jalali_date_comes_back_the_same(day: date) -> None:
    assert read_jalali(write_jalali(day)) == day


@pytest.mark.parametrize("text", ["Feb 27", "27 Feb", "February 27", "Feb. 27", "27 February"])
def test_a_day_of_a_published_table_is_read_in_its_year(text: str) -> None:
    assert parse_day_month(text, year=2020) == date(2020, 2, 27)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Feb 30", "DAY-003"), ("Febtober 3", "DAY-006"), ("27", "DAY-006"), ("Foo 3", "DAY-006")],
)
def test_a_day_that_no_table_means_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        parse_day_month(text, year=2020)


def test_the_29th_of_february_depends_on_the_year() -> None:
    assert parse_day_month("Feb 29", year=2020) == date(2020, 2, 29)
    with pytest.raises(Refusal, match="DAY-003"):
        parse_day_month("Feb 29", year=2021)
