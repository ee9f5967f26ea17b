"""Wilcoxon's signed-rank test by Student's t, as SAS PROC UNIVARIATE reports it for more than 20 differences.

The t statistic of the signed ranks themselves, on one degree of freedom less than there are non-zero
differences (Iman 1974, Communications in Statistics 3:795-806).
"""

from __future__ import annotations

import math

from numpy.typing import ArrayLike
from scipy import special

from exotrial.core.errors import ErrorCode
from exotrial.statistics.midranks import compute_tail
from exotrial.statistics.result import Alternative, Design, Method, Result
from exotrial.statistics.sample import check_level
from exotrial.statistics.signed_rank import (
    ASSUMPTIONS,
    as_signed_rank_result,
    estimate_pseudomedian,
    rank_differences,
)

SIGNED_RANKS_EQUAL = ErrorCode(
    "STS-203",
    "The signed ranks do not vary, so their t statistic has no value.",
    "use signed_rank_exact.",
)


def signed_rank_t(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The signed-rank statistic referred to t; zero differences are dropped, and none left gives p = 1.

    Refuses missing values (STS-001), unequal lengths (STS-003), and one non-zero difference or signed ranks
    that are all the same (STS-203).
    """
    check_level(level)
    alternative = Alternative(alternative)
    signed = rank_differences(first, second)
    n = len(signed.ranks)
    t, p_value, df = 0.0, 1.0, 0
    if n:
        df = n - 1
        # Four times the sums, so that whole numbers decide whether there is spread.
        total = 2 * signed.positive - int(signed.ranks.sum())
        spread = n * sum(int(rank) ** 2 for rank in signed.ranks) - total**2
        if spread == 0:
            raise SIGNED_RANKS_EQUAL.refuse(f"the {n} non-zero differences have one signed rank", value=n)
        t = total * math.sqrt(df / spread)
        below, above = float(special.stdtr(df, t)), float(special.stdtr(df, -t))
        p_value = {
            Alternative.TWO_SIDED: min(1.0, 2 * min(below, above)),
            Alternative.GREATER: above,
            Alternative.LESS: below,
        }[alternative]
    count = signed.differences.size
    quantile = float(special.ndtri(1 - compute_tail(level, alternative)))
    estimate, notes = estimate_pseudomedian(
        signed.differences,
        position=math.floor(
            count * (count + 1) / 4 - quantile * math.sqrt(count * (count + 1) * (2 * count + 1) / 24)
        ),
        level=level,
        alternative=alternative,
        rule="Walsh averages, normal approximation of the position, rounded outwards",
    )
    notes = (f"S = {signed.deviation:g}, t = {t:.5g}", *signed.notes, *notes)
    return as_signed_rank_result(
        SIGNED_RANK_T,
        signed,
        p_value,
        alternative,
        estimate,
        notes,
        exact=False,
        df=(float(df),) if n else (),
    )


SIGNED_RANK_T = Method(
    name="signed_rank_t",
    label="Wilcoxon signed-rank test, t approximation",
    design=Design.PAIRED,
    compute=signed_rank_t,
    citation="Iman RL. Communications in Statistics 1974;3:795-806",
    assumptions=ASSUMPTIONS,
    software="SAS PROC UNIVARIATE, signed rank, more than 20 differences",
)
