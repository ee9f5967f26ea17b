"""Days alive and out of intensive care, zero for the dead (Schoenfeld & Bernard 2002; Yehya et al. 2019)."""

from datetime import date, timedelta

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.course import (
    DEATH,
    INDEX,
    LAST_KNOWN,
    died_on_day,
    index_of,
    known_alive_day,
    precedes,
)
from exotrial.outcomes.measure import Computed, Direction, Measure, WorkedExample, day, not_computable

ICU_IN = day("icu_in", "Date of admission to intensive care")
ICU_OUT = day("icu_out", "Date of discharge from intensive care", required=False)


def count_icu_days(answers: Answers, *, index: date, horizon: int) -> int:
    """Nights in intensive care among the `horizon` nights that begin with the index date's.

    The day of admission counts and the day of discharge does not; a stay without an end lasts on. Nights of
    overlapping stays count once. Refuses a discharge before its admission (MSR-005).
    """
    nights = set()
    for row in answers.rows:
        came, left = row.day(ICU_IN.oid), row.day(ICU_OUT.oid)
        assert came is not None, "the admission is a required item"
        if left is not None and left < came:
            raise precedes("discharge from intensive care", end=left, start=came)
        for n in range(horizon):
            night = index + timedelta(days=n)
            if came <= night and (left is None or night < left):
                nights.add(n)
    return len(nights)


def compute_icu_free_days(answers: Answers, *, horizon: int) -> Computed:
    """The horizon less the days in intensive care; 0 for a death by the horizon; missing where lost before."""
    index = index_of(answers)
    died = died_on_day(answers, index=index)
    in_icu = count_icu_days(answers, index=index, horizon=horizon)
    if died is not None and died <= horizon:
        return Computed(value=0.0, notes=(f"died on day {died}, by the horizon: zero by definition",))
    alive = known_alive_day(answers, index=index)
    if died is None and (alive is None or alive < horizon):
        return not_computable(f"not followed to day {horizon}")
    return Computed(value=float(horizon - in_icu))


def _measure(horizon: int, *, aliases: tuple[str, ...]) -> Measure:
    index = {"index_date": "2020-03-01"}
    alive = index | {"last_known_date": "2020-06-01"}
    ten = [{"icu_in": "2020-03-01", "icu_out": "2020-03-11"}]
    return Measure(
        paramcd=f"ICUFD{horizon}",
        param=f"ICU-free days to day {horizon}",
        unit="d",
        low=0,
        high=horizon,
        direction=Direction.HIGHER_IS_BETTER,
        citation=(
            "Schoenfeld DA, Bernard GR. Statistical evaluation of ventilator-free days as an efficacy measure in "
            "clinical trials of treatments for acute respiratory distress syndrome. Crit Care Med 2002;30:1772-7; "
            "Yehya N et al. Reappraisal of ventilator-free days in critical care research. Am J Respir Crit Care "
            "Med 2019;200:828-36"
        ),
        items=(INDEX, DEATH, LAST_KNOWN),
        row_items=(ICU_IN, ICU_OUT),
        compute=lambda answers: compute_icu_free_days(answers, horizon=horizon),
        convention=(
            f"Death by day {horizon} after the index date, in or out of intensive care, gives 0. Every night in "
            "intensive care is subtracted, those of a readmission too. A survivor not followed to the horizon is "
            "missing."
        ),
        aliases=aliases,
        examples=(
            WorkedExample(
                inputs={**alive, "rows": ten}, expected=horizon - 10.0, source=f"{horizon} less ten nights"
            ),
            WorkedExample(inputs=alive, expected=float(horizon), source="never in intensive care"),
            WorkedExample(
                inputs={**index, "death_date": "2020-03-20", "rows": ten},
                expected=0.0,
                source="Schoenfeld & Bernard 2002: zero where the participant dies by the horizon",
            ),
        ),
    )


ICU_FREE_DAYS_28 = _measure(28, aliases=("ICU-free days", "ICU-free days at day 28"))
ICU_FREE_DAYS_60 = _measure(60, aliases=("ICU-free days at day 60", "Days out of ICU to day 60"))
