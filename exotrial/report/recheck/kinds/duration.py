"""A printed number of days between two days, counted both ways: with and without the first day."""

from __future__ import annotations

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.verdicts import Judgement, Recomputed, judge


def _check(asked: Asked) -> Judgement:
    printed = asked.printed
    start, end = asked.days("start")[0], asked.days("end")[0]
    days = (end - start).days
    told = f"{asked.texts('start')[0]} to {asked.texts('end')[0]}"
    ways = [
        Recomputed(method=method, label=label, value=float(n), shown=f"{n} d", matches=printed.admits(n))
        for method, label, n in (
            ("days_between", f"days from {told}, first day not counted", days),
            ("days_inclusive", f"days from {told}, both days counted", days + 1),
        )
    ]
    distances = [abs((way.value or 0.0) - float(printed.value)) for way in ways]
    return judge(
        ways,
        printed=asked.claim.prints,
        settle="The two dates that the duration runs between.",
        distances=distances,
    )


DURATION = Kind(
    name="duration",
    says="A number of days from `from.start` to `from.end`; `given.year` where the prints have none.",
    check=_check,
    needs=("start", "end"),
)
