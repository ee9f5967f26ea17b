"""Interleukin-2 in serum or plasma (Boyman & Sprent 2012)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample
from exotrial.outcomes.values import Missing

IL2 = Measure(
    paramcd="IL2",
    param="Interleukin-2",
    unit="pg/mL",
    low=0,
    high=10000,
    direction=Direction.NEITHER,
    citation=(
        "Boyman O, Sprent J. The role of interleukin-2 during homeostasis and activation of the "
        "immune system. Nat Rev Immunol 2012;12:180-90"
    ),
    aliases=("IL-2",),
    convention=(
        "A result below the limit of detection keeps its sign; it is not set to zero or to half the limit."
    ),
    examples=(
        WorkedExample(
            inputs={"il2": "2.19 pg/mL"},
            expected=2.19,
            source="ChiCTR2000030261, Table 3, patient 6, 30 March",
        ),
        WorkedExample(
            inputs={"il2": "No data"},
            expected=Missing.NO_DATA,
            source="ChiCTR2000030261, Table 3, patient 6, 8 April, and its footnote",
        ),
    ),
)
