"""A mean ± SD said of a population whose values are printed elsewhere: is it the population that it names?"""

from __future__ import annotations

from math import sqrt

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.kinds.mean_sd import admits_sd, compute_mean, compute_square
from exotrial.report.recheck.printed import read_mean_sd
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, cannot
from exotrial.statistics.consistency import grim, grimmer

SIZES = range(2, 61)
SHOWN = 8


def _check(asked: Asked) -> Judgement:
    mean, sd = read_mean_sd(asked.claim.prints, place=asked.place)
    values = asked.numbers("values")
    if len(values) < 2:
        return cannot("a second value, without which there is no SD")
    n, step, who = len(values), asked.word("step", "1"), asked.word("population", "the population named")
    centre = compute_mean(values)
    square = compute_square(values, divisor=max(n - 1, 1))
    shown = f"{mean.format(centre)}±{sd.format(sqrt(square))}"
    matches = mean.admits(centre) and admits_sd(sd, square)
    way = Recomputed(
        method="sample_sd",
        label=f"mean and sample SD of the {n} printed values",
        value=float(centre),
        shown=shown,
        matches=matches,
    )
    if matches:
        why = f"{asked.claim.prints} follows from the {n} printed values of {who}."
        return Judgement(answer=Answer.REPRODUCED, why=why, recomputed=(way,))
    why = f"the {n} values printed for {who} give {shown}, not {asked.claim.prints}"
    if not grim(mean.text, n, step=step).consistent:
        why += f", and no {n} values in steps of {step} have a mean of {mean.text}"
    sizes = [size for size in SIZES if grimmer(mean.text, sd.text, size, step=step).consistent]
    listed = ", ".join(str(size) for size in sizes[:SHOWN]) + (", ..." if len(sizes) > SHOWN else "")
    return Judgement(
        answer=Answer.CONTRADICTED,
        why=why + ".",
        recomputed=(way,),
        inference=(
            f"Inferred, not stated: in steps of {step}, {asked.claim.prints} is possible for n = {listed}; "
            "the figures may describe other people than those in the table."
            if sizes
            else f"Inferred, not stated: no n from {SIZES[0]} to {SIZES[-1]} allows {asked.claim.prints}."
        ),
        settle=f"Who is counted among {who}, and their values.",
    )


MEMBERSHIP = Kind(
    name="membership",
    says="A mean ± SD said of `given.population`, against that population's values printed elsewhere.",
    check=_check,
    needs=("values",),
    may_give=("population", "step"),
)
