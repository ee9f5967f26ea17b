"""Ratio of helper to cytotoxic T cells (McBride & Striker 2017)."""

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.measure import Computed, Direction, Measure, WorkedExample, not_computable
from exotrial.outcomes.measures.cd4 import CD4
from exotrial.outcomes.measures.cd8 import CD8
from exotrial.outcomes.values import Missing


def _compute(answers: Answers) -> Computed:
    helper, cytotoxic = (answers.number(measure.items[0].oid) for measure in (CD4, CD8))
    if cytotoxic == 0:
        return not_computable("there are no CD8+ cells to divide by")
    return Computed(value=helper / cytotoxic)


CD4_CD8_RATIO = Measure(
    paramcd="CD4CD8",
    param="CD4/CD8 ratio",
    unit="",
    low=0,
    high=20,
    direction=Direction.NEITHER,
    citation=(
        "McBride JA, Striker R. Imbalance in the game of T cells: what can the CD4/CD8 T-cell ratio tell us about "
        "HIV and health? PLoS Pathog 2017;13:e1006624"
    ),
    items=(*CD4.items, *CD8.items),
    compute=_compute,
    aliases=("CD4/CD8", "CD4:CD8 ratio"),
    convention="Computed from the two shares of one sample; a printed ratio is compared with it, not taken.",
    examples=(
        WorkedExample(
            inputs={"cd4pct": 25.88, "cd8pct": 23.13},
            expected=25.88 / 23.13,
            source="ChiCTR2000030261, Table 3, 30 March, which prints 1.12",
        ),
        WorkedExample(
            inputs={"cd4pct": 25, "cd8pct": 0}, expected=Missing.NOT_COMPUTABLE, source="division by zero"
        ),
    ),
)
