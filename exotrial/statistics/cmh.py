"""Cochran-Mantel-Haenszel tests of rows against columns in strata, for any number of rows and columns.

Landis, Heyman & Koch 1978 (International Statistical Review 46:237-254): nonzero correlation, row mean scores
differ, and general association, as in SAS PROC FREQ. Two groups and two outcomes: see mantel_haenszel.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, stats

from exotrial.core.errors import ErrorCode
from exotrial.statistics.chi_square import NOT_SCORES, as_scores
from exotrial.statistics.counts import EMPTY_TABLE, WRONG_SHAPE, Counts, as_table, check_margins
from exotrial.statistics.result import Design, Method, Result
from exotrial.statistics.sample import Sample

NO_INFORMATION = ErrorCode(
    "STS-307",
    "No stratum compares anything: each has one row, one column or one participant only.",
    "merge strata that may be merged, or report the counts without a test.",
)


class Scores(StrEnum):
    """How ordered categories are scored: as given (1, 2, 3 ...), or by ranks in each stratum (SAS SCORES=)."""

    TABLE = "table"
    RANK = "rank"
    RIDIT = "ridit"
    MODIFIED_RIDIT = "modified ridit"


def cmh_general_association(tables: Sequence[ArrayLike]) -> Result:
    """Any association of rows and columns within strata, no order used; df (r - 1)(c - 1).

    `tables`: one r x c table of counts a stratum, all of one shape. Strata of one participant or without
    counts say nothing and are named in the notes. A row or column empty in every stratum is refused
    (STS-302), as is a set of strata that compares nothing (STS-307).
    """
    strata = as_strata(tables)
    rows, columns = strata[0].shape
    return _test(CMH_GENERAL_ASSOCIATION, strata, lambda _: (np.eye(rows)[:-1], np.eye(columns)[:-1]))


def cmh_row_mean_scores(
    tables: Sequence[ArrayLike],
    *,
    scores: Scores = Scores.TABLE,
    column_scores: Sequence[float] | None = None,
) -> Result:
    """Do the mean column scores differ between rows (arms)? df r - 1; columns are ordered.

    `column_scores` are used by Scores.TABLE only. Refusals as cmh_general_association, and STS-305.
    """
    strata = as_strata(tables)
    rows, columns = strata[0].shape
    scores = Scores(scores)
    _check_given(scores, column_scores)
    given = as_scores(column_scores, columns, "column")

    def contrast(stratum: Counts) -> tuple[Sample, Sample]:
        return np.eye(rows)[:-1], _score(stratum.sum(axis=0), given, scores)

    return _test(CMH_ROW_MEAN_SCORES, strata, contrast, note=f"column scores: {scores}")


def cmh_correlation(
    tables: Sequence[ArrayLike],
    *,
    scores: Scores = Scores.TABLE,
    row_scores: Sequence[float] | None = None,
    column_scores: Sequence[float] | None = None,
) -> Result:
    """Is there a linear trend of column scores with row scores? df 1; rows and columns are ordered.

    `row_scores`, `column_scores` are used by Scores.TABLE only. Refusals as cmh_row_mean_scores.
    """
    strata = as_strata(tables)
    rows, columns = strata[0].shape
    scores = Scores(scores)
    _check_given(scores, row_scores)
    _check_given(scores, column_scores)
    of_rows = as_scores(row_scores, rows, "row")
    of_columns = as_scores(column_scores, columns, "column")

    def contrast(stratum: Counts) -> tuple[Sample, Sample]:
        return (
            _score(stratum.sum(axis=1), of_rows, scores),
            _score(stratum.sum(axis=0), of_columns, scores),
        )

    return _test(CMH_CORRELATION, strata, contrast, note=f"row and column scores: {scores}")


def as_strata(tables: Sequence[ArrayLike], *, shape: tuple[int, int] | None = None) -> list[Counts]:
    """Checked tables of one shape, without the strata that have no counts (STS-300 to STS-303)."""
    strata: list[Counts] = []
    for index, table in enumerate(tables):
        name = f"stratum {index + 1}"
        stratum = as_table(table, name=name, shape=shape, may_be_empty=True)
        if strata and stratum.shape != strata[0].shape:
            raise WRONG_SHAPE.refuse(
                f"{name} is {stratum.shape[0]} x {stratum.shape[1]} and stratum 1 is "
                f"{strata[0].shape[0]} x {strata[0].shape[1]}",
                value=index + 1,
            )
        strata.append(stratum)
    if not strata:
        raise EMPTY_TABLE.refuse("there is no stratum", value=0)
    together = np.sum(strata, axis=0)
    if not together.any():
        raise EMPTY_TABLE.refuse("every cell of every stratum is 0", value=0)
    check_margins(together, name="the sum of the strata")
    return strata


def note_silent_strata(strata: Sequence[Counts]) -> tuple[str, ...]:
    """The note that names strata in which one row or one column has all counts: they compare nothing."""
    silent = [str(index + 1) for index, stratum in enumerate(strata) if not compares(stratum)]
    return (f"compares nothing and adds nothing: stratum {', '.join(silent)}",) if silent else ()


def compares(stratum: Counts) -> bool:
    """True where at least two rows and at least two columns have counts."""
    return bool((stratum.sum(axis=1) > 0).sum() > 1 and (stratum.sum(axis=0) > 0).sum() > 1)


def _check_given(scores: Scores, given: Sequence[float] | None) -> None:
    if given is not None and scores is not Scores.TABLE:
        raise NOT_SCORES.refuse(f"scores were given, and {scores} scores were asked for", value=scores)


def _score(margin: Counts, given: Sample, scores: Scores) -> Sample:
    """Scores of the categories of one stratum; shape (1, categories)."""
    if scores is Scores.TABLE:
        return np.asarray(given[None, :] - given.mean(), dtype=np.float64)
    ranks = np.cumsum(margin) - (margin - 1) / 2  # midranks
    n = float(margin.sum())
    divisor = {Scores.RANK: 1.0, Scores.RIDIT: n, Scores.MODIFIED_RIDIT: n + 1}[scores]
    # A score shifted by a constant gives the same statistic; centred, it loses fewer digits.
    return np.asarray((ranks[None, :] - (n + 1) / 2) / divisor, dtype=np.float64)


def _test(
    method: Method,
    strata: Sequence[Counts],
    contrast: Callable[[Counts], tuple[Sample, Sample]],
    *,
    note: str = "",
) -> Result:
    """Sum the weighted differences from expectation and their covariances over strata (Landis et al., eq. 5)."""
    total: Sample | None = None
    covariance: Sample | None = None
    for stratum in strata:
        if not compares(stratum):
            continue
        of_rows, of_columns = contrast(stratum)
        n = float(stratum.sum())
        rows, columns = stratum.sum(axis=1) / n, stratum.sum(axis=0) / n
        excess = of_rows @ (stratum - n * np.outer(rows, columns)) @ of_columns.T
        row_part = of_rows @ (np.diag(rows) - np.outer(rows, rows)) @ of_rows.T
        column_part = of_columns @ (np.diag(columns) - np.outer(columns, columns)) @ of_columns.T
        part = np.kron(row_part, column_part) * n * n / (n - 1)
        total = excess.reshape(-1) if total is None else total + excess.reshape(-1)
        covariance = part if covariance is None else covariance + part
    notes = ((note,) if note else ()) + note_silent_strata(strata)
    if total is None or covariance is None:
        raise NO_INFORMATION.refuse(f"none of the {len(strata)} strata compares anything", value=len(strata))
    statistic, df = _compute_quadratic_form(total, covariance)
    if df == 0:
        raise NOT_SCORES.refuse("the scores do not differ between the categories in use", value=0)
    if df < total.size:
        notes += (f"the strata leave {df} of {total.size} comparisons: df is {df}",)
    together = np.sum(strata, axis=0)
    return Result(
        method=method.name,
        label=method.label,
        n=tuple(int(size) for size in together.sum(axis=1)),
        statistic_name="chi-square",
        statistic=statistic,
        df=(float(df),),
        p_value=float(stats.chi2.sf(statistic, df)),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


def _compute_quadratic_form(total: Sample, covariance: Sample) -> tuple[float, int]:
    """total' covariance^- total, and the rank of the covariance."""
    scale = np.sqrt(np.diag(covariance))
    used = scale > 1e-9 * max(1.0, float(scale.max(initial=0.0)))
    if not used.any():
        return 0.0, 0
    scaled = covariance[np.ix_(used, used)] / np.outer(scale[used], scale[used])
    values, vectors = linalg.eigh(scaled)
    kept = values > 1e-10 * values[-1]
    projected = vectors[:, kept].T @ (total[used] / scale[used])
    return float((projected**2 / values[kept]).sum()), int(kept.sum())


_ASSUMPTIONS = (
    "participants are independent and counted in one cell of one stratum",
    "the association has the same direction in all strata; the sum of the strata is large enough",
)
_CITATION = "Landis, Heyman & Koch 1978, International Statistical Review 46:237-254"

CMH_GENERAL_ASSOCIATION = Method(
    name="cmh_general_association",
    label="Cochran-Mantel-Haenszel test, general association",
    design=Design.STRATIFIED_TABLES,
    compute=cmh_general_association,
    citation=_CITATION,
    assumptions=_ASSUMPTIONS,
    software="SAS PROC FREQ CMH, third row; R mantelhaen.test on r x c x K",
)

CMH_ROW_MEAN_SCORES = Method(
    name="cmh_row_mean_scores",
    label="Cochran-Mantel-Haenszel test, row mean scores differ",
    design=Design.STRATIFIED_TABLES,
    compute=cmh_row_mean_scores,
    citation=_CITATION,
    assumptions=(*_ASSUMPTIONS, "columns are ordered by their scores"),
    software="SAS PROC FREQ CMH, second row",
)

CMH_CORRELATION = Method(
    name="cmh_correlation",
    label="Cochran-Mantel-Haenszel test, nonzero correlation",
    design=Design.STRATIFIED_TABLES,
    compute=cmh_correlation,
    citation=_CITATION,
    assumptions=(*_ASSUMPTIONS, "rows and columns are ordered by their scores"),
    software="SAS PROC FREQ CMH, first row",
)
