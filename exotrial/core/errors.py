"""Refusals: what exotrial says when it will not go on, and nothing has happened.

Every refusal a user can meet has a code, a place, the offending value and a way out (DESIGN.md, law 7):

    FIL-002: nta_0427.csv line 14: '7.66e + 0.8' is not a number; a concentration is written like 7.66e+08.

The tree, all of it:

    ErrorCode   what can go wrong, declared once as a module-level constant beside the code that refuses;
                docs/reference/errors.md is generated from these
    Refusal     an exception: one thing that went wrong, with its place
    Refusals    an exception: several things that went wrong, told together
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something stands: a file and a line, a path inside the study file, or both.

    `line` and `column` count from 1. An empty Place prints as nothing.
    """

    file: str = ""
    line: int | None = None
    column: int | None = None
    path: str = ""

    def __str__(self) -> str:
        parts = [self.file] if self.file else []
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        if self.path:
            parts.append(f"[{self.path}]" if parts else self.path)
        return " ".join(parts)


class Refusal(Exception):
    """exotrial will not go on, and nothing was changed.

    Raised only through `ErrorCode.refuse`, so that every code is declared and documented.
    """

    def __init__(self, code: ErrorCode, *, place: Place, value: str, problem: str, remedy: str) -> None:
        self.code = code
        self.place = place
        self.value = value
        self.problem = problem
        self.remedy = remedy
        where = f"{place}: " if str(place) else ""
        super().__init__(f"{code.code}: {where}{problem}; {remedy}")

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.code, self.place, self.value, self.problem, self.remedy)


def _rebuild(code: ErrorCode, place: Place, value: str, problem: str, remedy: str) -> Refusal:
    return Refusal(code, place=place, value=value, problem=problem, remedy=remedy)


class Refusals(Exception):
    """Several refusals of one input, told together so that a file is mended in one sitting."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        if not refusals:
            raise ValueError("Refusals needs at least one refusal")
        self.refusals = tuple(refusals)
        super().__init__("\n".join(str(refusal) for refusal in self.refusals))


@dataclass(frozen=True)
class ErrorCode:
    """One way in which input can be refused: declare it once, at module level, as a constant.

    `code` is three letters and three digits (`FIL-002`), never reused. `meaning` says in one sentence what
    is wrong in general; `remedy` says in one sentence the way out, and may be sharpened at the refusal.
    """

    code: str
    meaning: str
    remedy: str

    def refuse(
        self,
        problem: str,
        *,
        place: Place | None = None,
        value: object = "",
        remedy: str | None = None,
    ) -> Refusal:
        """Build the refusal to raise. `problem`: what is wrong here, naming the value; no full stop."""
        return Refusal(
            self, place=place or Place(), value=str(value), problem=problem, remedy=remedy or self.remedy
        )
