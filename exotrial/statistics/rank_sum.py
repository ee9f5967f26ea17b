"""Two independent samples by ranks: Wilcoxon-Mann-Whitney, exact with ties, and the Hodges-Lehmann shift.

Wilcoxon 1945 (Biometrics Bulletin 1:80-83); Mann & Whitney 1947 (Ann Math Stat 18:50-60). The interval of the
shift: Bauer 1972 (JASA 67:687-690), exact, and Moses 1953 (in Walker & Lev), by the normal distribution.
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
    as_two_groups,
    compute_normal_p,
    compute_tail,
    describe_ties,
    double_midranks,
)
from exotrial.statistics.rank_distribution import count_subset_sums
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, check_level, snap

EXACT_LIMIT = 10_000
"""Pairs (size of first times size of second) up to which the exact distribution is counted."""
SHIFT_LIMIT = 4_000_000
"""Pairs up to which all pairwise differences are listed."""

INTERVAL_WITH_TIES = "the interval takes the critical values of the distribution with the observed ties"
ESTIMATES = "Hodges-Lehmann shift, first minus second"


@dataclass(frozen=True)
class _RankedGroups:
    first: Sample
    second: Sample
    ranks: Integers  # doubled mid-ranks of first, then of second

    @property
    def pairs(self) -> int:
        return int(self.first.size) * int(self.second.size)

    @property
    def rank_sum(self) -> int:
        """Twice the rank sum of the first group."""
        return int(self.ranks[: self.first.size].sum())

    @property
    def u(self) -> float:
        return self.rank_sum / 2 - self.first.size * (self.first.size + 1) / 2

    @property
    def deviation(self) -> float:
        return self.u - self.pairs / 2

    @property
    def sd(self) -> float:
        """The spread of U: the finite-population variance of the mid-ranks, ties and all."""
        count = len(self.ranks)
        centred = [int(rank) - (count + 1) for rank in self.ranks]
        squares = sum(rank * rank for rank in centred)
        return math.sqrt(self.pairs * squares / 4 / (count * (count - 1)))

    @property
    def notes(self) -> tuple[str, ...]:
        pooled = np.concatenate([self.first, self.second])
        notes = [
            f"rank sum of the first group {self.rank_sum / 2:g}",
            f"probability of superiority P(X > Y) + P(X = Y)/2 = {self.u / self.pairs:.4g}",
            *describe_ties(pooled),
        ]
        if np.all(pooled == pooled[0]):
            notes.append("all values are equal: p is 1")
        return tuple(notes)


def rank_sum_exact(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The rank-sum test over all ways to choose the first group from the pooled mid-ranks: exact with ties.

    Two-sided: every choice whose rank sum lies at least as far from its mean. Statistic: U of the first group
    (R calls it W). The interval of the shift takes the pairwise differences at the critical values of that
    same conditional distribution. Refuses missing values (STS-001), an empty group (STS-002) and more than
    10,000 pairs (STS-201).
    """
    check_level(level)
    alternative = Alternative(alternative)
    ranked = _rank(first, second)
    if ranked.pairs > EXACT_LIMIT:
        raise TOO_LARGE_FOR_EXACT.refuse(
            f"{ranked.first.size} x {ranked.second.size} values make {ranked.pairs} pairs, "
            f"and the exact rank-sum test counts up to {EXACT_LIMIT}",
            value=ranked.pairs,
            remedy="use rank_sum_normal, which is good at this size.",
        )
    null = count_subset_sums([int(rank) for rank in ranked.ranks], ranked.first.size)
    tail = compute_tail(level, alternative)
    lowest_sum = ranked.first.size * (ranked.first.size + 1)
    low, high = null.find_highest_rejected(tail), null.find_lowest_rejected(tail)
    # U just right of the j-th difference is pairs - j; just left of it, pairs - j + 1.
    from_top = None if low is None else (low - lowest_sum) // 2 + 1
    from_bottom = None if high is None else ranked.pairs - -((lowest_sum - high) // 2) + 1
    estimate, notes = _estimate(
        ranked, from_bottom, from_top, level, alternative, "exact, conditional on ties"
    )
    ties = (INTERVAL_WITH_TIES,) if len(set(ranked.ranks.tolist())) < len(ranked.ranks) else ()
    return _as_result(
        RANK_SUM_EXACT,
        ranked,
        null.compute_p_value(ranked.rank_sum, alternative),
        alternative,
        estimate,
        (*ranked.notes, *ties, *notes),
        exact=True,
    )


def rank_sum_normal(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The rank-sum test by the tie-corrected normal approximation; Moses interval of the shift."""
    return _compute_approximate(RANK_SUM_NORMAL, _rank(first, second), level, alternative, correction=0.0)


def rank_sum_normal_corrected(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The rank-sum test by the normal approximation, U moved 1/2 towards its mean; Moses interval."""
    return _compute_approximate(
        RANK_SUM_NORMAL_CORRECTED, _rank(first, second), level, alternative, correction=0.5
    )


def rank_sum_t(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The rank-sum test with z referred to Student's t on N - 1 degrees of freedom; Moses interval."""
    return _compute_approximate(
        RANK_SUM_T, _rank(first, second), level, alternative, correction=0.0, student=True
    )


def rank_sum_t_corrected(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The rank-sum test with the corrected z referred to t on N - 1 degrees of freedom; Moses interval."""
    return _compute_approximate(
        RANK_SUM_T_CORRECTED, _rank(first, second), level, alternative, correction=0.5, student=True
    )


def compute_superiority(first: ArrayLike, second: ArrayLike) -> float:
    """The probability of superiority: P(X > Y) + P(X = Y)/2 over all pairs, 0 to 1."""
    ranked = _rank(first, second)
    return ranked.u / ranked.pairs


def _rank(first: ArrayLike, second: ArrayLike) -> _RankedGroups:
    x, y = as_two_groups(first, second)
    return _RankedGroups(x, y, double_midranks(np.concatenate([x, y])))


def _compute_approximate(
    method: Method,
    ranked: _RankedGroups,
    level: float,
    alternative: Alternative,
    *,
    correction: float,
    student: bool = False,
) -> Result:
    check_level(level)
    alternative = Alternative(alternative)
    z, p_value = compute_normal_p(ranked.deviation, ranked.sd, alternative, correction=correction)
    df: tuple[float, ...] = ()
    if student:
        df = (float(len(ranked.ranks) - 1),)
        below = float(special.stdtr(df[0], z))
        above = float(special.stdtr(df[0], -z))
        both = min(1.0, 2 * min(below, above))
        tails = {Alternative.TWO_SIDED: both, Alternative.GREATER: above, Alternative.LESS: below}
        p_value = tails[alternative] if ranked.sd else 1.0
    quantile = float(special.ndtri(1 - compute_tail(level, alternative)))
    untied_sd = math.sqrt(ranked.pairs * (len(ranked.ranks) + 1) / 12)
    position = math.floor(ranked.pairs / 2 - quantile * untied_sd)
    estimate, notes = _estimate(ranked, position, position, level, alternative, "Moses, asymptotic")
    return _as_result(
        method, ranked, p_value, alternative, estimate, (f"z = {z:.5g}", *ranked.notes, *notes), df=df
    )


def _estimate(
    ranked: _RankedGroups,
    from_bottom: int | None,
    from_top: int | None,
    level: float,
    alternative: Alternative,
    rule: str,
) -> tuple[Estimate | None, tuple[str, ...]]:
    """The median of the pairwise differences, and those so many places from either end as its interval."""
    if ranked.pairs > SHIFT_LIMIT:
        return None, (f"no Hodges-Lehmann shift: more than {SHIFT_LIMIT} pairwise differences",)
    raw = (ranked.first[:, None] - ranked.second[None, :]).reshape(-1)
    shifts = np.sort(snap(np.concatenate([ranked.first, ranked.second, raw]))[len(ranked.ranks) :])
    lower, upper = -math.inf, math.inf
    if from_bottom is not None and from_bottom >= 1 and alternative != Alternative.LESS:
        lower = float(shifts[from_bottom - 1])
    if from_top is not None and from_top >= 1 and alternative != Alternative.GREATER:
        upper = float(shifts[shifts.size - from_top])
    notes: tuple[str, ...] = ()
    two_sided = alternative == Alternative.TWO_SIDED
    if math.isinf(lower) + math.isinf(upper) > (0 if two_sided else 1):
        notes = (
            f"{ranked.first.size} and {ranked.second.size} values allow no bounded interval at level {level:g}",
        )
    estimate = Estimate(
        name=ESTIMATES, value=float(np.median(shifts)), lower=lower, upper=upper, level=level, method=rule
    )
    return estimate, notes


def _as_result(
    method: Method,
    ranked: _RankedGroups,
    p_value: float,
    alternative: Alternative,
    estimate: Estimate | None,
    notes: tuple[str, ...],
    *,
    df: tuple[float, ...] = (),
    exact: bool = False,
) -> Result:
    return Result(
        method=method.name,
        label=method.label,
        n=(int(ranked.first.size), int(ranked.second.size)),
        statistic_name="U of the first group",
        statistic=ranked.u,
        df=df,
        p_value=p_value,
        alternative=alternative,
        exact=exact,
        estimate=estimate,
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


MANN_WHITNEY = (
    "Wilcoxon F. Biometrics Bulletin 1945;1:80-83; Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60"
)
ASSUMPTIONS = (
    "observations are independent",
    "the shift and its interval need distributions of one shape",
)

RANK_SUM_EXACT = Method(
    name="rank_sum_exact",
    label="Wilcoxon-Mann-Whitney test, exact",
    design=Design.TWO_GROUPS,
    compute=rank_sum_exact,
    citation=MANN_WHITNEY,
    assumptions=ASSUMPTIONS,
    software="R wilcox.test without ties, coin wilcox_test(exact), SAS NPAR1WAY EXACT WILCOXON HL, SPSS exact",
)
RANK_SUM_NORMAL = Method(
    name="rank_sum_normal",
    label="Wilcoxon-Mann-Whitney test, normal approximation",
    design=Design.TWO_GROUPS,
    compute=rank_sum_normal,
    citation=MANN_WHITNEY,
    assumptions=ASSUMPTIONS,
    software="SPSS NPAR TESTS M-W asymptotic, R wilcox.test(correct = FALSE), SAS NPAR1WAY CORRECT=NO",
)
RANK_SUM_NORMAL_CORRECTED = Method(
    name="rank_sum_normal_corrected",
    label="Wilcoxon-Mann-Whitney test, normal approximation with continuity correction",
    design=Design.TWO_GROUPS,
    compute=rank_sum_normal_corrected,
    citation=MANN_WHITNEY,
    assumptions=ASSUMPTIONS,
    software="R wilcox.test with ties, its default there; SAS NPAR1WAY WILCOXON, normal row",
)
RANK_SUM_T = Method(
    name="rank_sum_t",
    label="Wilcoxon-Mann-Whitney test, t approximation",
    design=Design.TWO_GROUPS,
    compute=rank_sum_t,
    citation=MANN_WHITNEY,
    assumptions=ASSUMPTIONS,
    software="SAS NPAR1WAY WILCOXON CORRECT=NO, t row",
)
RANK_SUM_T_CORRECTED = Method(
    name="rank_sum_t_corrected",
    label="Wilcoxon-Mann-Whitney test, t approximation with continuity correction",
    design=Design.TWO_GROUPS,
    compute=rank_sum_t_corrected,
    citation=MANN_WHITNEY,
    assumptions=ASSUMPTIONS,
    software="SAS NPAR1WAY WILCOXON, t row",
)
