"""Fisher's exact test of a 2 x 2 table, with the conditional odds ratio and its exact interval.

Fisher 1935 (Journal of the Royal Statistical Society 98:39-82); estimate and interval from the noncentral
hypergeometric distribution (Cornfield 1956; Agresti 1992, Statistical Science 7:131-153).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from exotrial.statistics.counts import Counts, as_table, check_rows
from exotrial.statistics.fisher_rxc import TOO_LARGE
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, check_level

TIE = 1 + 1e-7  # tables this close in probability are equal, as in R
LARGEST_SUPPORT = 2_000_000  # possible first cells: an interval then takes some ten seconds


@dataclass(frozen=True, kw_only=True)
class Conditional:
    """The count of the first cell, given both margins: its support, log weights and observed value."""

    support: Sample
    log_weights: Sample
    observed: int

    def probabilities(self, log_odds: float = 0.0) -> Sample:
        """Probabilities over the support at a log odds ratio (0 under the null)."""
        terms = self.log_weights + self.support * log_odds
        return np.asarray(np.exp(terms - special.logsumexp(terms)), dtype=np.float64)

    def tail(self, log_odds: float, alternative: Alternative, weight: float) -> float:
        """P(as far up or down as observed), the observed value itself counted with `weight` (1, or 1/2)."""
        p = self.probabilities(log_odds)
        upward = alternative is Alternative.GREATER
        beyond = self.support > self.observed if upward else self.support < self.observed
        return float(p[beyond].sum() + weight * p[self.support == self.observed].sum())

    def p_value(self, alternative: Alternative, weight: float) -> float:
        """Two-sided: every table no more probable than the observed one (ties count with `weight`)."""
        if alternative is not Alternative.TWO_SIDED:
            return min(1.0, self.tail(0.0, alternative, weight))
        p = self.probabilities()
        seen = float(p[self.support == self.observed][0])
        rarer = p < seen / TIE
        tied = (p <= seen * TIE) & ~rarer
        return min(1.0, float(p[rarer].sum() + weight * p[tied].sum()))

    def maximum_likelihood(self) -> float:
        """The conditional maximum likelihood odds ratio; 0 or infinite at an end of the support."""
        if self.observed == self.support[0]:
            return 0.0
        if self.observed == self.support[-1]:
            return math.inf

        def excess(log_odds: float) -> float:
            return float(self.support @ self.probabilities(log_odds)) - self.observed

        return math.exp(_find_root(excess))

    def bound(self, alternative: Alternative, weight: float, alpha: float) -> float:
        """The odds ratio at which the tail holds alpha: GREATER gives the lower, LESS the upper bound."""
        end = self.support[0] if alternative is Alternative.GREATER else self.support[-1]
        if self.observed == end:
            return 0.0 if alternative is Alternative.GREATER else math.inf
        sign = 1.0 if alternative is Alternative.GREATER else -1.0

        def excess(log_odds: float) -> float:
            return sign * (self.tail(log_odds, alternative, weight) - alpha)

        return math.exp(_find_root(excess))


def _find_root(increasing: Callable[[float], float]) -> float:
    low, high = -1.0, 1.0
    while increasing(low) > 0:
        low *= 2
    while increasing(high) < 0:
        high *= 2
    return float(optimize.brentq(increasing, low, high, xtol=1e-13))


def condition(table: Counts) -> Conditional:
    """The conditional distribution of the first cell of a 2 x 2 table (STS-304 where it is too long)."""
    first, second = (int(size) for size in table.sum(axis=1))
    column = int(table[:, 0].sum())
    possible = min(first, column) - max(0, column - second) + 1
    if possible > LARGEST_SUPPORT:
        raise TOO_LARGE.refuse(
            f"the margins allow {possible} tables, more than {LARGEST_SUPPORT}",
            value=possible,
            remedy="use chi_square, which is exact enough for counts of this size.",
        )
    support = np.arange(max(0, column - second), min(first, column) + 1, dtype=np.float64)
    log_weights = -(
        special.gammaln(support + 1)
        + special.gammaln(first - support + 1)
        + special.gammaln(column - support + 1)
        + special.gammaln(second - column + support + 1)
    )
    return Conditional(
        support=support, log_weights=np.asarray(log_weights, dtype=np.float64), observed=int(table[0, 0])
    )


def fisher(
    table: ArrayLike, *, level: float = 0.95, alternative: Alternative = Alternative.TWO_SIDED
) -> Result:
    """Fisher's exact test of [[a, b], [c, d]], rows are groups; GREATER is an odds ratio above 1.

    Two-sided: all tables no more probable than the observed one. The interval inverts the two one-sided
    tests, so that it and the two-sided p may disagree at the border. Without any event, or without any
    non-event, only one table is possible: p is 1. Refuses a group of nobody (STS-302) and counts that allow
    more than two million tables (STS-304).
    """
    return _fisher(FISHER, table, weight=1.0, level=level, alternative=Alternative(alternative))


def fisher_mid_p(
    table: ArrayLike, *, level: float = 0.95, alternative: Alternative = Alternative.TWO_SIDED
) -> Result:
    """Fisher's test counting half the probability of the observed table (and of its ties), as `fisher`.

    Less conservative; its error rate may slightly exceed the nominal one.
    """
    return _fisher(FISHER_MID_P, table, weight=0.5, level=level, alternative=Alternative(alternative))


def _fisher(
    method: Method, table: ArrayLike, *, weight: float, level: float, alternative: Alternative
) -> Result:
    check_level(level)
    counts = as_table(table, shape=(2, 2))
    check_rows(counts)
    given = condition(counts)
    estimate: Estimate | None = None
    notes: tuple[str, ...] = ()
    if given.support.size == 1:
        p_value = 1.0
        notes = ("one column is empty: only this table is possible, p is 1 and there is no odds ratio",)
    else:
        p_value = given.p_value(alternative, weight)
        estimate = estimate_conditional(given, weight, level, alternative)
        if not 0 < estimate.value < math.inf:
            notes = ("a zero cell puts the odds ratio at the end of its range",)
    return Result(
        method=method.name,
        label=method.label,
        n=tuple(int(size) for size in counts.sum(axis=1)),
        p_value=p_value,
        alternative=alternative,
        exact=True,
        estimate=estimate,
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


def estimate_conditional(
    given: Conditional, weight: float, level: float, alternative: Alternative
) -> Estimate:
    """The conditional maximum likelihood odds ratio with the interval that inverts the one-sided tests.

    `weight` is that of the observed table in a tail: 1, or 1/2 for mid-p. One-sided intervals for LESS and
    GREATER.
    """
    alpha = (1 - level) / (2 if alternative is Alternative.TWO_SIDED else 1)
    lower, upper = 0.0, math.inf
    if alternative is not Alternative.LESS:
        lower = given.bound(Alternative.GREATER, weight, alpha)
    if alternative is not Alternative.GREATER:
        upper = given.bound(Alternative.LESS, weight, alpha)
    return Estimate(
        name="odds ratio (conditional), first row to second",
        value=given.maximum_likelihood(),
        lower=lower,
        upper=upper,
        level=level,
        method="exact conditional" if weight == 1 else "conditional mid-p",
    )


def compute_fisher_p_values(n1: int, n2: int, alternative: Alternative) -> Sample:
    """Fisher's one-sided p of every table with n1 and n2 participants; shape (n1 + 1, n2 + 1), by events."""
    events1, events2 = np.meshgrid(np.arange(n1 + 1), np.arange(n2 + 1), indexing="ij")
    total = events1 + events2
    if alternative is Alternative.LESS:
        p = stats.hypergeom.cdf(events1, n1 + n2, n1, total)
    else:
        p = stats.hypergeom.sf(events1 - 1, n1 + n2, n1, total)
    return np.asarray(p, dtype=np.float64)


_ASSUMPTIONS = ("each participant is counted in one cell", "inference is given both margins")

FISHER = Method(
    name="fisher",
    label="Fisher's exact test",
    design=Design.TABLE_2X2,
    compute=fisher,
    citation="Fisher 1935, Journal of the Royal Statistical Society 98:39-82",
    assumptions=_ASSUMPTIONS,
    software="R fisher.test; SAS PROC FREQ and SPSS CROSSTABS Fisher's Exact Test (p values)",
)

FISHER_MID_P = Method(
    name="fisher_mid_p",
    label="Fisher's exact test, mid-p",
    design=Design.TABLE_2X2,
    compute=fisher_mid_p,
    citation="Lancaster 1961, Journal of the American Statistical Association 56:223-234",
    assumptions=_ASSUMPTIONS,
    software="SAS PROC FREQ EXACT FISHER / MIDP (one-sided tails); R exact2x2(midp = TRUE)",
)
