"""A printed mean without an SD."""

from __future__ import annotations

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.kinds.mean_sd import compute_mean
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, judge
from exotrial.statistics.consistency import grim


def _check(asked: Asked) -> Judgement:
    printed, values = asked.printed, asked.numbers("values")
    centre = compute_mean(values)
    way = Recomputed(
        method="mean",
        label=f"arithmetic mean of {len(values)} values",
        value=float(centre),
        shown=printed.write(centre),
        matches=printed.admits(centre),
    )
    settle = "The values behind the mean."
    step = asked.word("step")
    if step and not way.matches and not printed.power:
        test = grim(printed.digits.text, len(values), step=step)
        if not test.consistent:
            why = f"{test.why} The printed values give {way.shown}."
            return Judgement(answer=Answer.IMPOSSIBLE, why=why, recomputed=(way,), settle=settle)
    return judge([way], printed=asked.claim.prints, settle=settle)


MEAN = Kind(
    name="mean",
    says="A mean of `from.values`; with `given.step` its possibility too.",
    check=_check,
    needs=("values",),
    may_give=("step",),
)
