"""Two groups and two outcomes in strata: the Mantel-Haenszel test and odds ratio, and their homogeneity.

Mantel & Haenszel 1959 (JNCI 22:719-748); Robins, Breslow & Greenland 1986 (Biometrics 42:311-323); Breslow &
Day 1980 (IARC 32, section 4.4) with the adjustment of Tarone 1985 (Biometrika 72:91-95).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from exotrial.core.errors import ErrorCode
from exotrial.statistics.cmh import NO_INFORMATION, as_strata, compares, note_silent_strata
from exotrial.statistics.counts import Counts
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import check_level

NO_COMMON_ODDS_RATIO = ErrorCode(
    "STS-308",
    "The odds ratios of the strata cannot be compared with one another.",
    "report the strata themselves; comparing them needs two strata and an odds ratio that is neither 0 nor "
    "infinite.",
)


def mantel_haenszel(tables: Sequence[ArrayLike], *, level: float = 0.95) -> Result:
    """The Mantel-Haenszel chi-square without correction, of one 2 x 2 table a stratum.

    The effect is the common odds ratio with the Robins-Breslow-Greenland interval. Refuses strata that
    compare nothing (STS-307) and an empty row or column overall (STS-302).
    """
    return _mantel_haenszel(MANTEL_HAENSZEL, tables, correction=0.0, level=level)


def mantel_haenszel_corrected(tables: Sequence[ArrayLike], *, level: float = 0.95) -> Result:
    """The same with the continuity correction of one half, no larger than the distance to expectation."""
    return _mantel_haenszel(MANTEL_HAENSZEL_CORRECTED, tables, correction=0.5, level=level)


def breslow_day(tables: Sequence[ArrayLike], *, level: float = 0.95) -> Result:
    """Do the odds ratios differ between strata? Breslow-Day as first published, df = strata - 1.

    The Mantel-Haenszel odds ratio is not the efficient estimate that the statistic supposes, so that it is
    slightly too large: breslow_day_tarone mends this. Estimate and refusals as there.
    """
    return _breslow_day(BRESLOW_DAY, tables, level=level, tarone=0.0)


def breslow_day_tarone(tables: Sequence[ArrayLike], *, level: float = 0.95) -> Result:
    """Do the odds ratios differ between strata? Breslow-Day with Tarone's adjustment, df = strata - 1.

    The estimate is the common odds ratio. Refuses fewer than two strata that compare anything, and a common
    odds ratio of 0 or infinity (STS-308).
    """
    return _breslow_day(BRESLOW_DAY_TARONE, tables, level=level, tarone=1.0)


def _breslow_day(method: Method, tables: Sequence[ArrayLike], *, level: float, tarone: float) -> Result:
    strata, used = _as_used(tables, level)
    estimate, notes = _estimate_odds_ratio(used, level)
    if len(used) < 2 or not 0 < estimate.value < math.inf:
        raise NO_COMMON_ODDS_RATIO.refuse(
            f"{len(used)} strata compare anything, and the common odds ratio is {estimate.value:g}",
            value=len(used),
        )
    statistic = excess = spread = 0.0
    for stratum in used:
        observed = float(stratum[0, 0])
        expected, variance = _fit_odds_ratio(stratum, estimate.value)
        statistic += (observed - expected) ** 2 / variance
        excess += observed - expected
        spread += variance
    statistic = max(0.0, statistic - tarone * excess**2 / spread)
    df = len(used) - 1
    return _as_result(method, strata, statistic, df, estimate, (*notes, *note_silent_strata(strata)))


def _mantel_haenszel(
    method: Method, tables: Sequence[ArrayLike], *, correction: float, level: float
) -> Result:
    strata, used = _as_used(tables, level)
    excess = variance = 0.0
    for stratum in used:
        n = float(stratum.sum())
        rows, columns = stratum.sum(axis=1).astype(np.float64), stratum.sum(axis=0).astype(np.float64)
        excess += float(stratum[0, 0]) - float(rows[0] * columns[0]) / n
        variance += float(rows.prod() * columns.prod()) / (n * n * (n - 1))
    statistic = (abs(excess) - min(correction, abs(excess))) ** 2 / variance
    estimate, notes = _estimate_odds_ratio(used, level)
    return _as_result(method, strata, statistic, 1, estimate, (*notes, *note_silent_strata(strata)))


def _as_used(tables: Sequence[ArrayLike], level: float) -> tuple[list[Counts], list[Counts]]:
    check_level(level)
    strata = as_strata(tables, shape=(2, 2))
    used = [stratum for stratum in strata if compares(stratum)]
    if not used:
        raise NO_INFORMATION.refuse(f"none of the {len(strata)} strata compares anything", value=len(strata))
    return strata, used


def _estimate_odds_ratio(used: Sequence[Counts], level: float) -> tuple[Estimate, tuple[str, ...]]:
    cells = np.array(used, dtype=np.float64)
    a, b, c, d = cells[:, 0, 0], cells[:, 0, 1], cells[:, 1, 0], cells[:, 1, 1]
    n = cells.sum(axis=(1, 2))
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    sum_r, sum_s = float(r.sum()), float(s.sum())
    name, method = "common odds ratio, first row to second", "Robins-Breslow-Greenland"
    if sum_r == 0 or sum_s == 0:
        # One of the two is above 0, as every stratum used has two rows and two columns.
        value = 0.0 if sum_r == 0 else math.inf
        note = "zero cells put the common odds ratio at the end of its range, without an interval"
        return Estimate(name=name, value=value, level=level, method=method), (note,)
    value = sum_r / sum_s
    variance = float(p @ r) / (2 * sum_r**2)
    variance += float(p @ s + q @ r) / (2 * sum_r * sum_s)
    variance += float(q @ s) / (2 * sum_s**2)
    half = float(stats.norm.isf((1 - level) / 2)) * math.sqrt(variance)
    return (
        Estimate(
            name=name,
            value=value,
            lower=value * math.exp(-half),
            upper=value * math.exp(half),
            level=level,
            method=method,
        ),
        (),
    )


def _fit_odds_ratio(stratum: Counts, odds_ratio: float) -> tuple[float, float]:
    """The first cell expected at an odds ratio, given the margins, and its asymptotic variance."""
    row, other = (float(size) for size in stratum.sum(axis=1))
    column = float(stratum[:, 0].sum())
    # x (other - column + x) = odds_ratio (row - x)(column - x), a quadratic in x.
    square = 1 - odds_ratio
    linear = other - column + odds_ratio * (row + column)
    constant = -odds_ratio * row * column
    root = math.sqrt(max(0.0, linear * linear - 4 * square * constant))
    # The root inside the support, in the form that does not cancel and holds at odds ratio 1.
    x = -2 * constant / (linear + root)
    inverse = 1 / x + 1 / (row - x) + 1 / (column - x) + 1 / (other - column + x)
    return x, 1 / inverse


def _as_result(
    method: Method,
    strata: Sequence[Counts],
    statistic: float,
    df: int,
    estimate: Estimate,
    notes: tuple[str, ...],
) -> Result:
    return Result(
        method=method.name,
        label=method.label,
        n=tuple(int(size) for size in np.sum(strata, axis=0).sum(axis=1)),
        statistic_name="chi-square",
        statistic=statistic,
        df=(float(df),),
        p_value=float(stats.chi2.sf(statistic, df)),
        estimate=estimate,
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


_ASSUMPTIONS = (
    "participants are independent and counted in one cell of one stratum",
    "the odds ratio is the same in all strata",
)

MANTEL_HAENSZEL = Method(
    name="mantel_haenszel",
    label="Mantel-Haenszel test, 2 x 2 x K",
    design=Design.STRATIFIED_TABLES,
    compute=mantel_haenszel,
    citation="Mantel & Haenszel 1959, JNCI 22:719-748; Robins, Breslow & Greenland 1986, Biometrics 42:311-323",
    assumptions=_ASSUMPTIONS,
    software="SAS PROC FREQ CMH; R mantelhaen.test(correct = FALSE)",
)

MANTEL_HAENSZEL_CORRECTED = Method(
    name="mantel_haenszel_corrected",
    label="Mantel-Haenszel test with continuity correction, 2 x 2 x K",
    design=Design.STRATIFIED_TABLES,
    compute=mantel_haenszel_corrected,
    citation="Mantel & Haenszel 1959, JNCI 22:719-748; Robins, Breslow & Greenland 1986, Biometrics 42:311-323",
    assumptions=_ASSUMPTIONS,
    software="R mantelhaen.test; SPSS CROSSTABS Mantel-Haenszel row",
)

BRESLOW_DAY_TARONE = Method(
    name="breslow_day_tarone",
    label="Breslow-Day test of homogeneity with Tarone's adjustment",
    design=Design.STRATIFIED_TABLES,
    compute=breslow_day_tarone,
    citation="Breslow & Day 1980, IARC Scientific Publications 32, 4.4; Tarone 1985, Biometrika 72:91-95",
    assumptions=("participants are independent", "expected counts in every stratum are large enough"),
    software="SPSS CROSSTABS Tarone's row; SAS PROC FREQ CMH(BDT)",
)

BRESLOW_DAY = Method(
    name="breslow_day",
    label="Breslow-Day test of homogeneity, without Tarone's adjustment",
    design=Design.STRATIFIED_TABLES,
    compute=breslow_day,
    citation="Breslow & Day 1980, IARC Scientific Publications 32, 4.4",
    assumptions=("participants are independent", "expected counts in every stratum are large enough"),
    software="SPSS CROSSTABS Breslow-Day row; SAS PROC FREQ CMH, Breslow-Day Test",
)
