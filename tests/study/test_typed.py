"""Dates, times and numbers as hands type them; each expected day is that of the calendar on the wall."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from exotrial.study.items import DataType
from exotrial.study.typed import read_typed, read_typed_date, read_typed_time

TODAY = date(2021, 3, 12)
TEHRAN = datetime(2021, 3, 12, 9, 30, 15, tzinfo=ZoneInfo("Asia/Tehran"))


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "2021-03-10",
            "2021-3-10",
            "2021/3/10",
            "2021.03.10",
            "20210310",
            "10/3/2021",
            "10.03.21",
            "10-3-21",
        ),
        *("10 Mar 21", "10 March 2021", "10mar2021", "10-Mar-2021", "10th Mar 2021", "Mar 10, 2021"),
        *("march 10 2021", " 10/03/2021 "),
        *("1399/12/20", "۱۳۹۹/۱۲/۲۰", "20/12/1399", "1399-12-20"),  # 20 Esfand 1399 is 10 March 2021
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert read_typed_date(typed, today=TODAY) == "2021-03-10"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("today", "2021-03-12"),
        ("Yesterday", "2021-03-11"),
        ("امروز", "2021-03-12"),
        ("2021", "2021"),
        ("2021-3", "2021-03"),
        ("Sept 2020", "2020-09"),
        ("1/1/21", "2021-01-01"),
        ("1/1/22", "1922-01-01"),  # next year has not been yet
        ("10 Mar 66", "1966-03-10"),
    ],
)
def test_words_parts_and_short_years(typed: str, read: str) -> None:
    assert read_typed_date(typed, today=TODAY) == read


@pytest.mark.parametrize(
    "typed",
    [
        "3/25/2021",
        "31/2/2021",
        "2021-13-01",
        "10 Foo 2021",
        "10 Marsh 2021",
        "1399/12/31",
        "1399/12",
        "soon",
        "",
    ],
)
def test_what_is_not_recognised_stays_as_it_was_typed(typed: str) -> None:
    assert read_typed_date(typed, today=TODAY) == typed


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("10 Mar 2021 14:30", "2021-03-10T14:30:00+03:30"),
        ("2021-03-10T14:30", "2021-03-10T14:30:00+03:30"),
        ("today at 9:05", "2021-03-12T09:05:00+03:30"),
        ("now", "2021-03-12T09:30:00+03:30"),
        ("2021-03-10T14:30+01:00", "2021-03-10T14:30+01:00"),
        ("10 Mar 2021 25:30", "10 Mar 2021 25:30"),
        ("14:30", "14:30"),
        ("10 Mar 2021", "10 Mar 2021"),
    ],
)
def test_a_time_is_of_the_sites_zone_where_none_is_typed(typed: str, read: str) -> None:
    assert read_typed_time(typed, now=TEHRAN) == read


@pytest.mark.parametrize("typed", ["2021-10-31 02:30", "2021-03-28 02:30"])
def test_an_hour_that_the_clock_had_twice_or_never_needs_its_offset(typed: str) -> None:
    """Berlin, IANA tz 2024a: clocks went back on 31 October 2021 and forward on 28 March 2021."""
    berlin = datetime(2021, 11, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert read_typed_time(typed, now=berlin) == typed


def test_persian_digits_are_digits_and_text_is_left_alone() -> None:
    assert read_typed(DataType.DECIMAL, "۷۲٫۵", now=TEHRAN) == "72.5"
    assert read_typed(DataType.INTEGER, " 54 ", now=TEHRAN) == "54"
    assert read_typed(DataType.TEXT, "۵ mg on 10/3/2021", now=TEHRAN) == "۵ mg on 10/3/2021"
