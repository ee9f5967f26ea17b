"""A printed percentage of a count out of a total; without the count, which counts could have given it."""

from __future__ import annotations

from exotrial.report.recheck.kind import WRONG_SETTING, Asked, Kind
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, cannot, judge
from exotrial.statistics.consistency import grim


def _check(asked: Asked) -> Judgement:
    printed = asked.printed
    total = asked.numbers("of")[0]
    if total <= 0:
        raise WRONG_SETTING.refuse(
            f"from.of is {total}", place=asked.place, value=total, remedy="give a total above zero."
        )
    settle = "The count behind the percentage."
    if "count" in asked.data:
        value = 100 * asked.numbers("count")[0] / total
        way = Recomputed(
            method="percentage",
            label=f"100 x {asked.texts('count')[0]} / {asked.texts('of')[0]}",
            value=float(value),
            shown=printed.write(value),
            matches=printed.admits(value),
        )
        return judge([way], printed=asked.claim.prints, settle=settle)
    test = grim(printed.digits.text, int(total), step="100")
    if not test.consistent:
        why = f"no whole number out of {total} is {printed.text}."
        return Judgement(answer=Answer.IMPOSSIBLE, why=why, settle=settle)
    counts = ", ".join(f"{int(sums / 100)}" for sums in test.possible_sums)
    return cannot(
        "the count behind the percentage", inference=f"Inferred, not stated: {counts} out of {total}."
    )


PERCENTAGE = Kind(
    name="percentage",
    says="A percentage, against `from.count` out of `from.of`, or its possibility for that total.",
    check=_check,
    needs=("of",),
    may=("count",),
    copes=True,
)
