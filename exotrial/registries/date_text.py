"""Dates as registries and spreadsheets print them: every form that one column of an export can hold.

A spreadsheet reads `12/5/2020` month first, and where the first number is no month it leaves text. So a date cell
whose day is at most 12 may have been turned round, and one whose day is above 12 may not. Nothing is decided here:
a text gives every day that it can mean, and the reader says which of them another column proves.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import jdatetime

from exotrial.core.dates import PartialDate, read_jalali
from exotrial.core.errors import Refusal

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_MONTH = re.compile(r"(\d{4})-(\d{1,2})|(\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SLASHED = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:,?\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s*[AP]M)?)?", re.IGNORECASE
)
_WORDED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([A-Za-z]{3,9})\.?(?:\s+(\d{1,2})(?:st|nd|rd|th)?)?,?\s+(\d{4})"
)
_JALALI = re.compile(r"1[34]\d{2}/\d{1,2}/\d{1,2}")
_SERIAL = re.compile(r"\d{5}")

_MONTHS = {name[:3].lower(): number for number, name in enumerate(calendar.month_name) if name}
_SERIAL_ORIGIN = date(1899, 12, 30)
"""The day before day 1 of a spreadsheet, with its leap day of 1900 that never was (ECMA-376 part 1, 18.17.4.1)."""
_SERIAL_YEARS = range(1990, 2050)
_TWICE_CONVERTED = range(2600, 2700)
"""Years that come of reading a Gregorian date as Jalali, about 621 years later."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DateText:
    """The days that a text can mean, the likelier reading first; more than one where day and month may be swapped.

    `form` says how it was written: `iso`, `cell` (ISO with a time, as a spreadsheet prints a date cell), `month`,
    `compact`, `slashed`, `worded`, `jalali`, `serial` or `converted twice`.
    """

    days: tuple[PartialDate, ...]
    form: str

    @property
    def sure(self) -> PartialDate | None:
        """The day, where the text can mean only one."""
        return self.days[0] if len(self.days) == 1 else None


@lru_cache(maxsize=4096)  # a day stands in many rows of an export
def read_date_text(text: str) -> DateText | None:
    """Every day that a text can mean; None where it is no date in any form known here."""
    words = " ".join(text.split())
    if hit := _ISO.fullmatch(words):
        return _iso(hit, cell=":" in words)
    if hit := _COMPACT.fullmatch(words):
        return _made("compact", (hit[1], hit[2], hit[3]))
    if hit := _YEAR_MONTH.fullmatch(words):
        return _made("month", (hit[1] or hit[3], hit[2], None))
    if hit := _SLASHED.fullmatch(words):
        first, second, year = hit.groups()
        return _made("slashed", (year, first, second), (year, second, first))
    if hit := _WORDED.fullmatch(words):
        return _worded(hit)
    if _JALALI.fullmatch(words):
        return _jalali(words)
    if _SERIAL.fullmatch(words):
        day = _SERIAL_ORIGIN + timedelta(days=int(words))
        return _made("serial", (day.year, day.month, day.day)) if day.year in _SERIAL_YEARS else None
    return None


def _iso(hit: re.Match[str], *, cell: bool) -> DateText | None:
    year, month, day = (int(part) for part in hit.groups())
    if year in _TWICE_CONVERTED:
        return _converted_twice(year, month, day)
    if not cell:
        return _made("iso", (year, month, day))
    return _made("cell", (year, month, day), (year, day, month))


def _converted_twice(year: int, month: int, day: int) -> DateText | None:
    """The Gregorian date that, taken for Jalali and converted, gives this one: the conversion made again."""
    wanted = _day(year, month, day)
    if wanted is None:
        return None
    # The Jalali year of the printed day is the Gregorian year that was meant, and so are its month and day.
    for jalali_year in (year - 621, year - 622):
        for jalali_month in range(1, 13):
            start = _gregorian(jalali_year, jalali_month, 1)
            if start is not None and 0 <= (wanted.first - start).days < 31:
                meant = (jalali_year, jalali_month, (wanted.first - start).days + 1)
                if _gregorian(*meant) == wanted.first:
                    return _made("converted twice", meant)
    return None


def _gregorian(year: int, month: int, day: int) -> date | None:
    try:
        converted = jdatetime.date(year, month, day).togregorian()
    except ValueError:
        return None
    return date(converted.year, converted.month, converted.day)


def _worded(hit: re.Match[str]) -> DateText | None:
    before, name, after, year = hit.groups()
    month = _MONTHS.get(name[:3].lower())
    if month is None or not calendar.month_name[month].lower().startswith(name.lower()) or (before and after):
        return None
    return _made("worded", (year, month, before or after))


def _jalali(words: str) -> DateText | None:
    try:
        day = read_jalali(words)
    except Refusal:
        return None
    return _made("jalali", (day.year, day.month, day.day))


def _made(
    form: str, *readings: tuple[str | int | None, str | int | None, str | int | None]
) -> DateText | None:
    days: dict[PartialDate, None] = {}
    for year, month, day in readings:
        read = _day(*(None if part is None else int(part) for part in (year, month, day)))
        if read is not None:
            days[read] = None
    return DateText(days=tuple(days), form=form) if days else None


def _day(year: int | None, month: int | None, day: int | None) -> PartialDate | None:
    if year is None:
        return None
    try:
        return PartialDate(year=year, month=month, day=day)
    except Refusal:
        return None
