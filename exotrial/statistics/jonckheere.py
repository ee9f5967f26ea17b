"""Ordered groups: the Jonckheere-Terpstra test of a trend, exact with ties and by the normal distribution.

Terpstra 1952 (Indagationes Mathematicae 14:327-333); Jonckheere 1954 (Biometrika 41:133-145). The variance
with ties is as in Hollander, Wolfe & Chicken, Nonparametric Statistical Methods, section 6.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exotrial.statistics.midranks import (
    TOO_LARGE_FOR_EXACT,
    as_groups,
    compute_normal_p,
    count_ties,
    describe_ties,
    scale_down,
)
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample

WORK_LIMIT = 150_000_000
"""Additions that the exact distribution may take; a step counts as STEP_COST of them besides."""
STEP_COST = 1000


def jonckheere(groups: Sequence[ArrayLike], *, alternative: Alternative = Alternative.TWO_SIDED) -> Result:
    """J by the tie-corrected normal approximation, no continuity correction; groups in their supposed order.

    GREATER means values rise along the groups. J counts pairs of values from different groups in rising
    order, ties as one half. Refuses as `kruskal_wallis` does (STS-001, STS-002, STS-200).
    """
    samples = as_groups(groups)
    alternative = Alternative(alternative)
    deviation = (_double_j(samples) - _count_pairs(samples)) / 2
    z, p_value = compute_normal_p(deviation, math.sqrt(_compute_variance(samples)), alternative)
    return _as_result(JONCKHEERE, samples, p_value, alternative, (f"z = {z:.5g}",))


def jonckheere_exact(
    groups: Sequence[ArrayLike], *, alternative: Alternative = Alternative.TWO_SIDED
) -> Result:
    """J over all ways to deal the pooled values to the groups; exact with ties.

    Two-sided: every way whose J lies at least as far from its mean. Counts value by value, as far as about four
    groups of ten or three of twenty-five, and refuses more (STS-201).
    """
    samples = as_groups(groups)
    alternative = Alternative(alternative)
    chances = _count_j(samples)
    doubled, centre = _double_j(samples), _count_pairs(samples)
    values = np.arange(len(chances))
    extreme = {
        Alternative.TWO_SIDED: np.abs(values - centre) >= abs(doubled - centre),
        Alternative.GREATER: values >= doubled,
        Alternative.LESS: values <= doubled,
    }[alternative]
    p_value = min(1.0, float(chances[extreme].sum() / chances.sum()))
    return _as_result(JONCKHEERE_EXACT, samples, p_value, alternative, (), exact=True)


def _double_j(samples: list[Sample]) -> int:
    """Twice J: two for a rising pair, one for a tied one."""
    doubled = 0
    for later in range(1, len(samples)):
        earlier = np.sort(np.concatenate(samples[:later]))
        doubled += int(np.searchsorted(earlier, samples[later], side="left").sum())
        doubled += int(np.searchsorted(earlier, samples[later], side="right").sum())
    return doubled


def _count_pairs(samples: list[Sample]) -> int:
    """Pairs of values from different groups; also the mean of twice J."""
    total = sum(int(sample.size) for sample in samples)
    return (total**2 - sum(int(sample.size) ** 2 for sample in samples)) // 2


def _compute_variance(samples: list[Sample]) -> float:
    sizes = [int(sample.size) for sample in samples]
    ties = [int(size) for size in count_ties(np.concatenate(samples))]
    n = sum(sizes)

    def first(k: int) -> int:
        return k * (k - 1) * (2 * k + 5)

    variance = Fraction(first(n) - sum(map(first, sizes)) - sum(map(first, ties)), 72)
    twos = sum(k * (k - 1) for k in sizes) * sum(k * (k - 1) for k in ties)
    variance += Fraction(twos, 8 * n * (n - 1))
    if n > 2:
        threes = sum(k * (k - 1) * (k - 2) for k in sizes) * sum(k * (k - 1) * (k - 2) for k in ties)
        variance += Fraction(threes, 36 * n * (n - 1) * (n - 2))
    return float(variance)


def _count_j(samples: list[Sample]) -> NDArray[np.float64]:
    """Ways (to within rounding, up to a factor) to reach each value of twice J.

    Values enter in ascending order, one tie at a time; a state is how many each group holds so far.
    """
    sizes = tuple(int(sample.size) for sample in samples)
    ties = [int(size) for size in count_ties(np.concatenate(samples))]
    length = 2 * _count_pairs(samples) + 1
    states: dict[tuple[int, ...], NDArray[np.float64]] = {(0,) * len(sizes): np.ones(1)}
    work = 0
    for tie in ties:
        reached: dict[tuple[int, ...], NDArray[np.float64]] = {}
        for held, ways in states.items():
            room = tuple(size - count for size, count in zip(sizes, held, strict=True))
            for dealt in _deal(tie, room):
                work += len(ways) + STEP_COST
                if work > WORK_LIMIT:
                    raise _refuse_size(sizes)
                gain = _gain(held, dealt)
                after = tuple(a + b for a, b in zip(held, dealt, strict=True))
                factor = 1.0
                for count, space in zip(dealt, room, strict=True):
                    factor *= math.comb(space, count)
                target = reached.get(after)
                needed = len(ways) + gain
                if target is None or len(target) < needed:
                    grown = np.zeros(needed)
                    if target is not None:
                        grown[: len(target)] = target
                    reached[after] = target = grown
                target[gain:needed] += factor * ways
        largest = max(float(ways.max()) for ways in reached.values())
        states = {held: scale_down(ways, largest=largest) for held, ways in reached.items()}
    counts = states[sizes]
    return np.concatenate([counts, np.zeros(length - len(counts))])


def _deal(count: int, room: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every way to split `count` tied values over groups with so much room."""
    if len(room) == 1:
        if count <= room[0]:
            yield (count,)
        return
    for here in range(min(count, room[0]) + 1):
        for rest in _deal(count - here, room[1:]):
            yield (here, *rest)


def _gain(held: tuple[int, ...], dealt: tuple[int, ...]) -> int:
    """What tied values add to twice J: two a smaller value in an earlier group, one a tie with an earlier."""
    gain = smaller = tied = 0
    for before, now in zip(held, dealt, strict=True):
        gain += now * (2 * smaller + tied)
        smaller += before
        tied += now
    return gain


def _refuse_size(sizes: tuple[int, ...]) -> Exception:
    listed = ", ".join(str(size) for size in sizes)
    return TOO_LARGE_FOR_EXACT.refuse(
        f"groups of {listed} are too large to count every value of J",
        value=listed,
        remedy="use jonckheere, the normal approximation, which is good at this size.",
    )


def _as_result(
    method: Method,
    samples: list[Sample],
    p_value: float,
    alternative: Alternative,
    notes: tuple[str, ...],
    *,
    exact: bool = False,
) -> Result:
    pooled = np.concatenate(samples)
    doubled, pairs = _double_j(samples), _count_pairs(samples)
    equal = ("all values are equal: p is 1",) if np.all(pooled == pooled[0]) else ()
    return Result(
        method=method.name,
        label=method.label,
        n=tuple(int(sample.size) for sample in samples),
        statistic_name="J",
        statistic=doubled / 2,
        p_value=p_value,
        alternative=alternative,
        exact=exact,
        estimate=Estimate(
            name="share of pairs that rise along the groups, ties as one half",
            value=doubled / 2 / pairs,
            method="J / number of pairs",
        ),
        assumptions=method.assumptions,
        notes=(*notes, *describe_ties(pooled), *equal, "no interval is given for the share of rising pairs"),
        citation=method.citation,
    )


CITATION = "Terpstra TJ. Indagationes Mathematicae 1952;14:327-333; Jonckheere AR. Biometrika 1954;41:133-145"
ASSUMPTIONS = ("observations are independent", "the order of the groups was fixed before the data were seen")

JONCKHEERE = Method(
    name="jonckheere",
    label="Jonckheere-Terpstra test, normal approximation",
    design=Design.GROUPS,
    compute=jonckheere,
    citation=CITATION,
    assumptions=ASSUMPTIONS,
    software="SAS FREQ JT, SPSS NPAR TESTS J-T",
)
JONCKHEERE_EXACT = Method(
    name="jonckheere_exact",
    label="Jonckheere-Terpstra test, exact",
    design=Design.GROUPS,
    compute=jonckheere_exact,
    citation=CITATION,
    assumptions=ASSUMPTIONS,
    software="SAS FREQ EXACT JT, SPSS exact",
)
