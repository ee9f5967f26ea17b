"""Paired samples by signed ranks: Wilcoxon's test, exact with ties, and the Hodges-Lehmann pseudomedian.

Wilcoxon 1945 (Biometrics Bulletin 1:80-83) drops zero differences; Pratt 1959 (JASA 54:655-667) ranks them
and then drops them. Estimate: Hodges & Lehmann 1963 (Ann Math Stat 34:598-611).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from exotrial.statistics.midranks import (
    TOO_LARGE_FOR_EXACT,
    Integers,
    compute_differences,
    compute_normal_p,
    compute_tail,
    describe_ties,
    double_midranks,
)
from exotrial.statistics.rank_distribution import count_signed_sums
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, check_level, snap

EXACT_LIMIT = 300
"""Differences up to which the exact distribution is counted."""
WALSH_LIMIT = 2000
"""Differences up to which all Walsh averages are listed."""

ESTIMATES = "Hodges-Lehmann pseudomedian of the differences, first minus second"


@dataclass(frozen=True)
class SignedRanks:
    """All differences, and the doubled ranks of those that are not zero with twice their positive sum."""

    differences: Sample
    ranks: Integers
    positive: int
    notes: tuple[str, ...]

    @property
    def deviation(self) -> float:
        return (2 * self.positive - int(self.ranks.sum())) / 4

    @property
    def sd(self) -> float:
        """The spread of the positive rank sum: half the root of the sum of squared ranks, ties and all."""
        return math.sqrt(sum(int(rank) ** 2 for rank in self.ranks)) / 4


def signed_rank_exact(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Wilcoxon's signed-rank test over all 2^n sign patterns of the mid-ranks; zero differences are dropped.

    Exact with ties. Statistic: the sum of the ranks of positive differences. Refuses missing values
    (STS-001), unequal lengths (STS-003) and more than 300 differences (STS-201).
    """
    return _compute_exact(SIGNED_RANK_EXACT, rank_differences(first, second), level, alternative)


def signed_rank_pratt_exact(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The signed-rank test with Pratt's zeros (ranked, then dropped), over all sign patterns; as above."""
    return _compute_exact(SIGNED_RANK_PRATT_EXACT, _rank_pratt(first, second), level, alternative)


def signed_rank_normal(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Wilcoxon's signed-rank test by the normal approximation, tie-corrected, no continuity correction."""
    return _compute_normal(SIGNED_RANK_NORMAL, rank_differences(first, second), level, alternative, 0.0)


def signed_rank_normal_corrected(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Wilcoxon's signed-rank test by the tie-corrected normal approximation, moved 1/2 towards the mean."""
    return _compute_normal(
        SIGNED_RANK_NORMAL_CORRECTED, rank_differences(first, second), level, alternative, 0.5
    )


def signed_rank_pratt_normal(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The signed-rank test with Pratt's zeros by the normal approximation, no continuity correction."""
    return _compute_normal(SIGNED_RANK_PRATT_NORMAL, _rank_pratt(first, second), level, alternative, 0.0)


def compute_walsh_averages(differences: Sample) -> Sample:
    """The n(n+1)/2 means of pairs of values, each value also with itself, in ascending order."""
    above, beside = np.triu_indices(differences.size)
    return np.sort(snap(differences[above] / 2 + differences[beside] / 2))


def rank_differences(first: ArrayLike, second: ArrayLike) -> SignedRanks:
    """The signed ranks of first minus second, zero differences dropped (Wilcoxon)."""
    differences = compute_differences(first, second)
    nonzero = differences[differences != 0]
    ranks = double_midranks(np.abs(nonzero))
    return _sign(differences, nonzero, ranks, "dropped before ranking")


def _rank_pratt(first: ArrayLike, second: ArrayLike) -> SignedRanks:
    differences = compute_differences(first, second)
    ranks = double_midranks(np.abs(differences))[differences != 0]
    return _sign(differences, differences[differences != 0], ranks, "ranked, then dropped (Pratt)")


def _sign(differences: Sample, nonzero: Sample, ranks: Integers, zeros_are: str) -> SignedRanks:
    notes = list(describe_ties(np.abs(nonzero)))
    zeros = differences.size - nonzero.size
    if nonzero.size == 0:
        notes.append("all differences are zero: p is 1")
    elif zeros:
        notes.append(
            f"{zeros} zero differences {zeros_are}; the estimate and its interval use all differences"
        )
    return SignedRanks(differences, ranks, int(ranks[nonzero > 0].sum()), tuple(notes))


def _compute_exact(method: Method, signed: SignedRanks, level: float, alternative: Alternative) -> Result:
    check_level(level)
    alternative = Alternative(alternative)
    n = signed.differences.size
    if n > EXACT_LIMIT:
        raise TOO_LARGE_FOR_EXACT.refuse(
            f"there are {n} differences, and the exact signed-rank test counts up to {EXACT_LIMIT}",
            value=n,
            remedy="use signed_rank_normal, which is good at this size.",
        )
    null = count_signed_sums([int(rank) for rank in signed.ranks])
    # Noether 1967: the critical value for n untied values keeps the closed interval conservative with ties.
    untied = count_signed_sums(range(1, n + 1))
    rejected = untied.find_highest_rejected(compute_tail(level, alternative))
    estimate, notes = estimate_pseudomedian(
        signed.differences,
        position=0 if rejected is None else rejected + 1,
        level=level,
        alternative=alternative,
        rule="Walsh averages, exact",
    )
    p_value = null.compute_p_value(signed.positive, alternative)
    rule = "interval from the Walsh averages by the critical value without ties; with ties it is conservative"
    return as_signed_rank_result(
        method, signed, p_value, alternative, estimate, (*signed.notes, rule, *notes), exact=True
    )


def _compute_normal(
    method: Method, signed: SignedRanks, level: float, alternative: Alternative, correction: float
) -> Result:
    check_level(level)
    alternative = Alternative(alternative)
    n = signed.differences.size
    z, p_value = compute_normal_p(signed.deviation, signed.sd, alternative, correction=correction)
    quantile = float(special.ndtri(1 - compute_tail(level, alternative)))
    untied_sd = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    estimate, notes = estimate_pseudomedian(
        signed.differences,
        position=math.floor(n * (n + 1) / 4 - quantile * untied_sd),
        level=level,
        alternative=alternative,
        rule="Walsh averages, normal approximation of the position, rounded outwards",
    )
    notes = (f"z = {z:.5g}", *signed.notes, *notes)
    return as_signed_rank_result(method, signed, p_value, alternative, estimate, notes, exact=False)


def estimate_pseudomedian(
    differences: Sample, *, position: int, level: float, alternative: Alternative, rule: str
) -> tuple[Estimate | None, tuple[str, ...]]:
    """The pseudomedian, and the Walsh averages at `position` from either end as its interval."""
    if differences.size > WALSH_LIMIT:
        return None, (f"no pseudomedian: more than {WALSH_LIMIT} differences have too many Walsh averages",)
    walsh = compute_walsh_averages(differences)
    lower, upper = -math.inf, math.inf
    notes: tuple[str, ...] = ()
    if position >= 1:
        lower, upper = float(walsh[position - 1]), float(walsh[walsh.size - position])
    else:
        notes = (f"too few differences ({differences.size}) for a bounded interval at level {level:g}",)
    estimate = Estimate(
        name=ESTIMATES,
        value=float(np.median(walsh)),
        lower=-math.inf if alternative == Alternative.LESS else lower,
        upper=math.inf if alternative == Alternative.GREATER else upper,
        level=level,
        method=rule,
    )
    return estimate, notes


def as_signed_rank_result(
    method: Method,
    signed: SignedRanks,
    p_value: float,
    alternative: Alternative,
    estimate: Estimate | None,
    notes: tuple[str, ...],
    *,
    exact: bool,
    df: tuple[float, ...] = (),
) -> Result:
    """What every signed-rank method gives back."""
    return Result(
        method=method.name,
        label=method.label,
        n=(int(signed.differences.size),),
        statistic_name="V, sum of the ranks of positive differences",
        statistic=signed.positive / 2,
        df=df,
        p_value=p_value,
        alternative=alternative,
        exact=exact,
        estimate=estimate,
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


WILCOXON = "Wilcoxon F. Biometrics Bulletin 1945;1:80-83"
PRATT = "Pratt JW. JASA 1959;54:655-667"
ASSUMPTIONS = ("pairs are independent", "differences are symmetric about their median")

SIGNED_RANK_EXACT = Method(
    name="signed_rank_exact",
    label="Wilcoxon signed-rank test, exact",
    design=Design.PAIRED,
    compute=signed_rank_exact,
    citation=WILCOXON,
    assumptions=ASSUMPTIONS,
    software="R wilcox.test(paired) without ties, coin wilcoxsign_test(exact, zero.method Wilcoxon), SPSS exact",
)
SIGNED_RANK_PRATT_EXACT = Method(
    name="signed_rank_pratt_exact",
    label="Wilcoxon signed-rank test with Pratt's zeros, exact",
    design=Design.PAIRED,
    compute=signed_rank_pratt_exact,
    citation=PRATT,
    assumptions=ASSUMPTIONS,
    software="R coin wilcoxsign_test(exact), its default for zeros",
)
SIGNED_RANK_NORMAL = Method(
    name="signed_rank_normal",
    label="Wilcoxon signed-rank test, normal approximation",
    design=Design.PAIRED,
    compute=signed_rank_normal,
    citation=WILCOXON,
    assumptions=ASSUMPTIONS,
    software="SPSS NPAR TESTS WILCOXON, scipy wilcoxon(method approx)",
)
SIGNED_RANK_NORMAL_CORRECTED = Method(
    name="signed_rank_normal_corrected",
    label="Wilcoxon signed-rank test, normal approximation with continuity correction",
    design=Design.PAIRED,
    compute=signed_rank_normal_corrected,
    citation=WILCOXON,
    assumptions=ASSUMPTIONS,
    software="R wilcox.test(paired) with ties or zeros, its default there",
)
SIGNED_RANK_PRATT_NORMAL = Method(
    name="signed_rank_pratt_normal",
    label="Wilcoxon signed-rank test with Pratt's zeros, normal approximation",
    design=Design.PAIRED,
    compute=signed_rank_pratt_normal,
    citation=PRATT,
    assumptions=ASSUMPTIONS,
    software="R coin wilcoxsign_test, its default",
)
