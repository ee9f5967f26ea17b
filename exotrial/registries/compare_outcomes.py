"""Outcomes of two accounts of one trial, paired by what they measure and not by where they stand.

Two names are as alike as the share of their words that both use (Dice's coefficient, 1945), after words that
measure nothing are left out and a few names of one measurement are brought to one form. The pairing is the one of
greatest total likeness (Kuhn's assignment); a pair below `THRESHOLD` is none, and both outcomes stay alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from exotrial.registries.record import RecordedOutcome

THRESHOLD = 0.6
"""Three words of five in common; below it two outcomes are not taken for one."""

_ONE_FORM = (
    (r"c[\s-]*reactive proteins?", "crp"),
    (r"(?:arterial |peripheral |blood |pulse )*oxygen saturation|\bsao2\b|\bo2 ?sat\w*", "spo2"),
    (r"computed tomography|\bcat scan\b|\bct scan\w*", "ct"),
    (r"\b(?:lungs?|pulmonary|thoracic)(?=\s+(?:\w+\s+)?ct\b)", "chest"),
    (r"white (?:blood )?cells?", "wbc"),
    (r"adverse (?:events?|reactions?)", "adverse"),
    (r"all[\s-]cause (?:mortality|deaths?)|(?:mortality|deaths?),? all[\s-]cause|\bdeaths?\b", "mortality"),
)
_ADDS_NOTHING = frozenset(
    (
        *("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"),
        *("change", "changes", "count", "counts", "level", "levels", "measure", "measurement", "number"),
        *("patient", "patients", "rate", "result", "results", "score", "value", "values"),
        *("blood", "plasma", "serum"),
    )
)


@dataclass(frozen=True, kw_only=True)
class NamedOutcome:
    """An outcome with the other names it goes by (an abbreviation, a measure of the catalogue)."""

    outcome: RecordedOutcome
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.outcome.name.value, *self.aliases)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One outcome as each side tells it; None on the side that does not."""

    first: NamedOutcome | None
    second: NamedOutcome | None
    likeness: float = 0.0


def compute_likeness(first: str, second: str) -> float:
    """Dice's coefficient of the words of two names, 0 to 1; a name without a measuring word is like itself only."""
    if first.strip() and _folded(first) == _folded(second):
        return 1.0
    mine, theirs = _words(first), _words(second)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0


def match_outcomes(first: Sequence[NamedOutcome], second: Sequence[NamedOutcome]) -> tuple[Pair, ...]:
    """Every outcome of both sides once: pairs in the order of the first, then what only the second tells."""
    likeness = np.array(
        [
            [max(compute_likeness(a, b) for a in one.names for b in two.names) for two in second]
            for one in first
        ],
        dtype=float,
    ).reshape(len(first), len(second))
    # A small preference for days and level in common decides between outcomes of one name and nothing else.
    preference = np.array(
        [
            [
                2.0 * bool(set(one.outcome.days) & set(two.outcome.days))
                + (one.outcome.level == two.outcome.level)
                for two in second
            ]
            for one in first
        ],
        dtype=float,
    ).reshape(len(first), len(second))
    weight = np.where(likeness >= THRESHOLD, likeness + 1e-6 * preference, 0.0)
    rows, columns = linear_sum_assignment(weight, maximize=True)
    joined = {
        int(row): int(column) for row, column in zip(rows, columns, strict=True) if weight[row, column] > 0
    }
    pairs = [
        Pair(
            first=one,
            second=second[joined[row]] if row in joined else None,
            likeness=float(likeness[row, joined[row]]) if row in joined else 0.0,
        )
        for row, one in enumerate(first)
    ]
    alone = set(range(len(second))) - set(joined.values())
    return (*pairs, *(Pair(first=None, second=second[column]) for column in sorted(alone)))


def _folded(name: str) -> str:
    """The name without letter case, its subscripts as plain figures: a register prints `PaO₂` and `PaO2`."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _words(name: str) -> frozenset[str]:
    text = _folded(name)
    for pattern, form in _ONE_FORM:
        text = re.sub(pattern, form, text)
    return frozenset(re.findall(r"[^\W_]+", text)) - _ADDS_NOTHING
