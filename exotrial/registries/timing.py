"""Registration timing from dates: before the first enrolment, while recruiting, or after it (ICMJE, TRDS 2 and 16).

On one day the hour decides, and no record gives it; a date known in part leaves every answer that its days allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from exotrial.core.dates import PartialDate
from exotrial.registries.record import Timing

_ORDER: tuple[Timing, ...] = ("prospective", "registered while recruiting", "retrospective")


@dataclass(frozen=True, kw_only=True)
class TimingByDates:
    """`possible`: every timing that the dates allow, the earliest first; `says` tells the dates and the answer."""

    possible: tuple[Timing, ...]
    says: str

    @property
    def decided(self) -> Timing | None:
        """The timing, where the dates allow only one."""
        return self.possible[0] if len(self.possible) == 1 else None

    def agrees_with(self, label: Timing) -> bool | None:
        """Whether a printed label can be true; None where the dates leave it open.

        A register that knows two labels calls a trial registered while recruiting retrospective, so that label
        agrees with both.
        """
        meant = {label, "registered while recruiting"} if label == "retrospective" else {label}
        if not meant & set(self.possible):
            return False
        return True if set(self.possible) <= meant else None


def decide_timing(
    *, registered: PartialDate, start: PartialDate, recruitment_end: PartialDate | None = None
) -> TimingByDates:
    """The timings that the dates allow. `start` is the first enrolment, `recruitment_end` the last.

    Without an end of recruitment, a registration after the start may be while recruiting or after it.
    """
    possible: set[Timing] = set()
    if registered.first <= start.last:
        possible.add("prospective")
    if registered.last >= start.first:
        last = recruitment_end.last if recruitment_end else date.max
        if max(registered.first, start.first) <= last:
            possible.add("registered while recruiting")
        ended = recruitment_end is None or registered.last > recruitment_end.first
        if ended and registered.last > start.first:
            possible.add("retrospective")
    ordered = tuple(timing for timing in _ORDER if timing in possible)
    until = f", end of recruitment {recruitment_end}" if recruitment_end else ""
    open_as = "undecided" if "prospective" in ordered else "not prospective"
    answer = ordered[0] if len(ordered) == 1 else f"{open_as} ({' or '.join(ordered)})"
    return TimingByDates(
        possible=ordered, says=f"registered {registered}, first enrolment {start}{until}: {answer}"
    )
