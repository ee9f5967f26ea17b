"""The exact conditional test of a common odds ratio in strata of 2 x 2 tables.

Gart 1970 (Biometrika 57:471-475); Mehta, Patel & Gray 1985 (JASA 80:969-973). Given the margins of every
stratum, the sum of the first cells follows the convolution of the strata's hypergeometric distributions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from exotrial.statistics.cmh import NO_INFORMATION, as_strata, compares, note_silent_strata
from exotrial.statistics.fisher import Conditional, condition, estimate_conditional
from exotrial.statistics.fisher_rxc import TOO_LARGE
from exotrial.statistics.result import Alternative, Design, Method, Result
from exotrial.statistics.sample import check_level

LARGEST_STEP = 20_000_000  # terms added in joining one stratum: about a second


def mantel_haenszel_exact(
    tables: Sequence[ArrayLike],
    *,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """Exact test of a common odds ratio of 1; one 2 x 2 table a stratum, rows are groups.

    The statistic is the sum of the first cells. GREATER is a common odds ratio above 1; two-sided counts all
    sums no more probable than the observed one. The effect is the conditional maximum likelihood odds ratio
    with the interval that inverts the two one-sided tests. Refuses strata that compare nothing (STS-307),
    an empty row or column overall (STS-302), and counts too large to join (STS-304).
    """
    check_level(level)
    alternative = Alternative(alternative)
    strata = as_strata(tables, shape=(2, 2))
    if not any(compares(stratum) for stratum in strata):
        raise NO_INFORMATION.refuse(f"none of the {len(strata)} strata compares anything", value=len(strata))
    # A stratum that compares nothing adds a constant: the sum is then the one that R prints.
    joint = condition(strata[0])
    for stratum in strata[1:]:
        joint = _join(joint, condition(stratum))
    estimate = estimate_conditional(joint, 1.0, level, alternative)
    notes = note_silent_strata(strata)
    if not 0 < estimate.value < math.inf:
        notes += ("zero cells put the common odds ratio at the end of its range",)
    return Result(
        method=MANTEL_HAENSZEL_EXACT.name,
        label=MANTEL_HAENSZEL_EXACT.label,
        n=tuple(int(size) for size in np.sum(strata, axis=0).sum(axis=1)),
        statistic_name="sum of the first cells",
        statistic=float(joint.observed),
        p_value=joint.p_value(alternative, 1.0),
        alternative=alternative,
        exact=True,
        estimate=estimate,
        assumptions=MANTEL_HAENSZEL_EXACT.assumptions,
        notes=notes,
        citation=MANTEL_HAENSZEL_EXACT.citation,
    )


def _join(one: Conditional, other: Conditional) -> Conditional:
    """The distribution of the sum of two first cells; in logarithms, for tails too thin for a float."""
    if one.support.size < other.support.size:
        one, other = other, one
    if one.support.size * other.support.size > LARGEST_STEP:
        raise TOO_LARGE.refuse(
            f"strata with {one.support.size} and {other.support.size} possible first cells are to be joined",
            value=one.support.size * other.support.size,
            remedy="use mantel_haenszel, which is exact enough for counts of this size.",
        )
    size = one.support.size + other.support.size - 1
    log_weights = np.full(size, -np.inf)
    for start, log_weight in enumerate(other.log_weights):
        reached = slice(start, start + one.support.size)
        log_weights[reached] = np.logaddexp(log_weights[reached], one.log_weights + log_weight)
    return Conditional(
        support=np.arange(size, dtype=np.float64) + one.support[0] + other.support[0],
        log_weights=log_weights,
        observed=one.observed + other.observed,
    )


MANTEL_HAENSZEL_EXACT = Method(
    name="mantel_haenszel_exact",
    label="Exact conditional test of a common odds ratio, 2 x 2 x K",
    design=Design.STRATIFIED_TABLES,
    compute=mantel_haenszel_exact,
    citation="Gart 1970, Biometrika 57:471-475; Mehta, Patel & Gray 1985, JASA 80:969-973",
    assumptions=(
        "participants are independent and counted in one cell of one stratum",
        "the odds ratio is the same in all strata",
        "inference is given the margins of every stratum",
    ),
    software="R mantelhaen.test(exact = TRUE); SAS PROC FREQ EXACT COMOR",
)
