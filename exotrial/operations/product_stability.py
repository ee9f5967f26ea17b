"""How long a product keeps within the limits of the study file, from accepted files of its released batches (ICH Q1E).

Day 0 of a batch is the day of its first accepted file; what was measured later is of the stored product.
"""

from __future__ import annotations

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.provenance import SourceFile
from exotrial.core.verdict import Verdict
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, view
from exotrial.operations._product_evidence import (
    ShownFigure,
    accepted_sizes,
    measure,
    released_batches,
    show_figures,
)
from exotrial.operations.access import Permission
from exotrial.operations.batch_release import ShownReason
from exotrial.operations.product_comparability import ListComparable, ReportBytes, ReportFile, give_report
from exotrial.product.comparability_evidence import SampleEvidence
from exotrial.product.compare_product import find_product
from exotrial.product.stability import (
    Point,
    Stability,
    check_stability,
    compute_stability,
    decide_storage,
)
from exotrial.product.storage_claim import check_storage
from exotrial.report.document import Report
from exotrial.report.stability import build_stability_report
from exotrial.study.definition.comparability import StorageLimit
from exotrial.study.definition.intervention import Product

NO_LIMIT = ErrorCode(
    "CPR-005",
    "The study file holds no limit of storage for this attribute.",
    "plan it under [[products.storage.limits]] before the data: attribute, and a lower or an upper value.",
)
NO_DAY = ErrorCode(
    "CPR-006",
    "A file does not tell the day of its measurement.",
    "set it aside and send it again with `measured_on`; without a day it is of no storage time.",
)


class ShowStability(ListComparable):
    """The attribute as the limits of storage in the study file name it."""

    attribute: str = Field(min_length=1, max_length=60)


class ShownStability(Answer):
    """How long the data support, in days; the verdict is on the storage time of the study file, None without one."""

    product: str
    attribute: str
    unit: str
    lower: float | None
    upper: float | None
    batches: int
    measurements: int
    pooling: str
    last_tested_days: float
    supported_days: float
    claimed_days: float | None
    question: str
    holds: bool | None
    reasons: tuple[ShownReason, ...]
    findings: tuple[str, ...]
    figures: tuple[ShownFigure, ...]


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_stability(act: Act, ask: ShowStability) -> ShownStability:
    """How long the product keeps within its limit, and whether the storage time of the study file is supported."""
    product, limit = _planned(act, ask)
    found, verdict, evidence = _compute(act, product, limit)
    report = _report(found, limit, verdict, evidence)
    findings = [
        *check_storage(act.definition(), product),
        *check_stability(found),
        *(doubt for one in evidence for doubt in one.findings),
    ]
    return ShownStability(
        product=product.id,
        attribute=limit.attribute,
        unit=limit.unit,
        lower=found.lower,
        upper=found.upper,
        batches=len(found.batches),
        measurements=len(found.points),
        pooling=str(found.model),
        last_tested_days=found.last_tested,
        supported_days=found.supported,
        claimed_days=_claimed(product),
        question="" if verdict is None else verdict.question,
        holds=None if verdict is None else verdict.holds,
        reasons=tuple(
            ShownReason(criterion=one.criterion, holds=one.holds, why=one.why)
            for one in (() if verdict is None else verdict.reasons)
        ),
        findings=tuple(f"{one.rule}: {one.says}. {one.settle}" for one in findings),
        figures=show_figures(report),
    )


class MakeStabilityReport(ShowStability):
    """The attribute, and which file of the report is wanted."""

    file: ReportFile = "report.pdf"


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_stability_report(act: Act, ask: MakeStabilityReport) -> ReportBytes:
    """A file of the report of a shelf life; the same evidence gives the same bytes."""
    product, limit = _planned(act, ask)
    found, verdict, evidence = _compute(act, product, limit)
    report = _report(found, limit, verdict, evidence)
    return give_report(report, _sources(evidence), file=ask.file)


def _planned(act: Act, ask: ShowStability) -> tuple[Product, StorageLimit]:
    product = find_product(act.definition(), ask.product)
    limits = product.storage.limits if product.storage is not None else ()
    limit = next((one for one in limits if one.attribute == ask.attribute), None)
    if limit is None:
        known = ", ".join(one.attribute for one in limits) or "none"
        raise NO_LIMIT.refuse(
            f"limits are planned for {known}", place=Place(path="attribute"), value=ask.attribute
        )
    return product, limit


def _claimed(product: Product) -> float | None:
    """The storage time of the study file in days, None where it tells none."""
    if product.storage is None or product.storage.at_most is None:
        return None
    days: float = product.storage.at_most.to("d").number
    return days


def _compute(
    act: Act, product: Product, limit: StorageLimit
) -> tuple[Stability, Verdict | None, list[SampleEvidence]]:
    """The fit, the verdict on the storage time told, and what it rests on; a warning nobody judged holds it back."""
    points: list[Point] = []
    evidence: list[SampleEvidence] = []
    for code, batch in released_batches(act, product.id):
        files = accepted_sizes(act, batch)
        days = []
        for held in files:
            day = held.evidence.measured_on
            if day is None:
                raise NO_DAY.refuse(
                    f"{held.evidence.file.name} tells none", place=Place(file=held.evidence.file.name)
                )
            days.append(day)
        for held, day in zip(files, days, strict=True):
            measured = measure(held, group=code, sample=code)
            evidence.append(measured)
            points += [
                Point(
                    batch=code,
                    day=float((day - min(days)).days),
                    value=one.value,
                    unit=one.unit,
                    place=one.place,
                )
                for one in measured.measured
                if one.attribute == limit.attribute
            ]
    lower, upper = limit.numbers
    found = compute_stability(points, lower=lower, upper=upper)
    claimed = _claimed(product)
    if claimed is None:
        return found, None, evidence
    decided = decide_storage(found, days=claimed)
    doubts = (doubt for one in evidence for doubt in one.doubts)
    return found, Verdict(question=decided.question, reasons=(*decided.reasons, *doubts)), evidence


def _sources(evidence: list[SampleEvidence]) -> tuple[SourceFile, ...]:
    return tuple(one.reading.file for one in evidence)


def _report(
    found: Stability, limit: StorageLimit, verdict: Verdict | None, evidence: list[SampleEvidence]
) -> Report:
    files = _sources(evidence)
    return build_stability_report(found, attribute=limit.attribute, verdict=verdict, files=files)
