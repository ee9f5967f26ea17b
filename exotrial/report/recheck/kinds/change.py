"""A statement that something rose, fell or stayed: each value against the one before it, person by person."""

from __future__ import annotations

from fractions import Fraction

from exotrial.report.recheck.kind import UNEQUAL, Asked, Kind
from exotrial.report.recheck.printed import is_number, read_figure
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, cannot

DIRECTIONS = ("increase", "decrease", "none")


def _check(asked: Asked) -> Judgement:
    direction = asked.choice("direction", DIRECTIONS)
    if asked.missing:
        return cannot("; ".join(asked.missing.values()))
    if "series" in asked.data:
        values, data = asked.numbers("series"), asked.data["series"]
        pairs = [
            (f"{data[i].printed} to {data[i + 1].printed}", values[i], values[i + 1])
            for i in range(len(values) - 1)
        ]
    elif "before" in asked.data and "after" in asked.data:
        before, after = asked.pairs("before", "after")
        pairs = [
            (f"participant {one.participant or i + 1}: {one.printed} to {two.printed}", a, b)
            for i, (one, two, a, b) in enumerate(
                zip(asked.data["before"], asked.data["after"], before, after, strict=True)
            )
        ]
    else:
        raise UNEQUAL.refuse(
            "neither from.series nor both from.before and from.after are given",
            place=asked.place,
            value="",
            remedy="give from.series, or from.before and from.after.",
        )
    ways = tuple(
        Recomputed(
            method="difference",
            label=label,
            value=float(b - a),
            shown=f"{float(b - a):+g}",
            matches=_agrees(b - a, direction),
        )
        for label, a, b in pairs
    )
    against = [way.label for way in ways if not way.matches]
    said = "no change" if direction == "none" else f"every step is an {direction}".replace("an d", "a d")
    if against:
        return Judgement(
            answer=Answer.CONTRADICTED,
            why=f"said: {said}; not so: {'; '.join(against)}.",
            recomputed=ways,
            settle="The values, with their dates.",
        )
    return Judgement(answer=Answer.REPRODUCED, why=f"{said}, in all {len(ways)}.", recomputed=ways)


def _agrees(difference: Fraction, direction: str) -> bool:
    if direction == "none":
        return difference == 0
    return difference > 0 if direction == "increase" else difference < 0


def _largest(asked: Asked) -> Judgement:
    chosen = asked.word("of")
    if len(asked.data["before"]) != len(asked.data["after"]):
        sizes = f"{len(asked.data['before'])}, {len(asked.data['after'])}"
        raise UNEQUAL.refuse(f"the two sides have {sizes} figures", place=asked.place, value=sizes)
    changes = []
    for one, two in zip(asked.data["before"], asked.data["after"], strict=True):
        if is_number(one.printed) and is_number(two.printed):
            a, b = read_figure(one.printed).value, read_figure(two.printed).value
            changes.append((one.row or one.column, b - a, b / a if a else None))
    if not changes:
        return cannot("figures on both sides")
    by_difference = max(changes, key=lambda change: abs(change[1]))[0]
    folds = [(name, max(abs(fold), abs(1 / fold))) for name, _, fold in changes if fold]
    by_fold = max(folds, key=lambda change: change[1])[0] if folds else "none"
    zero = [name for name, _, fold in changes if fold is None]
    note = f" From 0 there is no fold change: {', '.join(zero)}." if zero else ""
    ways = tuple(
        Recomputed(method=method, label=label, value=None, shown=found, matches=found == chosen)
        for method, label, found in (
            ("difference", "largest difference", by_difference),
            ("fold", "largest fold change", by_fold),
        )
    )
    right = [way.label for way in ways if way.matches]
    if right:
        why = f"{chosen} has the {' and the '.join(right)} of {len(changes)}.{note}"
        return Judgement(answer=Answer.REPRODUCED, why=why, recomputed=ways)
    why = f"the largest difference is of {by_difference}, the largest fold change of {by_fold}.{note}"
    return Judgement(
        answer=Answer.NOT_REPRODUCED, why=why, recomputed=ways, settle="What 'largest' was measured by."
    )


CHANGE = Kind(
    name="change",
    says='All of `from.before` to `from.after`, or each step of `from.series`, go in `given.direction` ("none" too).',
    check=_check,
    may=("before", "after", "series"),
    given=("direction",),
    copes=True,
)
LARGEST = Kind(
    name="largest_change",
    says="`given.of` is the row or column whose value changes most from `from.before` to `from.after`.",
    check=_largest,
    needs=("before", "after"),
    given=("of",),
)
