"""Respiratory rate, breaths in a minute (NEWS2, 2017)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

RESPIRATORY_RATE = Measure(
    paramcd="RESP",
    param="Respiratory rate",
    unit="1/min",
    low=4,
    high=60,
    direction=Direction.HIGHER_IS_WORSE,
    citation="Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP; 2017",
    aliases=("Breathing rate", "Breaths per minute", "RR"),
    loinc="9279-1",
    convention=(
        "Higher is worse holds for adults with pneumonia above about 20 breaths a minute; below 9 it turns."
    ),
    examples=(
        WorkedExample(
            inputs={"resp": "32 /min"}, expected=32.0, source="ChiCTR2000030261, Table 2, patient 2 before"
        ),
        WorkedExample(
            inputs={"resp": "12 breaths/min"},
            expected=12.0,
            source="ChiCTR2000030261, Table 2, patient 1 before",
        ),
    ),
)
