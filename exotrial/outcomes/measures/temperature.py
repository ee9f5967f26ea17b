"""Body temperature (Mackowiak, Wasserman & Levine 1992)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

TEMPERATURE = Measure(
    paramcd="TEMP",
    param="Body temperature",
    unit="degC",
    low=33,
    high=43,
    direction=Direction.HIGHER_IS_WORSE,
    citation=(
        "Mackowiak PA, Wasserman SS, Levine MM. A critical appraisal of 98.6 degrees F. JAMA 1992;268:1578-80"
    ),
    aliases=("Temperature", "Fever"),
    loinc="8310-5",
    convention="The site of measurement is not corrected for. Higher is worse holds above normal.",
    examples=(
        WorkedExample(
            inputs={"temp": "36.5 degC"}, expected=36.5, source="ChiCTR2000030261, Table 2, patient 1 before"
        ),
        WorkedExample(
            inputs={"temp": "98.6 degF"},
            expected=37.0,
            source="Mackowiak 1992: 98.6 degrees F is 37.0 degrees C",
        ),
    ),
)
