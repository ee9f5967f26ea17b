"""When an outcome is measured: the days and the span that the words of a time frame name.

Only what is written is read. A day that counts from another event than the start of the study or of the treatment
(`21 days after discharge`), an approximate one (`about one week after`) and a frequency (`every 2 weeks`) name no day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from exotrial.registries.number_words import write_figures

LATEST = 36_525
"""A hundred years: the last day that a study file can name."""

_LONGEST = 3_000
"""No time frame is longer, in letters: a longer text tells of other things."""

_DAYS_IN = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
"""UCUM's mean month and mean Julian year."""


class TimePoints(NamedTuple):
    """`days`: the days named, ascending, day 0 the baseline. `horizon_days`: the longest span named otherwise.

    A month is no number of days: `3 months after` names no day and a horizon of 91 days, UCUM's mean month rounded.
    """

    days: tuple[int, ...] = ()
    horizon_days: int | None = None


_NUMBER = r"\d{1,5}(?:\.\d+)?(?!\d|\.\d|[a-z])"
_LINK = r"(?:\s*(?:,\s*and|,|;|&|/|\band\b|\bor\b)\s*|\s*(?:-|\bto\b|\bthrough\b)\s*)"
_ORDINAL = r"\d{1,4}(?:st|nd|rd|th)"
_UNIT = r"(?P<unit{n}>days?|weeks?|wks?|months?|years?|yrs?|hours?|hrs?)(?![a-z])"
_LIST = rf"{_NUMBER}(?:{_LINK}{_NUMBER}(?!\s*(?:day|week|wk|month|year|yr|hour|hr|%|mg|ml)))*"
_EXPRESSION = re.compile(
    rf"(?P<ordinals>{_ORDINAL}(?:{_LINK}(?:the\s+)?{_ORDINAL})*)\s+{_UNIT.format(n=1)}"
    rf"|{_UNIT.format(n=2)}(?:\s*\#)?(?P<minus>\s+-(?=\d)|\s*)(?P<after>{_LIST}|{_NUMBER})"
    r"(?!\s*(?:day|week|month|year|hour|%))"
    rf"|(?<![\w.±+%-])(?P<before>{_NUMBER}(?:{_LINK}{_NUMBER})*)[\s-]*{_UNIT.format(n=3)}"
)
_START = (
    r"(?:intervention|treatments?|therapy|stud(?:y|ies)|trial|test|start(?:ing|ed)?|begin(?:ning)?|initiat\w+|baseline|"
    r"1rd\s+(?:dose|injection|infusion|administration|intervention|treatment)|drugs?|medications?|medicine|taking|"
    r"randomi[sz]ation|administ\w+|enrol\w*|inclusion|infusion|injection|transfusion|dos(?:e|ing))"
)
_NOT_START = re.compile(
    r"discharg|\bend|\blast\b|\bfinal|complet|finish|stop|cessat|discontinu|withdraw|\d+rd\b(?<!\b1rd)|\beach\b|\bevery\b"
    r"|surg|operat|onset|symptom|session|diagnos|death|\bvisit|recover|extubat|\bafter\b|\bday\b|birth|deliver|period|phase"
    r"|course|booster|hospital|admission|illness|(?:dose|injection|infusion)s?\s*(?:no\.?\s*|\#\s*)?[2-9]"
)
_SOURCE_OF_TIME = re.compile(rf"\b{_START}\b")
_QUALIFIED = (
    rf"(?:(?:start(?:ing)?|beginning|initiati(?:on|ng)|study|trial|drug|medical|any|of|the)\s+)*{_START}\b"
)
_BASELINE = re.compile(
    r"(?<!post-)(?<!post\s)(?<!after\s)\bbase\s?-?line\b|\bpre-?\s?(?:dose|treatment|intervention|test)\b"
    rf"|(?:\bbeginning|(?:^|\bat\s+|\bfrom\s+|[,;(]\s*)(?:the\s+)?start)(?:\s+of\s+{_QUALIFIED})?"
    r"(?=\s*(?:$|[,;)/]|and\b|until\b|to\b|up\b|then\b|at\b|on\b))"
    rf"|(?<!\d\sdays\s)(?<!\d\sday\s)\bbefore\b(?=\s*(?:$|[,;/)]|\band\b|\bor\b|{_QUALIFIED}))"
)
_UP_TO = re.compile(
    r"(?:up\s?to|until|till|through|throughout|within|by|less than|no more than|not more than|at most|"
    r"max(?:imum)?(?: of)?|[<≤]|end of|between)\s*(?:and including\s+)?(?:the\s+)?(?:study\s+)?(?:an?\s+)?$"
)
_LASTING = re.compile(
    r"(?:\bin|\bover|\bduring|\bfor|\bof|\bnext|\b1rd|\bfirst|\bat least|\bminimum(?: of)?|\btotal of)\s*(?:the\s+)?"
    r"(?:1rd\s+|first\s+|next\s+)?$"
)
_VAGUE = re.compile(
    r"(?:about|approximately|approx\.?|around|nearly|almost|average(?: of)?|mean(?: of)?|median(?: of)?|[~±≈]|"
    r"beginning of|start of|middle of)\s*(?:the\s+)?$"
)
_OFTEN = re.compile(
    r"(?:every|each|\bper|\bevery other|times?(?: in| an?)?|once(?: in| an?)?|twice(?: in| an?)?|/)\s*(?:the\s+)?$"
)
_CYCLE = re.compile(r"\bcycles?\b")
_OTHER_CLOCK = re.compile(
    r"(?:hospital|icu|illness|disease|cycle|post-?\s?op\w*|postnatal|menstrual|gestation\w*)\s*$"
)
_POINT = re.compile(r"(?:\bat|\bon|\bafter|\bthen|\bpost)\s*(?:the\s+)?$")
_AFTER = re.compile(
    r"\s*(?:\(.{0,20}?\)\s*)?(?:,\s*)?(?P<word>post-?(?=[a-z])|(?:after|later|post-?|following|from|since|afterwards?)(?![a-z]))"
)
_OF = re.compile(r"\s*of\b")
_BEFORE = re.compile(r"\s*(?P<word>before|prior(?:\s+to)?|pre-?)(?![a-z])")
_BACK = ("it", "this", "that")
"""Words for an event that was named before: `at the beginning of the intervention and day 7 after it`."""
_STOP = re.compile(r"[,;.)(]|\band\b|\bthen\b|\bor\b|\buntil\b|\bis measured\b")
_ONLY_LINK = re.compile(r"\s*(?:,\s*and|,|;|&|/|\band\b|\bor\b)?\s*(?:at\s+|on\s+|the\s+)*")


@dataclass(frozen=True, slots=True)
class _Expression:
    """One expression of time: where it stands, its numbers and unit, and how it is meant."""

    start: int
    end: int
    numbers: tuple[float, ...]
    unit: str
    ranged: bool
    form: str
    """`ordinals` (the third day), `after` (day 3) or `before` (3 days)."""


@lru_cache(maxsize=4096)
def read_time_points(text: str) -> TimePoints:
    """The days and the span that a time frame names; both empty where its words name none for sure."""
    if len(text) > _LONGEST:
        return TimePoints()
    words = _normalise(text)
    if _CYCLE.search(words):
        return TimePoints()  # day 1 of a cycle of treatment is no day of the study
    found = [_expression(hit) for hit in _EXPRESSION.finditer(words)]
    days: set[int] = set()
    horizons: list[int] = []
    consumed: list[tuple[str, int]] = []
    for position in reversed(range(len(found))):  # what is said after a list is said of all of it
        consumed.insert(0, _consume(words, found, position, following=consumed[0][0] if consumed else ""))
    for expression, (meant, _) in zip(found, consumed, strict=True):
        if meant in {"none", "elsewhere"}:
            continue
        exact = [_as_days(number, expression.unit) for number in expression.numbers]
        if meant == "earlier":
            days.update(-day for day in exact if day is not None)
        elif meant == "day" and not expression.ranged and None not in exact:
            days.update(day for day in exact if day is not None and abs(day) <= LATEST)
        else:
            horizons.append(_horizon(expression))
    covered = [(expression.start, end) for expression, (_, end) in zip(found, consumed, strict=True)]
    for hit in _BASELINE.finditer(words):
        if not any(start <= hit.start() < end for start, end in covered):
            days.add(0)
    horizon = max((h for h in horizons if 0 < h <= LATEST), default=None)
    return TimePoints(tuple(sorted(days)), horizon)


def _normalise(text: str) -> str:
    text = re.sub(r"\+\s?/?\s?-", "±", re.sub(r"[‐‑‒–—−]", "-", text))
    text = re.sub(r"(?<![\w-])D(?=\d{1,3}\b)", "day ", text)
    text = re.sub(r"(?i)\b(days?|weeks?|months?|years?)(?=\d)", r"\1 ", text)
    text = re.sub(r"(?<=\d)(?=(?:days?|weeks?|months?|years?|hours?)\b)", " ", text.lower())
    return " ".join(write_figures(text).split())


def _expression(hit: re.Match[str]) -> _Expression:
    form = next(name for name in ("ordinals", "after", "before") if hit[name] is not None)
    unit = next(hit[name] for name in ("unit1", "unit2", "unit3") if hit[name])
    written = hit[form]
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", written)]
    links = re.findall(r"-|\bto\b|\bthrough\b", written)
    # `0-3-7` lists three days, `7-14` names a span; so does a hyphen among commas, whose days are not spelt out.
    ranged = bool(links) and (len(links) != len(numbers) - 1 or len(numbers) == 2)
    if form == "after" and hit["minus"].strip() and len(numbers) == 1:
        numbers = [-numbers[0]]
    return _Expression(hit.start(), hit.end(), tuple(numbers), _UNITS[unit[:2]], ranged, form)


_UNITS = {
    short: unit
    for unit, shorts in {
        "day": "da",
        "week": "we wk",
        "month": "mo",
        "year": "ye yr",
        "hour": "ho hr",
    }.items()
    for short in shorts.split()
}
"""The unit that the first two letters of a word name."""


def _consume(words: str, found: list[_Expression], position: int, *, following: str) -> tuple[str, int]:
    """How an expression is meant (`day`, `earlier`, `span`, `elsewhere`, `none`), and where its own words end.

    `elsewhere` counts from another event, as does every expression of a list before it.
    `following` is how the next expression is meant.
    """
    here = found[position]
    before, after = words[: here.start].rstrip(" (") + " ", words[here.end :]
    last = position + 1 == len(found)
    gap = None if last else words[here.end : found[position + 1].start]
    if _VAGUE.search(before) or _OFTEN.search(before) or _OTHER_CLOCK.search(before):
        return "none", here.end
    anchor = _AFTER.match(after) or _BEFORE.match(after)
    if anchor is not None and here.form != "before" and anchor["word"].startswith(("before", "prior")):
        return "none", here.end + anchor.end()  # `day 1 before` may be day 1 or the day before
    if anchor is not None:
        event = _event(after[anchor.end() :])
        end = here.end + anchor.end() + len(event)
        named = (words[: here.start].strip() or event) if event.strip() in _BACK else event
        if not _counts_from_start(named):
            return "elsewhere", end
        earlier = _BEFORE.match(after) is not None
        if _UP_TO.search(before):
            return ("none" if earlier else "span"), end
        return ("earlier" if earlier else "day"), end
    belongs = _OF.match(after)
    if belongs is not None and _NOT_START.search(_event(after[belongs.end() :])):
        return "elsewhere", here.end
    linked = gap is not None and bool(gap.strip()) and _ONLY_LINK.fullmatch(gap) is not None
    if linked and following == "elsewhere":
        return "elsewhere", here.end
    if _UP_TO.search(before):
        return "span", here.end
    if here.form == "after" or (here.form == "ordinals" and here.unit == "day"):
        return "day", here.end
    if here.form == "ordinals" or _LASTING.search(before):
        return "span", here.end
    if linked:
        return ("none" if following == "none" else "day"), here.end
    listed = len(here.numbers) > 1 or _POINT.search(before) or _follows_a_point(words, found, position)
    return ("day" if listed else "span"), here.end


def _event(rest: str) -> str:
    """The words that name the event from which a day counts."""
    stop = _STOP.search(rest)
    return rest[: stop.start()] if stop else rest


def _counts_from_start(event: str) -> bool:
    words = event.strip()
    if not words:
        return True
    return _SOURCE_OF_TIME.search(words) is not None and _NOT_START.search(words) is None


def _follows_a_point(words: str, found: list[_Expression], position: int) -> bool:
    """Whether an expression continues a list: after another one, or after the baseline."""
    here = found[position]
    if position and _ONLY_LINK.fullmatch(gap := words[found[position - 1].end : here.start]) and gap.strip():
        return True
    before = words[: here.start]
    baseline = list(_BASELINE.finditer(before))
    gap = before[baseline[-1].end() :] if baseline else ""
    return bool(gap.strip()) and _ONLY_LINK.fullmatch(gap) is not None


def _as_days(number: float, unit: str) -> int | None:
    """The exact day that a number of a unit is, or None where it is none."""
    days = number / 24 if unit == "hour" else number * _DAYS_IN[unit]
    if unit in {"month", "year"} or days != int(days) or (unit == "hour" and days < 1):
        return None
    return int(days)


def _horizon(expression: _Expression) -> int:
    longest = max(expression.numbers)
    if expression.unit == "hour":
        return int(longest / 24) if all(number % 24 == 0 for number in expression.numbers) else 0
    return round(longest * _DAYS_IN[expression.unit])
