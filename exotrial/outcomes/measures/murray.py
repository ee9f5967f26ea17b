"""The lung injury score of Murray et al. 1988: four components of 0 to 4, averaged over those that were scored.

Registries and papers also report the sum of 0 to 16; the two are named apart, and so is the number scored.
"""

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.measure import (
    Computed,
    Direction,
    Measure,
    WorkedExample,
    not_computable,
    number,
)
from exotrial.outcomes.measures.pf_ratio import FIO2, PAO2, PEEP
from exotrial.outcomes.values import Missing

CITATION = (
    "Murray JF, Matthay MA, Luce JM, Flick MR. An expanded definition of the adult respiratory distress "
    "syndrome. Am Rev Respir Dis 1988;138:720-3"
)
CONVENTION = (
    "Printed classes are whole numbers (225-299); a value between two classes belongs to the class whose nearer "
    "bound it has not yet left, so a P/F of 299.5 scores 1 and a PEEP of 5.5 scores 0. A component that was not "
    "measured is not scored, and is never taken as 0."
)

QUADRANTS = number(
    "cxr_quadrants",
    "Quadrants of the chest radiograph with alveolar consolidation",
    low=0,
    high=4,
    hard_low=0,
    hard_high=4,
    whole=True,
)
COMPLIANCE = number(
    "compliance",
    "Respiratory system compliance",
    unit="mL/cmH2O",
    low=5,
    high=150,
)
ITEMS = (QUADRANTS, PAO2, FIO2, PEEP, COMPLIANCE)
OPTIONAL = tuple(item.oid for item in ITEMS)


def score_oxygenation(ratio: float) -> int:
    """PaO2/FiO2, mmHg: >= 300 is 0, 225-299 is 1, 175-224 is 2, 100-174 is 3, < 100 is 4."""
    return sum(ratio < bound for bound in (300, 225, 175, 100))


def score_peep(pressure: float) -> int:
    """PEEP, cmH2O: <= 5 is 0, 6-8 is 1, 9-11 is 2, 12-14 is 3, >= 15 is 4."""
    return sum(pressure >= bound for bound in (6, 9, 12, 15))


def score_compliance(compliance: float) -> int:
    """Compliance, mL/cmH2O: >= 80 is 0, 60-79 is 1, 40-59 is 2, 20-39 is 3, <= 19 is 4."""
    return sum(compliance < bound for bound in (80, 60, 40, 20))


def score_components(answers: Answers) -> dict[str, int]:
    """The score of every component that was measured, by name."""
    scores: dict[str, int] = {}
    quadrants = answers.number_or_none(QUADRANTS.oid)
    pressure, fraction = answers.number_or_none(PAO2.oid), answers.number_or_none(FIO2.oid)
    peep, compliance = answers.number_or_none(PEEP.oid), answers.number_or_none(COMPLIANCE.oid)
    if quadrants is not None:
        scores["radiograph"] = int(quadrants)
    if pressure is not None and fraction is not None:
        scores["oxygenation"] = score_oxygenation(pressure / fraction)
    if peep is not None:
        scores["PEEP"] = score_peep(peep)
    if compliance is not None:
        scores["compliance"] = score_compliance(compliance)
    return scores


def _told(scores: dict[str, int]) -> str:
    named = ", ".join(f"{name} {score}" for name, score in scores.items())
    return f"{len(scores)} of 4 components scored: {named}"


def _compute_mean(answers: Answers) -> Computed:
    scores = score_components(answers)
    if not scores:
        return not_computable("no component was scored")
    return Computed(value=sum(scores.values()) / len(scores), notes=(_told(scores),))


def _compute_sum(answers: Answers) -> Computed:
    scores = score_components(answers)
    if len(scores) < 4:
        return not_computable(_told(scores) if scores else "no component was scored")
    return Computed(value=float(sum(scores.values())), notes=(_told(scores),))


def _compute_number_scored(answers: Answers) -> Computed:
    scores = score_components(answers)
    return Computed(value=float(len(scores))) if scores else not_computable("no component was scored")


def _all(quadrants: int, pao2: float, fio2: float, peep: float, compliance: float) -> dict[str, float]:
    return dict(zip((item.oid for item in ITEMS), (quadrants, pao2, fio2, peep, compliance), strict=True))


_SOURCE = "Murray 1988, the table of the score, applied by hand"
_GRAVE = _all(4, 60, 0.8, 12, 25)  # 4, P/F 75 -> 4, 3, 3
_LIGHT = _all(1, 100, 0.4, 6, 60)  # 1, P/F 250 -> 1, 1, 1
_THREE = {name: answer for name, answer in _GRAVE.items() if name != COMPLIANCE.oid}  # 4, 4, 3

MURRAY = Measure(
    paramcd="MURRAY",
    param="Murray lung injury score, mean of the components scored",
    unit="",
    low=0,
    high=4,
    direction=Direction.HIGHER_IS_WORSE,
    citation=CITATION,
    items=ITEMS,
    optional=OPTIONAL,
    compute=_compute_mean,
    convention=CONVENTION + " 0 is no injury, up to 2.5 mild to moderate, above 2.5 severe.",
    aliases=("Murray score", "Murray lung injury score", "Lung injury score", "LIS", "Murray"),
    examples=(
        WorkedExample(inputs=_GRAVE, expected=3.5, source=_SOURCE),
        WorkedExample(inputs=_LIGHT, expected=1.0, source=_SOURCE),
        WorkedExample(
            inputs=_THREE, expected=11 / 3, source="Murray 1988: divide by the number of components used"
        ),
    ),
)

MURRAY_SUM = Measure(
    paramcd="MURRAYS",
    param="Murray lung injury score, sum of all four components",
    unit="",
    low=0,
    high=16,
    direction=Direction.HIGHER_IS_WORSE,
    citation=CITATION,
    items=ITEMS,
    optional=OPTIONAL,
    compute=_compute_sum,
    convention=CONVENTION + " A sum of fewer than four components is on another scale and is not given.",
    aliases=("Murray sum", "Murray score 0 to 16"),
    examples=(
        WorkedExample(inputs=_GRAVE, expected=14.0, source=_SOURCE),
        WorkedExample(
            inputs=_THREE, expected=Missing.NOT_COMPUTABLE, source="the convention of this measure"
        ),
    ),
)

MURRAY_NUMBER = Measure(
    paramcd="MURRAYN",
    param="Murray lung injury score, number of components scored",
    unit="",
    low=1,
    high=4,
    direction=Direction.NEITHER,
    citation=CITATION,
    items=ITEMS,
    optional=OPTIONAL,
    compute=_compute_number_scored,
    convention=CONVENTION,
    aliases=("Murray components scored",),
    examples=(
        WorkedExample(inputs=_GRAVE, expected=4.0, source=_SOURCE),
        WorkedExample(inputs=_THREE, expected=3.0, source=_SOURCE),
    ),
)
