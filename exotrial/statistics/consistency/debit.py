"""DEBIT: is a printed mean and SD possible for n values that are 0 or 1? (Heathers and Brown 2019)"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt

from exotrial.statistics.consistency.grim import possible_sums
from exotrial.statistics.consistency.printed import check_count, read_printed, read_printed_spread

CITATION = "Heathers JAJ, Brown NJL. DEBIT: a simple consistency test for binary data. 2019. osf.io/5vb3u"


@dataclass(frozen=True, kw_only=True)
class DebitResult:
    """Whether some count of ones has this printed mean and SD.

    `possible_counts` fit the mean; `expected_sds` are their sample SDs (divisor n - 1; divisor n for n = 1),
    with the printed decimals. `sample` and `population` are the verdicts under the two divisors.
    """

    consistent: bool
    sample: bool
    population: bool
    mean: str
    sd: str
    n: int
    possible_counts: tuple[int, ...]
    expected_sds: tuple[str, ...]
    why: str


def debit(mean: str | Decimal, sd: str | Decimal, n: int) -> DebitResult:
    """Test a printed mean (a fraction, not per cent) and SD of n binary values, over every possible count.

    Refuses figures that are no numbers (STS-500), n below 1 (STS-501), a negative SD (STS-503).
    """
    centre, spread = read_printed(mean), read_printed_spread(sd)
    check_count(n, name="n")
    sums = possible_sums(centre, n=n, step=Fraction(1))
    counts = tuple(count for count in sums if 0 <= count <= n)
    low, high = max(spread.lower, Fraction(0)) ** 2, spread.upper**2
    squares = [Fraction(count * (n - count), n) for count in counts]
    population = any(low <= square / n <= high for square in squares)
    sample = n > 1 and any(low <= square / (n - 1) <= high for square in squares)
    expected = tuple(dict.fromkeys(spread.format(sqrt(square / max(n - 1, 1))) for square in squares))
    consistent = sample or population
    if not counts:
        why = f"No count out of {n} gives a mean of {centre.text}."
    elif consistent:
        why = (
            f"{_listed(counts)} ones among {n} values give a mean of {centre.text} "
            f"and an SD of {spread.text}."
        )
    else:
        why = (
            f"{_listed(counts)} ones among {n} values give a mean of {centre.text}, but their SD is "
            f"{' or '.join(expected[:3])} and not {spread.text}."
        )
    return DebitResult(
        consistent=consistent,
        sample=sample,
        population=population,
        mean=centre.text,
        sd=spread.text,
        n=n,
        possible_counts=counts,
        expected_sds=expected,
        why=why,
    )


def _listed(counts: tuple[int, ...]) -> str:
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
