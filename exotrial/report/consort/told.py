"""What a finder of the CONSORT 2025 checklist tells: what it found and where, what it lacks, or why it cannot say."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from exotrial.report.wording import first_of

NO_DATA = "The study folder holds no data of participants; the publication may tell it."
_LONG = 170


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was found with its place, what was not, or why the folder cannot tell."""

    found: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    not_held: str = ""
    not_applicable: str = ""


@dataclass(frozen=True)
class Part:
    """A part of an answer: what stands in the study or None, its path, and what to call it where it is absent."""

    value: object
    path: str
    absent: str = ""


def tell(*parts: Part) -> Told:
    """What is there with its path, and the names of what is not."""
    return Told(
        found=tuple(f"{shorten(part.value)} ({part.path})" for part in parts if part.value),
        lacks=tuple(part.absent for part in parts if not part.value and part.absent),
    )


def lacking(condition: object, text: str) -> tuple[str, ...]:
    """A further thing that an answer lacks, where it does."""
    return (text,) if condition else ()


def shorten(value: object, most: int = _LONG) -> str:
    """A text cut at a word where it is long, without its full stop."""
    return textwrap.shorten(str(value).rstrip("."), most, placeholder=" …")


def name_some(names: Iterable[object]) -> str:
    """The first three of some names, and how many more."""
    return first_of([str(name) for name in names if name], most=3)
