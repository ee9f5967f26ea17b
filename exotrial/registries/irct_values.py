"""Values as IRCT prints them: days in two calendars, counts, answers; and what was mended on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from exotrial.core.dates import PartialDate, read_jalali, read_partial_date
from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding, Quote, Severity
from exotrial.registries.record import Stated

T = TypeVar("T")

NOT_A_COUNT = ErrorCode(
    "RGR-005",
    "A count of an IRCT protocol is not a whole number.",
    "look the number up in the register; it is printed like 72.",
)

_LONGEST_QUOTE = 100
_COUNT = re.compile(r"(?:[A-Za-z ]+:\s*)?(\d{1,9})")
_PAIR = re.compile(r"([^,]+?)\s*,\s*([^,]+)")
_ANSWERS = {"yes": True, "no": False, "undecided": None}


@dataclass(kw_only=True)
class Notes:
    """The findings of one record, gathered while it is read. `source` is the file's name."""

    source: str
    findings: list[Finding] = field(default_factory=list)

    def quote(self, stated: Stated[T]) -> Quote:
        """The first words of a value with their line."""
        words = " ".join(stated.prints.split())[:_LONGEST_QUOTE]
        return Quote(source=self.source, prints=words, line=stated.place.line, place=stated.place.path)

    def add(
        self, rule: str, severity: Severity, kind: str, *, says: str, why: str, settle: str, subject: str,
        quotes: tuple[Quote, ...], standards: tuple[str, ...] = ("IRCT",),
    ) -> None:  # fmt: skip
        """Note one doubt."""
        self.findings.append(
            Finding(
                rule=rule, severity=severity, kind=kind, says=says, why=why, settle=settle, subject=subject,
                quotes=quotes, standards=standards,
            )
        )  # fmt: skip


def read_day(stated: Stated[str] | None, notes: Notes) -> Stated[PartialDate] | None:
    """A day printed as `2021-03-05, 1399/12/15`; the Gregorian one is kept (DAY-001 to DAY-005).

    Two calendars that name two days are a finding (REG-007). A Jalali day alone is converted.
    """
    if stated is None:
        return None
    words = stated.value.replace("**", "").strip()
    pair = _PAIR.fullmatch(words)
    if pair is None:
        day = _read_one(words, stated)
        return Stated(value=day, prints=stated.prints, place=stated.place)
    day = read_partial_date(pair[1], place=stated.place)
    jalali = read_jalali(pair[2], place=stated.place)
    if str(day) != jalali.isoformat():
        notes.add(
            "REG-007",
            Severity.ERROR,
            "arithmetic",
            subject=stated.place.path,
            says=f"{pair[2]} is {jalali.isoformat()}, and {day} is printed beside it",
            why="The same day is printed in two calendars; if they differ, one of them is wrong.",
            settle="the day in one calendar, from the registry's own page.",
            quotes=(notes.quote(stated),),
            standards=("IRCT date fields",),
        )
    return Stated(value=day, prints=stated.prints, place=stated.place)


def _read_one(words: str, stated: Stated[str]) -> PartialDate:
    if re.fullmatch(r"1[2-5]\d\d/\d{1,2}/\d{1,2}", words):
        day = read_jalali(words, place=stated.place)
        return PartialDate(year=day.year, month=day.month, day=day.day)
    return read_partial_date(words, place=stated.place)


def read_whole(stated: Stated[str] | None) -> Stated[int] | None:
    """A whole number, alone or behind a label such as `Target sample size:` (RGR-005)."""
    if stated is None:
        return None
    hit = _COUNT.fullmatch(stated.value.replace("**", "").strip())
    if hit is None:
        raise NOT_A_COUNT.refuse(f"{stated.value!r} is not a count", place=stated.place, value=stated.value)
    return Stated(value=int(hit[1]), prints=stated.prints, place=stated.place)


def read_percent(stated: Stated[str] | None) -> Stated[float] | None:
    """A share in percent, 0 to 100, with or without its sign (RGR-005)."""
    if stated is None:
        return None
    hit = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%?", stated.value.strip())
    if hit is None or float(hit[1]) > 100:
        raise NOT_A_COUNT.refuse(
            f"{stated.value!r} is not a share in percent", place=stated.place, value=stated.value
        )
    return Stated(value=float(hit[1]), prints=stated.prints, place=stated.place)


def read_answer(stated: Stated[str]) -> Stated[bool | None] | None:
    """`Yes - There is a plan …`, `No - …` or `Undecided - …`, whose value is None; None for any other words."""
    word = re.split(r"[\s,-]", stated.value.strip().lower(), maxsplit=1)[0]
    if word not in _ANSWERS:
        return None
    return Stated(value=_ANSWERS[word], prints=stated.prints, place=stated.place)


def translate(words: Mapping[str, T]) -> Callable[[Stated[str]], Stated[T] | None]:
    """What reads a value by its words in lower case, and gives None for words that are not among them."""

    def read(stated: Stated[str]) -> Stated[T] | None:
        lower = stated.value.strip().lower()
        if lower not in words:
            return None
        return Stated(value=words[lower], prints=stated.prints, place=stated.place)

    return read
