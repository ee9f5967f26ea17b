"""Numbers as a journal prints them: rounded half away from zero, with a true minus sign (AMA Manual, 11th ed.)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isinf

from exotrial.core.quantities import Quantity, format_quantity
from exotrial.statistics.result import Estimate, Result

MISSING = "–"
"""What a cell shows where there is nothing to show; the table's notes say why."""


def format_number(value: float | None, decimals: int) -> str:
    """A number with a fixed number of decimals; the shortest decimal of the float decides the rounding.

    None is a dash, and an infinite estimate or limit (an odds ratio with an empty cell) is ∞.
    """
    if value is None:
        return MISSING
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):f}"
    return f"−{text}" if rounded < 0 else text


def format_power(value: float | None) -> str | None:
    """A large count to three digits, as 7.66 × 10⁸; None stays None."""
    if value is None:
        return None
    return format_quantity(Quantity(value=Decimal(f"{value:.3g}"), unit="1"))


def format_p(p: float | None) -> str:
    """A p value to three decimals, or to two significant digits' honesty: below 0.001 as that."""
    if p is None:
        return MISSING
    if p < 0.001:
        return "<0.001"
    return "1.000" if p >= 0.9995 else format_number(p, 3)


def format_mean_sd(mean: float, sd: float | None, decimals: int) -> str:
    """`23.04 ± 31.88`; without a standard deviation the mean alone."""
    return (
        format_number(mean, decimals)
        if sd is None
        else f"{format_number(mean, decimals)} ± {format_number(sd, decimals)}"
    )


def format_range(low: float, high: float, decimals: int) -> str:
    """`0.5 to 88.4`."""
    return f"{format_number(low, decimals)} to {format_number(high, decimals)}"


def format_interval(estimate: Estimate | None, decimals: int) -> str:
    """An estimate with its confidence interval, `−19.87 (−49.50 to 9.76)`."""
    if estimate is None:
        return MISSING
    value = format_number(estimate.value, decimals)
    if estimate.lower is None or estimate.upper is None:
        return f"{value} (no interval)"
    return f"{value} ({format_range(estimate.lower, estimate.upper, decimals)})"


def format_count(count: int, total: int) -> str:
    """`3 (43 %)`; a percentage only where the total is not zero."""
    return f"{count}" if total == 0 else f"{count} ({format_number(100 * count / total, 0)} %)"


def format_result_p(result: Result | None) -> str:
    """The p value of a result, or a dash where the method could not be applied."""
    return MISSING if result is None else format_p(result.p_value)


_CAPTURED_UP_TO, _COMPUTED_TO = 8, 3
"""Significant digits: nobody captures more than the one, and a number with more was computed and gets the other."""


def decimals_of(texts: list[str]) -> int:
    """The most decimals with which values were captured: a mean is printed with one more.

    A computed value (60 / 0.53) has as many decimals as its division leaves; where there is one among the values, they
    count as numbers of three digits, for some divisions come out even.
    """
    computed = any(len(text.replace(".", "").strip("-+0")) > _CAPTURED_UP_TO for text in texts)
    return max((_decimals(text, computed=computed) for text in texts), default=0)


def _decimals(text: str, *, computed: bool) -> int:
    whole, _, decimals = text.partition(".")
    if not computed:
        return len(decimals)
    return min(len(decimals), max(0, _COMPUTED_TO - len(whole.lstrip("-+"))))
