"""What the recheck says of a claim: one verdict, every recomputation behind it, and where each figure stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from exotrial.core.findings import Quote
from exotrial.core.provenance import SourceFile

MOST_NAMED = 4


class Answer(StrEnum):
    """The one verdict on a claim. All but the first and the last say that it does not stand as printed."""

    REPRODUCED = "reproduced"
    WRONG_METHOD = "reproduced only by a method wrong for the data"
    NOT_REPRODUCED = "not reproduced by any method"
    IMPOSSIBLE = "impossible as stated"
    CONTRADICTED = "contradicted by another place in the text"
    CANNOT_BE_CHECKED = "cannot be checked"


@dataclass(frozen=True, kw_only=True)
class Recomputed:
    """One way in which the claim could have been meant, and what it gives.

    `value` is at full precision, None where the result is no number; `shown` is written as the claim prints
    it. `matches`: it equals the print within the printed rounding. `right_for_data` is False for a method
    whose assumptions the data do not meet, such as an unpaired test of paired data.
    """

    method: str
    label: str
    value: float | None
    shown: str
    matches: bool
    right_for_data: bool = True


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a kind of claim finds. `inference` is a guess from the printed figures that no source states."""

    answer: Answer
    why: str
    recomputed: tuple[Recomputed, ...] = ()
    inference: str = ""
    settle: str = ""


@dataclass(frozen=True, kw_only=True)
class ClaimVerdict:
    """The verdict on one claim, with everything needed to defend it."""

    claim: str
    kind: str
    answer: Answer
    printed: str
    why: str
    recomputed: tuple[Recomputed, ...]
    inference: str
    settle: str
    quotes: tuple[Quote, ...]
    files: tuple[SourceFile, ...]

    @property
    def accused(self) -> bool:
        """Whether the claim does not stand as printed; what cannot be checked is not accused."""
        return self.answer not in (Answer.REPRODUCED, Answer.CANNOT_BE_CHECKED)


def judge(
    recomputed: Sequence[Recomputed],
    *,
    printed: str,
    settle: str,
    otherwise: Answer = Answer.NOT_REPRODUCED,
    distances: Sequence[float] | None = None,
    note: str = "",
) -> Judgement:
    """The verdict that recomputations earn: a right method that matches, a wrong one, or none (`otherwise`).

    `distances` tells how far each is from the print, so that the nearest can be named; without it the order
    given decides.
    """
    ways = tuple(recomputed)
    right = [way for way in ways if way.matches and way.right_for_data]
    wrong = [way for way in ways if way.matches and not way.right_for_data]
    tail = f" {note}" if note else ""
    if right:
        names = _listed([way.label for way in right])
        return Judgement(
            answer=Answer.REPRODUCED, why=f"{printed} follows by: {names}.{tail}", recomputed=ways
        )
    if wrong:
        proper = [f"{way.label} gives {way.shown}" for way in ways if way.right_for_data]
        why = (
            f"{printed} follows only by a method wrong for the data: {_listed([way.label for way in wrong])}."
        )
        if proper:
            why += f" Right for the data: {_listed(proper)}."
        return Judgement(answer=Answer.WRONG_METHOD, why=why + tail, recomputed=ways, settle=settle)
    if not ways:
        return Judgement(
            answer=Answer.CANNOT_BE_CHECKED, why=f"no method applies to {printed}.{tail}", settle=settle
        )
    position = min(range(len(ways)), key=lambda i: distances[i]) if distances else 0
    near = ways[position]
    why = f"{printed} does not follow by any method tried: the nearest, {near.label}, gives {near.shown}."
    return Judgement(answer=otherwise, why=why + tail, recomputed=ways, settle=settle)


def cannot(missing: str, *, inference: str = "", why: str = "") -> Judgement:
    """The verdict where something is not printed; `missing` says what."""
    return Judgement(
        answer=Answer.CANNOT_BE_CHECKED,
        why=why or f"not printed: {missing}.",
        inference=inference,
        settle=missing[:1].upper() + missing[1:] + ".",
    )


def _listed(names: Sequence[str]) -> str:
    """Names in a row; beyond the first few only how many, for all are among the recomputations."""
    more = len(names) - MOST_NAMED
    return "; ".join(names[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
