"""Outcomes printed as one text: each with its name, its time points and its method of measurement (TRDS 19, 20).

IRCT writes `Name. Timepoint: when. Method of measurement: how.;Name. Timepoint: …`, ClinicalTrials.gov
`Name [Time Frame: when];Name`, ChiCTR `Name;Name;`.
"""

from __future__ import annotations

import re

from exotrial.core.errors import Place
from exotrial.registries.record import Level, RecordedOutcome, Stated
from exotrial.registries.time_text import TimePoints as TimePoints
from exotrial.registries.time_text import read_time_points as read_time_points

_HEADING = re.compile(r"^\s*(?:primary|secondary|main|key)?\s*outcomes?(?:\s*\(s\))?\s*:\s*", re.IGNORECASE)
_LABELLED = re.compile(r"\bTime\s?-?points?\s*:", re.IGNORECASE)
_PARTS = re.compile(
    r"^(?P<name>.*?)[.\s]*\bTime\s?-?points?\s*:\s*(?P<when>.*?)"
    r"(?:[.\s]*\bMethods?\s+of\s+measurement\s*:\s*(?P<how>.*))?$",
    re.IGNORECASE | re.DOTALL,
)
_BRACKETED = re.compile(
    r"^(?P<name>.*?)[\s;:,.-]*\[\s*Time\s?-?Frame\s*:\s*(?P<when>.*?)\s*\][\s;.]*$", re.IGNORECASE | re.DOTALL
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[.)-]\s+")


def read_outcomes(text: str, level: Level, *, place: Place | None = None) -> tuple[RecordedOutcome, ...]:
    """The outcomes of a text, in its order, each with the days that its time frame names.

    A part that the text leaves out is None. Nothing is read from an outcome's name.
    """
    words = _HEADING.sub("", text)
    pieces = _labelled_pieces(words) if _LABELLED.search(words) else _plain_pieces(words)
    where = place or Place()
    return tuple(_outcome(piece, level, where) for piece in pieces)


def make_outcome(
    level: Level,
    *,
    name: Stated[str],
    time_frame: Stated[str] | None = None,
    method: Stated[str] | None = None,
) -> RecordedOutcome:
    """An outcome whose parts stand apart in the record, with the days that its time frame names."""
    days, horizon = read_time_points(time_frame.value) if time_frame else TimePoints()
    return RecordedOutcome(
        level=level, name=name, time_frame=time_frame, method=method, days=days, horizon_days=horizon
    )


def _labelled_pieces(text: str) -> list[str]:
    """Divide at `.;`, where an outcome of its own follows; a method may hold semicolons itself."""
    pieces: list[str] = []
    for part in re.split(r"(?<=\.);", text):
        if pieces and not _LABELLED.search(part):
            pieces[-1] = f"{pieces[-1]};{part}"
        elif part.strip():
            pieces.append(part)
    return pieces


def _plain_pieces(text: str) -> list[str]:
    """Divide at semicolons and line breaks outside brackets; inside unbalanced ones too, for want of a better sign."""
    text = _BREAK.sub(";", text)
    pieces, depth = [""], 0
    balanced = all(text.count(opening) == text.count(closing) for opening, closing in ("()", "[]"))
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == ";" and (depth <= 0 or not balanced):
            pieces.append("")
        else:
            pieces[-1] += letter
    whole: list[str] = []
    for piece in pieces:
        if whole and piece.lstrip().startswith("["):
            whole[-1] += piece
        elif piece.strip(" .;\t\r\n"):
            whole.append(_NUMBERED.sub("", piece))
    return whole


def _outcome(piece: str, level: Level, place: Place) -> RecordedOutcome:
    hit = _PARTS.match(piece.strip()) or _BRACKETED.match(piece.strip())
    if hit is None:
        return make_outcome(
            level, name=_state(piece, place) or Stated(value=piece, prints=piece, place=place)
        )
    parts = hit.groupdict()
    name = _state(parts["name"], place) or Stated(value="", prints=parts["name"], place=place)
    return make_outcome(
        level, name=name, time_frame=_state(parts["when"], place), method=_state(parts.get("how"), place)
    )


def _state(words: str | None, place: Place) -> Stated[str] | None:
    """The words without white space and without the full stop that ends them in the list; None where none are left."""
    if words is None or not words.strip(" .;\t\r\n"):
        return None
    value = re.sub(r"[\s;]*(?<!\.)\.?[\s;]*$", "", " ".join(words.split()))
    return Stated(value=value or words.strip(), prints=words.strip(), place=place)
