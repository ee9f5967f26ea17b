"""Interleukin-17A in serum or plasma (Korn et al. 2009)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample
from exotrial.outcomes.values import Missing

IL17A = Measure(
    paramcd="IL17A",
    param="Interleukin-17A",
    unit="pg/mL",
    low=0,
    high=10000,
    direction=Direction.NEITHER,
    citation=(
        "Korn T, Bettelli E, Oukka M, Kuchroo VK. IL-17 and Th17 cells. Annu Rev Immunol 2009;27:485-517"
    ),
    aliases=("IL-17A",),
    convention=(
        "A result below the limit of detection keeps its sign; it is not set to zero or to half the limit."
    ),
    examples=(
        WorkedExample(
            inputs={"il17a": "0 pg/mL"}, expected=0.0, source="ChiCTR2000030261, Table 3, patient 6, 30 March"
        ),
        WorkedExample(
            inputs={"il17a": "No data"},
            expected=Missing.NO_DATA,
            source="ChiCTR2000030261, Table 3, patient 6, 8 April, and its footnote",
        ),
    ),
)
