"""A printed range of numbers or days that is said to hold all of something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed


def _check(asked: Asked) -> Judgement:
    days = asked.choice("of", ("numbers", "days")) == "days"
    read: Callable[[str], Sequence[date | Fraction]] = asked.days if days else asked.numbers
    low, high = read("low")[0], read("high")[0]
    ways = []
    for datum, value in zip(asked.data["values"], read("values"), strict=True):
        ways.append(
            Recomputed(
                method="inside",
                label=datum.told,
                value=None if isinstance(value, date) else float(value),
                shown=datum.printed,
                matches=_between(low, value, high),
            )
        )
    outside = [way.label for way in ways if not way.matches]
    bounds = f"{asked.texts('low')[0]} to {asked.texts('high')[0]}"
    if outside:
        return Judgement(
            answer=Answer.CONTRADICTED,
            why=f"outside {bounds}: {'; '.join(outside)}.",
            recomputed=tuple(ways),
            settle="The record of who is outside, or the range that was meant.",
        )
    why = f"all {len(ways)} lie within {bounds}."
    return Judgement(answer=Answer.REPRODUCED, why=why, recomputed=tuple(ways))


def _between(low: date | Fraction, value: date | Fraction, high: date | Fraction) -> bool:
    return low <= value <= high  # type: ignore[operator]  # all three are days, or all are numbers


WITHIN = Kind(
    name="within",
    says='A range `from.low` to `from.high` that holds all of `from.values`; `given.of` = "days" for days.',
    check=_check,
    needs=("low", "high", "values"),
    may_give=("of",),
)
