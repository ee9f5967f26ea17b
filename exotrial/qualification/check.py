"""A check: one small function that proves named requirements on this system (ICH E6(R3) 4.3.4(b), (g); GAMP IQ, OQ).

A check is found by the catalogue: a module below `exotrial/qualification/checks` holds it as a module-level object,
and nothing lists it. `run` gets a bench and says what it saw; it changes nothing outside the bench.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from exotrial.core.catalogue import find_objects
from exotrial.qualification.bench import Bench

Kind = Literal["installation", "operation"]


@dataclass(frozen=True)
class Outcome:
    """Whether a check passed, and what was seen, in words for a reader who knows no code."""

    passed: bool
    seen: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. `requirements` are the numbers it proves; `done` and `expected` are printed beside what was seen.

    "installation" checks look at the installation and change nothing; "operation" checks run the real operations
    in a scratch installation of their own.
    """

    requirements: tuple[int, ...]
    name: str
    title: str
    kind: Kind
    done: str
    expected: str
    run: Callable[[Bench], Outcome]


def check(
    *requirements: int, done: str, expected: str, kind: Kind = "operation"
) -> Callable[[Callable[[Bench], Outcome]], Check]:
    """Make a function `(bench) -> Outcome` a check; its name and docstring are the check's."""

    def make(run: Callable[[Bench], Outcome]) -> Check:
        return Check(
            requirements=requirements,
            name=run.__name__,
            title=(run.__doc__ or "").strip().rstrip("."),
            kind=kind,
            done=done,
            expected=expected,
            run=run,
        )

    return make


def judge(*facts: tuple[str, bool]) -> Outcome:
    """An outcome from single facts, each in words with whether it holds: all must; what does not is told first."""
    wrong = [text for text, holds in facts if not holds]
    right = [text for text, holds in facts if holds]
    if not wrong:
        return Outcome(True, "; ".join(right) + ".")
    told = "NOT so: " + "; ".join(wrong) + "."
    return Outcome(False, f"{told} So: {'; '.join(right)}." if right else told)


def find_checks() -> dict[str, Check]:
    """Every check by name."""
    return find_objects(
        "exotrial.qualification.checks",
        Check,
        name=lambda one: one.name,
        entry_point_group="exotrial.qualification",
    )
