"""Interleukin-10 in serum or plasma (Saraiva & O'Garra 2010)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

IL10 = Measure(
    paramcd="IL10",
    param="Interleukin-10",
    unit="pg/mL",
    low=0,
    high=10000,
    direction=Direction.NEITHER,
    citation=(
        "Saraiva M, O'Garra A. The regulation of IL-10 production by immune cells. Nat Rev "
        "Immunol 2010;10:170-81"
    ),
    aliases=("IL-10",),
    convention=(
        "A result below the limit of detection keeps its sign; it is not set to zero or to half the limit."
    ),
    examples=(
        WorkedExample(
            inputs={"il10": "2.76 pg/mL"},
            expected=2.76,
            source="ChiCTR2000030261, Table 3, patient 6, 30 March",
        ),
        WorkedExample(
            inputs={"il10": "0.83 ng/L"},
            expected=0.83,
            source="ChiCTR2000030261, Table 3, patient 6, 8 April; 1 ng/L is 1 pg/mL",
        ),
    ),
)
