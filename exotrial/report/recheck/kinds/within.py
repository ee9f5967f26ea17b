"""A printed range of numbers or days that is said to hold all of something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from exotrial.report.recheck.kind import WRONG_SETTING, Asked, Kind
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed


def _check(asked: Asked) -> Judgement:
    days = asked.choice("of", ("numbers", "days")) == "days"
    read: Callable[[str], Sequence[date | Fraction]] = asked.days if days else asked.numbers
    low = read("low")[0] if "low" in asked.data else None
    high = read("high")[0] if "high" in asked.data else None
    if low is None and high is None:
        raise WRONG_SETTING.refuse(
            "neither from.low nor from.high is given",
            place=asked.place,
            value="",
            remedy="give one end of the range, or both.",
        )
    ways = []
    for datum, value in zip(asked.data["values"], read("values"), strict=True):
        ways.append(
            Recomputed(
                method="inside",
                label=datum.told,
                value=None if isinstance(value, date) else float(value),
                shown=datum.printed,
                matches=not _beyond(low, value) and not _beyond(value, high),
            )
        )
    outside = [way.label for way in ways if not way.matches]
    ends = [
        f"{word} {asked.texts(end)[0]}"
        for end, word in (("low", "from"), ("high", "to"))
        if end in asked.data
    ]
    bounds = "the range " + " ".join(ends)
    if outside:
        return Judgement(
            answer=Answer.CONTRADICTED,
            why=f"outside {bounds}: {'; '.join(outside)}.",
            recomputed=tuple(ways),
            settle="The record of who is outside, or the range that was meant.",
        )
    why = f"all {len(ways)} lie within {bounds}."
    return Judgement(answer=Answer.REPRODUCED, why=why, recomputed=tuple(ways))


def _beyond(first: date | Fraction | None, second: date | Fraction | None) -> bool:
    """Whether the first is above the second; an end that is not given is never passed."""
    if first is None or second is None:
        return False
    return first > second  # type: ignore[operator]  # both are days, or both are numbers


WITHIN = Kind(
    name="within",
    says='A range `from.low` to `from.high` (or one end) that holds all of `from.values`; `given.of` may be "days".',
    check=_check,
    needs=("values",),
    may=("low", "high"),
    may_give=("of",),
)
