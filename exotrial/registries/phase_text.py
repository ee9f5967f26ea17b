"""Phases as registries print them, in the words of the study file; also those that a spreadsheet made dates of."""

from __future__ import annotations

import calendar
import re
from typing import NamedTuple

_DATE = re.compile(r"\d{4}-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?")
_DAY_MONTH = re.compile(r"(\d{1,2})[ /-]([a-z]{3,9})|([a-z]{3,9})[ /-](\d{1,2})", re.IGNORECASE)
_MONTHS = {name[:3].lower(): number for number, name in enumerate(calendar.month_name) if name}
_ROMAN = {"iv": "4", "iii": "3", "ii": "2", "i": "1"}
_PART = re.compile(r"(?<![a-z0-9])(?:(early)[\s_]*)?(?:phase[\s_]*)?(iv|iii|ii|i|[0-4])([ab])?(?![a-z0-9])")
_EU = re.compile(r"\(phase (iv|iii|ii|i)\)\s*:\s*(yes|no)")
_NONE = frozenset({"", "na", "n/a", "not applicable", "not selected", "not specified", "none"})
_PILOT = re.compile(r"\bpilot\b")
_SPACES = re.compile(r"\s+")


class PhaseText(NamedTuple):
    """`phase` as the study file writes it (`0`, `1-2`, `2a`); `was_date` where a spreadsheet had made it a date."""

    phase: str
    was_date: bool = False


def read_phase(text: str) -> PhaseText | None:
    """The phase a text names; None where it names none (`N/A`, `Other`).

    A spreadsheet turns `1-2` into the first of February (`2020-02-01`, `1-Feb`), or into the second of January.
    """
    if (day := _read_as_date(text.strip())) is not None:
        low, high = sorted(day)
        # Only neighbouring phases are joined; any other date is no phase.
        return PhaseText(f"{low}-{high}", was_date=True) if high == low + 1 and high <= 4 else None
    words = _SPACES.sub(" ", text.strip().lower())
    if words in _NONE:
        return None
    if named := _EU.findall(words):
        phases = [_ROMAN[roman] for roman, said in named if said == "yes"]
    else:
        found = _PART.findall(words.replace("phase", " phase"))
        phases = [("0" if early else _ROMAN.get(number, number)) + letter for early, number, letter in found]
    phases = sorted(set(phases))
    if not phases and _PILOT.search(words):
        return PhaseText("pilot")
    if not phases or len(phases) > 2:
        return None
    return PhaseText("-".join(phases))


def names_no_phase(text: str) -> bool:
    """Whether a text says that there is no phase (`N/A`), rather than something else."""
    return _SPACES.sub(" ", text.strip().lower()) in _NONE


def _read_as_date(text: str) -> tuple[int, int] | None:
    """Day and month of a date as a spreadsheet prints it; None where the text is none."""
    if hit := _DATE.fullmatch(text):
        return int(hit[2]), int(hit[1])
    if hit := _DAY_MONTH.fullmatch(text):
        month = _MONTHS.get((hit[2] or hit[3])[:3].lower())
        return (int(hit[1] or hit[4]), month) if month is not None else None
    return None
