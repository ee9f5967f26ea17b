"""Phases as registries print them, in the words of the study file; also those that a spreadsheet made dates of."""

from __future__ import annotations

import re
from typing import NamedTuple

_DATE = re.compile(r"\d{4}-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?")
_ROMAN = {"iv": "4", "iii": "3", "ii": "2", "i": "1"}
_PART = re.compile(r"(?<![a-z0-9])(?:(early)[\s_]*)?(?:phase[\s_]*)?(iv|iii|ii|i|[0-4])([ab])?(?![a-z0-9])")
_EU = re.compile(r"\(phase (iv|iii|ii|i)\)\s*:\s*(yes|no)")
_NONE = frozenset({"", "na", "n/a", "not applicable", "not selected", "not specified", "none"})
_SPACES = re.compile(r"\s+")


class PhaseText(NamedTuple):
    """`phase` as the study file writes it (`0`, `1-2`, `2a`); `was_date` where a spreadsheet had made it a date."""

    phase: str
    was_date: bool = False


def read_phase(text: str) -> PhaseText | None:
    """The phase a text names; None where it names none (`N/A`, `Other`).

    A spreadsheet turns `1-2` into the first of February: the day is the first phase, the month the second.
    """
    if hit := _DATE.fullmatch(text.strip()):
        first, second = int(hit[2]), int(hit[1])
        # Only neighbouring phases are joined; any other date is no phase.
        return PhaseText(f"{first}-{second}", was_date=True) if second == first + 1 and second <= 4 else None
    words = _SPACES.sub(" ", text.strip().lower())
    if words in _NONE:
        return None
    if named := _EU.findall(words):
        phases = [_ROMAN[roman] for roman, said in named if said == "yes"]
    else:
        found = _PART.findall(words.replace("phase", " phase"))
        phases = [("0" if early else _ROMAN.get(number, number)) + letter for early, number, letter in found]
    phases = sorted(set(phases))
    if not phases or len(phases) > 2:
        return None
    return PhaseText("-".join(phases))
