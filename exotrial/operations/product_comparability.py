"""Whether a product stayed what it was, from the accepted files of released batches; the margin is the study file's.

Who asks says which file is of which sample and group: two batches, two sites, before and after the device, fresh and
stored. No significant difference is never taken for comparable (ICH Q5E).
"""

from __future__ import annotations

import base64
import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.provenance import SourceFile
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations._product_evidence import (
    ShownFigure,
    accepted_sizes,
    find_accepted,
    measure,
    released_batches,
    show_figures,
)
from exotrial.operations.access import Permission
from exotrial.operations.batch_release import ShownReason
from exotrial.product.comparability import Comparison
from exotrial.product.compare_product import COMPARISONS, ProductComparison, compare_product, find_product
from exotrial.report.comparability import build_comparability_report
from exotrial.report.document import Report
from exotrial.report.write import render_report

GIVEN_TWICE = ErrorCode(
    "CPR-004",
    "A file is given to two samples or groups.",
    "give each file once; repeats of a sample are files of their own.",
)
SEED = 1
"""Which videos the bootstrap draws: fixed, so that whoever asks again sees the same numbers."""
RESAMPLES = 1000

ReportFile = Literal["report.html", "report.pdf", "report.docx", "results.json"]


class ListComparable(Ask):
    """The product, where the study has several."""

    product: str = Field(default="", max_length=40)


class ComparableFile(Answer):
    """An accepted file with sizes, of a released batch; `sample` as the file calls it."""

    code: str
    evidence: int
    name: str
    sample: str
    sha256: str


class ComparableProduct(Answer):
    """What may be compared; `planned` are comparisons with a margin, `stored` attributes with a limit of storage."""

    product: str
    name: str
    comparisons: tuple[str, ...]
    planned: tuple[str, ...]
    stored: tuple[str, ...]
    files: tuple[ComparableFile, ...]


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def list_comparable(act: Act, ask: ListComparable) -> ComparableProduct:
    """The accepted size files of released batches of a product; every reading is kept in the trail."""
    product = find_product(act.definition(), ask.product)
    files = [
        ComparableFile(
            code=code,
            evidence=held.row.pk,
            name=held.evidence.file.name,
            sample=held.evidence.reading.sample if held.evidence.reading else "",
            sha256=held.evidence.file.sha256,
        )
        for code, batch in released_batches(act, product.id)
        for held in accepted_sizes(act, batch)
    ]
    return ComparableProduct(
        product=product.id,
        name=product.name,
        comparisons=COMPARISONS,
        planned=tuple(dict.fromkeys(plan.comparison for plan in product.comparability)),
        stored=tuple(limit.attribute for limit in product.storage.limits) if product.storage else (),
        files=tuple(files),
    )


class ComparedFile(BaseModel):
    """A file by its batch and number, and what it is of; files of one sample in one group are repeats of it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    code: str = Field(min_length=1, max_length=80)
    evidence: int = Field(ge=1, le=2**62)
    group: str = Field(min_length=1, max_length=60)
    sample: str = Field(min_length=1, max_length=60)


class ShowComparability(ListComparable):
    """The comparison as the study file names it, the files on each side, and the group that others are held against."""

    comparison: str = Field(default="", max_length=60)
    reference: str = Field(default="", max_length=60, description="By default the group of the first file.")
    files: tuple[ComparedFile, ...] = Field(default=(), max_length=60)


class ShownAttribute(Answer):
    """One attribute, test group to reference. Numbers are None where it was not tested; a bound may lie beyond all."""

    attribute: str
    group: str
    n: tuple[int, ...]
    ratio: float | None
    lower: float | None
    upper: float | None
    margin: tuple[float, float]
    p_value: float | None
    planned_power: float | None
    power: float | None
    samples_needed: int | None
    outcome: str
    why_not: str


class ShownDistance(Answer):
    """How far two size distributions lie apart, with the 95 % band of a bootstrap over videos."""

    group: str
    w1_nm: float
    w1_lower: float | None
    w1_upper: float | None
    ks: float
    ks_lower: float | None
    ks_upper: float | None


class ShownComparability(Answer):
    """The verdict with its reasons, what it rests on, doubts, and figures. `holds` is False where it is not shown."""

    product: str
    comparison: str
    reference: str
    question: str
    holds: bool
    reasons: tuple[ShownReason, ...]
    attributes: tuple[ShownAttribute, ...]
    distances: tuple[ShownDistance, ...]
    findings: tuple[str, ...]
    figures: tuple[ShownFigure, ...]


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_comparability(act: Act, ask: ShowComparability) -> ShownComparability:
    """Whether the groups are comparable within the margin of the study file; without files, what is planned."""
    found, sources = _compare(act, ask)
    report = build_comparability_report(found, files=sources)
    return ShownComparability(
        product=found.product.id,
        comparison=found.comparison,
        reference=found.reference,
        question=found.verdict.question,
        holds=found.verdict.holds,
        reasons=tuple(
            ShownReason(criterion=one.criterion, holds=one.holds, why=one.why)
            for one in found.verdict.reasons
        ),
        attributes=tuple(_show(one) for one in found.comparisons),
        distances=tuple(
            ShownDistance(
                group=group,
                w1_nm=one.w1_nm.value,
                w1_lower=one.w1_nm.lower,
                w1_upper=one.w1_nm.upper,
                ks=one.ks.value,
                ks_lower=one.ks.lower,
                ks_upper=one.ks.upper,
            )
            for group, one in found.distances.items()
        ),
        findings=tuple(f"{one.rule}: {one.says}. {one.settle}" for one in found.findings),
        figures=show_figures(report),
    )


class MakeComparabilityReport(ShowComparability):
    """What is compared, and which file of the report is wanted."""

    file: ReportFile = "report.pdf"


class ReportBytes(Answer):
    """A file of a report: its bytes in base64."""

    name: str
    content: str


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_comparability_report(act: Act, ask: MakeComparabilityReport) -> ReportBytes:
    """A file of the report of a comparison; the same evidence gives the same bytes."""
    found, sources = _compare(act, ask)
    return give_report(build_comparability_report(found, files=sources), sources, file=ask.file)


def give_report(report: Report, sources: tuple[SourceFile, ...], *, file: ReportFile) -> ReportBytes:
    """One file of a report, in base64."""
    content = render_report(report, files=sources)[file]
    return ReportBytes(name=file, content=base64.b64encode(content).decode())


def _compare(act: Act, ask: ShowComparability) -> tuple[ProductComparison, tuple[SourceFile, ...]]:
    study = act.definition()
    product = find_product(study, ask.product)
    seen: set[tuple[str, int]] = set()
    evidence, sources = [], []
    for number, one in enumerate(ask.files):
        if (one.code, one.evidence) in seen:
            raise GIVEN_TWICE.refuse(
                f"file {one.evidence} is given twice", place=Place(path=f"files.{number}"), value=one.evidence
            )
        seen.add((one.code, one.evidence))
        held = find_accepted(act, one.code, one.evidence, product=product.id)
        evidence.append(measure(held, group=one.group, sample=one.sample))
        sources.append(held.evidence.file)
    found = compare_product(
        study,
        product=product,
        comparison=ask.comparison,
        evidence=evidence,
        reference=ask.reference,
        seed=SEED,
        resamples=RESAMPLES,
    )
    return found, tuple(sources)


def _show(one: Comparison) -> ShownAttribute:
    ratio = None if one.equivalence is None else one.equivalence.as_ratio()
    return ShownAttribute(
        attribute=one.plan.name,
        group=one.test,
        n=one.n,
        ratio=None if ratio is None else _finite(ratio.value),
        lower=None if ratio is None else _finite(ratio.lower),
        upper=None if ratio is None else _finite(ratio.upper),
        margin=one.plan.margin,
        p_value=None if one.equivalence is None else one.equivalence.p_value,
        planned_power=one.planned_power,
        power=one.power,
        samples_needed=one.samples_needed,
        outcome=str(one.outcome),
        why_not=one.why_not,
    )


def _finite(number: float) -> float | None:
    """A bound beyond all numbers is None: JSON has no infinity."""
    return None if math.isinf(number) else number
