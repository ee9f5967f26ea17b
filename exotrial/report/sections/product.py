"""The product: where it comes from, how it is made as far as told, what its checklists lack, and the dose it must hold.

MISEV2023 (Welsh JA, et al. J Extracell Vesicles 2024;13:e12404) and the lists of `exotrial.product.checklists`.
"""

from __future__ import annotations

from exotrial.product.checklist import (
    Checklist,
    ItemAnswer,
    ProductRecord,
    answer_checklist,
    compute_score,
    find_checklists,
)
from exotrial.product.comparability_findings import check_claim
from exotrial.product.process import list_parameters
from exotrial.product.storage_claim import check_storage
from exotrial.report.decision_blocks import build_doubt_blocks
from exotrial.report.document import (
    AnalysisResult,
    Block,
    Bullets,
    Column,
    Paragraph,
    Section,
    SectionBuilder,
    Subheading,
    Table,
)
from exotrial.report.dose_blocks import build_dose_blocks
from exotrial.report.given_dose_blocks import build_given_blocks
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import listed, sentence
from exotrial.study.definition.intervention import Product


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The chapter, or None where the study describes no product."""
    products = given.study.products
    if not products:
        return None
    blocks: list[Block] = []
    for product in products:
        if len(products) > 1:
            blocks.append(Subheading(product.name))
        blocks += _of_product(ProductRecord(study=given.study, product=product))
    doses, results = build_dose_blocks(given)
    courses, counted = build_given_blocks(given)
    blocks += [*doses, *courses]
    return Section(id="product", title="The product", blocks=tuple(blocks)), (*results, *counted)


def _of_product(record: ProductRecord) -> list[Block]:
    product = record.product
    answered = [(one, answer_checklist(one, record)) for one in find_checklists().values()]
    blocks: list[Block] = [Paragraph(_source(product))]
    if product.process:
        blocks.append(_process(product))
    else:
        blocks.append(Paragraph("No step of making the product is told."))
    blocks += [
        Paragraph(
            "The lists below are answered from the study file. “Not on record” says that the file is silent, not "
            "that a thing was not done; such an item counts as not met in the score."
        ),
        Bullets(tuple(f"{one.title}: {compute_score(answers).in_words()}." for one, answers in answered)),
    ]
    claims = [*check_claim(record.study, product), *check_storage(record.study, product)]
    if claims:
        blocks += [Paragraph("What the study file claims of the product without data:")]
        blocks += build_doubt_blocks(claims)
    missing = _left_out(answered)
    if missing:
        blocks += [
            Paragraph("Fields of the study file that would answer what is left out:"),
            Bullets(missing),
        ]
    blocks += [_checklist(product, one, answers) for one, answers in answered if not _is_whole(answers)]
    for one, answers in answered:
        if _is_whole(answers):
            blocks.append(
                Paragraph(f"{one.title}: {answers[0].answer.status.value}. {answers[0].answer.why}")
            )
    return blocks


def _is_whole(answers: tuple[ItemAnswer, ...]) -> bool:
    """Whether one reason answers a whole list, so that a table would say it once a row."""
    return len({one.answer for one in answers}) == 1


def _source(product: Product) -> str:
    told = [
        ("tissue", product.source_tissue),
        ("cells", product.source_cell),
        ("donor", None if product.donor == "not stated" else product.donor),
        ("passage", product.passage),
        ("isolated by", product.isolation_method),
        ("characterised by", "; ".join(product.characterised_by)),
    ]
    parts = [f"{name}: {value}" for name, value in told if value]
    absent = [name for name, value in told if not value]
    silent = f" Not told: {', '.join(absent)}." if absent else ""
    return f"{sentence(product.name)} {sentence('; '.join(parts))}{silent}"


def _process(product: Product) -> Table:
    rows = tuple(
        (
            str(number),
            step.name,
            step.action,
            "; ".join(list_parameters(step)) or "none told",
            step.note or "",
        )
        for number, step in enumerate(product.process, 1)
    )
    return Table(
        id=f"process_{product.id}",
        title="Steps of making the product, with the parameters that are told",
        columns=(
            Column(key="number", head="No.", width=0.05),
            Column(key="step", head="Step", width=0.31),
            Column(key="action", head="Action", width=0.12),
            Column(key="planned", head="Planned", width=0.3),
            Column(key="note", head="Note", width=0.22),
        ),
        rows=rows,
    )


def _left_out(answered: list[tuple[Checklist, tuple[ItemAnswer, ...]]]) -> tuple[str, ...]:
    """Each field that is lacking, and the items of which lists ask for it."""
    asked: dict[str, dict[str, list[str]]] = {}
    for checklist, answers in answered:
        for one in answers:
            if one.answer.missing and not _is_whole(answers):
                asked.setdefault(one.answer.missing, {}).setdefault(checklist.title, []).append(
                    one.item.number
                )
    return tuple(
        f"{path}: {'; '.join(f'{title} {listed(numbers)}' for title, numbers in lists.items())}"
        for path, lists in sorted(asked.items())
    )


def _checklist(product: Product, checklist: Checklist, answers: tuple[ItemAnswer, ...]) -> Table:
    return Table(
        id=f"{checklist.name.replace('-', '_')}_{product.id}",
        title=checklist.title,
        columns=(
            Column(key="item", head="Item", width=0.06),
            Column(key="asks", head="What is asked", width=0.34),
            Column(key="status", head="Status", width=0.14),
            Column(key="why", head="Where, and what is lacking", width=0.46),
        ),
        rows=tuple(
            (one.item.number, one.item.asks, one.answer.status.value, sentence(one.answer.why))
            for one in answers
        ),
        notes=(f"{sentence(checklist.source)} The questions are in our words.",),
    )


SECTION = SectionBuilder(name="product", order=77, build=build)
