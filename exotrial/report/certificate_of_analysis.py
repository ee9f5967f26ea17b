"""The certificate of analysis of a released batch as a page: results beside limits, files with digests, signature."""

from __future__ import annotations

from exotrial.product.analysis_certificate import AnalysisCertificate, CertifiedChecklist
from exotrial.report.document import Block, Bullets, Column, Paragraph, Report, Section, Table
from exotrial.report.render.pdf import render_pdf
from exotrial.report.wording import sentence

VERIFY = (
    "Keep the JSON file of this certificate with the files that it lists, under the names that it lists.",
    "exotrial release check STUDY.toml FILES --certificate CERTIFICATE.json comes to the same verdict, offline, or "
    "says that it does not.",
    "sha256sum FILE gives the digest of a file as it stands here.",
)
_WORDS = {True: "holds", False: "out", None: "not known"}


def build_certificate_page(certificate: AnalysisCertificate) -> Report:
    """The page as a document; it holds nothing that the certificate does not."""
    facts = (
        ("Study", f"{certificate.study}, version {certificate.study_version}"),
        ("Product", certificate.product_name),
        ("Batch", certificate.batch),
        ("Last day", certificate.expires_on.isoformat()),
        ("Released by", f"{certificate.signed_by} ({certificate.meaning})"),
        ("Signed at", certificate.signed_at),
        ("Reason given", certificate.reason),
        ("Verdict, SHA-256", certificate.verdict_sha256),
        ("Specification, SHA-256", certificate.specification_sha256),
        ("Study file, SHA-256", certificate.study_sha256),
    )
    sections = [
        Section(id="results", title="Results", blocks=(_results(certificate),)),
        Section(id="evidence", title="Files", blocks=(_files(certificate),)),
    ]
    if certificate.answers:
        sections.append(Section(id="deviations", title="Signed deviations", blocks=(_answers(certificate),)))
    if certificate.set_aside or certificate.findings:
        sections.append(Section(id="notes", title="Also on record", blocks=_notes(certificate)))
    sections.append(Section(id="reasons", title="Reasons of the verdict", blocks=(_reasons(certificate),)))
    if certificate.checklists:
        sections.append(Section(id="checklists", title="Checklists", blocks=_checklists(certificate)))
    sections += [
        Section(id="verify", title="How to verify it", blocks=(Bullets(VERIFY),)),
    ]
    return Report(
        id=certificate.study,
        title="Certificate of analysis",
        subtitle=f"Batch {certificate.batch}: {certificate.product_name}",
        dated=certificate.signed_at,
        facts=facts,
        sections=tuple(sections),
        notices=("This certificate tells what is in a batch. Show it to nobody who is blind.",),
        made_from="the study file, the files listed and the signature",
    )


def render_certificate(certificate: AnalysisCertificate) -> bytes:
    """The certificate as a PDF (A4); the same bytes for the same certificate."""
    return render_pdf(build_certificate_page(certificate))


def _results(certificate: AnalysisCertificate) -> Table:
    columns = (
        Column(key="test", head="Test", width=0.24),
        Column(key="method", head="Method", width=0.2),
        Column(key="vial", head="Vial", width=0.06),
        Column(key="limit", head="Limit", width=0.2),
        Column(key="result", head="Result", width=0.18),
        Column(key="verdict", head="", width=0.12),
    )
    rows = tuple(
        (one.name, one.method or "not told", one.vial or "–", one.limit, one.result, _WORDS[one.holds])
        for one in certificate.results
    )
    return Table(id="results", title="Every result beside its limit", columns=columns, rows=rows)


def _files(certificate: AnalysisCertificate) -> Table:
    columns = (
        Column(key="file", head="File", width=0.24),
        Column(key="sha256", head="SHA-256", width=0.36),
        Column(key="reader", head="Read as", width=0.14),
        Column(key="day", head="Measured", width=0.12),
        Column(key="reviewed", head="Reviewed by", width=0.14),
    )
    rows = tuple(
        (
            one.name,
            f"{one.sha256[:32]} {one.sha256[32:]}",
            one.reader,
            "–" if one.measured_on is None else f"{one.measured_on}{' (stated)' if one.stated_on else ''}",
            one.reviewed_by,
        )
        for one in certificate.files
    )
    return Table(id="files", title="What the verdict rests on", columns=columns, rows=rows)


def _answers(certificate: AnalysisCertificate) -> Table:
    columns = (
        Column(key="warning", head="Warning of the instrument", width=0.4),
        Column(key="reason", head="Why it does not matter", width=0.35),
        Column(key="signed", head="Signed", width=0.25),
    )
    rows = tuple(
        (
            f"{one.warning}, line {one.line} of {one.file_sha256[:12]}",
            one.reason,
            f"{one.signed_by}, {one.signed_at}",
        )
        for one in certificate.answers
    )
    return Table(id="deviations", title="Warnings that a deviation answers", columns=columns, rows=rows)


def _notes(certificate: AnalysisCertificate) -> tuple[Block, ...]:
    aside = [
        f"{one.name} ({one.sha256[:12]}) does not count: {one.reason} ({one.signed_by}, {one.signed_at})"
        for one in certificate.set_aside
    ]
    return (Bullets((*aside, *certificate.findings)),)


def _reasons(certificate: AnalysisCertificate) -> Table:
    columns = (
        Column(key="what", head="What", width=0.3),
        Column(key="verdict", head="", width=0.1),
        Column(key="why", head="Why", width=0.6),
    )
    rows = tuple((one.criterion, _WORDS[one.holds], one.why) for one in certificate.reasons)
    return Table(id="reasons", title="Each with its file, digest and line", columns=columns, rows=rows)


def _checklists(certificate: AnalysisCertificate) -> tuple[Block, ...]:
    said = (
        "Answered from the study file at the release; the release does not rest on them. “Not on record” says that "
        "the file is silent, not that the thing was not done; the field that would tell it is named."
    )
    return (Paragraph(said), *(_checklist(one) for one in certificate.checklists))


def _checklist(checklist: CertifiedChecklist) -> Table:
    columns = (
        Column(key="item", head="Item", width=0.06),
        Column(key="asks", head="What is asked", width=0.34),
        Column(key="status", head="Status", width=0.14),
        Column(key="why", head="Why, and the field that is missing", width=0.46),
    )
    rows = tuple(
        (
            one.number,
            one.asks,
            one.status.value,
            sentence(one.why) + (f" Missing: {one.missing}." if one.missing else ""),
        )
        for one in checklist.items
    )
    return Table(
        id=checklist.name.replace("-", "_"),
        title=f"{checklist.title}: {checklist.score}",
        columns=columns,
        rows=rows,
        notes=(f"{sentence(checklist.source)} The questions are in our words.",),
    )
