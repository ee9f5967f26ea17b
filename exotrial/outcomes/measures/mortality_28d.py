"""Death from any cause within 28 days (core outcome set for COVID-19: Marshall et al. 2020)."""

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.course import DEATH, INDEX, LAST_KNOWN, died_on_day, index_of, known_alive_day
from exotrial.outcomes.measure import Computed, Direction, Measure, WorkedExample, not_computable
from exotrial.outcomes.values import Missing

HORIZON = 28


def _compute(answers: Answers) -> Computed:
    index = index_of(answers)
    died = died_on_day(answers, index=index)
    if died is not None:
        return Computed(value=float(died <= HORIZON), text="Yes" if died <= HORIZON else "No")
    alive = known_alive_day(answers, index=index)
    if alive is None or alive < HORIZON:
        seen = "never" if alive is None else f"last on day {alive}"
        return not_computable(f"not known to be alive on day {HORIZON}: seen {seen}")
    return Computed(value=0.0, text="No")


MORTALITY_28D = Measure(
    paramcd="MORT28",
    param="Death within 28 days",
    unit="",
    low=0,
    high=1,
    direction=Direction.HIGHER_IS_WORSE,
    citation=(
        "WHO Working Group on the Clinical Characterisation and Management of COVID-19 infection (Marshall JC "
        "et al.). A minimal common outcome measure set for COVID-19 clinical research. Lancet Infect Dis "
        "2020;20:e192-7"
    ),
    items=(INDEX, DEATH, LAST_KNOWN),
    compute=_compute,
    classes=("No", "Yes"),
    aliases=("28-day mortality", "Mortality at 28 days", "All-cause mortality at day 28"),
    convention="Day 28 is 28 days after the index date, and a death on it counts. A participant lost before day "
    "28 is missing, never a survivor.",
    examples=(
        WorkedExample(
            inputs={"index_date": "2020-03-01", "death_date": "2020-03-29"},
            expected=1.0,
            source="day 28 counts",
        ),
        WorkedExample(
            inputs={"index_date": "2020-03-01", "death_date": "2020-03-30"},
            expected=0.0,
            source="day 29 does not",
        ),
        WorkedExample(
            inputs={"index_date": "2020-03-01", "last_known_date": "2020-03-28"},
            expected=Missing.NOT_COMPUTABLE,
            source="last seen on day 27",
        ),
    ),
)
