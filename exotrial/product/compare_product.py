"""One comparison of a product as a whole: planned attributes tested, distributions compared, doubts and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding, gravest_first
from exotrial.core.verdict import Verdict
from exotrial.product.comparability import (
    Comparison,
    Measured,
    Summary,
    compare_attribute,
    decide_comparability,
)
from exotrial.product.comparability_evidence import SampleEvidence, check_alike, gather_distributions
from exotrial.product.comparability_findings import check_claim, check_comparisons, check_plan
from exotrial.product.distance import Distance, compute_distance
from exotrial.study.definition import Study
from exotrial.study.definition.comparability import Comparability
from exotrial.study.definition.comparability import Comparison as Kind
from exotrial.study.definition.intervention import Product

NO_GROUPS = ErrorCode(
    "CMP-006",
    "There are not two groups to compare, or the reference is none of them.",
    "name at least two groups, and one of them as the reference.",
)
NO_PRODUCT = ErrorCode(
    "CMP-012",
    "The study has no product of this name, or several of which none is named.",
    "name one of the products of the study file.",
)
NO_COMPARISON = ErrorCode(
    "CMP-013",
    "A comparison is none that can be planned, or several are planned and none is named.",
    "name the comparison as the study file does.",
)
NOT_PLANNED = ErrorCode(
    "CMP-014",
    "A value is given for an attribute that the study file does not plan to compare.",
    "plan it in the study file with its margin, or leave it out of the table.",
)

COMPARISONS: tuple[str, ...] = get_args(Kind)
UNPLANNED = "a comparison that is not planned"


@dataclass(frozen=True, kw_only=True, eq=False)
class ProductComparison:
    """Everything that one comparison gives. `distances` by group compared with the reference."""

    study: Study
    product: Product
    comparison: str
    plans: tuple[Comparability, ...]
    reference: str
    groups: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    distances: Mapping[str, Distance]
    evidence: tuple[SampleEvidence, ...]
    measured: tuple[Measured, ...]
    findings: tuple[Finding, ...]
    verdict: Verdict


def find_product(study: Study, name: str = "") -> Product:
    """The product meant: the one named, or the only one (CMP-012)."""
    products = {product.id: product for product in study.products}
    known = f"the study has {', '.join(products) or 'none'}"
    if name:
        if name not in products:
            raise NO_PRODUCT.refuse(f"there is no product {name!r}; {known}", value=name)
        return products[name]
    if len(products) != 1:
        raise NO_PRODUCT.refuse(f"no product is named; {known}")
    return next(iter(products.values()))


def find_plans(product: Product, comparison: str = "") -> tuple[str, tuple[Comparability, ...]]:
    """The comparison meant and what the study plans for it: the one named, or the only one planned (CMP-013).

    A comparison that is not planned has no plan, which is a finding later.
    """
    planned = list(dict.fromkeys(plan.comparison for plan in product.comparability))
    if comparison and comparison not in COMPARISONS:
        raise NO_COMPARISON.refuse(
            f"there is no comparison {comparison!r}",
            value=comparison,
            remedy=f"choose one of: {'; '.join(COMPARISONS)}.",
        )
    if not comparison and len(planned) > 1:
        raise NO_COMPARISON.refuse(
            f"{product.id} plans {len(planned)} comparisons, and none is named",
            remedy=f"choose one of: {'; '.join(planned)}.",
        )
    comparison = comparison or (planned[0] if planned else UNPLANNED)
    return comparison, tuple(plan for plan in product.comparability if plan.comparison == comparison)


def compare_product(
    study: Study,
    *,
    product: Product,
    comparison: str,
    evidence: Sequence[SampleEvidence],
    measured: Sequence[Measured] = (),
    summaries: Sequence[Summary] = (),
    reference: str = "",
    seed: int,
    resamples: int = 2000,
) -> ProductComparison:
    """Compare every group with the reference (the first group where "" is given), attribute by attribute.

    `measured` are values beside those of the files. Where nothing is given, nothing is compared, and the findings
    are about plan and claim. Refuses CMP-006, CMP-014 and what the parts refuse.
    """
    name, plans = find_plans(product, "" if comparison == UNPLANNED else comparison)
    _check_planned(plans, (*measured, *summaries))
    values = (*(each for one in evidence for each in one.measured), *measured)
    groups = tuple(
        dict.fromkeys(
            [
                *(one.member.group for one in evidence),
                *(each.group for each in measured),
                *(each.group for each in summaries),
            ]
        )
    )
    if len(groups) == 1 or (reference and reference not in groups):
        wanted = f", and the reference is {reference!r}" if reference else ""
        raise NO_GROUPS.refuse(f"the groups are {', '.join(groups) or 'none'}{wanted}", value=reference)
    reference = reference or next(iter(groups), "")
    tests = [group for group in groups if group != reference]
    comparisons = tuple(
        compare_attribute(plan, measured=values, summaries=summaries, reference=reference, test=test)
        for plan in plans
        for test in tests
    )
    distances = _compare_distributions(
        evidence, plans, reference=reference, tests=tests, seed=seed, resamples=resamples
    )
    findings = gravest_first(
        [
            *check_claim(study, product),
            *check_plan(product, plans),
            *check_comparisons(comparisons),
            *check_alike(evidence),
            *(finding for one in evidence for finding in one.findings),
        ]
    )
    doubts = [doubt for one in evidence for doubt in one.doubts]
    return ProductComparison(
        study=study,
        product=product,
        comparison=name,
        plans=plans,
        reference=reference,
        groups=groups,
        comparisons=comparisons,
        distances=distances,
        evidence=tuple(evidence),
        measured=values,
        findings=tuple(findings),
        verdict=decide_comparability(comparisons, doubts=doubts),
    )


def _check_planned(plans: Sequence[Comparability], given: Sequence[Measured | Summary]) -> None:
    names = {plan.name for plan in plans}
    for each in given:
        if each.attribute not in names:
            raise NOT_PLANNED.refuse(
                f"{each.attribute!r} is not planned; planned are {', '.join(sorted(names)) or 'none'}",
                place=each.place,
                value=each.attribute,
            )


def _compare_distributions(
    evidence: Sequence[SampleEvidence],
    plans: Sequence[Comparability],
    *,
    reference: str,
    tests: Sequence[str],
    seed: int,
    resamples: int,
) -> dict[str, Distance]:
    """Distances of the groups that have distributions; in pairs where a plan is paired and pairs are there."""
    known = gather_distributions(evidence, group=reference)
    distances = {}
    for test in tests:
        found = gather_distributions(evidence, group=test)
        pairs = [sample for sample in known if sample in found]
        if any(plan.design == "paired" for plan in plans) and pairs:
            first, second = [known[sample] for sample in pairs], [found[sample] for sample in pairs]
        else:
            pairs, first, second = [], list(known.values()), list(found.values())
        if first and second:
            distances[test] = compute_distance(
                first, second, paired=bool(pairs), seed=seed, resamples=resamples
            )
    return distances
