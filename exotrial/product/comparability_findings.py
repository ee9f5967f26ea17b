"""Doubts about evidence of comparability (CMF): claims without a test, one sample for many, tests without power."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from exotrial.core.findings import Finding, Severity
from exotrial.product.comparability import USUAL_POWER, Comparison, Outcome
from exotrial.study.definition import Study
from exotrial.study.definition.comparability import Comparability
from exotrial.study.definition.intervention import Product

_NOT_SIGNIFICANT = re.compile(
    r"\b(?:no|not|without)\b(?:\s+\w+){0,3}?\s+significan(?:t|tly|ce)\b"
    r"|\b(?:non-?|in)significant(?:ly)?\b|\bdid not differ\b|\bp\s*(?:value\s*)?[>≥]\s*0?[.,]05",
    re.IGNORECASE,
)
"""Words of a test of difference that was not significant, however it is put."""


def claims_no_significant_difference(text: str) -> bool:
    """Whether words rest on a difference that was not significant ("no significant difference", "p > 0.05")."""
    return _NOT_SIGNIFICANT.search(text) is not None


def check_claim(study: Study, product: Product) -> list[Finding]:
    """CMF-001: what the study says of the product after the device rests on no significant difference."""
    claim = product.device_claim
    if claim is None or not claims_no_significant_difference(claim):
        return []
    path = f"products.{product.id}.device_claim"
    return [
        Finding(
            rule="CMF-001",
            subject=path,
            severity=Severity.ERROR,
            kind="comparability",
            says=f"{product.name}: “{claim}” is no evidence that the product is comparable",
            why="A difference is the less significant the fewer samples there are: with two, nothing ever differs.",
            settle="a margin fixed beforehand and an equivalence test of each attribute, with n, ratio and interval.",
            quotes=study.quotes(path),
            standards=("ICH Q5E", "ICH E9 3.3.2"),
        )
    ]


def check_plan(product: Product, plans: Sequence[Comparability]) -> list[Finding]:
    """CMF-002 no margin is planned; CMF-003 a margin without reason; CMF-004 no power before the data."""
    where = f"products.{product.id}.comparability"
    if not plans:
        return [
            _warning(
                "CMF-002",
                where,
                says=f"{product.name}: no margin is planned, so nothing can be shown equivalent",
                why="A margin chosen after the data is chosen by the data.",
                settle="[[products.comparability]] in the study file: attribute, comparison, margin, alpha, design.",
            )
        ]
    return [finding for plan in plans for finding in _check_one_plan(where, plan)]


def check_comparisons(comparisons: Sequence[Comparison]) -> list[Finding]:
    """CMF-005 to CMF-009: what each comparison leaves in doubt."""
    return [finding for each in comparisons for finding in _check_comparison(each)]


def _check_one_plan(where: str, plan: Comparability) -> Iterator[Finding]:
    if plan.margin_reason is None:
        yield _warning(
            "CMF-003",
            f"{where}.{plan.name}",
            says=f"{plan.name}: no reason is given for the margin {plan.margin[0]:g} to {plan.margin[1]:g}",
            why="0.8 to 1.25 comes from blood levels of medicines; what a product may lose is another question.",
            settle="why a change within the margin does no harm, as margin_reason.",
        )
    missing = [
        name
        for name, value in (
            ("samples", plan.samples),
            ("expected_ratio", plan.expected_ratio),
            ("expected_cv", plan.expected_cv),
        )
        if value is None
    ]
    if missing:
        yield _warning(
            "CMF-004",
            f"{where}.{plan.name}",
            says=f"{plan.name}: the power for the margin was not planned; not stated: {', '.join(missing)}",
            why="Without power a test that shows nothing is what was to be expected.",
            settle="the number of samples, and the ratio and the spread expected.",
        )


def _check_comparison(comparison: Comparison) -> Iterator[Finding]:
    plan = comparison.plan
    subject = f"{plan.name}, {comparison.test} to {comparison.reference}"
    if comparison.outcome is Outcome.NOT_TESTED:
        yield _warning(
            "CMF-005",
            subject,
            says=f"{subject}: not tested, because {comparison.why_not}",
            why="What was not tested was not shown.",
            settle="its values for at least two independent samples in each state; how many, the planned power says.",
        )
    if comparison.unpaired:
        yield _warning(
            "CMF-006",
            subject,
            says=f"{subject}: without a partner and left out are {', '.join(comparison.unpaired)}",
            why="Samples that are lost in the device are those that changed most.",
            settle="why each was measured in one state only.",
        )
    found = comparison.equivalence
    if found is None:
        return
    if comparison.from_summary:
        yield _warning(
            "CMF-007",
            subject,
            says=f"{subject}: tested from a mean and a standard deviation, taken as of log-normal values",
            why="A summary hides outliers and pairs, and an SD may be a standard error or one of repeats.",
            settle="the value of each sample.",
        )
    if comparison.outcome is Outcome.NOT_SHOWN and found.p_difference > 0.05:
        yield _warning(
            "CMF-008",
            subject,
            says=f"{subject}: no significant difference (p = {found.p_difference:.2g}), and equivalence is not shown",
            why="Both tests failing means that the data say too little, not that the product stayed the same.",
            settle=_ask_for_samples(comparison),
        )
    goal = plan.power or USUAL_POWER
    if comparison.power is not None and comparison.power < goal and not found.equivalent:
        yield _warning(
            "CMF-009",
            subject,
            says=f"{subject}: power {comparison.power:.2f} for the margin at the spread seen, {goal:g} wanted",
            why="Even an unchanged product would often have failed this test.",
            settle=_ask_for_samples(comparison),
        )


def _ask_for_samples(comparison: Comparison) -> str:
    if comparison.samples_needed is None:
        return "a more precise measurement: no number of samples gives the power at the spread seen."
    what = "pairs" if comparison.plan.design == "paired" else "samples in each group"
    return f"{comparison.samples_needed} {what} at the spread seen, in a new experiment."


def _warning(rule: str, subject: str, *, says: str, why: str, settle: str) -> Finding:
    return Finding(
        rule=rule,
        subject=subject,
        severity=Severity.WARNING,
        kind="comparability",
        says=says,
        why=why,
        settle=settle,
        standards=("ICH Q5E",),
    )
