"""The interface's languages: translated strings, and dates and numbers as a locale writes them (CLDR by Babel)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

LOCALES = Path(__file__).parents[1] / "locale"
LANGUAGES: Mapping[str, str] = {"en": "English", "fa": "فارسی", "zh": "中文"}
DEFAULT = "en"

_LOCALE = {"en": "en_GB", "fa": "fa_IR", "zh": "zh_Hans_CN"}


def choose_language(wished: str, accepted: str) -> str:
    """The language of a visit: the one chosen, else the first that the browser accepts and that there is."""
    if wished in LANGUAGES:
        return wished
    for part in accepted.split(","):
        code = part.split(";")[0].strip().lower().partition("-")[0]
        if code in LANGUAGES:
            return code
    return DEFAULT


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> NullTranslations:
    """The translated strings of a language; what is not translated stays English."""
    return Translations.load(LOCALES, [language], domain="exotrial")


def direction(language: str) -> str:
    """ "ltr" or "rtl"."""
    return str(_locale(language).text_direction)


def say_day(day: date | datetime, language: str) -> str:
    """A day: 10 Mar 2021."""
    return str(format_date(day, format="medium", locale=_locale(language)))


def say_time(at: datetime, language: str, zone: str = "UTC") -> str:
    """A moment with its zone: 10 Mar 2021, 09:30 (+03:30)."""
    there = at.astimezone(ZoneInfo(zone))
    said = format_datetime(there, format="d MMM y, HH:mm", locale=_locale(language))
    offset = there.strftime("%z")
    shown = "UTC" if offset in ("+0000", "-0000") else f"{offset[:3]}:{offset[3:]}"
    return f"{said} ({shown})"


def say_number(value: float | int, language: str) -> str:
    """A number of the interface, such as a count. A recorded value is never passed through: it is shown as kept."""
    return str(format_decimal(value, locale=_locale(language)))


@lru_cache(maxsize=len(LANGUAGES))
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALE.get(language, _LOCALE[DEFAULT]))
