"""An age limit as registers print it (`18 Years`, `20 years`, `6 Months`, `no limit`), TRDS item 14."""

from __future__ import annotations

import re

from exotrial.core.errors import ErrorCode, Place
from exotrial.registries.record import Age

NOT_AN_AGE = ErrorCode(
    "RGR-001",
    "An age limit of a registry record is not a number with a unit of time, nor a word for no limit.",
    "look the age up in the register and write it like `18 years`, or `no limit`.",
)

_NO_LIMIT = frozenset(
    {"", "-", "n/a", "na", "n/a (no limit)", "none", "no limit", "nolimit", "no minimum", "no maximum"}
    | {"not applicable", "not specified"}
)
_UNITS = (
    (r"y(?:(?:ea)?rs?|ears? old|ears? of age)?|years?\(s\)|year old|yo", "a"),
    (r"m(?:o(?:nth)?s?)|month\(s\)", "mo"),
    (r"w(?:(?:ee)?ks?)?|week\(s\)", "wk"),
    (r"d(?:ays?)?|day\(s\)", "d"),
)
_AGE = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*(.+)", re.DOTALL)
_EMPHASIS = re.compile(r"\*\*")
_FROM = re.compile(r"\bfrom\s+(?P<age>.+?)(?:\s+old)?(?=\s+to\b|$)", re.IGNORECASE | re.DOTALL)
_TO = re.compile(r"(?:^|\s)to\s+(?P<age>.+?)(?:\s+old)?$", re.IGNORECASE | re.DOTALL)


def read_age(text: str, *, place: Place | None = None) -> Age | None:
    """Read one age limit; None where the words say that there is none, or where the field is empty.

    A number without a unit is refused (RGR-001): a register that prints `18` may mean months.
    """
    words = " ".join(text.split()).lower()
    if words in _NO_LIMIT:
        return None
    hit = _AGE.fullmatch(words)
    if hit is not None:
        for pattern, unit in _UNITS:
            if re.fullmatch(pattern, hit[2].strip(" .")):
                return Age(value=float(hit[1]), unit=unit)
    raise NOT_AN_AGE.refuse(f"{text!r} is not an age", place=place, value=text)


def read_age_range(text: str, *, place: Place | None = None) -> tuple[Age | None, Age | None]:
    """Read `From 18 years old to 65 years old` as IRCT prints it; either half may be absent (RGR-001)."""
    words = " ".join(_EMPHASIS.sub("", text).split())
    if words.lower() in _NO_LIMIT:
        return None, None
    lower, upper = _FROM.search(words), _TO.search(words)
    if lower is None and upper is None:
        raise NOT_AN_AGE.refuse(f"{text!r} is not a range of ages", place=place, value=text)
    return tuple(read_age(hit["age"], place=place) if hit else None for hit in (lower, upper))  # type: ignore[return-value]
