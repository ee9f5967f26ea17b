"""A printed time to an event that was only looked for at visits: what is known is an interval.

The event lies after the last visit without it and no later than the first visit with it (Turnbull 1976, J R Stat
Soc B 38:290-295).
"""

from __future__ import annotations

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed


def _check(asked: Asked) -> Judgement:
    printed = asked.printed
    last_without, first_with = asked.days("last_without")[0], asked.days("first_with")[0]
    ways = []
    for datum, origin in zip(asked.data["origin"], asked.days("origin"), strict=True):
        low, high = (last_without - origin).days, (first_with - origin).days
        ways.append(
            Recomputed(
                method="interval",
                label=f"from {datum.printed}",
                value=None,
                shown=f"more than {low}, at most {high} d",
                matches=low < printed.value <= high,
            )
        )
        if printed.admits(high) or printed.admits(high + 1):
            counted = (
                "days to the visit that saw it" if printed.admits(high) else "the same, both days counted"
            )
            ways.append(
                Recomputed(
                    method="first_seen",
                    label=f"{counted}, from {datum.printed}",
                    value=float(high),
                    shown=f"{high} d",
                    matches=True,
                    right_for_data=False,
                )
            )
    intervals = [way for way in ways if way.method == "interval"]
    inside = any(way.matches for way in intervals)
    settle = "A visit on the day itself, or the time reported as an interval with its origin."
    if not inside:
        told = "; ".join(f"{way.label}: {way.shown}" for way in intervals)
        return Judgement(
            answer=Answer.CONTRADICTED,
            why=f"{asked.claim.prints} lies outside what the visits allow ({told}).",
            recomputed=tuple(ways),
            settle=settle,
        )
    if (first_with - last_without).days == 1:
        why = f"the visits of two days on end bracket the event: {asked.claim.prints} is exact."
        return Judgement(answer=Answer.REPRODUCED, why=why, recomputed=tuple(ways))
    told = "; ".join(f"{way.label}: {way.shown}" for way in intervals)
    ending = any(way.method == "first_seen" for way in ways)
    stands = "the end of it" if ending else "in it"
    why = (
        f"the event was looked for only at visits, so the time is an interval and not a number ({told}); "
        f"{asked.claim.prints} is {stands}."
    )
    return Judgement(
        answer=Answer.IMPOSSIBLE,
        why=why,
        recomputed=tuple(ways),
        settle=settle,
    )


TIME_TO_EVENT = Kind(
    name="time_to_event_interval",
    says="A time from `from.origin` to an event between the visits `from.last_without` and `from.first_with`.",
    check=_check,
    needs=("origin", "last_without", "first_with"),
)
