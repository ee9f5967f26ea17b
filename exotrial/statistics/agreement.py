"""Agreement of two classifications of the same subjects: Cohen's kappa.

Cohen 1960 (Educational and Psychological Measurement 20:37-46); standard errors of Fleiss, Cohen & Everitt
1969 (Psychological Bulletin 72:323-327).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from exotrial.core.errors import ErrorCode
from exotrial.statistics.counts import as_table
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import check_level

NO_CHANCE = ErrorCode(
    "STS-306",
    "Both classifications put every subject into one category, so that agreement by chance is complete.",
    "report the percentage of agreement; kappa is not defined here.",
)


def cohen_kappa(table: ArrayLike, *, level: float = 0.95) -> Result:
    """Cohen's unweighted kappa of a square table of counts; rows are the first classification.

    The interval is kappa +- z times its asymptotic standard error, given in the notes, inside -1 to 1; p
    tests kappa = 0 with the standard error under that null. Refuses a table in one single category (STS-306).
    """
    check_level(level)
    counts = as_table(table, square=True)
    n = int(counts.sum())
    p = counts / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, chance = float(np.trace(p)), float(rows @ columns)
    if 1 - chance < 1e-12:
        raise NO_CHANCE.refuse(f"all {n} subjects are in one category both times", value=n)
    kappa = (observed - chance) / (1 - chance)
    sums = rows[None, :] + columns[:, None]  # cell (i, j): first margin of j plus second margin of i
    on_diagonal = float(np.diag(p) @ (1 - (rows + columns) * (1 - kappa)) ** 2)
    off = p * sums**2
    off_diagonal = (1 - kappa) ** 2 * float(off.sum() - np.trace(off))
    remainder = (kappa - chance * (1 - kappa)) ** 2
    se = math.sqrt(max(0.0, on_diagonal + off_diagonal - remainder) / n) / (1 - chance)
    null_variance = chance + chance**2 - float((rows * columns) @ (rows + columns))
    se_null = math.sqrt(max(0.0, null_variance) / n) / (1 - chance)
    notes: tuple[str, ...] = (f"standard error of kappa {se:.4g}, under kappa = 0 {se_null:.4g}",)
    half = float(stats.norm.isf((1 - level) / 2)) * se
    lower: float | None = max(-1.0, kappa - half)
    upper: float | None = min(1.0, kappa + half)
    if se < 1e-9:
        lower = upper = None
        notes += ("the standard error is 0 at this kappa, so there is no interval",)
    statistic: float | None = None
    p_value = 1.0
    if se_null > 1e-9:
        statistic = kappa / se_null
        p_value = min(1.0, 2 * float(stats.norm.sf(abs(statistic))))
    else:
        notes += ("one classification uses one category only: p is 1 by convention",)
    return Result(
        method=COHEN_KAPPA.name,
        label=COHEN_KAPPA.label,
        n=(n,),
        statistic_name="z",
        statistic=statistic,
        p_value=p_value,
        estimate=Estimate(
            name="kappa", value=kappa, lower=lower, upper=upper, level=level, method="Fleiss-Cohen-Everitt"
        ),
        assumptions=COHEN_KAPPA.assumptions,
        notes=notes,
        citation=COHEN_KAPPA.citation,
    )


COHEN_KAPPA = Method(
    name="cohen_kappa",
    label="Cohen's kappa",
    design=Design.PAIRED_TABLE,
    compute=cohen_kappa,
    citation="Cohen 1960, Educ. Psychol. Meas. 20:37-46; Fleiss, Cohen & Everitt 1969, Psychol. Bull. 72:323-327",
    assumptions=("subjects are independent", "both classifications use the same categories"),
    software="SAS PROC FREQ AGREE; SPSS CROSSTABS KAPPA",
)
