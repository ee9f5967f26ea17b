"""The protocol document: title page, contents, every item of SPIRIT 2025 in its order, TIDieR, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from exotrial.registries.record import Loss
from exotrial.registries.registry import Export
from exotrial.report.document import Block, Column, Missing, Paragraph, Report, Section, Subheading, Table
from exotrial.report.protocol.documents import ProtocolDocument
from exotrial.report.protocol.items import CITATION, ItemText, check_protocol, fill_items
from exotrial.report.protocol.tidier import CITATION as TIDIER_CITATION
from exotrial.report.protocol.tidier import build_tidier_tables, find_gaps
from exotrial.report.render.docx import render_docx
from exotrial.report.render.html import render_html
from exotrial.report.render.pdf import render_pdf
from exotrial.report.wording import count_of, listed
from exotrial.study.definition import Study


def build_protocol(study: Study) -> Report:
    """The whole protocol as a document."""
    texts = fill_items(study)
    sections = [
        Section(id=_anchor(name), title=name, blocks=tuple(block for one in of for block in _item(one)))
        for name, of in groupby(texts, key=lambda one: one.item.section)
    ]
    return Report(
        id=study.id,
        title=study.title,
        subtitle="Trial protocol",
        dated=_dated(study),
        facts=_facts(study),
        sections=(*sections, _tidier(study), _lacking(study)),
        notices=_notices(study),
        layout="protocol",
        made_from="the study file, by the items of SPIRIT 2025; nothing is filled in that it does not say",
    )


def build_tidier(study: Study) -> Report:
    """The TIDieR table as a document of its own."""
    return Report(
        id=study.id,
        title=study.title,
        subtitle="Description of the interventions (TIDieR)",
        dated=_dated(study),
        facts=_facts(study),
        sections=(_tidier(study),),
        notices=_notices(study),
        made_from="the study file, by the items of TIDieR; nothing is filled in that it does not say",
    )


def _item(one: ItemText) -> Iterator[Block]:
    filled = one.filled
    yield Subheading(f"{one.item.number}  {one.item.topic}")
    yield from filled.blocks
    if filled.not_applicable:
        yield Paragraph(filled.not_applicable)
    for text in filled.missing:
        yield Missing(f"{text}.")


def _tidier(study: Study) -> Section:
    tables = build_tidier_tables(study)
    blocks: tuple[Block, ...] = tables or (Missing("the interventions ([[interventions]])."),)
    return Section(id="tidier", title="Annex: description of the interventions (TIDieR)", blocks=blocks)


def _lacking(study: Study) -> Section:
    """The findings on the protocol as a table, and those of TIDieR; or that nothing is missing."""
    findings, gaps = check_protocol(study), find_gaps(study)
    blocks: list[Block] = [Paragraph(_summary(study))]
    if findings:
        rows = [
            (finding.rule, one.item.number, one.item.topic, "; ".join(one.filled.missing))
            for finding, one in zip(
                findings, (one for one in fill_items(study) if one.filled.missing), strict=True
            )
        ]
        blocks.append(
            Table(
                id="lacking",
                title="What this protocol lacks",
                columns=(
                    Column(key="rule", head="Rule", width=0.11),
                    Column(key="item", head="Item", width=0.07),
                    Column(key="topic", head="Topic", width=0.22),
                    Column(key="lacks", head="What is needed, and where the study file holds it", width=0.6),
                ),
                rows=tuple(rows),
                notes=(
                    "SPM-001: nothing is told of the item. SPM-002: a part of it is not told.",
                    f"{CITATION}. The words are ours.",
                ),
            )
        )
    for name, of in groupby(gaps, key=lambda gap: gap[0].name):
        blocks.append(
            Paragraph(f"TIDieR, {name}: {listed([f'{item.number} {item.name}' for _, item in of])}.")
        )
    return Section(id="lacking", title="Annex: what this protocol lacks", blocks=tuple(blocks))


def _summary(study: Study) -> str:
    texts = fill_items(study)
    applying = [one for one in texts if not one.filled.not_applicable]
    silent = sum(not one.filled.blocks for one in applying)
    partly = sum(bool(one.filled.blocks and one.filled.missing) for one in applying)
    whole = len(applying) - silent - partly
    apart = len(texts) - len(applying)
    return (
        f"SPIRIT 2025 has 34 items in {len(texts)} lines. {count_of(whole, 'line')} of this protocol "
        f"{'is' if whole == 1 else 'are'} told in full, {partly} in part and {silent} not at all; {apart} "
        f"{'does' if apart == 1 else 'do'} not apply."
    )


def _facts(study: Study) -> tuple[tuple[str, str], ...]:
    registered = ", ".join(record.identifier for record in study.registrations)
    sponsors = ", ".join(o.name for o in study.organisations if "sponsor" in o.roles)
    told = (
        ("Acronym", study.acronym or ""),
        ("Version", study.version),
        ("Date", _dated(study)),
        ("Registration", registered or "not stated"),
        ("Sponsor", sponsors or "not stated"),
    )
    return tuple((label, value) for label, value in told if value)


def _dated(study: Study) -> str:
    """The date of the version, from the protocol among the documents; the clock never enters."""
    dates = [d.dated for d in study.documents if d.kind == "protocol" and d.dated is not None]
    return max(dates).isoformat() if dates else "not dated"


def _notices(study: Study) -> tuple[str, ...]:
    synthetic = "Synthetic: no such trial exists, and its participants are made by a computer."
    return tuple(text for text in (synthetic if study.synthetic else "", study.data_note or "") if text)


def _anchor(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


def find_losses(study: Study) -> tuple[Loss, ...]:
    """What a protocol leaves out on purpose."""
    losses = []
    plan = study.randomisation
    if plan is not None and plan.block_sizes:
        losses.append(
            Loss(
                item="randomisation.block_sizes",
                prints=listed([str(size) for size in plan.block_sizes]),
                why="SPIRIT 2025 item 21b keeps restrictions from those who enrol or assign participants",
            )
        )
    if study.conduct.facts:
        losses.append(
            Loss(
                item="conduct.facts",
                prints=count_of(len(study.conduct.facts), "fact"),
                why="a protocol tells what is planned, not what was done",
            )
        )
    if study.evidence:
        losses.append(
            Loss(
                item="evidence",
                prints=count_of(len(study.evidence), "quote"),
                why="a protocol does not quote its own sources",
            )
        )
    return tuple(losses)


def _write_spirit(study: Study, render: Callable[[Report], bytes]) -> Export:
    return Export(data=render(build_protocol(study)), losses=find_losses(study))


SPIRIT_HTML = ProtocolDocument(
    name="spirit-html",
    title="SPIRIT 2025 protocol, web page",
    suffix=".html",
    citation=CITATION,
    write=lambda study: _write_spirit(study, render_html),
)
SPIRIT_PDF = ProtocolDocument(
    name="spirit-pdf",
    title="SPIRIT 2025 protocol, PDF",
    suffix=".pdf",
    citation=CITATION,
    write=lambda study: _write_spirit(study, render_pdf),
)
SPIRIT_DOCX = ProtocolDocument(
    name="spirit-docx",
    title="SPIRIT 2025 protocol, Word",
    suffix=".docx",
    citation=CITATION,
    write=lambda study: _write_spirit(study, render_docx),
)
TIDIER_HTML = ProtocolDocument(
    name="tidier-html",
    title="TIDieR table, web page",
    suffix=".html",
    citation=TIDIER_CITATION,
    write=lambda study: Export(data=render_html(build_tidier(study))),
)
TIDIER_PDF = ProtocolDocument(
    name="tidier-pdf",
    title="TIDieR table, PDF",
    suffix=".pdf",
    citation=TIDIER_CITATION,
    write=lambda study: Export(data=render_pdf(build_tidier(study))),
)
TIDIER_DOCX = ProtocolDocument(
    name="tidier-docx",
    title="TIDieR table, Word",
    suffix=".docx",
    citation=TIDIER_CITATION,
    write=lambda study: Export(data=render_docx(build_tidier(study))),
)
