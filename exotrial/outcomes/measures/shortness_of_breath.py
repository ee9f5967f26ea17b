"""Shortness of breath as a symptom, present or absent (WHO COVID-19 case record form, 2020)."""

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.measure import Computed, Direction, Measure, WorkedExample, yes_no

DYSPNOEA = yes_no("dyspnoea", "Shortness of breath")


def _compute(answers: Answers) -> Computed:
    present = answers.flag(DYSPNOEA.oid)
    return Computed(value=float(present is True), text="Yes" if present else "No")


SHORTNESS_OF_BREATH = Measure(
    paramcd="DYSPNOEA",
    param="Shortness of breath",
    unit="",
    low=0,
    high=1,
    direction=Direction.HIGHER_IS_WORSE,
    citation="WHO Global COVID-19 Clinical Platform: rapid core case report form. Geneva: WHO; 2020",
    items=(DYSPNOEA,),
    compute=_compute,
    classes=("No", "Yes"),
    aliases=("Dyspnoea", "Dyspnea", "Breathlessness"),
    convention="No means that it was asked for and is absent; no data is not No.",
    examples=(
        WorkedExample(
            inputs={"dyspnoea": "Yes"}, expected="Yes", source="ChiCTR2000030261, Table 2, patient 2 before"
        ),
        WorkedExample(
            inputs={"dyspnoea": "No"}, expected=0.0, source="ChiCTR2000030261, Table 2, patient 1 before"
        ),
    ),
)
