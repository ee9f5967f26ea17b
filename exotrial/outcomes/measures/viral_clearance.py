"""Time to viral clearance: the first of two consecutive negative tests at least 24 hours apart (WHO 2020)."""

from datetime import datetime, timedelta

from exotrial.core.errors import Refusal
from exotrial.outcomes.answers import CONTRADICTION, Answers
from exotrial.outcomes.course import INDEX, index_of
from exotrial.outcomes.measure import (
    Computed,
    Direction,
    Measure,
    WorkedExample,
    choice,
    not_computable,
)
from exotrial.outcomes.values import Missing
from exotrial.study.items import DataType, Item

APART = timedelta(hours=24)

SAMPLED = Item(oid="sampled_at", label="Date and time of the swab, local", data_type=DataType.DATETIME)
RESULT = choice("pcr_result", "Result of the PCR test", {"negative": "negative", "positive": "positive"})


def find_clearance(tests: list[tuple[datetime, str]]) -> datetime | None:
    """The time of the first negative test that a later one confirms with nothing positive between, or None."""
    first: datetime | None = None
    for when, result in tests:
        if result == "positive":
            first = None
        elif first is None:
            first = when
        elif when - first >= APART:
            return first
    return None


def _contradictory(when: datetime) -> Refusal:
    return CONTRADICTION.refuse(f"the swab of {when} is both positive and negative", value=when)


def _compute(answers: Answers) -> Computed:
    index = index_of(answers)
    tests: dict[datetime, str] = {}
    for row in answers.rows:
        when, result = row.moment(SAMPLED.oid), row.code(RESULT.oid)
        assert when is not None, "the time of a swab is a required item"
        assert result is not None, "the result of a swab is a required item"
        if tests.setdefault(when, result) != result:
            raise _contradictory(when)
    if "positive" not in tests.values():
        return not_computable(
            "no positive test: there was nothing to clear, or it was clear before the first test"
        )
    in_order = sorted(tests.items())
    since_positive = in_order[[result for _, result in in_order].index("positive") :]
    cleared = find_clearance(since_positive)
    if cleared is not None:
        elapsed = (cleared.date() - index).days
        if elapsed < 0:
            return not_computable(f"clear on {cleared.date()}, before the index date")
        return Computed(value=float(elapsed), event=True)
    last = (in_order[-1][0].date() - index).days
    if last < 0:
        return not_computable("no test after the index date")
    return Computed(value=float(last), event=False, notes=("not cleared by the last test",))


_START = {"index_date": "2020-03-01"}
_POSITIVE = {"sampled_at": "2020-03-01T08:00", "pcr_result": "positive"}
_NEGATIVE = {"sampled_at": "2020-03-06T08:00", "pcr_result": "negative"}
_CONFIRMED = {"sampled_at": "2020-03-07T08:00", "pcr_result": "negative"}
_TOO_SOON = {"sampled_at": "2020-03-07T07:59", "pcr_result": "negative"}

VIRAL_CLEARANCE = Measure(
    paramcd="TTVCLEAR",
    param="Time to viral clearance",
    unit="d",
    low=0,
    high=120,
    direction=Direction.HIGHER_IS_WORSE,
    citation=(
        "WHO. Criteria for releasing COVID-19 patients from isolation. Scientific brief, 17 June 2020 (initial "
        "recommendation of 12 January 2020: two negative RT-PCR results on samples at least 24 hours apart)"
    ),
    items=(INDEX,),
    row_items=(SAMPLED, RESULT),
    compute=_compute,
    aliases=("Viral clearance", "Time to negative PCR", "SARS-CoV-2 nucleic acid negative conversion"),
    convention="The day of the first of the two negatives counts. Without confirmation the time is censored at the "
    "last test. Without a positive test there is no time.",
    examples=(
        WorkedExample(
            inputs={**_START, "rows": [_POSITIVE, _NEGATIVE, _CONFIRMED]},
            expected=5.0,
            event=True,
            source="exactly 24 hours apart",
        ),
        WorkedExample(
            inputs={**_START, "rows": [_POSITIVE, _NEGATIVE, _TOO_SOON]},
            expected=6.0,
            event=False,
            source="one minute short of 24 hours: not confirmed",
        ),
        WorkedExample(
            inputs={**_START, "rows": [_NEGATIVE, _CONFIRMED]},
            expected=Missing.NOT_COMPUTABLE,
            source="the convention of this measure",
        ),
    ),
)
