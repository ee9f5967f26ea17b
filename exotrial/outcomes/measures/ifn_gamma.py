"""Interferon gamma in serum or plasma (Schroder et al. 2004)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample
from exotrial.outcomes.values import Missing

IFN_GAMMA = Measure(
    paramcd="IFNG",
    param="Interferon gamma",
    unit="pg/mL",
    low=0,
    high=10000,
    direction=Direction.NEITHER,
    citation=(
        "Schroder K, Hertzog PJ, Ravasi T, Hume DA. Interferon-γ: an overview of signals, "
        "mechanisms and functions. J Leukoc Biol 2004;75:163-89"
    ),
    aliases=("IFN-γ", "IFNγ", "IFN-gamma"),
    convention=(
        "A result below the limit of detection keeps its sign; it is not set to zero or to half the limit."
    ),
    examples=(
        WorkedExample(
            inputs={"ifng": "0.63 pg/mL"},
            expected=0.63,
            source="ChiCTR2000030261, Table 3, patient 6, 30 March",
        ),
        WorkedExample(
            inputs={"ifng": "No data"},
            expected=Missing.NO_DATA,
            source="ChiCTR2000030261, Table 3, patient 6, 8 April, and its footnote",
        ),
    ),
)
