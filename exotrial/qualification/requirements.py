"""The requirements that a trial system is audited against, in our own words, with their sources.

The table beside this file names 21 CFR 11 (P11), the FDA's questions and answers of October 2024 (FDA-Q), ICH E6(R3)
(E6) and the EMA guideline of 2023 (EMA).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files


class Proof(StrEnum):
    """Where a requirement is proven."""

    CHECK = "check"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One requirement. `note` says why no check of this system proves it, or what a check leaves to others."""

    number: int
    text: str
    source: str
    proof: Proof
    note: str


@lru_cache(maxsize=1)
def read_requirements() -> tuple[Requirement, ...]:
    """Every requirement, by number."""
    text = files("exotrial.qualification").joinpath("requirements.csv").read_text(encoding="utf-8")
    return tuple(
        Requirement(
            number=int(row["number"]),
            text=row["requirement"],
            source=row["source"],
            proof=Proof(row["proof"]),
            note=row["note"],
        )
        for row in csv.DictReader(text.splitlines())
    )
