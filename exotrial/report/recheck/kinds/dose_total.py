"""A printed total dose, against dose x times a day x days."""

from __future__ import annotations

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, judge

MOST_TIMES = 6


def _check(asked: Asked) -> Judgement:
    printed = asked.printed
    dose, days = asked.figures("dose")[0].value, asked.figures("days")[0].value
    times = asked.figures("times")[0].value if "times" in asked.data else 1
    total = dose * days * times
    told = f"{asked.texts('dose')[0]} x {asked.texts('days')[0]}"
    told += f" x {asked.texts('times')[0]} a day" if "times" in asked.data else ""
    way = Recomputed(
        method="product",
        label=told,
        value=float(total),
        shown=printed.write(total),
        matches=printed.admits(total),
    )
    found = judge(
        [way],
        printed=asked.told,
        settle="The dose given on each day, and how often.",
        otherwise=Answer.CONTRADICTED,
    )
    fits = [n for n in range(1, MOST_TIMES + 1) if n != times and printed.admits(dose * days * n)]
    if way.matches or not fits:
        return found
    inference = f"Inferred, not stated: the total holds if the dose was given {fits[0]} times a day."
    return Judgement(
        answer=found.answer,
        why=found.why,
        recomputed=found.recomputed,
        inference=inference,
        settle=found.settle,
    )


DOSE_TOTAL = Kind(
    name="dose_total",
    says="A total dose, against `from.dose` x `from.days`, x `from.times` a day where given.",
    check=_check,
    needs=("dose", "days"),
    may=("times",),
)
