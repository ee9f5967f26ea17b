"""GRIMMER: is a printed mean and SD possible for n values recorded in whole steps? (Anaya 2016, Allard 2018)

Both conventions are tried: the sample SD (divisor n - 1) and the population SD (divisor n).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from math import ceil, floor, sqrt

from exotrial.statistics.consistency.grim import GrimResult, as_decimal, grim, possible_sums
from exotrial.statistics.consistency.integer_samples import exists, samples
from exotrial.statistics.consistency.printed import (
    PrintedNumber,
    check_count,
    read_printed,
    read_printed_spread,
    read_step,
)

CITATION = (
    "Anaya J. The GRIMMER test. PeerJ Preprints 2016;4:e2400v1; "
    "Allard A. Analytic-GRIMMER: a new way of testing the possibility of standard deviations. 2018"
)
SEARCH_UP_TO_N = 6  # beyond this the samples are too many to be of use to a reader
MOST_SAMPLES = 20
MOST_STEPS = 100_000


@dataclass(frozen=True, kw_only=True)
class SpreadVerdict:
    """The verdict under one convention of the SD.

    `convention` is "sample SD (n - 1)" or "population SD (n)". `data_sets` are samples that do give the
    printed mean and SD (n up to 6, at most 20 of them); `more_data_sets` says that others exist or may exist.
    `nearest_sds` are the possible SDs on either side for the possible sums, where the printed one is not.
    """

    convention: str
    consistent: bool
    data_sets: tuple[tuple[Decimal, ...], ...] = ()
    more_data_sets: bool = False
    nearest_sds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GrimmerResult:
    """Whether a data set exists with the printed mean and SD: `consistent` under either convention."""

    consistent: bool
    mean: str
    sd: str
    n: int
    step: Decimal
    grim: GrimResult
    sample: SpreadVerdict
    population: SpreadVerdict
    why: str


def grimmer(
    mean: str | Decimal, sd: str | Decimal, n: int, *, items: int = 1, step: str | Decimal = "1"
) -> GrimmerResult:
    """Test a printed mean and SD of n values recorded in multiples of `step`, or averages of `items` of them.

    The search is exact: it says False only where no data set exists. Values may have any sign; for
    bounded scales see `sd_bounds` too. For n = 1 there is no sample SD.
    Refuses figures that are no numbers (STS-500), n or items below 1 (STS-501), a step of 0 or less
    (STS-502), a negative SD (STS-503).
    """
    centre, spread = read_printed(mean), read_printed_spread(sd)
    check_count(n, name="n")
    means = grim(mean, n, items=items, step=step)
    grid = read_step(step) / items
    sums = possible_sums(centre, n=n, step=grid)
    sample = _verdict("sample SD (n - 1)", n - 1, sums=sums, spread=spread, n=n, grid=grid)
    population = _verdict("population SD (n)", n, sums=sums, spread=spread, n=n, grid=grid)
    return GrimmerResult(
        consistent=sample.consistent or population.consistent,
        mean=centre.text,
        sd=spread.text,
        n=n,
        step=means.step,
        grim=means,
        sample=sample,
        population=population,
        why=_why(means, sample, population, spread),
    )


def _verdict(
    convention: str, divisor: int, *, sums: range, spread: PrintedNumber, n: int, grid: Fraction
) -> SpreadVerdict:
    if divisor == 0 or not sums:
        return SpreadVerdict(convention=convention, consistent=False)
    candidates = list(_candidates(sums, spread=spread, divisor=divisor, n=n, grid=grid))
    if not any(exists(n, total, q) for total, squares in candidates for q in squares):
        nearest = _nearest(sums, spread=spread, divisor=divisor, n=n, grid=grid)
        return SpreadVerdict(convention=convention, consistent=False, nearest_sds=nearest)
    found: list[tuple[int, ...]] = []
    steps = iter(range(MOST_STEPS))
    if n <= SEARCH_UP_TO_N and not 10**12 % grid.denominator:
        every = (
            sample
            for total, squares in candidates
            for q in squares
            for sample in samples(n, total, q, steps=steps)
        )
        found = list(islice(every, MOST_SAMPLES + 1))
    return SpreadVerdict(
        convention=convention,
        consistent=True,
        data_sets=tuple(tuple(as_decimal(x * grid) for x in sample) for sample in found[:MOST_SAMPLES]),
        more_data_sets=n > SEARCH_UP_TO_N or len(found) > MOST_SAMPLES or next(steps, None) is None,
    )


def _candidates(
    sums: range, *, spread: PrintedNumber, divisor: int, n: int, grid: Fraction
) -> Iterator[tuple[int, range]]:
    """The sums, in steps, each with the sums of squares that would give the printed SD."""
    low = divisor * (max(spread.lower, Fraction(0)) / grid) ** 2
    high = divisor * (spread.upper / grid) ** 2
    for total in sums:
        centre = Fraction(total * total, n)
        yield total, range(ceil(low + centre), floor(high + centre) + 1)


def _nearest(sums: range, *, spread: PrintedNumber, divisor: int, n: int, grid: Fraction) -> tuple[str, ...]:
    """The possible SDs just below and just above the printed one, over the possible sums."""
    below: list[Fraction] = []
    above: list[Fraction] = []
    target = divisor * (spread.value / grid) ** 2
    for total in sums:
        centre = Fraction(total * total, n)
        squares = floor(target + centre)
        while squares >= centre and not exists(n, total, squares):
            squares -= 1
        if squares >= centre:
            below.append(squares - centre)
        squares = floor(target + centre) + 1
        while not exists(n, total, squares):
            squares += 1
        above.append(squares - centre)
    ends = ([max(below)] if below else []) + [min(above)]
    return tuple(spread.format(sqrt(deviation / divisor) * float(grid)) for deviation in ends)


def _why(means: GrimResult, sample: SpreadVerdict, population: SpreadVerdict, spread: PrintedNumber) -> str:
    if not means.consistent:
        return means.why
    told = f"a mean of {means.mean} with SD {spread.text} for n = {means.n} in steps of {means.step}"
    passed = [verdict for verdict in (sample, population) if verdict.consistent]
    if not passed:
        near = "; ".join(
            f"as {verdict.convention} the nearest possible are {' and '.join(verdict.nearest_sds)}"
            for verdict in (sample, population)
            if verdict.nearest_sds
        )
        return f"The mean is possible, but no data set gives {told}: {near}."
    conventions = " and as ".join(verdict.convention for verdict in passed)
    why = f"A data set exists that gives {told}, as {conventions}."
    shown = next((verdict.data_sets[0] for verdict in passed if verdict.data_sets), ())
    if shown:
        why += f" One is {', '.join(str(value) for value in shown)}."
    return why
