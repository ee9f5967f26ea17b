"""Are the spreads of several groups equal: Levene's test (means), Brown and Forsythe's (medians).

Levene 1960 (Contributions to Probability and Statistics, 278-292); Brown & Forsythe 1974 (JASA 69:364-367).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from exotrial.statistics.moments import NO_VARIATION, compute_mean, compute_moments, snap_noise
from exotrial.statistics.result import Design, Method, Result
from exotrial.statistics.sample import Sample
from exotrial.statistics.several_groups import as_groups


def levene(groups: Sequence[ArrayLike]) -> Result:
    """Levene's test on deviations from the group means, as SPSS prints it beside the t test.

    Two groups or more. Refuses deviations that are equal within every group but not between (STS-100), as
    in groups of two.
    """
    return _compare_deviations(groups, LEVENE, compute_mean)


def brown_forsythe(groups: Sequence[ArrayLike]) -> Result:
    """Levene's test on deviations from the group medians, robust to skewed data; refuses as `levene`."""
    return _compare_deviations(groups, BROWN_FORSYTHE, lambda sample: float(np.median(sample)))


def _compare_deviations(
    groups: Sequence[ArrayLike], method: Method, centre: Callable[[Sample], float]
) -> Result:
    samples = as_groups(groups, spare=1)
    scale = max(float(np.max(np.abs(sample))) for sample in samples)
    deviations = [snap_noise(np.abs(sample - centre(sample)), scale=scale) for sample in samples]
    moments = [compute_moments(deviation) for deviation in deviations]
    n = sum(part.n for part in moments)
    df1, df2 = len(moments) - 1, n - len(moments)
    grand = math.fsum(part.n * part.mean for part in moments) / n
    between = math.fsum(part.n * (part.mean - grand) ** 2 for part in moments)
    within = math.fsum(part.sum_of_squares for part in moments)
    statistic: float | None = None
    notes: tuple[str, ...] = ()
    if within > 0:
        statistic = (between / df1) / (within / df2)
        p_value = float(special.fdtrc(df1, df2, statistic))
    elif np.ptp(np.concatenate(deviations)) == 0:
        p_value, notes = 1.0, ("all deviations are equal: p is 1 by convention",)
    else:
        raise NO_VARIATION.refuse(
            "the deviations are equal within every group, so Levene's F has no denominator",
            value=", ".join(f"{part.mean:g}" for part in moments),
            remedy="choose between Student and Welch beforehand; Welch is the safer choice.",
        )
    return Result(
        method=method.name,
        label=method.label,
        n=tuple(part.n for part in moments),
        statistic_name="F",
        statistic=statistic,
        df=(float(df1), float(df2)),
        p_value=p_value,
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


LEVENE = Method(
    name="levene",
    label="Levene's test of equal variances, about the mean",
    design=Design.GROUPS,
    compute=levene,
    citation="Levene 1960, Contributions to Probability and Statistics, 278-292",
    assumptions=("values are independent",),
    software="SPSS T-TEST and ONEWAY (based on mean), SAS HOVTEST=LEVENE(TYPE=ABS)",
)

BROWN_FORSYTHE = Method(
    name="brown_forsythe",
    label="Brown-Forsythe test of equal variances, about the median",
    design=Design.GROUPS,
    compute=brown_forsythe,
    citation="Brown & Forsythe 1974, JASA 69:364-367",
    assumptions=("values are independent",),
    software="R car::leveneTest, SAS HOVTEST=BF",
)
