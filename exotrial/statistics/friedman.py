"""Repeated measures by ranks within subjects: the Friedman test, by chi-square and exact with ties.

Friedman 1937 (JASA 32:675-701). Effect size: Kendall's coefficient of concordance W (Kendall & Babington
Smith 1939, Ann Math Stat 10:275-287).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from exotrial.statistics.midranks import (
    NOT_A_TABLE,
    TOO_FEW_GROUPS,
    TOO_LARGE_FOR_EXACT,
    Integers,
    double_midranks,
)
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, as_sample, snap

CONDITION_LIMIT = 5
STEP_LIMIT = 1_000_000
"""Partial sums of ranks times orders of a row that the exact distribution may hold at once."""


def friedman(table: Iterable[ArrayLike]) -> Result:
    """The Friedman statistic with tie correction, referred to chi-square on (conditions - 1) df.

    `table` has a row a subject and a column a condition. Refuses missing values (STS-001), no subject
    (STS-002), one condition (STS-200) and rows of different lengths (STS-202).
    """
    values = _as_table(table)
    q, _, _ = _compute_q(values)
    df = values.shape[1] - 1
    return _as_result(FRIEDMAN, values, float(special.chdtrc(df, q)), df=(float(df),))


def friedman_exact(table: Iterable[ArrayLike]) -> Result:
    """The Friedman statistic over all orders of the mid-ranks within each subject; exact with ties.

    Counts distinct column sums, subject by subject, as far as a million steps for one subject: some three
    hundred subjects under three conditions, twenty under four, eight under five. Beyond that, or with more
    conditions, it refuses (STS-201). Refuses also as `friedman` does.
    """
    values = _as_table(table)
    subjects, conditions = values.shape
    _, ranks, observed = _compute_q(values)
    radix = 2 * conditions * subjects + 1
    if conditions > CONDITION_LIMIT or radix ** (conditions - 1) >= 2**62:
        raise _refuse_size(subjects, conditions)
    # Twice the rank is at most 2k, so a column sum takes one place of radix 2kn + 1.
    places = np.array([radix**place for place in range(conditions - 1)], dtype=np.int64)
    # The columns may change places without changing the statistic: sums are kept in ascending order.
    sums = np.sort(ranks[:1], axis=1)
    chances = np.ones(1, dtype=np.float64)
    for row in ranks[1:]:
        orders = np.array(sorted(set(permutations(int(rank) for rank in row))), dtype=np.int64)
        if len(sums) * len(orders) > STEP_LIMIT:
            raise _refuse_size(subjects, conditions)
        reached = np.sort((sums[:, None, :] + orders[None, :, :]).reshape(-1, conditions), axis=1)
        weights = np.repeat(chances / len(orders), len(orders))
        _, index, inverse = np.unique(reached[:, :-1] @ places, return_index=True, return_inverse=True)
        sums = reached[index]
        chances = np.asarray(np.bincount(inverse.reshape(-1), weights=weights), dtype=np.float64)
    spread = (sums**2).sum(axis=1)
    p_value = float(chances[spread >= observed].sum() / chances.sum())
    return _as_result(FRIEDMAN_EXACT, values, p_value, exact=True)


def _as_table(table: Iterable[ArrayLike]) -> NDArray[np.float64]:
    rows: list[Sample] = [as_sample(row, name=f"subject {number}") for number, row in enumerate(table, 1)]
    widths = {int(row.size) for row in rows}
    if len(widths) > 1:
        odd = next(number for number, row in enumerate(rows, 1) if row.size != rows[0].size)
        raise NOT_A_TABLE.refuse(
            f"subject {odd} has {rows[odd - 1].size} values and subject 1 has {rows[0].size}",
            value=rows[odd - 1].size,
        )
    as_sample([row.size for row in rows], name="the list of subjects")
    if widths == {1}:
        raise TOO_FEW_GROUPS.refuse("there is 1 condition", value=1)
    stacked = np.stack(rows)
    return snap(stacked.reshape(-1)).reshape(stacked.shape)


def _compute_q(values: NDArray[np.float64]) -> tuple[float, Integers, int]:
    """The statistic, the doubled ranks within rows, and the sum of squared doubled column sums."""
    subjects, conditions = values.shape
    ranks = np.stack([double_midranks(row) for row in values])
    columns = ranks.sum(axis=0)
    between = int(((columns - subjects * (conditions + 1)) ** 2).sum())
    within = int(((ranks - (conditions + 1)) ** 2).sum())
    q = (conditions - 1) * between / within if within else 0.0
    return q, ranks, int((columns**2).sum())


def _refuse_size(subjects: int, conditions: int) -> Exception:
    return TOO_LARGE_FOR_EXACT.refuse(
        f"{subjects} subjects under {conditions} conditions have too many sums of ranks to count",
        value=f"{subjects} x {conditions}",
        remedy="use friedman, the chi-square approximation, which is good at this size.",
    )


def _as_result(
    method: Method,
    values: NDArray[np.float64],
    p_value: float,
    *,
    df: tuple[float, ...] = (),
    exact: bool = False,
) -> Result:
    subjects, conditions = values.shape
    q, ranks, _ = _compute_q(values)
    notes = []
    tied = sum(len(set(row.tolist())) < conditions for row in ranks)
    if tied:
        notes.append(f"{tied} subjects have tied values and share mid-ranks")
    if np.all(ranks == conditions + 1):
        notes.append("every subject's values are equal: the statistic is 0 and p is 1")
    notes.append("no interval is given for Kendall's W")
    w = q / (subjects * (conditions - 1))
    return Result(
        method=method.name,
        label=method.label,
        n=(subjects,),
        statistic_name="Q",
        statistic=q,
        df=df,
        p_value=p_value,
        exact=exact,
        estimate=Estimate(name="Kendall's W", value=w, method="Q / (n (k - 1))"),
        assumptions=method.assumptions,
        notes=tuple(notes),
        citation=method.citation,
    )


CITATION = "Friedman M. JASA 1937;32:675-701"
ASSUMPTIONS = ("subjects are independent", "under the null every order within a subject is equally likely")

FRIEDMAN = Method(
    name="friedman",
    label="Friedman test, chi-square approximation",
    design=Design.BLOCKS,
    compute=friedman,
    citation=CITATION,
    assumptions=ASSUMPTIONS,
    software="R friedman.test, SAS FREQ CMH2 SCORES=RANK, SPSS NPAR TESTS FRIEDMAN",
)
FRIEDMAN_EXACT = Method(
    name="friedman_exact",
    label="Friedman test, exact",
    design=Design.BLOCKS,
    compute=friedman_exact,
    citation=CITATION,
    assumptions=ASSUMPTIONS,
    software="SPSS exact, StatXact",
)
