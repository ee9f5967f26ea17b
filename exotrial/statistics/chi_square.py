"""Chi-square tests of a table of counts: Pearson, Yates, likelihood ratio and linear-by-linear trend.

Agresti 2013, Categorical Data Analysis, sections 3.2 and 3.4. An empty row or column is refused: its
expected counts are 0 and chi-square is undefined.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from exotrial.core.errors import ErrorCode
from exotrial.statistics.counts import (
    Counts,
    as_table,
    check_margins,
    compute_expected,
    compute_pearson,
    estimate_cramers_v,
    estimate_risk_difference,
)
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, check_level

NOT_SCORES = ErrorCode(
    "STS-305",
    "The scores of an ordered table do not fit its rows or columns.",
    "give one finite score for each row (or column), not all of them equal.",
)
SMALL_EXPECTED = 5.0


def chi_square(table: ArrayLike, *, level: float = 0.95) -> Result:
    """Pearson's chi-square of independence, without continuity correction; counts, rows x columns.

    The effect is the risk difference (2 x 2) or Cramer's V. Refuses an empty row or column (STS-302).
    """
    counts = _as_full_table(table, level)
    return _as_result(CHI_SQUARE, counts, compute_pearson(counts), level=level)


def chi_square_yates(table: ArrayLike, *, level: float = 0.95) -> Result:
    """Chi-square of a 2 x 2 table with Yates's continuity correction (STS-302 where a margin is empty).

    The correction takes no more than the distance to expectation, so that it cannot overshoot.
    """
    counts = _as_full_table(table, level, shape=(2, 2))
    expected = compute_expected(counts)
    distance = np.abs(counts - expected)
    statistic = float(((distance - np.minimum(0.5, distance)) ** 2 / expected).sum())
    return _as_result(CHI_SQUARE_YATES, counts, statistic, level=level)


def likelihood_ratio_g(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The likelihood-ratio chi-square G; counts, rows x columns (STS-302 where a margin is empty)."""
    counts = _as_full_table(table, level)
    statistic = 2 * float(special.rel_entr(counts.astype(np.float64), compute_expected(counts)).sum())
    return _as_result(LIKELIHOOD_RATIO_G, counts, max(0.0, statistic), level=level)


def linear_by_linear(
    table: ArrayLike,
    *,
    row_scores: Sequence[float] | None = None,
    column_scores: Sequence[float] | None = None,
    level: float = 0.95,
) -> Result:
    """The trend test of two ordered classifications, (n - 1) r squared; scores default to 1, 2, 3 ...

    Rows and columns may be empty; the rows, and the columns, in use must not all have one score (STS-305).
    """
    check_level(level)
    counts = as_table(table)
    rows = as_scores(row_scores, counts.shape[0], "row")
    columns = as_scores(column_scores, counts.shape[1], "column")
    n = int(counts.sum())
    weights = counts / n
    x, y = rows - weights.sum(axis=1) @ rows, columns - weights.sum(axis=0) @ columns
    x_variance, y_variance = weights.sum(axis=1) @ x**2, weights.sum(axis=0) @ y**2
    for variance, scores, kind in ((x_variance, rows, "row"), (y_variance, columns, "column")):
        if variance <= 1e-24 * max(1.0, float(np.abs(scores).max()) ** 2):
            raise NOT_SCORES.refuse(
                f"all counts stand in one {kind} or in {kind}s of one score, so there is no trend to test",
                value=kind,
            )
    r = float(np.clip(x @ weights @ y / math.sqrt(x_variance * y_variance), -1.0, 1.0))
    statistic = (n - 1) * r * r
    estimate, notes = _estimate_correlation(r, n, level)
    return Result(
        method=LINEAR_BY_LINEAR.name,
        label=LINEAR_BY_LINEAR.label,
        n=tuple(int(size) for size in counts.sum(axis=1)),
        statistic_name="chi-square",
        statistic=statistic,
        df=(1.0,),
        p_value=float(stats.chi2.sf(statistic, 1)),
        estimate=estimate,
        assumptions=LINEAR_BY_LINEAR.assumptions,
        notes=notes,
        citation=LINEAR_BY_LINEAR.citation,
    )


def as_scores(scores: Sequence[float] | None, size: int, kind: str, *, differ: bool = False) -> Sample:
    """One finite score a row (or column), 1, 2, 3 ... by default; `differ` refuses all equal (STS-305)."""
    if scores is None:
        return np.arange(1.0, size + 1)
    values = np.asarray(scores, dtype=np.float64).reshape(-1)
    if values.size != size or not np.isfinite(values).all():
        raise NOT_SCORES.refuse(f"there are {size} {kind}s, and the scores are {list(scores)}", value=scores)
    if differ and np.ptp(values) <= 1e-12 * float(np.abs(values).max()):
        raise NOT_SCORES.refuse(f"every {kind} has the score {values[0]:g}", value=values[0])
    return values


def _estimate_correlation(r: float, n: int, level: float) -> tuple[Estimate, tuple[str, ...]]:
    name, method = "correlation of the scores", "Fisher z"
    if n < 4 or abs(r) > 1 - 1e-12:
        note = "no interval of the correlation: it needs four counts and a correlation inside -1 to 1"
        return Estimate(name=name, value=r, level=level, method=method), (note,)
    half = float(stats.norm.isf((1 - level) / 2)) / math.sqrt(n - 3)
    lower, upper = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return Estimate(name=name, value=r, lower=lower, upper=upper, level=level, method=method), ()


def _as_full_table(table: ArrayLike, level: float, shape: tuple[int, int] | None = None) -> Counts:
    check_level(level)
    counts = as_table(table, shape=shape)
    check_margins(counts)
    return counts


def note_small_expected(counts: Counts) -> tuple[str, ...]:
    """The note on expected counts below 5, where chi-square is a poor approximation; none where all are 5."""
    expected = compute_expected(counts)
    small = int((expected < SMALL_EXPECTED).sum())
    if not small:
        return ()
    return (
        f"{small} of {expected.size} expected counts are below 5 (the smallest is {expected.min():.3g}): "
        "prefer an exact test",
    )


def _as_result(method: Method, counts: Counts, statistic: float, *, level: float) -> Result:
    rows, columns = counts.shape
    df = (rows - 1) * (columns - 1)
    notes = note_small_expected(counts)
    if (rows, columns) == (2, 2):
        estimate = estimate_risk_difference(counts, level=level)
    else:
        estimate, more = estimate_cramers_v(counts, level=level)
        notes += more
    return Result(
        method=method.name,
        label=method.label,
        n=tuple(int(size) for size in counts.sum(axis=1)),
        statistic_name="chi-square" if method is not LIKELIHOOD_RATIO_G else "G",
        statistic=statistic,
        df=(float(df),),
        p_value=float(stats.chi2.sf(statistic, df)),
        estimate=estimate,
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


_ASSUMPTIONS = ("each participant is counted in one cell", "expected counts are 5 or more")

CHI_SQUARE = Method(
    name="chi_square",
    label="Pearson's chi-square test",
    design=Design.TABLE,
    compute=chi_square,
    citation="Pearson 1900, Philosophical Magazine 50:157-175",
    assumptions=_ASSUMPTIONS,
    software="SPSS CROSSTABS Pearson row; SAS PROC FREQ Chi-Square row; R chisq.test(correct = FALSE)",
)

CHI_SQUARE_YATES = Method(
    name="chi_square_yates",
    label="Chi-square test with Yates's continuity correction",
    design=Design.TABLE_2X2,
    compute=chi_square_yates,
    citation="Yates 1934, Supplement to the Journal of the Royal Statistical Society 1:217-235",
    assumptions=_ASSUMPTIONS,
    software="SPSS CROSSTABS Continuity Correction row; R chisq.test on 2 x 2",
)

LIKELIHOOD_RATIO_G = Method(
    name="likelihood_ratio_g",
    label="Likelihood-ratio chi-square test (G)",
    design=Design.TABLE,
    compute=likelihood_ratio_g,
    citation="Wilks 1935, Annals of Mathematical Statistics 6:190-196",
    assumptions=_ASSUMPTIONS,
    software="SPSS CROSSTABS and SAS PROC FREQ Likelihood Ratio row",
)

LINEAR_BY_LINEAR = Method(
    name="linear_by_linear",
    label="Linear-by-linear association (trend)",
    design=Design.TABLE,
    compute=linear_by_linear,
    citation="Mantel 1963, Journal of the American Statistical Association 58:690-700",
    assumptions=("each participant is counted in one cell", "rows and columns are ordered by their scores"),
    software="SPSS CROSSTABS Linear-by-Linear row; SAS PROC FREQ Mantel-Haenszel Chi-Square row",
)
