"""The report of a comparison of a product: verdict, attributes, distributions, then doubts and sources."""

from __future__ import annotations

import math
from collections.abc import Sequence

from exotrial.core.provenance import SourceFile
from exotrial.core.quantities import format_unit
from exotrial.product.comparability import (
    USUAL_POWER,
    Comparison,
    compute_planned_power,
    compute_planned_size,
)
from exotrial.product.compare_product import ProductComparison
from exotrial.product.distance import Distance
from exotrial.report.decision_blocks import build_doubt_blocks, build_sources_table, build_verdict_blocks
from exotrial.report.document import (
    AnalysisResult,
    Block,
    Column,
    Figure,
    Report,
    Section,
    Table,
)
from exotrial.report.figures.ratio_forest import draw_ratio_forest
from exotrial.report.figures.size_overlay import draw_size_overlay
from exotrial.report.format import MISSING, format_number, format_p

TOST = "Schuirmann 1987, J Pharmacokinet Biopharm 15:657-680"


def build_comparability_report(found: ProductComparison, *, files: Sequence[SourceFile]) -> Report:
    """The report of one comparison; the same input gives the same report."""
    times = [one.reading.measured_at for one in found.evidence if one.reading.measured_at is not None]
    digests = tuple(file.sha256 for file in files)
    sections = [Section(id="verdict", title="Verdict", blocks=tuple(build_verdict_blocks(found.verdict)))]
    if found.plans and not found.comparisons:
        sections.append(Section(id="plan", title="Plan", blocks=(_plan(found),)))
    if found.comparisons:
        sections.append(Section(id="attributes", title="Attributes", blocks=tuple(_attribute_blocks(found))))
    if found.distances:
        sections.append(
            Section(
                id="distributions",
                title="Size distributions",
                blocks=tuple(_overlay(found, test, each) for test, each in found.distances.items()),
            )
        )
    sections.append(Section(id="doubts", title="Doubts", blocks=build_doubt_blocks(found.findings)))
    sections.append(Section(id="sources", title="Sources", blocks=(build_sources_table(files),)))
    return Report(
        id=found.study.id,
        title=f"Comparability: {found.comparison}",
        subtitle=found.product.name,
        dated=max(times).date().isoformat() if times else "not dated",
        facts=(
            ("Study", found.study.title),
            ("Product", found.product.name),
            ("Reference", found.reference),
            ("Compared with it", ", ".join(group for group in found.groups if group != found.reference)),
        ),
        sections=tuple(sections),
        notices=("Synthetic data.",) if found.study.synthetic else (),
        results=(
            *(result for each in found.comparisons for result in _test_results(each, digests)),
            *(result for test, each in found.distances.items() for result in _distance_results(test, each, digests)),
        ),
        made_from="the study file and the files named under Sources; every number stands in results.json",
    )  # fmt: skip


def _attribute_blocks(found: ProductComparison) -> list[Block]:
    blocks: list[Block] = [_tests(found), _powers(found)]
    if any(each.equivalence is not None for each in found.comparisons):
        blocks.insert(1, draw_ratio_forest(found.comparisons, id="ratios", title="Ratios and margins"))
    return blocks


def _plan(found: ProductComparison) -> Table:
    return Table(
        id="plan",
        title="What is planned, before any data",
        columns=(
            Column(key="attribute", head="Attribute"),
            Column(key="design", head="Design"),
            Column(key="margin", head="Margin", align="right"),
            Column(key="samples", head="Samples planned", align="right"),
            Column(key="power", head="Power planned", align="right"),
            Column(key="needed", head="Samples needed", align="right"),
        ),
        rows=tuple(
            (
                plan.name,
                plan.design,
                f"{plan.margin[0]:g} to {plan.margin[1]:g}",
                MISSING if plan.samples is None else str(plan.samples),
                format_number(compute_planned_power(plan), 2),
                MISSING if (needed := compute_planned_size(plan)) is None else str(needed),
            )
            for plan in found.plans
        ),
        notes=(
            "Power and samples needed, in each group or as pairs, rest on the ratio and the spread that the study file "
            f"expects; samples are for the power planned for, or for {USUAL_POWER:g} where none is.",
        ),
    )


def _tests(found: ProductComparison) -> Table:
    rows = []
    for each in found.comparisons:
        test = each.equivalence
        ratio = None if test is None else test.as_ratio()
        rows.append(
            (
                each.plan.name,
                f"{each.test} to {each.reference}" + (", pairs" if each.plan.design == "paired" else ""),
                " and ".join(str(n) for n in each.n) or MISSING,
                MISSING if ratio is None else f"{ratio.value:.3g} ({ratio.lower:.3g} to {ratio.upper:.3g})",
                f"{each.plan.margin[0]:g} to {each.plan.margin[1]:g}",
                format_p(None if test is None else test.p_value),
                str(each.outcome) + (f": {each.why_not}" if each.why_not else ""),
            )
        )
    return Table(
        id="equivalence",
        title="Equivalence of each planned attribute",
        columns=(
            Column(key="attribute", head="Attribute"),
            Column(key="groups", head="Groups"),
            Column(key="n", head="n", align="right"),
            Column(key="ratio", head="Ratio (interval)", align="right"),
            Column(key="margin", head="Margin", align="right"),
            Column(key="p", head="p, equivalence", align="right"),
            Column(key="outcome", head="Answer"),
        ),
        rows=tuple(rows),
        notes=(
            "Two one-sided tests on logarithms; the interval goes with them: 90 % for an alpha of 0.05. No correction "
            "is made for the number of attributes, since all must pass.",
        ),
    )


def _powers(found: ProductComparison) -> Table:
    return Table(
        id="power",
        title="Power for the margin, before and after",
        columns=(
            Column(key="attribute", head="Attribute"),
            Column(key="group", head="Group"),
            Column(key="mean_reference", head=f"Geometric mean, {found.reference}", align="right"),
            Column(key="mean_test", head="Geometric mean, group", align="right"),
            Column(key="planned", head="Power planned", align="right"),
            Column(key="seen", head="Power at the spread seen", align="right"),
            Column(key="needed", head="Samples needed", align="right"),
        ),
        rows=tuple(
            (
                each.plan.name,
                each.test,
                *(
                    (MISSING, MISSING)
                    if each.means is None
                    else (f"{mean:.4g} {format_unit(each.unit)}".strip() for mean in reversed(each.means))
                ),
                format_number(each.planned_power, 2),
                format_number(each.power, 2),
                MISSING if each.samples_needed is None else str(each.samples_needed),
            )
            for each in found.comparisons
        ),
        notes=(
            "Planned: with the samples, ratio and spread that the study file expects. At the spread seen: for a "
            "product that did not change. Samples needed, in each group or as pairs: at the spread seen, for the power "
            f"planned, or for {USUAL_POWER:g} where none is.",
        ),
    )


def _overlay(found: ProductComparison, test: str, distance: Distance) -> Figure:
    place = list(found.distances).index(test) + 1
    return draw_size_overlay(
        distance,
        reference=found.reference,
        test=test,
        id=f"sizes-{place}",
        title=f"Size distributions, {test} and {found.reference}",
    )


def _test_results(each: Comparison, digests: tuple[str, ...]) -> list[AnalysisResult]:
    if each.equivalence is None:
        return []
    ratio, low, high = each.equivalence.as_ratio(), *each.plan.margin
    numbers = (
        ("ratio of geometric means", ratio.value, format_number(ratio.value, 3)),
        ("lower bound", ratio.lower, format_number(ratio.lower, 3)),
        ("upper bound", ratio.upper, format_number(ratio.upper, 3)),
        ("p of equivalence", each.equivalence.p_value, format_p(each.equivalence.p_value)),
        ("power planned", each.planned_power, format_number(each.planned_power, 2)),
        ("power at the spread seen", each.power, format_number(each.power, 2)),
    )
    return [
        AnalysisResult(
            id=f"{each.plan.name}|{each.test}|{name}",
            analysis=f"{each.plan.comparison}, {each.test} to {each.reference}",
            population="all samples" if not each.unpaired else "pairs that are complete",
            n=each.n,
            variable=each.plan.name,
            statistic=name,
            method="tost_paired" if each.plan.design == "paired" else "tost_welch",
            value=None if value is None or math.isinf(value) else value,
            printed=printed,
            parameters={"margin": f"{low:g} to {high:g}", "alpha": f"{each.plan.alpha:g}"},
            notes=(each.equivalence.label,),
            citation=TOST,
            sources=digests,
        )
        for name, value, printed in numbers
    ]


def _distance_results(test: str, each: Distance, digests: tuple[str, ...]) -> list[AnalysisResult]:
    numbers = (
        ("Wasserstein-1 distance", "nm", each.w1_nm.value),
        ("Wasserstein-1 distance, lower bound", "nm", each.w1_nm.lower),
        ("Wasserstein-1 distance, upper bound", "nm", each.w1_nm.upper),
        ("Wasserstein-1 distance of two repeats of the reference, 95th percentile", "nm", each.repeat_w1_nm),
        ("Kolmogorov-Smirnov distance", "", each.ks.value),
        ("Kolmogorov-Smirnov distance, lower bound", "", each.ks.lower),
        ("Kolmogorov-Smirnov distance, upper bound", "", each.ks.upper),
    )
    return [
        AnalysisResult(
            id=f"size distribution|{test}|{name}",
            analysis=f"size distribution, {test} to the reference",
            population="all videos with particles",
            n=each.videos,
            variable="size distribution",
            statistic=name,
            method="bootstrap over videos",
            value=value,
            printed=MISSING if value is None else f"{value:.3g}",
            unit=unit,
            parameters={"seed": str(each.seed), "resamples": str(each.resamples), "level": f"{each.level:g}"},
            sources=digests,
        )
        for name, unit, value in numbers
    ]
