"""PaO2/FiO2 and the oxygenation class of the Berlin definition of ARDS (Ranieri et al. 2012)."""

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.measure import (
    Computed,
    Direction,
    Measure,
    WorkedExample,
    not_computable,
    number,
)
from exotrial.outcomes.values import Missing

CITATION = (
    "ARDS Definition Task Force (Ranieri VM et al.). Acute respiratory distress syndrome: the Berlin "
    "Definition. JAMA 2012;307:2526-33"
)

PAO2 = number(
    "pao2", "Arterial partial pressure of oxygen", unit="mmHg", low=30, high=600, hard_low=1, hard_high=760
)
FIO2 = number(
    "fio2",
    "Fraction of inspired oxygen",
    low=0.21,
    high=1,
    hard_low=0.2,
    hard_high=1,
    question="A fraction from 0.21 to 1, or a percentage with its sign.",
)
PEEP = number("peep", "Positive end-expiratory pressure or CPAP", unit="cmH2O", low=0, high=25, hard_high=60)

MILD_AT_MOST, MODERATE_AT_MOST, SEVERE_AT_MOST = 300, 200, 100
PEEP_AT_LEAST = 5


def compute_ratio(answers: Answers) -> float:
    """PaO2 over FiO2, mmHg."""
    return answers.number(PAO2.oid) / answers.number(FIO2.oid)


def classify_oxygenation(ratio: float) -> str:
    """The class by P/F alone, mmHg; the upper bound belongs to the graver class (Ranieri 2012, Table 3)."""
    if ratio <= SEVERE_AT_MOST:
        return "severe"
    if ratio <= MODERATE_AT_MOST:
        return "moderate"
    return "mild" if ratio <= MILD_AT_MOST else "none"


def _compute_class(answers: Answers) -> Computed:
    pressure = answers.number(PEEP.oid)
    if pressure < PEEP_AT_LEAST:
        return not_computable(
            f"PEEP or CPAP of {pressure:g} cmH2O is below {PEEP_AT_LEAST}, which Berlin requires"
        )
    text = classify_oxygenation(compute_ratio(answers))
    return Computed(value=float(BERLIN_CLASSES.index(text)), text=text)


BERLIN_CLASSES = ("none", "mild", "moderate", "severe")

PF_RATIO = Measure(
    paramcd="PFRATIO",
    param="PaO2/FiO2 ratio",
    unit="mmHg",
    low=30,
    high=700,
    direction=Direction.HIGHER_IS_BETTER,
    citation=CITATION,
    items=(PAO2, FIO2),
    compute=lambda answers: Computed(value=compute_ratio(answers)),
    aliases=("PaO2/FiO2", "P/F ratio", "P/F", "PF ratio", "Oxygenation index (PaO2/FiO2)", "Horowitz index"),
    convention="Needs an arterial blood gas; SpO2/FiO2 is another variable. Above 1000 m the Berlin definition "
    "multiplies by barometric pressure over 760 mmHg, which is not done here.",
    examples=(
        WorkedExample(inputs={"pao2": 60, "fio2": 0.40}, expected=150.0, source="definition: 60 / 0.40"),
        WorkedExample(
            inputs={"pao2": "60 mmHg", "fio2": "40 %"}, expected=150.0, source="definition: 40 % is 0.40"
        ),
    ),
)

BERLIN_CLASS = Measure(
    paramcd="PFBERLIN",
    param="Berlin oxygenation class",
    unit="",
    low=0,
    high=3,
    direction=Direction.HIGHER_IS_WORSE,
    citation=CITATION,
    items=(PAO2, FIO2, PEEP),
    compute=_compute_class,
    classes=BERLIN_CLASSES,
    aliases=("Berlin class", "Berlin ARDS class", "ARDS severity"),
    convention="Oxygenation only: timing, imaging and origin of the oedema are judged elsewhere. CPAP counts for "
    "the mild class; moderate and severe ask for PEEP. Below 5 cmH2O there is no class.",
    examples=(
        WorkedExample(
            inputs={"pao2": 75, "fio2": 0.75, "peep": 5}, expected="severe", source="Ranieri 2012: P/F <= 100"
        ),
        WorkedExample(
            inputs={"pao2": 80, "fio2": 0.40, "peep": 5},
            expected="moderate",
            source="Ranieri 2012: P/F <= 200",
        ),
        WorkedExample(
            inputs={"pao2": 90, "fio2": 0.30, "peep": 5}, expected="mild", source="Ranieri 2012: P/F <= 300"
        ),
        WorkedExample(
            inputs={"pao2": 90, "fio2": 0.30, "peep": 4},
            expected=Missing.NOT_COMPUTABLE,
            source="Ranieri 2012: with PEEP or CPAP >= 5 cmH2O",
        ),
    ),
)
