"""The Cochran-Armitage test: does a risk rise or fall over ordered groups?

Cochran 1954 (Biometrics 10:417-451); Armitage 1955 (Biometrics 11:375-386); Agresti 2013, section 5.3.5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from exotrial.statistics.chi_square import as_scores
from exotrial.statistics.counts import WRONG_SHAPE, as_table, check_margins
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import check_level


def cochran_armitage(
    table: ArrayLike,
    *,
    scores: Sequence[float] | None = None,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Trend of the risk of column 1 over the rows; counts, groups x 2, `scores` default to 1, 2, 3 ...

    GREATER is a risk that rises with the score. The effect is the change of the risk for one more unit of
    score, by weighted least squares; its interval does not suppose that there is no trend. z squared is
    R's prop.trend.test, and n / (n - 1) times linear_by_linear. Refuses other shapes (STS-301), an empty row
    or column (STS-302), and scores that do not fit or do not differ (STS-305).
    """
    check_level(level)
    alternative = Alternative(alternative)
    counts = as_table(table)
    if counts.shape[1] != 2:
        raise WRONG_SHAPE.refuse(
            f"the table is {counts.shape[0]} x {counts.shape[1]}, and two columns are needed",
            value=f"{counts.shape[0]} x {counts.shape[1]}",
            remedy="give one row a group with its numbers of events and of non-events.",
        )
    check_margins(counts)
    given = as_scores(scores, counts.shape[0], "row", differ=True)
    sizes = counts.sum(axis=1).astype(np.float64)
    risks, overall = counts[:, 0] / sizes, float(counts[:, 0].sum() / sizes.sum())
    centred = given - float(sizes @ given / sizes.sum())
    spread = float(sizes @ centred**2)
    slope = float(sizes * centred @ (risks - overall)) / spread
    z = slope * math.sqrt(spread / (overall * (1 - overall)))
    error = math.sqrt(float(centred**2 @ (sizes * risks * (1 - risks)))) / spread
    return Result(
        method=COCHRAN_ARMITAGE.name,
        label=COCHRAN_ARMITAGE.label,
        n=tuple(int(size) for size in sizes),
        statistic_name="z",
        statistic=z,
        p_value=_compute_p_value(z, alternative),
        alternative=alternative,
        estimate=_estimate_slope(slope, error, level, alternative),
        assumptions=COCHRAN_ARMITAGE.assumptions,
        notes=("every risk is 0 or 1: the interval has no width",) if error == 0 else (),
        citation=COCHRAN_ARMITAGE.citation,
    )


def _compute_p_value(z: float, alternative: Alternative) -> float:
    if alternative is Alternative.TWO_SIDED:
        return float(2 * stats.norm.sf(abs(z)))
    return float(stats.norm.sf(z if alternative is Alternative.GREATER else -z))


def _estimate_slope(slope: float, error: float, level: float, alternative: Alternative) -> Estimate:
    tail = (1 - level) / (2 if alternative is Alternative.TWO_SIDED else 1)
    half = float(stats.norm.isf(tail)) * error
    return Estimate(
        name="change of the risk for one unit of score",
        value=slope,
        lower=-math.inf if alternative is Alternative.LESS else slope - half,
        upper=math.inf if alternative is Alternative.GREATER else slope + half,
        level=level,
        method="weighted least squares, Wald",
    )


COCHRAN_ARMITAGE = Method(
    name="cochran_armitage",
    label="Cochran-Armitage test for trend",
    design=Design.TABLE,
    compute=cochran_armitage,
    citation="Cochran 1954, Biometrics 10:417-451; Armitage 1955, Biometrics 11:375-386",
    assumptions=(
        "each participant is counted in one cell",
        "the groups are ordered and their scores are meant as they are",
        "the sample is large enough for the approximation",
    ),
    software="SAS PROC FREQ TREND (z); R prop.trend.test (z squared)",
)
