"""Time to complete absorption of lesions on chest CT: known only between two scans, so an interval.

A lesion present on one scan and gone on the next was absorbed at some time in between, which is interval
censoring (Sun 2006); writing the day of the second scan as the time makes it too long.
"""

from datetime import date

from exotrial.outcomes.answers import CONTRADICTION, Answers
from exotrial.outcomes.course import INDEX, index_of
from exotrial.outcomes.measure import (
    Computed,
    Direction,
    Measure,
    WorkedExample,
    choice,
    day,
    not_computable,
)
from exotrial.outcomes.values import Missing

SCANNED = day("scanned_on", "Date of the chest CT")
LESIONS = choice(
    "lesions", "Lesions on the chest CT", {"present": "still to be seen", "absorbed": "completely absorbed"}
)


def _compute(answers: Answers) -> Computed:
    index = index_of(answers)
    scans: dict[date, str] = {}
    for row in answers.rows:
        on, seen = row.day(SCANNED.oid), row.code(LESIONS.oid)
        assert on is not None, "the date of a scan is a required item"
        assert seen is not None, "the reading of a scan is a required item"
        if scans.setdefault(on, seen) != seen:
            raise CONTRADICTION.refuse(f"the scan of {on} shows lesions and none", value=on)
    with_lesions = [(on - index).days for on, seen in scans.items() if seen == "present"]
    if not with_lesions:
        return not_computable("no scan shows a lesion")
    last = max(with_lesions)
    after = [
        (on - index).days for on, seen in scans.items() if seen == "absorbed" and (on - index).days > last
    ]
    if not after:
        return Computed(lower=float(last), upper=None, event=False, notes=("not absorbed on the last scan",))
    upper = min(after)
    if upper <= 0:
        return not_computable("absorbed before the index date")
    notes: tuple[str, ...] = (f"absorbed after day {last} and by day {upper}",)
    if last < 0:
        notes += ("the last scan with lesions is before the index date, and absorption may be too",)
    return Computed(lower=float(last), upper=float(upper), event=True, notes=notes)


_START = {"index_date": "2020-03-01"}
_FIRST = {"scanned_on": "2020-03-01", "lesions": "present"}
_SECOND = {"scanned_on": "2020-03-11", "lesions": "present"}
_THIRD = {"scanned_on": "2020-03-19", "lesions": "absorbed"}

CT_ABSORPTION_TIME = Measure(
    paramcd="CTABSORB",
    param="Time to complete absorption of lung lesions on CT",
    unit="d",
    low=0,
    high=365,
    direction=Direction.HIGHER_IS_WORSE,
    citation="Sun J. The Statistical Analysis of Interval-censored Failure Time Data. New York: Springer; 2006",
    items=(INDEX,),
    row_items=(SCANNED, LESIONS),
    compute=_compute,
    aliases=("CT absorption time", "Lesion absorption time", "Absorption of pulmonary lesions"),
    convention="The interval (lower, upper]: after the last scan with lesions, by the first without that follows it. "
    "Lesions that come back count as not absorbed until then. No upper bound where no scan is clear.",
    examples=(
        WorkedExample(
            inputs={**_START, "rows": [_FIRST, _SECOND, _THIRD]},
            expected=(10.0, 18.0),
            event=True,
            source="definition: scans on days 0, 10 and 18",
        ),
        WorkedExample(
            inputs={**_START, "rows": [_FIRST, _SECOND]},
            expected=(10.0, None),
            event=False,
            source="definition: no clear scan",
        ),
        WorkedExample(
            inputs={**_START, "rows": [_THIRD]}, expected=Missing.NOT_COMPUTABLE, source="never a lesion seen"
        ),
    ),
)
