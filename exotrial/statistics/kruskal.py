"""Several independent groups by ranks: the Kruskal-Wallis test, by chi-square and exact with ties.

Kruskal & Wallis 1952 (JASA 47:583-621). Effect size: epsilon squared, H / (N - 1), as in Tomczak & Tomczak
2014 (Trends in Sport Sciences 21:19-25).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from exotrial.statistics.midranks import (
    TOO_LARGE_FOR_EXACT,
    Integers,
    as_groups,
    describe_ties,
    double_midranks,
    scale_down,
)
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample

STATE_LIMIT = 1_500_000
"""Partial rank sums that the exact distribution may hold at once."""


def kruskal_wallis(groups: Sequence[ArrayLike]) -> Result:
    """H with tie correction, referred to chi-square on (groups - 1) degrees of freedom.

    Refuses missing values (STS-001), an empty group (STS-002) and fewer than two groups (STS-200).
    """
    samples = as_groups(groups)
    h = _compute_h(samples)
    df = len(samples) - 1
    p_value = float(special.chdtrc(df, h))
    return _as_result(KRUSKAL_WALLIS, samples, h, p_value, df=(float(df),))


def kruskal_wallis_exact(groups: Sequence[ArrayLike]) -> Result:
    """H over all ways to deal the pooled mid-ranks to the groups; exact with ties.

    Counts distinct partial rank sums rather than ways, value by value, and goes as far as 1.5 million of
    them at once (three groups of about eight); beyond that it refuses (STS-201). Refuses also as
    `kruskal_wallis` does.
    """
    samples = as_groups(groups)
    sizes = [int(sample.size) for sample in samples]
    ranks = double_midranks(np.concatenate(samples))
    sums, ways = _count_rank_sums(ranks, sizes)
    # H grows with the weighted squares of the rank sums; in whole numbers equal stays equal.
    common = math.lcm(*sizes)
    weights = np.array([common // size for size in sizes], dtype=np.int64)
    spread = sums**2 @ weights
    observed = np.array([part.sum() for part in np.split(ranks, np.cumsum(sizes)[:-1])], dtype=np.int64)
    p_value = float(ways[spread >= observed**2 @ weights].sum() / ways.sum())
    return _as_result(KRUSKAL_WALLIS_EXACT, samples, _compute_h(samples), p_value, exact=True)


def _compute_h(samples: list[Sample]) -> float:
    """H, corrected for ties; 0 where every value is equal."""
    ranks = double_midranks(np.concatenate(samples))
    count = len(ranks)
    squares = sum((int(rank) - count - 1) ** 2 for rank in ranks)
    if squares == 0:
        return 0.0
    between, start = Fraction(0), 0
    for sample in samples:
        size = int(sample.size)
        deviation = int(ranks[start : start + size].sum()) - size * (count + 1)
        between += Fraction(deviation**2, size)
        start += size
    return float((count - 1) * between / squares)


def _count_rank_sums(ranks: Integers, sizes: list[int]) -> tuple[Integers, NDArray[np.float64]]:
    """Every vector of doubled rank sums by group that can be dealt, and in how many ways (up to a factor).

    A state is one whole number: the counts and sums of all groups but the last, in mixed radix.
    """
    free, total = len(sizes) - 1, int(ranks.sum())
    places = [1]
    for size in sizes[:-1]:
        places += [places[-1] * (size + 1), places[-1] * (size + 1) * (total + 1)]
    if max(places[-1], total**2 * math.lcm(*sizes) * len(sizes)) >= 2**62:
        raise _refuse_size(sizes)
    states, ways = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.float64)
    for dealt, rank in enumerate(np.sort(ranks)):
        counts = [states // places[2 * group] % (sizes[group] + 1) for group in range(free)]
        next_states, next_ways = [], []
        for group in range(free):
            room = counts[group] < sizes[group]
            next_states.append(states[room] + places[2 * group] + int(rank) * places[2 * group + 1])
            next_ways.append(ways[room])
        in_last = dealt - sum(counts, start=np.zeros(len(states), dtype=np.int64))
        next_states.append(states[in_last < sizes[-1]])
        next_ways.append(ways[in_last < sizes[-1]])
        states, inverse = np.unique(np.concatenate(next_states), return_inverse=True)
        dealt_ways = np.bincount(inverse.reshape(-1), weights=np.concatenate(next_ways))
        ways = scale_down(np.asarray(dealt_ways, dtype=np.float64))
        if len(states) > STATE_LIMIT:
            raise _refuse_size(sizes)
    sums = [states // places[2 * group + 1] % (total + 1) for group in range(free)]
    last = total - sum(sums, start=np.zeros(len(states), dtype=np.int64))
    return np.stack([*sums, last], axis=1), ways


def _refuse_size(sizes: list[int]) -> Exception:
    listed = ", ".join(str(size) for size in sizes)
    return TOO_LARGE_FOR_EXACT.refuse(
        f"groups of {listed} have more than {STATE_LIMIT} partial rank sums to count",
        value=listed,
        remedy="use kruskal_wallis, the chi-square approximation, which is good at this size.",
    )


def _as_result(
    method: Method,
    samples: list[Sample],
    h: float,
    p_value: float,
    *,
    df: tuple[float, ...] = (),
    exact: bool = False,
) -> Result:
    pooled = np.concatenate(samples)
    notes = list(describe_ties(pooled))
    if np.all(pooled == pooled[0]):
        notes.append("all values are equal: H is 0 and p is 1")
    estimate = None
    if pooled.size > 1:
        notes.append("no interval is given for epsilon squared")
        estimate = Estimate(name="epsilon squared", value=h / (pooled.size - 1), method="H / (N - 1)")
    return Result(
        method=method.name,
        label=method.label,
        n=tuple(int(sample.size) for sample in samples),
        statistic_name="H",
        statistic=h,
        df=df,
        p_value=p_value,
        exact=exact,
        estimate=estimate,
        assumptions=method.assumptions,
        notes=tuple(notes),
        citation=method.citation,
    )


CITATION = "Kruskal WH, Wallis WA. JASA 1952;47:583-621"
ASSUMPTIONS = ("observations are independent", "under the null all groups have one distribution")

KRUSKAL_WALLIS = Method(
    name="kruskal_wallis",
    label="Kruskal-Wallis test, chi-square approximation",
    design=Design.GROUPS,
    compute=kruskal_wallis,
    citation=CITATION,
    assumptions=ASSUMPTIONS,
    software="R kruskal.test, SAS NPAR1WAY WILCOXON, SPSS NPAR TESTS K-W",
)
KRUSKAL_WALLIS_EXACT = Method(
    name="kruskal_wallis_exact",
    label="Kruskal-Wallis test, exact",
    design=Design.GROUPS,
    compute=kruskal_wallis_exact,
    citation=CITATION,
    assumptions=ASSUMPTIONS,
    software="SAS NPAR1WAY EXACT WILCOXON, SPSS exact",
)
