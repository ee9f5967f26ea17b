"""Edit checks: doubts about answers that could be read, as findings that become queries; and comparing entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from exotrial.core.dates import read_partial_date
from exotrial.core.findings import Finding, Severity
from exotrial.study.entry import Values, answered, flatten, items_of
from exotrial.study.items import DataType, Form

_PERSONAL = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "an e-mail address"),
    (re.compile(r"(?<!\d)(?:\+|00)?\d[\d /-]{8,}\d(?!\d)"), "a telephone or personal number"),
    (re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof)\.? [A-Z][a-z]+"), "a person's name"),
)
_PAIRS = (("AE.START", "AE.END"), ("CM.START", "CM.END"), ("EX.START", "EX.END"))


def check_values(
    form: Form,
    values: Values,
    *,
    window: tuple[date, date] | None = None,
    previous: Values | None = None,
) -> tuple[Finding, ...]:
    """Doubts about the canonical values of a form; `subject` of each is the flat key it is about.

    `window` is the visit's first and last day; `previous` are the values of the form at the encounter before.
    EDC-001 implausible, EDC-002 end before start, EDC-003 outside the window, EDC-004 more digits than measured,
    EDC-005 may be personal data, EDC-006 all measured values as at the visit before.
    """
    found = list(_each_answer(form, values))
    found += _pairs(values)
    found += _window(values, window)
    found += _unchanged(form, values, previous)
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One answer that two entries give differently, None for none."""

    key: str
    first: Any
    second: Any


def compare_entries(
    first: Values, second: Values, *, keys: frozenset[str] | None = None
) -> tuple[Difference, ...]:
    """The answers that differ, in the order of the keys; only those of `keys` where it is given."""
    one, two = flatten(first), flatten(second)
    return tuple(
        Difference(key=key, first=one.get(key), second=two.get(key))
        for key in sorted(one.keys() | two.keys())
        if (keys is None or key in keys) and one.get(key) != two.get(key)
    )


@dataclass(frozen=True, kw_only=True)
class Stale:
    """A stale edit, answer by answer: what only I changed, what only they changed, what both changed differently."""

    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    conflicts: tuple[Difference, ...]


def compare_stale(base: Values, *, mine: Values, theirs: Values) -> Stale:
    """Compare two edits of one base; in each conflict `first` is mine and `second` theirs."""
    old, own, other = flatten(base), flatten(mine), flatten(theirs)
    keys = sorted(old.keys() | own.keys() | other.keys())
    changed_by_me = {key for key in keys if own.get(key) != old.get(key)}
    changed_by_them = {key for key in keys if other.get(key) != old.get(key)}
    both = [key for key in keys if key in changed_by_me & changed_by_them and own.get(key) != other.get(key)]
    return Stale(
        mine=tuple(sorted(changed_by_me - changed_by_them)),
        theirs=tuple(sorted(changed_by_them - changed_by_me)),
        conflicts=tuple(Difference(key=key, first=own.get(key), second=other.get(key)) for key in both),
    )


def _each_answer(form: Form, values: Values) -> Iterator[Finding]:
    answers = dict(answered(values))
    for key, item in items_of(form, answers):
        answer = answers[key]
        if item.data_type in (DataType.INTEGER, DataType.DECIMAL):
            value = Decimal(answer)
            if item.low is not None and value < Decimal(str(item.low)):
                yield _finding(
                    "EDC-001", key, f"{item.label}: {answer} is below {item.low:g} {item.unit}".rstrip()
                )
            if item.high is not None and value > Decimal(str(item.high)):
                yield _finding(
                    "EDC-001", key, f"{item.label}: {answer} is above {item.high:g} {item.unit}".rstrip()
                )
            digits = len(answer.replace("-", "").replace(".", "").lstrip("0"))
            if item.significant_digits is not None and digits > item.significant_digits:
                yield _finding(
                    "EDC-004", key, f"{item.label}: {answer} has more than {item.significant_digits} digits"
                )
        elif item.data_type is DataType.TEXT:
            for pattern, what in _PERSONAL:
                if pattern.search(answer):
                    yield _finding("EDC-005", key, f"{item.label}: the text may hold {what}")
                    break


def _pairs(values: Values) -> Iterator[Finding]:
    flat = dict(answered(values))
    for start, end in _PAIRS:
        for key, ended in flat.items():
            if not key.endswith(f"/{end}"):
                continue
            begun = flat.get(key.removesuffix(end) + start)
            if begun is not None and _is_before(ended, begun):
                yield _finding("EDC-002", key, f"the end {ended} is before the start {begun}")


def _is_before(ended: str, begun: str) -> bool:
    if "T" in ended and "T" in begun:
        from datetime import datetime

        return datetime.fromisoformat(ended) < datetime.fromisoformat(begun)
    return read_partial_date(ended[:10]).last < read_partial_date(begun[:10]).first


def _window(values: Values, window: tuple[date, date] | None) -> Iterator[Finding]:
    flat = dict(answered(values))
    done = flat.get("IG.VISIT/SV.DATE")
    if window is not None and done is not None:
        day = read_partial_date(done).full()
        if not window[0] <= day <= window[1]:
            yield _finding(
                "EDC-003",
                "IG.VISIT/SV.DATE",
                f"the visit on {done} is outside its window from {window[0]} to {window[1]}",
            )


def _unchanged(form: Form, values: Values, previous: Values | None) -> Iterator[Finding]:
    def measured(given: Values) -> Mapping[str, str]:
        answers = dict(answered(given))
        return {
            key: answers[key] for key, item in items_of(form, answers) if item.data_type is DataType.DECIMAL
        }

    now = measured(values)
    if previous is not None and len(now) >= 3 and now == measured(previous):
        key = sorted(now)[0]
        yield _finding(
            "EDC-006", key, f"all {len(now)} measured values are those of the visit before, digit by digit"
        )


_WHY = {
    "EDC-001": "An implausible value is either a slip or something that the physician must know.",
    "EDC-002": "Durations are computed from both dates.",
    "EDC-003": "The schedule of the protocol says when the visit is.",
    "EDC-004": "The method does not measure so exactly; a digit may be a slip.",
    "EDC-005": "Participants are known by their code alone outside the identity record.",
    "EDC-006": "Values that repeat to the last digit were perhaps copied.",
}


def _finding(rule: str, key: str, says: str) -> Finding:
    return Finding(
        rule=rule,
        subject=key,
        severity=Severity.WARNING,
        kind="edit check",
        says=says,
        why=_WHY[rule],
        settle="Look at the source and correct the answer, or confirm it in the query.",
    )
