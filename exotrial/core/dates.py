"""Dates: ISO 8601 whole or in part, study days without a day 0 (SDTMIG 4.4.4), and the Jalali calendar."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

import jdatetime

from exotrial.core.errors import ErrorCode, Place

NOT_ISO = ErrorCode(
    "DAY-001", "A date is not written in ISO 8601.", "write year-month-day, such as 2020-03-04."
)
AMBIGUOUS = ErrorCode(
    "DAY-002",
    "A date can be read as day-month or as month-day.",
    "write year-month-day, such as 2020-03-04.",
)
IMPOSSIBLE = ErrorCode("DAY-003", "There is no such day in the calendar.", "look the date up in the source.")
INCOMPLETE = ErrorCode(
    "DAY-004",
    "A full date is needed, and the day or the month is not known.",
    "give the full date, or leave what depends on it out.",
)
NOT_JALALI = ErrorCode(
    "DAY-005",
    "A date is not a date of the Iranian (Jalali) calendar.",
    "write year/month/day, such as 1399/12/15.",
)
NOT_DAY_MONTH = ErrorCode(
    "DAY-006", "A day and month are not written as a table prints them.", "write them like Feb 27 or 27 Feb."
)

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_SLASHED = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}")
_JALALI = re.compile(r"(\d{4})[/\-](\d{1,2})[/\-](\d{1,2})")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_PERSIAN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")


@dataclass(frozen=True, kw_only=True)
class PartialDate:
    """A year, a year and month, or a full date. What is not known is None, never filled in."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise INCOMPLETE.refuse(f"day {self.day} of {self.year} has no month", value=self.day)
        month = 1 if self.month is None else self.month
        day = 1 if self.day is None else self.day
        _check_day(self.year, month, day, written=str(self), place=None)

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        if self.month is not None:
            parts.append(f"{self.month:02d}")
        if self.day is not None:
            parts.append(f"{self.day:02d}")
        return "-".join(parts)

    @property
    def first(self) -> date:
        """The earliest day it can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """The latest day it can mean."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def full(self, *, place: Place | None = None) -> date:
        """The date itself, refused where only a part is known (DAY-004)."""
        if self.month is None or self.day is None:
            raise INCOMPLETE.refuse(f"{self} is not a full date", place=place, value=self)
        return self.first


def read_partial_date(text: str, *, place: Place | None = None) -> PartialDate:
    """Read `2020`, `2020-03` or `2020-03-04`; refuses DAY-001, DAY-002 (03/04/2020) and DAY-003."""
    text = text.strip()
    hit = _ISO.fullmatch(text)
    if hit is None:
        code = AMBIGUOUS if _SLASHED.fullmatch(text) else NOT_ISO
        says = "may be day-month or month-day" if code is AMBIGUOUS else "is not an ISO date"
        raise code.refuse(f"{text!r} {says}", place=place, value=text)
    year, month, day = (int(part) if part else None for part in hit.groups())
    assert year is not None  # the pattern demands it
    _check_day(year, 1 if month is None else month, 1 if day is None else day, written=text, place=place)
    return PartialDate(year=year, month=month, day=day)


def read_date(text: str, *, place: Place | None = None) -> date:
    """Read a full ISO date, `2020-03-04` (DAY-001 to DAY-004)."""
    return read_partial_date(text, place=place).full(place=place)


def compute_study_day(day: date, reference: date) -> int:
    """The SDTM study day: the reference date is day 1, the day before it is day -1 (SDTMIG 4.4.4)."""
    difference = (day - reference).days
    return difference + 1 if difference >= 0 else difference


def compute_date_of_study_day(study_day: int, *, reference: date) -> date:
    """The date of a study day; there is no day 0 (DAY-003)."""
    if study_day == 0:
        raise IMPOSSIBLE.refuse(
            "study day 0 does not exist",
            value=study_day,
            remedy="day 1 is the reference date, day -1 the day before.",
        )
    return add_days(reference, study_day - 1 if study_day > 0 else study_day)


def add_days(day: date, days: int) -> date:
    """The date so many days later (earlier where negative); DAY-003 beyond the years 1 to 9999."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise IMPOSSIBLE.refuse(f"{days} days from {day} is outside the calendar", value=days) from None


def read_jalali(text: str, *, place: Place | None = None) -> date:
    """Read a date of the Iranian solar calendar, `1399/12/15`, as its Gregorian date (DAY-003, DAY-005)."""
    hit = _JALALI.fullmatch(text.strip().translate(_PERSIAN_DIGITS))
    if hit is None or not 1200 <= int(hit[1]) <= 1600:
        raise NOT_JALALI.refuse(f"{text!r} is not a Jalali date", place=place, value=text)
    year, month, day = (int(part) for part in hit.groups())
    try:
        converted = jdatetime.date(year, month, day).togregorian()
    except ValueError:
        raise IMPOSSIBLE.refuse(
            f"there is no {text} in the Jalali calendar", place=place, value=text
        ) from None
    return date(converted.year, converted.month, converted.day)


def write_jalali(day: date) -> str:
    """A Gregorian date in the Iranian solar calendar, `1399/12/15`."""
    converted = jdatetime.date.fromgregorian(date=day)
    return f"{converted.year:04d}/{converted.month:02d}/{converted.day:02d}"


def parse_day_month(text: str, *, year: int, place: Place | None = None) -> date:
    """Read a day as a published table prints it, `Feb 27` or `27 February`, in a given year (DAY-003, DAY-006)."""
    words = re.fullmatch(
        r"(?:([A-Za-z]{3,9})\.?\s*(\d{1,2})|(\d{1,2})\s*([A-Za-z]{3,9})\.?)(?:st|nd|rd|th)?", text.strip()
    )
    name = (words[1] or words[4]) if words else ""
    month = _MONTHS.get(name[:3].lower())
    if words is None or month is None or not _is_month_name(name, month):
        raise NOT_DAY_MONTH.refuse(f"{text!r} is not a day and month", place=place, value=text)
    day = int(words[2] or words[3])
    _check_day(year, month, day, written=f"{text} {year}", place=place)
    return date(year, month, day)


def _is_month_name(name: str, month: int) -> bool:
    full = calendar.month_name[month].lower()
    return full.startswith(name.lower()) or (month == 9 and name.lower() == "sept")


def _check_day(year: int, month: int, day: int, *, written: str, place: Place | None) -> None:
    try:
        date(year, month, day)
    except ValueError:
        raise IMPOSSIBLE.refuse(
            f"there is no {written} in the calendar", place=place, value=written
        ) from None
