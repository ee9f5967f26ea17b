"""A printed mean ± SD: recomputed from the values, and tested for being possible at all (GRIM, GRIMMER)."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.printed import read_mean_sd
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, cannot, judge
from exotrial.statistics.consistency import PrintedNumber, grimmer

SETTLE = "The values behind the mean and SD, or the output of the analysis."


def compute_mean(values: tuple[Fraction, ...]) -> Fraction:
    """The exact mean."""
    return sum(values, Fraction(0)) / len(values)


def compute_square(values: tuple[Fraction, ...], *, divisor: int) -> Fraction:
    """The exact variance with a divisor."""
    mean = compute_mean(values)
    return sum(((value - mean) ** 2 for value in values), Fraction(0)) / divisor


def admits_sd(printed: PrintedNumber, square: Fraction) -> bool:
    """Whether an SD, given as its exact square, rounds to the print."""
    return max(printed.lower, Fraction(0)) ** 2 <= square <= printed.upper**2


def _check(asked: Asked) -> Judgement:
    mean, sd = read_mean_sd(asked.claim.prints, place=asked.place)
    values = asked.numbers("values") if "values" in asked.data else ()
    n = asked.whole("n") or len(values) or None
    step = asked.word("step")
    ways = [_recompute(values, mean, sd, convention) for convention in _CONVENTIONS if len(values) > 1]
    if not any(way.matches for way in ways) and n is not None and step:
        test = grimmer(mean.text, sd.text, n, step=step)
        if not test.consistent:
            why = test.why + (f" From the printed values: {ways[0].shown}." if ways else "")
            return Judgement(answer=Answer.IMPOSSIBLE, why=why, recomputed=tuple(ways), settle=SETTLE)
    if ways:
        return judge(ways, printed=asked.claim.prints, settle=SETTLE)
    if n is None:
        return cannot("; ".join(asked.missing.values()) or "the number of values behind the mean and SD")
    return cannot(
        "; ".join(asked.missing.values()) or "the values behind the mean and SD",
        why=f"the values are not printed; a mean and SD of {asked.claim.prints} are possible for n = {n}.",
    )


_CONVENTIONS = (
    ("sample_sd", "mean and sample SD (n - 1)", 1),
    ("population_sd", "mean and population SD (n)", 0),
)


def _recompute(
    values: tuple[Fraction, ...], mean: PrintedNumber, sd: PrintedNumber, convention: tuple[str, str, int]
) -> Recomputed:
    name, label, less = convention
    centre = compute_mean(values)
    square = compute_square(values, divisor=len(values) - less)
    return Recomputed(
        method=name,
        label=label,
        value=float(centre),
        shown=f"{mean.format(centre)}±{sd.format(sqrt(square))}",
        matches=mean.admits(centre) and admits_sd(sd, square),
    )


MEAN_SD = Kind(
    name="mean_sd",
    says="A mean ± SD, from `from.values`, or only its possibility for `given.n` values in steps of `given.step`.",
    check=_check,
    may=("values",),
    may_give=("n", "step"),
    copes=True,
)
