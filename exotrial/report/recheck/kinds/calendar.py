"""A day printed in two calendars, Gregorian and Iranian (Jalali): are they the same day?"""

from __future__ import annotations

import re

from exotrial.core.dates import read_date, read_jalali, write_jalali
from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.printed import UNREADABLE
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, judge

_BOTH = re.compile(r"(\d{4}-\d{2}-\d{2}),\s*(\d{4}/\d{2}/\d{2})")


def _check(asked: Asked) -> Judgement:
    match = _BOTH.search(asked.claim.prints)
    if match is None:
        raise UNREADABLE.refuse(
            f"{asked.claim.prints!r} is no day in two calendars",
            place=asked.place,
            value=asked.claim.prints,
            remedy="print it like 2021-03-05, 1399/12/15.",
        )
    day = read_date(match[1], place=asked.place)
    way = Recomputed(
        method="jalali",
        label=f"{match[1]} in the Iranian calendar",
        value=None,
        shown=write_jalali(day),
        matches=read_jalali(match[2], place=asked.place) == day,
    )
    return judge(
        [way],
        printed=match[2],
        settle="Which of the two dates was entered.",
        otherwise=Answer.CONTRADICTED,
    )


CALENDARS = Kind(
    name="two_calendars",
    says="A day printed in the Gregorian and the Iranian calendar, like 2021-03-05, 1399/12/15.",
    check=_check,
)
