"""Analysis results from summaries and test results: every number of a table, machine-readable."""

from __future__ import annotations

from math import isinf

from exotrial.report.document import AnalysisResult
from exotrial.report.format import format_number, format_p
from exotrial.statistics.describe import Summary
from exotrial.statistics.result import Result


def summary_results(
    summary: Summary,
    *,
    analysis: str,
    population: str,
    variable: str,
    when: str,
    unit: str,
    decimals: int,
    sources: tuple[str, ...],
) -> list[AnalysisResult]:
    """Mean, SD, median, quartiles and range of one sample; what does not exist is left out."""
    numbers = {
        "mean": summary.mean,
        "sd": summary.sd,
        "median": summary.median,
        "q1": summary.q1,
        "q3": summary.q3,
        "minimum": summary.minimum,
        "maximum": summary.maximum,
    }
    return [
        AnalysisResult(
            id="/".join(part for part in (analysis, variable, when, name) if part),
            analysis=analysis,
            population=population,
            n=(summary.n,),
            variable=variable,
            statistic=f"{name} {when}".strip(),
            method="describe",
            value=value,
            printed=format_number(value, decimals),
            unit=unit,
            parameters={"quartile_rule": f"type {int(summary.quartile_rule)}"}
            if name in ("q1", "q3", "median")
            else {},
            sources=sources,
        )
        for name, value in numbers.items()
        if value is not None
    ]


def statistic_results(
    result: Result,
    *,
    analysis: str,
    population: str,
    variable: str,
    unit: str = "",
    decimals: int,
    sources: tuple[str, ...],
) -> list[AnalysisResult]:
    """The statistic, p value and estimate with its limits of one test or interval."""
    estimate = result.estimate
    numbers: list[tuple[str, float | None, str, str]] = [
        (result.statistic_name or "statistic", result.statistic, _short(result.statistic), ""),
        ("p value", result.p_value, format_p(result.p_value), ""),
    ]
    parameters = {"alternative": result.alternative.value, "exact": "yes" if result.exact else "no"}
    if result.df:
        parameters["df"] = ", ".join(f"{df:.6g}" for df in result.df)
    if estimate is not None:
        parameters["level"] = f"{estimate.level:g}"
        numbers += [
            (estimate.name, _finite(estimate.value), format_number(estimate.value, decimals), unit),
            (
                f"{estimate.name}, lower limit",
                _finite(estimate.lower),
                format_number(estimate.lower, decimals),
                unit,
            ),
            (
                f"{estimate.name}, upper limit",
                _finite(estimate.upper),
                format_number(estimate.upper, decimals),
                unit,
            ),
        ]
    return [
        AnalysisResult(
            id=f"{analysis}/{variable}/{result.method}/{name}",
            analysis=analysis,
            population=population,
            n=result.n,
            variable=variable,
            statistic=name,
            method=result.method,
            value=value,
            printed=printed,
            unit=of_unit,
            parameters=parameters,
            notes=result.notes,
            citation=result.citation,
            sources=sources,
        )
        for name, value, printed, of_unit in numbers
        if value is not None or printed in ("∞", "−∞")
    ]


def _finite(value: float | None) -> float | None:
    """JSON has no infinity: such a value is null there, and its print is ∞."""
    return None if value is None or isinf(value) else value


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
