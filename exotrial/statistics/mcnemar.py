"""McNemar's test of paired yes/no answers: asymptotic, corrected, exact and mid-p.

McNemar 1947 (Psychometrika 12:153-157); Edwards 1948 (Psychometrika 13:185-187); Fagerland, Lydersen & Laake
2013 (BMC Medical Research Methodology 13:91). Only the discordant pairs b (yes then no) and c (no then yes)
of [[a, b], [c, d]] count; without any, p is 1 by convention.
"""

from __future__ import annotations

import math

from numpy.typing import ArrayLike
from scipy import stats

from exotrial.statistics.counts import as_table
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import check_level

_NO_DISCORDANT = "no pair is discordant: p is 1 by convention and there is no odds ratio"


def mcnemar(table: ArrayLike, *, level: float = 0.95) -> Result:
    """McNemar's chi-square, (b - c) squared over b + c; paired 2 x 2 counts, first answer in rows."""
    return _asymptotic(MCNEMAR, table, correction=0.0, level=level)


def mcnemar_corrected(table: ArrayLike, *, level: float = 0.95) -> Result:
    """McNemar's chi-square with Edwards's correction, (|b - c| - 1) squared over b + c; 0 where b = c."""
    return _asymptotic(MCNEMAR_CORRECTED, table, correction=1.0, level=level)


def mcnemar_exact(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The exact test: b of b + c is binomial with one half; two-sided by doubling, at most 1."""
    b, c, n = _get_discordant(table, level)
    p_value = min(1.0, 2 * float(stats.binom.cdf(min(b, c), b + c, 0.5)))
    return _as_result(MCNEMAR_EXACT, b, c, n, p_value=p_value, level=level, exact=True)


def mcnemar_mid_p(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The exact test with half the probability of the observed b (of the middle one where b = c)."""
    b, c, n = _get_discordant(table, level)
    low = min(b, c)
    p_value = 2 * float(stats.binom.cdf(low, b + c, 0.5)) - float(stats.binom.pmf(low, b + c, 0.5))
    if b == c:
        p_value = 1 - float(stats.binom.pmf(b, b + c, 0.5)) / 2
    if b + c == 0:
        p_value = 1.0
    return _as_result(MCNEMAR_MID_P, b, c, n, p_value=min(1.0, p_value), level=level, exact=True)


def _asymptotic(method: Method, table: ArrayLike, *, correction: float, level: float) -> Result:
    b, c, n = _get_discordant(table, level)
    if b + c == 0:
        return _as_result(method, b, c, n, p_value=1.0, level=level)
    statistic = max(0.0, abs(b - c) - correction) ** 2 / (b + c)
    notes: tuple[str, ...] = ()
    if b + c < 25:
        notes = (f"only {b + c} pairs are discordant: prefer the exact or the mid-p test",)
    p_value = float(stats.chi2.sf(statistic, 1))
    return _as_result(method, b, c, n, p_value=p_value, level=level, statistic=statistic, notes=notes)


def _get_discordant(table: ArrayLike, level: float) -> tuple[int, int, int]:
    check_level(level)
    counts = as_table(table, shape=(2, 2))
    return int(counts[0, 1]), int(counts[1, 0]), int(counts.sum())


def _as_result(
    method: Method,
    b: int,
    c: int,
    n: int,
    *,
    p_value: float,
    level: float,
    statistic: float | None = None,
    exact: bool = False,
    notes: tuple[str, ...] = (),
) -> Result:
    estimate: Estimate | None = None
    if b + c == 0:
        notes = (*notes, _NO_DISCORDANT)
    else:
        alpha = (1 - level) / 2
        lower = float(stats.beta.ppf(alpha, b, c + 1)) if b else 0.0
        upper = float(stats.beta.isf(alpha, b + 1, c)) if c else 1.0
        estimate = Estimate(
            name="odds ratio of discordant pairs, yes-no to no-yes",
            value=b / c if c else math.inf,
            lower=lower / (1 - lower),
            upper=upper / (1 - upper) if upper < 1 else math.inf,
            level=level,
            method="exact conditional (Clopper-Pearson)",
        )
    return Result(
        method=method.name,
        label=method.label,
        n=(n,),
        statistic_name="" if statistic is None else "chi-square",
        statistic=statistic,
        df=() if statistic is None else (1.0,),
        p_value=p_value,
        exact=exact,
        estimate=estimate,
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


_ASSUMPTIONS = ("pairs are independent", "both answers of a pair are on the same two categories")

MCNEMAR = Method(
    name="mcnemar",
    label="McNemar's test",
    design=Design.PAIRED_TABLE,
    compute=mcnemar,
    citation="McNemar 1947, Psychometrika 12:153-157",
    assumptions=_ASSUMPTIONS,
    software="SAS PROC FREQ AGREE; R mcnemar.test(correct = FALSE)",
)

MCNEMAR_CORRECTED = Method(
    name="mcnemar_corrected",
    label="McNemar's test with continuity correction",
    design=Design.PAIRED_TABLE,
    compute=mcnemar_corrected,
    citation="Edwards 1948, Psychometrika 13:185-187",
    assumptions=_ASSUMPTIONS,
    software="R mcnemar.test; SPSS NPAR TESTS MCNEMAR where more than 25 pairs are discordant",
)

MCNEMAR_EXACT = Method(
    name="mcnemar_exact",
    label="McNemar's exact test",
    design=Design.PAIRED_TABLE,
    compute=mcnemar_exact,
    citation="Fagerland, Lydersen & Laake 2013, BMC Medical Research Methodology 13:91",
    assumptions=_ASSUMPTIONS,
    software="SAS PROC FREQ EXACT MCNEM; SPSS CROSSTABS McNemar",
)

MCNEMAR_MID_P = Method(
    name="mcnemar_mid_p",
    label="McNemar's test, mid-p",
    design=Design.PAIRED_TABLE,
    compute=mcnemar_mid_p,
    citation="Fagerland, Lydersen & Laake 2013, BMC Medical Research Methodology 13:91",
    assumptions=_ASSUMPTIONS,
    software="SAS PROC FREQ EXACT MCNEM / MIDP",
)
