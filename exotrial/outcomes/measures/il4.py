"""Interleukin-4 in serum or plasma (Zhu 2015)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample
from exotrial.outcomes.values import Missing

IL4 = Measure(
    paramcd="IL4",
    param="Interleukin-4",
    unit="pg/mL",
    low=0,
    high=10000,
    direction=Direction.NEITHER,
    citation=(
        "Zhu J. T helper 2 (Th2) cell differentiation, type 2 innate lymphoid cell (ILC2) "
        "development and regulation of interleukin-4 (IL-4) and IL-13 production. Cytokine "
        "2015;75:14-24"
    ),
    aliases=("IL-4",),
    convention=(
        "A result below the limit of detection keeps its sign; it is not set to zero or to half the limit."
    ),
    examples=(
        WorkedExample(
            inputs={"il4": "2.05 pg/mL"},
            expected=2.05,
            source="ChiCTR2000030261, Table 3, patient 6, 30 March",
        ),
        WorkedExample(
            inputs={"il4": "No data"},
            expected=Missing.NO_DATA,
            source="ChiCTR2000030261, Table 3, patient 6, 8 April, and its footnote",
        ),
    ),
)
