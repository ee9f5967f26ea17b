"""Counts of adverse events and of serious ones in a participant (ICH E2A, definitions II.A.1 and II.B)."""

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.measure import (
    Computed,
    Direction,
    Measure,
    WorkedExample,
    not_computable,
    yes_no,
)
from exotrial.outcomes.values import Missing
from exotrial.study.items import DataType, Item

CITATION = "ICH E2A. Clinical safety data management: definitions and standards for expedited reporting. 1994"
CONVENTION = (
    "No event is zero only where the participant was asked for events over the whole collection window; otherwise it "
    "is missing. Events are counted as reported, without merging terms."
)

ASKED = yes_no("ae_asked", "Asked for adverse events over the whole collection window")
TERM = Item(oid="ae_term", label="Adverse event, as reported", data_type=DataType.TEXT)
SERIOUS = yes_no("ae_serious", "Serious")


def _compute(answers: Answers, *, serious_only: bool) -> Computed:
    counted = [row for row in answers.rows if row.flag(SERIOUS.oid) or not serious_only]
    if answers.flag(ASKED.oid) is True:
        return Computed(value=float(len(counted)))
    if counted:
        return Computed(value=float(len(counted)), notes=("not asked for throughout: at least this many",))
    return not_computable("not asked for: no report is not no event")


_ROWS = [{"ae_term": "headache", "ae_serious": "no"}, {"ae_term": "sepsis", "ae_serious": "yes"}]
_SOURCE = "definition: events are counted"
_UNASKED = WorkedExample(
    inputs={"ae_asked": "no"}, expected=Missing.NOT_COMPUTABLE, source="the convention of this measure"
)

ADVERSE_EVENTS = Measure(
    paramcd="AECOUNT",
    param="Adverse events, number",
    unit="",
    low=0,
    high=1000,
    direction=Direction.HIGHER_IS_WORSE,
    citation=CITATION,
    items=(ASKED,),
    row_items=(TERM, SERIOUS),
    compute=lambda answers: _compute(answers, serious_only=False),
    convention=CONVENTION,
    aliases=("Adverse events", "Number of adverse events"),
    examples=(
        WorkedExample(inputs={"ae_asked": "yes", "rows": _ROWS}, expected=2.0, source=_SOURCE),
        WorkedExample(inputs={"ae_asked": "yes"}, expected=0.0, source=_SOURCE),
        _UNASKED,
    ),
)

SERIOUS_ADVERSE_EVENTS = Measure(
    paramcd="SAECOUNT",
    param="Serious adverse events, number",
    unit="",
    low=0,
    high=1000,
    direction=Direction.HIGHER_IS_WORSE,
    citation=CITATION,
    items=(ASKED,),
    row_items=(TERM, SERIOUS),
    compute=lambda answers: _compute(answers, serious_only=True),
    convention=CONVENTION,
    aliases=("Serious adverse events", "Number of serious adverse events"),
    examples=(
        WorkedExample(inputs={"ae_asked": "yes", "rows": _ROWS}, expected=1.0, source=_SOURCE),
        WorkedExample(inputs={"ae_asked": "yes"}, expected=0.0, source=_SOURCE),
        _UNASKED,
    ),
)
