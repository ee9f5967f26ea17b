"""Interleukin-6 in serum or plasma (Tanaka, Narazaki & Kishimoto 2014)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

INTERLEUKIN_6 = Measure(
    paramcd="IL6",
    param="Interleukin-6",
    unit="pg/mL",
    low=0,
    high=100000,
    direction=Direction.HIGHER_IS_WORSE,
    citation=(
        "Tanaka T, Narazaki M, Kishimoto T. IL-6 in inflammation, immunity, and disease. Cold "
        "Spring Harb Perspect Biol 2014;6:a016295"
    ),
    aliases=("IL-6", "Interleukin 6"),
    loinc="26881-3",
    convention=(
        "A result below the limit of detection keeps its sign; it is not set to zero or to half the limit."
    ),
    examples=(
        WorkedExample(
            inputs={"il6": "3.25 pg/mL"},
            expected=3.25,
            source="ChiCTR2000030261, Table 3, patient 6, 30 March",
        ),
        WorkedExample(
            inputs={"il6": "3.54 ng/L"},
            expected=3.54,
            source="ChiCTR2000030261, Table 3, patient 6, 8 April; 1 ng/L is 1 pg/mL",
        ),
    ),
)
