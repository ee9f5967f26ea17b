"""Oxygen saturation by pulse oximetry (NEWS2, 2017)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

SPO2 = Measure(
    paramcd="OXYSAT",
    param="Oxygen saturation by pulse oximetry",
    unit="%",
    low=50,
    high=100,
    direction=Direction.HIGHER_IS_BETTER,
    citation="Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP; 2017",
    aliases=("SpO2", "Oxygen saturation", "Blood oxygen saturation", "Pulse oximetry"),
    loinc="59408-5",
    convention=(
        "The oxygen given has to be known to compare two values; on room air unless the study "
        "file says otherwise."
    ),
    examples=(
        WorkedExample(
            inputs={"oxysat": "95 %"},
            expected=95.0,
            source="ChiCTR2000030261, results, patient 1 on 26 February",
        ),
        WorkedExample(
            inputs={"oxysat": 98}, expected=98.0, source="ChiCTR2000030261, results, patient 1 on 2 March"
        ),
    ),
)
