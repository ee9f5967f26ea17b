"""A printed fold change ("twofold") of a value before and after; from zero there is none."""

from __future__ import annotations

from fractions import Fraction

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, judge

SETTLE = "Which measurements the fold change compares."


def _check(asked: Asked) -> Judgement:
    printed = asked.printed
    down = asked.choice("direction", ("increase", "decrease")) == "decrease"
    befores, afters = asked.numbers("before"), asked.numbers("after")
    before = befores[0]
    start, ways = (f"{float(before):g}", [])
    for position, after in enumerate(afters):
        above, below = (before, after) if down else (after, before)
        told = f"{float(above):g} / {float(below):g}"
        if below == 0:
            continue
        ratio = above / below
        ways.append(_way("ratio", f"ratio {told}", ratio, asked))
        if len(afters) > 1:
            ways[-1] = _way(f"ratio_{position + 1}", f"ratio {told}, comparison {position + 1}", ratio, asked)
    if not ways:
        why = (
            f"the value {'after' if down else 'before'} is 0, and nothing is a multiple of 0 (start {start})."
        )
        return Judgement(answer=Answer.IMPOSSIBLE, why=why, settle=SETTLE)
    distances = [abs((way.value or 0.0) - float(printed.value)) for way in ways]
    return judge(ways, printed=asked.claim.prints, settle=SETTLE, distances=distances)


def _way(method: str, label: str, ratio: Fraction, asked: Asked) -> Recomputed:
    return Recomputed(
        method=method,
        label=label,
        value=float(ratio),
        shown=f"{float(ratio):.3g}-fold",
        matches=asked.printed.admits(ratio),
    )


def _ratio(asked: Asked) -> Judgement:
    above, below = asked.numbers("numerator")[0], asked.numbers("denominator")[0]
    printed = asked.printed
    if below == 0:
        return Judgement(answer=Answer.IMPOSSIBLE, why="the denominator is 0.", settle=SETTLE)
    value = above / below
    way = Recomputed(
        method="ratio",
        label=f"{asked.texts('numerator')[0]} / {asked.texts('denominator')[0]}",
        value=float(value),
        shown=printed.write(value),
        matches=printed.admits(value),
    )
    return judge([way], printed=asked.claim.prints, settle="The counts behind both parts of the ratio.")


FOLD_CHANGE = Kind(
    name="fold_change",
    says="A fold change from `from.before` to `from.after` (one or several times); `given.direction`.",
    check=_check,
    needs=("before", "after"),
    may_give=("direction",),
)
RATIO = Kind(
    name="ratio",
    says="A ratio of `from.numerator` to `from.denominator`.",
    check=_ratio,
    needs=("numerator", "denominator"),
)
