"""The dates of a participant's course that several measures share, and how they must stand to each other."""

from __future__ import annotations

from datetime import date

from exotrial.core.errors import Refusal
from exotrial.outcomes.answers import CONTRADICTION, Answers
from exotrial.outcomes.measure import day

INDEX = day(
    "index_date", "Date from which time is counted", question="Randomisation or first dose, as planned."
)
DEATH = day("death_date", "Date of death", required=False)
LAST_KNOWN = day("last_known_date", "Last date on which the participant is known to be alive", required=False)
ADMISSION = day("admission_date", "Date of admission to hospital")
DISCHARGE = day("discharge_date", "Date of discharge from hospital, alive", required=False)


def index_of(answers: Answers) -> date:
    """The index date, which is required."""
    found = answers.day(INDEX.oid)
    assert found is not None, "the index date is a required item"
    return found


def days_from(start: date, end: date, *, of: str) -> int:
    """Days elapsed from start to end; refuses an end before its start (MSR-005)."""
    if end < start:
        raise precedes(of, end=end, start=start)
    return (end - start).days


def precedes(of: str, *, end: date, start: date) -> Refusal:
    """The refusal of a date that stands before the one it must follow."""
    return CONTRADICTION.refuse(f"{of} on {end} is before {start}", value=end)


def died_on_day(answers: Answers, *, index: date) -> int | None:
    """Days from the index date to death, None where no death is known (MSR-005 for a death before it)."""
    death = answers.day(DEATH.oid)
    if death is None:
        return None
    last_known = answers.day(LAST_KNOWN.oid)
    if last_known is not None and last_known > death:
        raise CONTRADICTION.refuse(
            f"known alive on {last_known}, after the death on {death}", value=last_known
        )
    return days_from(index, death, of="death")


def known_alive_day(answers: Answers, *, index: date) -> int | None:
    """Days from the index date to the last date known alive, None where that is not given."""
    last_known = answers.day(LAST_KNOWN.oid)
    return None if last_known is None else days_from(index, last_known, of="last known alive")
