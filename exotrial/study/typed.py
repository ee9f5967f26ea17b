"""Answers as hands type them, made what `entry` reads: `10 Mar 21`, `10/3/2021`, `1399/12/20`, `today`, Persian digits.

What is not recognised is given back as it was typed, and `entry` then refuses it in words: nothing is guessed. A date
of three numbers is day, month, year (or year, month, day); one that only fits month first is not recognised, for
whoever writes 3/25/2021 means another day by 3/4/2021. A year from 1300 to 1499 is of the Jalali calendar.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta

from exotrial.core.dates import read_jalali
from exotrial.core.errors import Refusal
from exotrial.study.items import DataType

_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫", "01234567890123456789.")
_WORDS = {"today": 0, "yesterday": 1, "امروز": 0, "دیروز": 1, "今天": 0, "昨天": 1}
_NOW = frozenset({"now", "اکنون", "现在"})
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_SEPARATED = r"[-/. ]"
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_SEPARATED}(\d{{1,2}})(?:{_SEPARATED}(\d{{1,2}}))?")
_DAY_FIRST = re.compile(rf"(\d{{1,2}}){_SEPARATED}(\d{{1,2}}){_SEPARATED}(\d{{4}}|\d{{2}})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/., ]*([a-z]{3,9})\.?[-/., ]*(\d{4}|\d{2})")
_NAMED_DAY = re.compile(r"([a-z]{3,9})\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?(?:, *| +)(\d{4})")
_NAMED = re.compile(r"([a-z]{3,9})\.?[-/., ]*(\d{4})")
_TIME = re.compile(r"(.*?)[ t,]+(?:at +)?(\d{1,2})[:h](\d{2})(?::(\d{2}))?", re.ASCII)


def read_typed(kind: DataType, text: str, *, now: datetime) -> str:
    """What was typed for an item of a kind, as `entry.read_values` takes it. `now` is in the site's zone."""
    text = text.strip()
    if kind in (DataType.INTEGER, DataType.DECIMAL):
        return text.translate(_DIGITS)
    if kind is DataType.DATE:
        return read_typed_date(text, today=now.date())
    return read_typed_time(text, now=now) if kind is DataType.DATETIME else text


def read_typed_date(text: str, *, today: date) -> str:
    """A date in ISO 8601, in part where it was typed in part; the text itself where it is none that is known."""
    plain = " ".join(text.translate(_DIGITS).lower().split())
    if plain in _WORDS:
        return (today - timedelta(days=_WORDS[plain])).isoformat()
    if hit := _YEAR_FIRST.fullmatch(plain) or _COMPACT.fullmatch(plain):
        return _written(hit[1], hit[2], hit[3], today=today) or text
    if hit := _DAY_FIRST.fullmatch(plain):
        return _written(hit[3], hit[2], hit[1], today=today) or text
    if hit := _DAY_NAMED.fullmatch(plain):
        return _written(hit[3], _month(hit[2]), hit[1], today=today) or text
    if hit := _NAMED_DAY.fullmatch(plain):
        return _written(hit[3], _month(hit[1]), hit[2], today=today) or text
    if hit := _NAMED.fullmatch(plain):
        return _written(hit[2], _month(hit[1]), None, today=today) or text
    return text


def read_typed_time(text: str, *, now: datetime) -> str:
    """A moment with its offset, in the zone of `now` where none was typed; the text itself where it is none.

    An hour that the clock had twice, or not at all, is given back as typed: its offset must be written.
    """
    plain = " ".join(text.translate(_DIGITS).lower().split())
    if plain in _NOW:
        return now.replace(second=0, microsecond=0).isoformat()
    hit = _TIME.fullmatch(plain)
    if hit is None:
        return text
    try:
        day = date.fromisoformat(read_typed_date(hit[1], today=now.date()))
        clock = time(int(hit[2]), int(hit[3]), int(hit[4] or 0))
    except ValueError:
        return text
    here = datetime.combine(day, clock, tzinfo=now.tzinfo)
    there = here.astimezone(UTC).astimezone(now.tzinfo)
    twice = here.utcoffset() != here.replace(fold=1).utcoffset()
    return text if twice or there.replace(tzinfo=None) != here.replace(tzinfo=None) else here.isoformat()


def _month(name: str) -> str:
    number = _MONTHS.get(name[:3], 0)
    whole = calendar.month_name[number].lower() if number else ""
    return str(number) if whole.startswith(name) or name == "sept" else ""


def _written(year: str, month: str, day: str | None, *, today: date) -> str:
    """The date in ISO 8601; "" where there is no such day."""
    if not month:
        return ""
    number = int(year)
    if len(year) == 2:  # what lies ahead of this century's years so far was in the last
        number += 2000 if number <= today.year % 100 else 1900
    try:
        if 1300 <= number <= 1499:
            return read_jalali(f"{number}/{month}/{day}").isoformat() if day else ""
        whole = date(number, int(month), int(day or 1))
    except (Refusal, ValueError):
        return ""
    return whole.isoformat() if day else whole.isoformat()[:7]
