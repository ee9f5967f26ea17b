"""Who must be told of a serious event, and by which day: ICH E2A III.B and ICH E6(R3) 2.7.2, counted in calendar days.

E2A counts from the day on which the sponsor first knew. What the store knows is when the event was first recorded
as serious; the sponsor may have heard of it earlier by telephone, so that a day told here is the latest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

FATAL_OR_LIFE_THREATENING_DAYS = 7
"""ICH E2A III.B.1; a report as complete as possible follows within 8 more days."""
OTHER_SERIOUS_DAYS = 15
"""ICH E2A III.B.2."""

LIFE_THREATENING, DEATH, UNRELATED = "4", "5", "NOT"


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """`days` is how many the sponsor has where the event is unexpected, None where the rule asks for no such report."""

    days: int | None
    due: date | None
    why: str


def derive_reporting(*, grade: str, relation: str, known_on: date | None) -> Reporting:
    """The sponsor's time for a serious event by what the form says; what it does not say counts as the graver.

    A relation that is not judged is taken as possible, and a grade that is not given as life-threatening.
    """
    if relation == UNRELATED:
        return Reporting(days=None, due=None, why="judged not related: no expedited report (ICH E2A III.A.1)")
    if grade in (LIFE_THREATENING, DEATH):
        days, why = FATAL_OR_LIFE_THREATENING_DAYS, "fatal or life-threatening (ICH E2A III.B.1)"
    elif grade:
        days, why = OTHER_SERIOUS_DAYS, "serious, neither fatal nor life-threatening (ICH E2A III.B.2)"
    else:
        days, why = (
            FATAL_OR_LIFE_THREATENING_DAYS,
            "no grade is given: counted as the graver (ICH E2A III.B.1)",
        )
    return Reporting(days=days, due=known_on + timedelta(days=days) if known_on else None, why=why)
