"""Length of hospital stay, by the two conventions in use: nights spent, and calendar days including both ends."""

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.course import ADMISSION, DISCHARGE, days_from
from exotrial.outcomes.measure import Computed, Direction, Measure, WorkedExample, not_computable

CITATION = (
    "OECD Health Statistics, definition of average length of stay: date of discharge less date of admission"
)


def _nights(answers: Answers) -> int | None:
    came, left = answers.day(ADMISSION.oid), answers.day(DISCHARGE.oid)
    if came is None or left is None:
        return None
    return days_from(came, left, of="discharge")


def _compute_nights(answers: Answers) -> Computed:
    nights = _nights(answers)
    return not_computable("not discharged alive") if nights is None else Computed(value=float(nights))


def _compute_days(answers: Answers) -> Computed:
    nights = _nights(answers)
    return not_computable("not discharged alive") if nights is None else Computed(value=float(nights + 1))


_TWO_WEEKS = {"admission_date": "2020-02-15", "discharge_date": "2020-03-01"}  # 2020 is a leap year
_CONVENTION = (
    "Only a stay that ended with discharge alive has a length; deaths are counted apart, not shortened."
)

STAY_NIGHTS = Measure(
    paramcd="LOSNIGHT",
    param="Length of hospital stay, nights",
    unit="d",
    low=0,
    high=365,
    direction=Direction.HIGHER_IS_WORSE,
    citation=CITATION,
    items=(ADMISSION, DISCHARGE),
    compute=_compute_nights,
    convention="Discharge date less admission date. " + _CONVENTION,
    aliases=("Length of stay", "Length of hospital stay", "Hospital stay", "Length of stay in nights"),
    examples=(
        WorkedExample(inputs=_TWO_WEEKS, expected=15.0, source="calendar: 15 February to 1 March 2020"),
        WorkedExample(
            inputs={"admission_date": "2020-02-15", "discharge_date": "2020-02-15"},
            expected=0.0,
            source="definition: same-day discharge",
        ),
    ),
)

STAY_DAYS = Measure(
    paramcd="LOSDAYS",
    param="Length of hospital stay, calendar days",
    unit="d",
    low=1,
    high=366,
    direction=Direction.HIGHER_IS_WORSE,
    citation=CITATION,
    items=(ADMISSION, DISCHARGE),
    compute=_compute_days,
    convention="Both the day of admission and the day of discharge count. " + _CONVENTION,
    aliases=("Length of stay in days", "Length of stay, inclusive days"),
    examples=(
        WorkedExample(inputs=_TWO_WEEKS, expected=16.0, source="calendar: both ends counted"),
        WorkedExample(
            inputs={"admission_date": "2020-02-15", "discharge_date": "2020-02-15"},
            expected=1.0,
            source="definition: same-day discharge",
        ),
    ),
)
