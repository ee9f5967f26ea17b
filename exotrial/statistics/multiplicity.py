"""Adjusts p values for having asked several questions: Bonferroni, Holm, Hochberg, Benjamini and Hochberg.

An adjusted p value is the smallest level at which its hypothesis is rejected (Wright 1992, Biometrics
48:1005-1013).
"""

from __future__ import annotations

from collections.abc import Sequence

from exotrial.core.errors import ErrorCode

NOT_A_P_VALUE = ErrorCode(
    "STS-110",
    "A p value is missing or not between 0 and 1.",
    "give every p value of the family as a number from 0 to 1, those that were not significant too.",
)


def check_p_values(p_values: Sequence[float | None]) -> tuple[float, ...]:
    """P values from 0 to 1, at least one; refused otherwise (STS-110)."""
    if not len(p_values):
        raise NOT_A_P_VALUE.refuse("the family has no p value")
    checked = []
    for number, p in enumerate(p_values, start=1):
        if p is None or not 0 <= p <= 1:
            raise NOT_A_P_VALUE.refuse(f"p value {number} is {p}", value=p)
        checked.append(float(p))
    return tuple(checked)


def bonferroni(p_values: Sequence[float | None]) -> tuple[float, ...]:
    """Each p times the number of p values, at most 1; in the order given. Any dependence."""
    checked = check_p_values(p_values)
    return tuple(min(1.0, p * len(checked)) for p in checked)


def holm(p_values: Sequence[float | None]) -> tuple[float, ...]:
    """Holm's step-down adjustment (1979, Scand J Stat 6:65-70); in the order given. Any dependence."""
    checked = check_p_values(p_values)
    adjusted = [0.0] * len(checked)
    running = 0.0
    for rank, i in enumerate(_ascending(checked)):
        running = max(running, min(1.0, (len(checked) - rank) * checked[i]))
        adjusted[i] = running
    return tuple(adjusted)


def hochberg(p_values: Sequence[float | None]) -> tuple[float, ...]:
    """Hochberg's step-up adjustment (1988, Biometrika 75:800-802); in the order given.

    Holds for independent tests and common positive dependence; never larger than `holm`.
    """
    checked = check_p_values(p_values)
    return _step_up(checked, [float(len(checked) - rank) for rank in range(len(checked))])


def benjamini_hochberg(p_values: Sequence[float | None]) -> tuple[float, ...]:
    """Benjamini and Hochberg's false-discovery adjustment (1995, JRSS B 57:289-300); in the order given.

    Controls the share of false rejections, not the chance of any; independent or positively dependent tests.
    """
    checked = check_p_values(p_values)
    return _step_up(checked, [len(checked) / (rank + 1) for rank in range(len(checked))])


def _ascending(p_values: Sequence[float]) -> list[int]:
    return sorted(range(len(p_values)), key=p_values.__getitem__)


def _step_up(p_values: Sequence[float], factors: Sequence[float]) -> tuple[float, ...]:
    """From the largest p down, the smallest of factor times p so far; `factors` go from the smallest p up."""
    adjusted = [0.0] * len(p_values)
    running = 1.0
    for rank, i in reversed(list(enumerate(_ascending(p_values)))):
        running = min(running, factors[rank] * p_values[i])
        adjusted[i] = running
    return tuple(adjusted)
