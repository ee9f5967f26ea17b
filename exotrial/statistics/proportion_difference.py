"""Intervals for a difference of two independent proportions in closed form: Wald, Agresti-Caffo, Newcombe.

Formulae: Newcombe RG. Stat Med 1998;17:873-890; Agresti A, Caffo B. Am Stat 2000;54:280-288; Hauck WW,
Anderson S. Am Stat 1986;40:318-322.
"""

from __future__ import annotations

from math import hypot, sqrt

from numpy.typing import ArrayLike
from scipy.stats import norm

from exotrial.statistics.proportion import wilson_cc_limits, wilson_limits
from exotrial.statistics.proportion_counts import TwoByTwo, normal_quantile, notes, read_two_groups
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import check_level

NEWCOMBE = "Newcombe RG. Stat Med 1998;17:873-890"
ASSUMPTIONS = ("participants are independent", "the two groups are independent")
LARGE = (*ASSUMPTIONS, "the groups are large enough for the approximation")
NAME = "difference of proportions, first minus second"
ZERO_WIDTH = "Neither group varies, so the Wald interval has no width and there is no z: do not use it."


def difference_result(
    method: Method,
    groups: TwoByTwo,
    limits: tuple[float | None, float | None],
    *,
    level: float,
    z: float | None = None,
    p_value: float | None = None,
    notes: tuple[str, ...] = (),
) -> Result:
    """A result that estimates the difference, and tests it where `z` is given."""
    if z is not None and p_value is None:
        p_value = min(1.0, 2 * float(norm.sf(abs(z))))
    return Result(
        method=method.name,
        label=method.label,
        n=groups.sizes,
        statistic_name="" if z is None else "z",
        statistic=z,
        p_value=p_value,
        estimate=Estimate(
            name=NAME,
            value=groups.difference,
            lower=limits[0],
            upper=limits[1],
            level=level,
            method=method.label,
        ),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


def difference_wald(table: ArrayLike, *, level: float = 0.95) -> Result:
    """Unpooled standard error, no correction; z tests equality (STS-400, STS-402, STS-004).

    `table` is [[events, none], [events, none]], a row for each group, in all functions of this module.
    """
    groups = read_two_groups(table)
    error = _standard_error(groups, less=0)
    half = normal_quantile(check_level(level)) * error
    limits = (groups.difference - half, groups.difference + half)
    z = groups.difference / error if error else None
    said = notes((error == 0, ZERO_WIDTH))
    return difference_result(DIFFERENCE_WALD, groups, limits, level=level, z=z, notes=said)


def difference_wald_cc(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The Wald interval widened by half of 1/n1 + 1/n2 on either side (STS-400, STS-402, STS-004)."""
    groups = read_two_groups(table)
    widening = (1 / groups.sizes[0] + 1 / groups.sizes[1]) / 2
    half = normal_quantile(check_level(level)) * _standard_error(groups, less=0) + widening
    limits = (max(groups.difference - half, -1.0), min(groups.difference + half, 1.0))
    return difference_result(DIFFERENCE_WALD_CC, groups, limits, level=level)


def difference_hauck_anderson(table: ArrayLike, *, level: float = 0.95) -> Result:
    """Variances with n - 1 and a correction of 1/(2 min n) (STS-400, STS-402, STS-004).

    A group of one has no such variance: the limits are then None, with a note.
    """
    groups = read_two_groups(table)
    check_level(level)
    smallest = min(groups.sizes)
    if smallest == 1:
        said = ("A group of one has no variance with n - 1, so there is no Hauck-Anderson interval.",)
        return difference_result(DIFFERENCE_HAUCK_ANDERSON, groups, (None, None), level=level, notes=said)
    half = normal_quantile(level) * _standard_error(groups, less=1) + 1 / (2 * smallest)
    limits = (max(groups.difference - half, -1.0), min(groups.difference + half, 1.0))
    return difference_result(DIFFERENCE_HAUCK_ANDERSON, groups, limits, level=level)


def difference_agresti_caffo(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The Wald interval after adding one with and one without an event to each group.

    The estimate is the observed difference; the interval is centred on the adjusted one.
    Refuses STS-400, STS-402, STS-004.
    """
    groups = read_two_groups(table)
    adjusted = TwoByTwo(
        events=(groups.events[0] + 1, groups.events[1] + 1),
        sizes=(groups.sizes[0] + 2, groups.sizes[1] + 2),
    )
    half = normal_quantile(check_level(level)) * _standard_error(adjusted, less=0)
    limits = (max(adjusted.difference - half, -1.0), min(adjusted.difference + half, 1.0))
    return difference_result(DIFFERENCE_AGRESTI_CAFFO, groups, limits, level=level)


def difference_newcombe(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The hybrid of two Wilson intervals, "square and add" (STS-400, STS-402, STS-004)."""
    groups = read_two_groups(table)
    check_level(level)
    first, second = (
        wilson_limits(events, n, level=level) for events, n in zip(groups.events, groups.sizes, strict=True)
    )
    limits = _square_and_add(groups, first, second)
    return difference_result(DIFFERENCE_NEWCOMBE, groups, limits, level=level)


def difference_newcombe_cc(table: ArrayLike, *, level: float = 0.95) -> Result:
    """The hybrid of two Wilson intervals with continuity correction (STS-400, STS-402, STS-004)."""
    groups = read_two_groups(table)
    check_level(level)
    first, second = (
        wilson_cc_limits(events, n, level=level)
        for events, n in zip(groups.events, groups.sizes, strict=True)
    )
    limits = _square_and_add(groups, first, second)
    return difference_result(DIFFERENCE_NEWCOMBE_CC, groups, limits, level=level)


def _square_and_add(
    groups: TwoByTwo, first: tuple[float, float], second: tuple[float, float]
) -> tuple[float, float]:
    p1, p2 = groups.proportions
    lower = groups.difference - hypot(p1 - first[0], second[1] - p2)
    upper = groups.difference + hypot(first[1] - p1, p2 - second[0])
    return max(lower, -1.0), min(upper, 1.0)


def _standard_error(groups: TwoByTwo, *, less: int) -> float:
    """The unpooled standard error of the difference, with divisors n - `less`."""
    return sqrt(sum(p * (1 - p) / (n - less) for p, n in zip(groups.proportions, groups.sizes, strict=True)))


DIFFERENCE_WALD = Method(
    name="difference_wald",
    label="Wald interval for a difference of proportions",
    design=Design.TABLE_2X2,
    compute=difference_wald,
    citation=f"{NEWCOMBE}, method 1",
    assumptions=LARGE,
    software="SAS PROC FREQ RISKDIFF(CL=WALD), R prop.test(correct = FALSE)",
)
DIFFERENCE_WALD_CC = Method(
    name="difference_wald_cc",
    label="Wald interval for a difference of proportions with continuity correction",
    design=Design.TABLE_2X2,
    compute=difference_wald_cc,
    citation=f"{NEWCOMBE}, method 2",
    assumptions=LARGE,
    software="SAS RISKDIFF(CL=WALD(CORRECT)), R prop.test",
)
DIFFERENCE_HAUCK_ANDERSON = Method(
    name="difference_hauck_anderson",
    label="Hauck-Anderson interval for a difference of proportions",
    design=Design.TABLE_2X2,
    compute=difference_hauck_anderson,
    citation="Hauck WW, Anderson S. Am Stat 1986;40:318-322",
    assumptions=LARGE,
    software="SAS RISKDIFF(CL=HA)",
)
DIFFERENCE_AGRESTI_CAFFO = Method(
    name="difference_agresti_caffo",
    label="Agresti-Caffo interval for a difference of proportions",
    design=Design.TABLE_2X2,
    compute=difference_agresti_caffo,
    citation="Agresti A, Caffo B. Am Stat 2000;54:280-288",
    assumptions=LARGE,
    software="SAS RISKDIFF(CL=AC)",
)
DIFFERENCE_NEWCOMBE = Method(
    name="difference_newcombe",
    label="Newcombe hybrid score interval",
    design=Design.TABLE_2X2,
    compute=difference_newcombe,
    citation=f"{NEWCOMBE}, method 10",
    assumptions=ASSUMPTIONS,
    software="SAS RISKDIFF(CL=NEWCOMBE)",
)
DIFFERENCE_NEWCOMBE_CC = Method(
    name="difference_newcombe_cc",
    label="Newcombe hybrid score interval with continuity correction",
    design=Design.TABLE_2X2,
    compute=difference_newcombe_cc,
    citation=f"{NEWCOMBE}, method 11",
    assumptions=ASSUMPTIONS,
    software="SAS RISKDIFF(CL=NEWCOMBE(CORRECT))",
)
