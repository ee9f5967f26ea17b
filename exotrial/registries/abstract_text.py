"""What the abstract of a paper says of a trial's design, where its words are plain; everything else stays words.

Only a single answer counts: an abstract that names two phases or two numbers of participants names none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from exotrial.core.errors import Place
from exotrial.core.identifiers import REGISTRIES, guess_registry
from exotrial.registries.masking_text import read_masking
from exotrial.registries.number_words import write_figures
from exotrial.registries.phase_text import read_phase
from exotrial.registries.record import RecordedOutcome, Stated

T = TypeVar("T")

_ONE_PHASE = r"(?:[0-4]|i{1,3}|iv)[ab]?"
_PHASE = re.compile(
    rf"\bphase[\s-]+{_ONE_PHASE}(?:\s*(?:/|-|and)\s*(?:phase\s+)?{_ONE_PHASE})?\b", re.IGNORECASE
)
_MODELS = (
    (re.compile(r"\bsingle[\s-](?:arm|group)\b", re.IGNORECASE), "single group"),
    (re.compile(r"\bparallel[\s-](?:groups?|arms?)\b|\b(?:two|three)[\s-]arm\b", re.IGNORECASE), "parallel"),
    (re.compile(r"\bcross[\s-]?over\b", re.IGNORECASE), "crossover"),
)
_RANDOMISED = re.compile(
    r"(?<!non-)(?<!non)(?<!un)(?<!not )\brandomi[sz]ed\b|\brandomly\s+(?:assigned|allocated)\b", re.IGNORECASE
)
_NOT_RANDOMISED = re.compile(r"\bnon-?randomi[sz]ed\b", re.IGNORECASE)
_MASKED = re.compile(
    r"\bopen[\s-]label(?:l?ed)?\b|\b(?:single|double|triple|quadruple)[\s-](?:blind|mask)(?:ed)?\b",
    re.IGNORECASE,
)
_ENROLLED = re.compile(
    r"(?<![\w.,-])(\d{1,5})\s+(?:[\w/-]+\s+){0,6}?(?:patients?|participants?|subjects?|volunteers?)\b"
    r"[^.]{0,60}?\bwere\s+"
    r"(?:all\s+)?(?:enrolled|included|recruited)\b",
    re.IGNORECASE,
)
_PRIMARY = re.compile(
    r"\bprimary\s+(?:outcomes?|end\s?points?)(?:\s+measures?)?\s+(?:included|include|were|was|is|are)\s+(?P<what>[^.]+)\.",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a text and where it stands."""

    text: str
    place: Place


def find_numbers(lines: Sequence[Line]) -> tuple[Stated[str], ...]:
    """Every number of a trial register that the lines print, each once, in their order."""
    found: dict[str, Stated[str]] = {}
    patterns = [re.compile(rf"\b{one.pattern}\b") for one in REGISTRIES.values()]
    for line in lines:
        hits = sorted((hit.start(), hit[0]) for pattern in patterns for hit in pattern.finditer(line.text))
        for _, number in hits:
            if guess_registry(number) is not None:
                found.setdefault(number, Stated(value=number, prints=number, place=line.place))
    return tuple(found.values())


def read_abstract(lines: Sequence[Line]) -> dict[str, Any]:
    """Fields of a record that the lines state: phase, model, allocation, masking, enrolled, primary outcomes."""
    read: dict[str, Any] = {
        "phase": _only(_phases(lines)),
        "model": _only(_models(lines)),
        "allocation": _only(_allocations(lines)),
        "masking": _only(_maskings(lines)),
        "actual_size": _only(_sizes(lines)),
        "outcomes": tuple(_outcomes(lines)),
    }
    return {name: value for name, value in read.items() if value}


def _only(found: Iterator[Stated[T]]) -> Stated[T] | None:
    """The first of what was found, where all of it says the same."""
    told = list(found)
    return told[0] if told and all(one.value == told[0].value for one in told) else None


def _phases(lines: Sequence[Line]) -> Iterator[Stated[str]]:
    for line in lines:
        for hit in _PHASE.finditer(line.text):
            read = read_phase(hit[0])
            if read is not None:
                yield Stated(value=read.phase, prints=hit[0], place=line.place)


def _models(lines: Sequence[Line]) -> Iterator[Stated[str]]:
    for line in lines:
        for pattern, model in _MODELS:
            for hit in pattern.finditer(line.text):
                yield Stated(value=model, prints=hit[0], place=line.place)


def _allocations(lines: Sequence[Line]) -> Iterator[Stated[str]]:
    for line in lines:
        for pattern, word in ((_RANDOMISED, "randomised"), (_NOT_RANDOMISED, "non-randomised")):
            for hit in pattern.finditer(line.text):
                yield Stated(value=word, prints=hit[0], place=line.place)


def _maskings(lines: Sequence[Line]) -> Iterator[Stated[str]]:
    for line in lines:
        for hit in _MASKED.finditer(line.text):
            label = read_masking(hit[0]).label
            if label is not None:
                yield Stated(value=label, prints=hit[0], place=line.place)


def _sizes(lines: Sequence[Line]) -> Iterator[Stated[int]]:
    for line in lines:
        for hit in _ENROLLED.finditer(write_figures(line.text)):
            yield Stated(value=int(hit[1]), prints=line.text[:160], place=line.place)


def _outcomes(lines: Sequence[Line]) -> Iterator[RecordedOutcome]:
    """The primary outcomes as one, in the abstract's words: where one ends and the next begins is not said."""
    for line in lines:
        for hit in _PRIMARY.finditer(line.text):
            words = hit["what"].strip()
            yield RecordedOutcome(
                level="primary", name=Stated(value=words, prints=hit[0].strip(), place=line.place)
            )
