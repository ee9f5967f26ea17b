"""Unconditional exact tests of a 2 x 2 table: Barnard with the pooled z, and Boschloo.

Barnard 1945 (Nature 156:177), 1947 (Biometrika 34:123-138); Suissa & Shuster 1985 (JRSS A 148:317-327);
Boschloo 1970 (Statistica Neerlandica 24:1-35). Only the group sizes are fixed; p is the largest probability,
over the common risk, of the tables at least as extreme. The maximum is searched on a fine grid of risks and
refined about its highest points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from exotrial.statistics.counts import as_table, check_rows, estimate_risk_difference
from exotrial.statistics.fisher import compute_fisher_p_values
from exotrial.statistics.fisher_rxc import TOO_LARGE
from exotrial.statistics.result import Alternative, Design, Method, Result
from exotrial.statistics.sample import Sample, check_level

LARGEST_LISTING = 4_000_000
_GRID = np.sin(np.linspace(0, np.pi / 2, 1001)) ** 2  # denser towards 0 and 1, where the risk moves p fastest
_TIE = 1e-9  # statistics are computed, not read: equal to nine digits is equal


def barnard(
    table: ArrayLike, *, level: float = 0.95, alternative: Alternative = Alternative.TWO_SIDED
) -> Result:
    """Barnard's test ordering tables by the pooled z; [[a, b], [c, d]], rows are the groups.

    Two-sided: tables with |z| at least as large. GREATER: a higher risk of column 1 in row 1. Tables whose
    pooled risk is 0 or 1 have z = 0. Refuses an empty row (STS-302) and groups whose possible tables are
    more than 4 million (STS-304).
    """
    counts, alternative = _check(table, level, alternative)
    n1, n2 = (int(size) for size in counts.sum(axis=1))
    z = _compute_pooled_z(n1, n2)
    observed = float(z[counts[0, 0], counts[1, 0]])
    order = {Alternative.GREATER: z, Alternative.LESS: -z, Alternative.TWO_SIDED: np.abs(z)}[alternative]
    extreme = order >= order[counts[0, 0], counts[1, 0]] - _TIE
    p_value, risk = maximise_over_risk(extreme)
    return _as_result(BARNARD, counts, "z", observed, p_value, risk, level=level, alternative=alternative)


def boschloo(
    table: ArrayLike, *, level: float = 0.95, alternative: Alternative = Alternative.TWO_SIDED
) -> Result:
    """Boschloo's test ordering tables by Fisher's one-sided p; arguments and refusals as `barnard`.

    Two-sided: twice the smaller one-sided p, at most 1 (as in scipy; R's exact2x2 orders by Fisher's
    two-sided p instead). The statistic is the Fisher p of the side reported.
    """
    counts, alternative = _check(table, level, alternative)
    sides = [alternative]
    if alternative is Alternative.TWO_SIDED:
        sides = [Alternative.LESS, Alternative.GREATER]
    n1, n2 = (int(size) for size in counts.sum(axis=1))
    found = []
    for side in sides:
        fisher_p = compute_fisher_p_values(n1, n2, side)
        observed = float(fisher_p[counts[0, 0], counts[1, 0]])
        found.append((*maximise_over_risk(fisher_p <= observed * (1 + _TIE)), observed))
    p_value, risk, observed = min(found)
    p_value = min(1.0, p_value * len(sides))
    return _as_result(
        BOSCHLOO, counts, "Fisher p", observed, p_value, risk, level=level, alternative=alternative
    )


def maximise_over_risk(extreme: NDArray[np.bool_]) -> tuple[float, float]:
    """The largest probability of a set of tables over the common risk, and the risk where it is reached.

    `extreme`: shape (n1 + 1, n2 + 1), indexed by the events of the two groups.
    """
    n1, n2 = extreme.shape[0] - 1, extreme.shape[1] - 1
    members = extreme.astype(np.float64)

    def probability(risks: Sample) -> Sample:
        first = stats.binom.pmf(np.arange(n1 + 1), n1, risks[:, None])
        second = stats.binom.pmf(np.arange(n2 + 1), n2, risks[:, None])
        return np.asarray(((first @ members) * second).sum(axis=1), dtype=np.float64)

    on_grid = probability(_GRID)
    best, where = float(on_grid.max()), float(_GRID[on_grid.argmax()])
    inner = np.flatnonzero((on_grid[1:-1] >= on_grid[:-2]) & (on_grid[1:-1] >= on_grid[2:])) + 1
    for peak in inner[np.argsort(-on_grid[inner], kind="stable")][:5]:
        refined = optimize.minimize_scalar(
            lambda risk: -float(probability(np.array([risk]))[0]),
            bounds=(_GRID[peak - 1], _GRID[peak + 1]),
            method="bounded",
            options={"xatol": 1e-10},
        )
        if -float(refined.fun) > best:
            best, where = -float(refined.fun), float(refined.x)
    return min(1.0, best), where


def _check(table: ArrayLike, level: float, alternative: Alternative) -> tuple[NDArray[np.int64], Alternative]:
    check_level(level)
    counts = as_table(table, shape=(2, 2))
    check_rows(counts)
    first, second = (int(size) for size in counts.sum(axis=1))
    if (first + 1) * (second + 1) > LARGEST_LISTING:
        raise TOO_LARGE.refuse(
            f"groups of {first} and {second} have more than {LARGEST_LISTING} possible tables",
            value=first + second,
            remedy="use chi_square or fisher: at this size they agree with the unconditional tests.",
        )
    return counts, Alternative(alternative)


def _compute_pooled_z(n1: int, n2: int) -> Sample:
    events1, events2 = np.meshgrid(np.arange(n1 + 1.0), np.arange(n2 + 1.0), indexing="ij")
    pooled = (events1 + events2) / (n1 + n2)
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    difference = events1 / n1 - events2 / n2
    return np.asarray(
        np.divide(difference, np.sqrt(variance), out=np.zeros_like(difference), where=variance > 0),
        dtype=np.float64,
    )


def _as_result(
    method: Method,
    counts: NDArray[np.int64],
    statistic_name: str,
    statistic: float,
    p_value: float,
    risk: float,
    *,
    level: float,
    alternative: Alternative,
) -> Result:
    first, second = (int(size) for size in counts.sum(axis=1))
    return Result(
        method=method.name,
        label=method.label,
        n=(first, second),
        statistic_name=statistic_name,
        statistic=statistic,
        p_value=p_value,
        alternative=alternative,
        exact=True,
        estimate=estimate_risk_difference(counts, level=level),
        assumptions=method.assumptions,
        notes=(
            f"p is largest at a common risk of {risk:.4f}",
            "the interval is not the inverse of this test",
        ),
        citation=method.citation,
    )


_ASSUMPTIONS = ("each participant is counted in one cell", "only the two group sizes are fixed by design")

BARNARD = Method(
    name="barnard",
    label="Barnard's exact test, pooled z",
    design=Design.TABLE_2X2,
    compute=barnard,
    citation="Barnard 1947, Biometrika 34:123-138; Suissa & Shuster 1985, JRSS A 148:317-327",
    assumptions=_ASSUMPTIONS,
    software="scipy barnard_exact (groups are columns there); SAS PROC FREQ EXACT BARNARD",
)

BOSCHLOO = Method(
    name="boschloo",
    label="Boschloo's exact test",
    design=Design.TABLE_2X2,
    compute=boschloo,
    citation="Boschloo 1970, Statistica Neerlandica 24:1-35",
    assumptions=_ASSUMPTIONS,
    software="scipy boschloo_exact (groups are columns there), two-sided by doubling",
)
