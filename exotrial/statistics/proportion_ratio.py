"""Risk ratio of two independent proportions: Katz, score and likelihood ratio intervals.

The likeliest proportions under a given ratio are those of Miettinen O, Nurminen M. Stat Med 1985;4:213-226.
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


def restricted_risks(groups: TwoByTwo, ratio: float) -> tuple[float, float]:
    """The likeliest pair of proportions whose quotient is `ratio`."""
    (x1, x2), (n1, n2) = groups.events, groups.sizes
    b = ratio * (x2 + n1) + x1 + n2
    second = 2 * (x1 + x2) / (b + sqrt(max(b * b - 4 * ratio * (n1 + n2) * (x1 + x2), 0.0)))
    second = min(second, 1.0, 1.0 / ratio)  # rounding may step over the ends
    return min(ratio * second, 1.0), second


def risk_score_z(groups: TwoByTwo, ratio: float) -> float:
    """p1 - ratio p2 in standard errors under `ratio`; 0 where there is neither distance nor error."""
    (p1, p2), (n1, n2) = groups.proportions, groups.sizes
    first, second = restricted_risks(groups, ratio)
    variance = first * (1 - first) / n1 + ratio**2 * second * (1 - second) / n2
    distance = p1 - ratio * p2
    if abs(distance) < 1e-12 * max(p1, ratio * p2):
        return 0.0
    return distance / sqrt(variance) if variance > 0 else copysign(inf, distance)


def _read(table: ArrayLike) -> RatioOfGroups:
    groups = read_two_groups(table)
    if sum(groups.events) == 0:
        raise NO_RATIO.refuse("neither group has an event, so there is no risk ratio", value="0/0")
    p1, p2 = groups.proportions
    return RatioOfGroups(
        name="risk ratio, first over second",
        groups=groups,
        value=p1 / p2 if p2 else inf,
        restricted=restricted_risks,
        score_z=risk_score_z,
    )


def risk_ratio_wald(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The interval of Katz on the logarithm; z tests a ratio of 1. No interval where a group has no event.

    `table` is [[events, none], [events, none]], a row for each group, in all functions of this module.
    Refuses STS-400, STS-402, STS-004, and a table without events (STS-403).
    """
    ratio = _read(table)
    variance = None
    if all(ratio.groups.events):
        pairs = zip(ratio.groups.events, ratio.groups.sizes, strict=True)
        variance = sum(1 / events - 1 / n for events, n in pairs)
    return wald_result(RISK_RATIO_WALD, ratio, variance, level=level)


def risk_ratio_koopman(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The score interval; z squared is Pearson's chi-square (STS-400, STS-402, STS-403, STS-004)."""
    return score_result(RISK_RATIO_KOOPMAN, _read(table), level=level, inflation=1.0)


def risk_ratio_miettinen_nurminen(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The score interval with the variance multiplied by N/(N - 1) (STS-400, STS-402, STS-403, STS-004)."""
    ratio = _read(table)
    total = sum(ratio.groups.sizes)
    return score_result(RISK_RATIO_MIETTINEN_NURMINEN, ratio, level=level, inflation=total / (total - 1))


def risk_ratio_lr(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The ratios not rejected by the likelihood ratio test (STS-400, STS-402, STS-403, STS-004)."""
    return lr_result(RISK_RATIO_LR, _read(table), level=level)


RISK_RATIO_WALD = Method(
    name="risk_ratio_wald",
    label="Katz log interval for a risk ratio",
    design=Design.TABLE_2X2,
    compute=risk_ratio_wald,
    citation="Katz D, Baptista J, Azen SP, Pike MC. Biometrics 1978;34:469-474",
    assumptions=LARGE,
    software="SAS PROC FREQ RELRISK",
)
RISK_RATIO_KOOPMAN = Method(
    name="risk_ratio_koopman",
    label="Koopman score interval for a risk ratio",
    design=Design.TABLE_2X2,
    compute=risk_ratio_koopman,
    citation="Koopman PAR. Biometrics 1984;40:513-517",
    assumptions=ASSUMPTIONS,
    software="SAS RELRISK(CL=SCORE(CORRECT=NO))",
)
RISK_RATIO_MIETTINEN_NURMINEN = Method(
    name="risk_ratio_miettinen_nurminen",
    label="Miettinen-Nurminen score interval for a risk ratio",
    design=Design.TABLE_2X2,
    compute=risk_ratio_miettinen_nurminen,
    citation=MIETTINEN_NURMINEN,
    assumptions=ASSUMPTIONS,
    software="SAS RELRISK(CL=SCORE)",
)
RISK_RATIO_LR = Method(
    name="risk_ratio_lr",
    label="Likelihood ratio interval for a risk ratio",
    design=Design.TABLE_2X2,
    compute=risk_ratio_lr,
    citation=MIETTINEN_NURMINEN,
    assumptions=ASSUMPTIONS,
    software="SAS RELRISK(CL=LR)",
)
