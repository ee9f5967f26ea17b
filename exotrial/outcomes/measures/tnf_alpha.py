"""Tumour necrosis factor alpha in serum or plasma (Bradley 2008)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample
from exotrial.outcomes.values import Missing

TNF_ALPHA = Measure(
    paramcd="TNFA",
    param="Tumour necrosis factor alpha",
    unit="pg/mL",
    low=0,
    high=10000,
    direction=Direction.HIGHER_IS_WORSE,
    citation="Bradley JR. TNF-mediated inflammatory disease. J Pathol 2008;214:149-60",
    aliases=("TNF-α", "TNFα", "TNF-alpha", "TNF"),
    convention=(
        "A result below the limit of detection keeps its sign; it is not set to zero or to half the limit."
    ),
    examples=(
        WorkedExample(
            inputs={"tnfa": "1.94 pg/mL"},
            expected=1.94,
            source="ChiCTR2000030261, Table 3, patient 6, 30 March",
        ),
        WorkedExample(
            inputs={"tnfa": "No data"},
            expected=Missing.NO_DATA,
            source="ChiCTR2000030261, Table 3, patient 6, 8 April, and its footnote",
        ),
    ),
)
