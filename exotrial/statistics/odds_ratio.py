"""Odds ratio of two independent proportions: Woolf, score and likelihood ratio intervals.

The likeliest proportions under a given ratio keep the number of events (Miettinen and Nurminen 1985). The
conditional odds ratio of Fisher's test is another estimate, and stands with that test.
"""

from __future__ import annotations

from math import copysign, inf, sqrt

from numpy.typing import ArrayLike

from exotrial.statistics.proportion_counts import NO_RATIO, TwoByTwo, read_two_groups
from exotrial.statistics.ratio_intervals import (
    ASSUMPTIONS,
    LARGE,
    MIETTINEN_NURMINEN,
    RatioOfGroups,
    lr_result,
    score_result,
    wald_result,
)
from exotrial.statistics.result import Design, Method, Result


def restricted_odds(groups: TwoByTwo, ratio: float) -> tuple[float, float]:
    """The likeliest pair of proportions whose odds have the quotient `ratio`."""
    if ratio < 1:  # no ratio far below 1 is then subtracted from it
        second, first = restricted_odds(groups.swap(), 1 / ratio)
        return first, second
    events, (n1, n2) = sum(groups.events), groups.sizes
    b = n1 * ratio + n2 - events * (ratio - 1)
    root = sqrt(max(b * b + 4 * n2 * (ratio - 1) * events, 0.0))
    # Of the two ways to write the root, the one that does not subtract like from like.
    second = 2 * events / (b + root) if b > 0 else (root - b) / (2 * n2 * (ratio - 1))
    second = min(max(second, 0.0), 1.0)
    return ratio * second / (1 + second * (ratio - 1)), second


def odds_score_z(groups: TwoByTwo, ratio: float) -> float:
    """Events of the first group less those expected under `ratio`, in standard errors."""
    (first, second), (n1, n2) = restricted_odds(groups, ratio), groups.sizes
    information = (n1 * first * (1 - first), n2 * second * (1 - second))
    distance = groups.events[0] - n1 * first
    if min(information) <= 0:
        return 0.0 if abs(distance) < 1e-9 else copysign(inf, distance)
    return distance * sqrt(1 / information[0] + 1 / information[1])


def _read(table: ArrayLike) -> RatioOfGroups:
    groups = read_two_groups(table)
    (a, c), (n1, n2) = groups.events, groups.sizes
    if a + c in (0, n1 + n2):
        raise NO_RATIO.refuse(f"{a + c} of {n1 + n2} have an event, so there is no odds ratio", value=a + c)
    crossed = (n1 - a) * c
    return RatioOfGroups(
        name="odds ratio, first over second",
        groups=groups,
        value=a * (n2 - c) / crossed if crossed else inf,
        restricted=restricted_odds,
        score_z=odds_score_z,
    )


def odds_ratio_wald(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The interval of Woolf on the logarithm; z tests a ratio of 1. No interval where a count is zero.

    `table` is [[events, none], [events, none]], a row for each group, in all functions of this module.
    Refuses STS-400, STS-402, STS-004, and a table where nobody or everybody has an event (STS-403).
    """
    ratio = _read(table)
    pairs = zip(ratio.groups.events, ratio.groups.sizes, strict=True)
    cells = [count for events, n in pairs for count in (events, n - events)]
    variance = sum(1 / cell for cell in cells) if all(cells) else None
    return wald_result(ODDS_RATIO_WALD, ratio, variance, level=level)


def odds_ratio_cornfield(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The score interval; z squared is Pearson's chi-square (STS-400, STS-402, STS-403, STS-004)."""
    return score_result(ODDS_RATIO_CORNFIELD, _read(table), level=level, inflation=1.0)


def odds_ratio_miettinen_nurminen(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The score interval with the variance multiplied by N/(N - 1) (STS-400, STS-402, STS-403, STS-004)."""
    ratio = _read(table)
    total = sum(ratio.groups.sizes)
    return score_result(ODDS_RATIO_MIETTINEN_NURMINEN, ratio, level=level, inflation=total / (total - 1))


def odds_ratio_lr(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The ratios not rejected by the likelihood ratio test (STS-400, STS-402, STS-403, STS-004)."""
    return lr_result(ODDS_RATIO_LR, _read(table), level=level)


ODDS_RATIO_WALD = Method(
    name="odds_ratio_wald",
    label="Woolf log interval for an odds ratio",
    design=Design.TABLE_2X2,
    compute=odds_ratio_wald,
    citation="Woolf B. Ann Hum Genet 1955;19:251-253",
    assumptions=LARGE,
    software="SAS PROC FREQ RELRISK",
)
ODDS_RATIO_CORNFIELD = Method(
    name="odds_ratio_cornfield",
    label="Uncorrected score interval for an odds ratio (Cornfield)",
    design=Design.TABLE_2X2,
    compute=odds_ratio_cornfield,
    citation="Cornfield J. Proc Third Berkeley Symp 1956;4:135-148 (without continuity correction)",
    assumptions=ASSUMPTIONS,
    software="SAS OR(CL=SCORE(CORRECT=NO))",
)
ODDS_RATIO_MIETTINEN_NURMINEN = Method(
    name="odds_ratio_miettinen_nurminen",
    label="Miettinen-Nurminen score interval for an odds ratio",
    design=Design.TABLE_2X2,
    compute=odds_ratio_miettinen_nurminen,
    citation=MIETTINEN_NURMINEN,
    assumptions=ASSUMPTIONS,
    software="SAS OR(CL=SCORE)",
)
ODDS_RATIO_LR = Method(
    name="odds_ratio_lr",
    label="Likelihood ratio interval for an odds ratio",
    design=Design.TABLE_2X2,
    compute=odds_ratio_lr,
    citation=MIETTINEN_NURMINEN,
    assumptions=ASSUMPTIONS,
    software="SAS OR(CL=LR)",
)
