"""Paired samples by their mean difference: paired t, and the sign-flip test by full enumeration.

The sign-flip test is Fisher's randomisation test of paired data (The Design of Experiments, 1935, ch. 3).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from exotrial.statistics.enumeration import (
    Integers,
    as_integers,
    count_subsets_at_most,
    list_subset_means,
    pick_interval,
)
from exotrial.statistics.moments import check_range, compute_mean, compute_moments, is_constant, snap_noise
from exotrial.statistics.one_sample import compute_t_result
from exotrial.statistics.resampling import check_resampling, describe_resampling
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, as_pairs, check_level

ESTIMATES = "mean difference, first minus second"
LISTED_PAIRS = 22
"""Pairs up to which the exact interval is found by listing the 2^n - 1 means of subsets."""


def compute_differences(first: ArrayLike, second: ArrayLike, *, at_least: int = 1) -> Sample:
    """First minus second, pair by pair, without binary noise: 36.5 - 36.6 equals 36.4 - 36.5."""
    x, y = as_pairs(first, second, at_least=at_least)
    largest = float(np.max(np.abs(check_range(np.concatenate([x, y])))))
    return snap_noise(x - y, scale=largest)


def paired_t(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Student's t of the differences first minus second; at least two complete pairs.

    Cohen's dz (mean difference over the SD of differences) is in the notes. Differences that are all zero
    give p = 1 by convention; equal differences other than zero are refused (STS-100).
    """
    differences = compute_differences(first, second, at_least=2)
    if not is_constant(differences):
        # Noise matters only for telling equal from unequal; the t test takes the numbers as they are.
        x, y = as_pairs(first, second)
        differences = np.asarray(x - y, dtype=np.float64)
    result = compute_t_result(
        differences,
        PAIRED_T,
        null=0.0,
        level=check_level(level),
        alternative=Alternative(alternative),
        estimates=ESTIMATES,
    )
    moments = compute_moments(differences)
    if moments.sd:
        return replace(result, notes=(*result.notes, f"Cohen's dz = {moments.mean / moments.sd:.4g}"))
    return replace(
        result, notes=("all differences are zero: p is 1 by convention, and there is no interval",)
    )


def sign_flip(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The randomisation test of the mean difference over all 2^n sign changes; the count is in the notes.

    Differences are compared to 12 significant digits, so that numbers equal as printed are equal. The
    interval inverts the one-sided tests (subset means of Hartigan 1969) for up to 22 pairs. Refuses more
    non-zero differences than can be counted (STS-107; about 40 in general, 62 for small whole numbers).
    """
    check_level(level)
    alternative = Alternative(alternative)
    differences = compute_differences(first, second)
    steps = as_integers(differences)
    magnitudes = np.abs(steps[steps != 0])
    arrangements = 2**magnitudes.size
    extreme = _count_extreme(steps, magnitudes, alternative)
    notes = [
        f"{extreme} of 2^{magnitudes.size} = {arrangements} sign changes are at least as extreme "
        "(full enumeration)"
    ]
    zeros = int(np.sum(steps == 0))
    if zeros == steps.size:
        notes.append("all differences are zero: p is 1")
    elif zeros:
        notes.append(f"{zeros} zero differences have no sign to change and leave p as it is")
    lower: float | None = None
    upper: float | None = None
    if differences.size <= LISTED_PAIRS:
        lower, upper = _invert(differences, level, alternative)
        if lower == -math.inf and upper == math.inf:
            notes.append(f"{differences.size} pairs are too few for a bounded interval at level {level:g}")
    else:
        notes.append(f"no exact interval is listed for more than {LISTED_PAIRS} pairs")
    return _as_result(
        SIGN_FLIP,
        differences,
        p_value=extreme / arrangements,
        interval=(lower, upper),
        level=level,
        alternative=alternative,
        notes=tuple(notes),
        exact=True,
    )


def sign_flip_monte_carlo(
    first: ArrayLike,
    second: ArrayLike,
    *,
    seed: int = 1,
    resamples: int = 99_999,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The sign-flip test on random sign changes drawn from `seed`, for samples too large to enumerate.

    p = (1 + extreme) / (1 + resamples) (Phipson & Smyth 2010). No interval. Refuses STS-108.
    """
    check_level(level)
    check_resampling(seed, resamples)
    alternative = Alternative(alternative)
    differences = compute_differences(first, second)
    steps = as_integers(differences)
    magnitudes, observed = np.abs(steps), int(steps.sum())
    generator = np.random.default_rng(seed)
    extreme, left = 0, resamples
    while left:
        rows = min(left, 10_000)
        signs = 2 * generator.integers(0, 2, size=(rows, steps.size), dtype=np.int64) - 1
        sums = signs @ magnitudes
        if alternative == Alternative.TWO_SIDED:
            extreme += int(np.sum(np.abs(sums) >= abs(observed)))
        elif alternative == Alternative.GREATER:
            extreme += int(np.sum(sums >= observed))
        else:
            extreme += int(np.sum(sums <= observed))
        left -= rows
    p_value = (1 + extreme) / (1 + resamples)
    return _as_result(
        SIGN_FLIP_MONTE_CARLO,
        differences,
        p_value=p_value,
        interval=(None, None),
        level=level,
        alternative=alternative,
        notes=(
            describe_resampling(seed, resamples, p_value),
            "no interval is drawn from random sign changes",
        ),
        exact=False,
    )


def _count_extreme(steps: Integers, magnitudes: Integers, alternative: Alternative) -> int:
    """Sign changes with a sum at least as extreme; a sum is the total less twice what is made negative."""
    total, observed = int(magnitudes.sum()), int(steps.sum())
    if alternative == Alternative.GREATER:
        return count_subsets_at_most(magnitudes, (total - observed) // 2)
    if alternative == Alternative.LESS:
        return count_subsets_at_most(magnitudes, (total + observed) // 2)
    if observed == 0:
        return int(2**magnitudes.size)
    return 2 * count_subsets_at_most(magnitudes, (total - abs(observed)) // 2)


def _invert(differences: Sample, level: float, alternative: Alternative) -> tuple[float | None, float | None]:
    means = list_subset_means(differences)
    if alternative == Alternative.GREATER:
        return pick_interval(means, below=1 - level, above=None)
    if alternative == Alternative.LESS:
        return pick_interval(means, below=None, above=1 - level)
    return pick_interval(means, below=(1 - level) / 2, above=(1 - level) / 2)


def _as_result(
    method: Method,
    differences: Sample,
    *,
    p_value: float,
    interval: tuple[float | None, float | None],
    level: float,
    alternative: Alternative,
    notes: tuple[str, ...],
    exact: bool,
) -> Result:
    mean = compute_mean(differences)
    return Result(
        method=method.name,
        label=method.label,
        n=(int(differences.size),),
        statistic_name="mean difference",
        statistic=mean,
        p_value=p_value,
        alternative=alternative,
        exact=exact,
        estimate=Estimate(
            name=ESTIMATES,
            value=mean,
            lower=interval[0],
            upper=interval[1],
            level=level,
            method="inverted sign-flip test",
        ),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


_SIGNS = (
    "pairs are independent",
    "without an effect each difference is as likely to have the opposite sign (symmetry about zero)",
)

PAIRED_T = Method(
    name="paired_t",
    label="Paired t test",
    design=Design.PAIRED,
    compute=paired_t,
    citation="Student 1908, Biometrika 6:1-25",
    assumptions=("pairs are independent", "the mean difference is approximately normal"),
    software="SPSS Paired-Samples T Test, R t.test(paired = TRUE), SAS PROC TTEST PAIRED",
)

SIGN_FLIP = Method(
    name="sign_flip",
    label="Exact sign-flip (paired permutation) test of the mean difference",
    design=Design.PAIRED,
    compute=sign_flip,
    citation="Fisher 1935, The Design of Experiments, ch. 3; Hartigan 1969, JASA 64:1303-1317 (interval)",
    assumptions=_SIGNS,
)

SIGN_FLIP_MONTE_CARLO = Method(
    name="sign_flip_monte_carlo",
    label="Sign-flip test of the mean difference, random sign changes",
    design=Design.PAIRED,
    compute=sign_flip_monte_carlo,
    citation="Fisher 1935, The Design of Experiments, ch. 3; Phipson & Smyth 2010, SAGMB 9:39",
    assumptions=_SIGNS,
)
