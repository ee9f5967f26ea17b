"""Score methods for a difference of two independent proportions: Miettinen-Nurminen, Mee, Farrington-Manning.

The variance under a difference d comes from the likeliest pair of proportions that differ by d, in the closed
form of Farrington CP, Manning G. Stat Med 1990;9:1447-1454; the interval holds the d not rejected. Its limits
are found by bisection, since published polynomial shortcuts fail on some tables.
"""

from __future__ import annotations

from math import acos, copysign, cos, inf, pi, sqrt

from numpy.typing import ArrayLike
from scipy.stats import norm

from exotrial.statistics.proportion_counts import (
    NOT_A_PROPORTION,
    TwoByTwo,
    check_proportion,
    find_limit,
    normal_quantile,
    notes,
    read_two_groups,
)
from exotrial.statistics.proportion_difference import ASSUMPTIONS, NAME, difference_result
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import check_level

NO_VARIATION = "Nobody, or everybody, had an event: the groups do not differ at all, and z is taken as 0."


def restricted_proportions(groups: TwoByTwo, difference: float) -> tuple[float, float]:
    """The likeliest pair of proportions with first minus second equal to `difference`."""
    (p1, p2), theta, d = groups.proportions, groups.sizes[1] / groups.sizes[0], difference
    a = 1 + theta
    b = -(1 + theta + p1 + theta * p2 + d * (theta + 2))
    c = d * d + d * (2 * p1 + theta + 1) + p1 + theta * p2
    v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) - p1 * d * (1 + d) / (2 * a)
    u = copysign(sqrt(max((b / (3 * a)) ** 2 - c / (3 * a), 0.0)), v)
    angle = (pi + acos(min(1.0, max(-1.0, v / u**3 if u else 0.0)))) / 3
    first = 2 * u * cos(angle) - b / (3 * a)
    first = min(max(first, d, 0.0), 1.0, 1.0 + d)  # rounding may step over the ends
    return first, first - d


def score_z(groups: TwoByTwo, difference: float, *, inflation: float) -> float:
    """The observed difference less `difference`, in standard errors under the latter.

    Infinite where that standard error is 0, except that no distance at all is 0.
    """
    first, second = restricted_proportions(groups, difference)
    variance = first * (1 - first) / groups.sizes[0] + second * (1 - second) / groups.sizes[1]
    distance = groups.difference - difference
    # Proportions at the ends leave a variance of rounding noise.
    if variance * inflation < 1e-15:
        return 0.0 if abs(distance) < 1e-12 else copysign(inf, distance)
    return distance / sqrt(variance * inflation)


def _score_result(method: Method, groups: TwoByTwo, *, level: float, inflation: float) -> Result:
    most = normal_quantile(check_level(level))

    def inside(difference: float) -> bool:
        return abs(score_z(groups, difference, inflation=inflation)) <= most

    limits = (find_limit(inside, groups.difference, -1.0), find_limit(inside, groups.difference, 1.0))
    said = notes((sum(groups.events) in (0, sum(groups.sizes)), NO_VARIATION))
    z = score_z(groups, 0.0, inflation=inflation)
    return difference_result(method, groups, limits, level=level, z=z, notes=said)


def difference_miettinen_nurminen(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The score interval with the variance multiplied by N/(N - 1); z tests equality.

    `table` is [[events, none], [events, none]], a row for each group. Refuses STS-400, STS-402, STS-004.
    """
    groups = read_two_groups(table)
    total = sum(groups.sizes)
    return _score_result(DIFFERENCE_MIETTINEN_NURMINEN, groups, level=level, inflation=total / (total - 1))


def difference_mee(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The score interval without that factor; z squared is Pearson's chi-square.

    `table` as for Miettinen-Nurminen. Refuses STS-400, STS-402, STS-004.
    """
    return _score_result(DIFFERENCE_MEE, read_two_groups(table), level=level, inflation=1.0)


def farrington_manning(table: ArrayLike, *, margin: float = 0.0, level: float = 0.95) -> Result:
    """One-sided test that the first proportion is not lower than the second by `margin` or more.

    More is better: for harms give the table of those without. The margin is a fraction, stated in the
    protocol; 0 tests superiority. z compares the difference with -margin, with the variance under it. The
    interval is Mee's one-sided one, from its lower limit upwards.
    Refuses STS-400, STS-402, STS-404 (margin), STS-004.
    """
    groups = read_two_groups(table)
    if check_proportion(margin, name="the margin") == 1:
        raise NOT_A_PROPORTION.refuse("a margin of 1 accepts any difference", value=margin)
    z = score_z(groups, -margin, inflation=1.0)
    most = float(norm.isf(1 - check_level(level)))

    def inside(difference: float) -> bool:
        return score_z(groups, difference, inflation=1.0) <= most

    lower = find_limit(inside, 1.0, -1.0)
    return Result(
        method=FARRINGTON_MANNING.name,
        label=FARRINGTON_MANNING.label,
        n=groups.sizes,
        statistic_name="z",
        statistic=z,
        p_value=float(norm.sf(z)),
        alternative=Alternative.GREATER,
        estimate=Estimate(
            name=NAME,
            value=groups.difference,
            lower=lower,
            upper=inf,
            level=level,
            method="one-sided score interval",
        ),
        assumptions=FARRINGTON_MANNING.assumptions,
        notes=(f"Tested against a difference of {-margin:g}.",),
        citation=FARRINGTON_MANNING.citation,
    )


DIFFERENCE_MIETTINEN_NURMINEN = Method(
    name="difference_miettinen_nurminen",
    label="Miettinen-Nurminen score interval for a difference of proportions",
    design=Design.TABLE_2X2,
    compute=difference_miettinen_nurminen,
    citation="Miettinen O, Nurminen M. Stat Med 1985;4:213-226",
    assumptions=ASSUMPTIONS,
    software="SAS PROC FREQ RISKDIFF(CL=MN)",
)
DIFFERENCE_MEE = Method(
    name="difference_mee",
    label="Mee score interval for a difference of proportions",
    design=Design.TABLE_2X2,
    compute=difference_mee,
    citation="Mee RW. Biometrics 1984;40:1175-1176",
    assumptions=ASSUMPTIONS,
    software="SAS RISKDIFF(CL=MN(CORRECT=NO))",
)
FARRINGTON_MANNING = Method(
    name="farrington_manning",
    label="Farrington-Manning test of non-inferiority",
    design=Design.TABLE_2X2,
    compute=farrington_manning,
    citation="Farrington CP, Manning G. Stat Med 1990;9:1447-1454",
    assumptions=ASSUMPTIONS,
    software="SAS RISKDIFF(NONINF METHOD=FM)",
)
