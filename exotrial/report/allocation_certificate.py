"""The certificate of a randomisation list on one page: what was published, what it proves, how to verify it."""

from __future__ import annotations

from collections.abc import Mapping

from exotrial.allocation.certificate import Certificate, Source
from exotrial.report.document import Block, Bullets, Column, Paragraph, Report, Section, Table
from exotrial.report.render.pdf import render_pdf

MOST_ROWS = 8
"""Strata that are listed one by one on the page; the JSON file always has all."""
MOST_LETTERS = 120
"""Letters of a title or name that are printed; the JSON file has the rest."""

PROVES = (
    "The list was fixed when it was sealed: no arm, kit or slot can be changed without another root.",
    "If the commitment was public before the second party contributed, and the secret was not, neither of the "
    "two could choose the list.",
    "It tells no arm. It does not stop somebody who holds the secret from telling.",
)
PROVES_IMPORTED = (
    PROVES[0],
    "The order of arms is that of whoever made the file. Neither secret nor contribution chose it, and it is not "
    "shown that nobody foresaw it.",
    PROVES[2],
)
PROVES_MINIMISED = (
    "The draws and kits were fixed when the list was sealed: none can be changed without another root.",
    "Each arm follows from its draw, the participant's levels and the arms before; after lock all are decided again.",
    PROVES[2],
)
SOURCES: Mapping[Source, str] = {
    "drawn": "secret and contribution, by the algorithm",
    "minimised": "the draw of each envelope, with the participant's factors, by minimisation",
    "imported": "a list brought from outside: its order is its maker's, and neither secret nor contribution chose it",
}
_PROVES: Mapping[Source, tuple[str, ...]] = {
    "drawn": PROVES,
    "minimised": PROVES_MINIMISED,
    "imported": PROVES_IMPORTED,
}
VERIFY = (
    "Keep this page or its JSON file from before the first participant; compare every later copy with it.",
    "One opened envelope: exotrial verify leaf LEAF.json --certificate CERTIFICATE.json",
    "After lock: exotrial verify allocation EXPORT.json --certificate CERTIFICATE.json makes list, root and "
    "order again, offline.",
)


def build_certificate_page(certificate: Certificate) -> Report:
    """The page as a document; it holds nothing that the certificate does not."""
    facts = (
        ("Study", _short(certificate.study)),
        ("Arms", _short(", ".join(certificate.arms))),
        ("Arms come from", SOURCES[certificate.source]),
        ("Method and block sizes", "bound by the commitment, told when the study is unblinded"),
        ("Algorithm", certificate.algorithm),
        ("Lists made for this study", _generations(certificate.generation)),
        ("Commitment to secret and manifest", certificate.commitment),
        ("published", certificate.committed_at),
        ("Contribution, SHA-256", certificate.contribution_digest),
        ("by, at", f"{_short(certificate.contributed_by)}, {certificate.contributed_at}"),
        ("Merkle root", certificate.root),
        ("Sealed", certificate.sealed_at),
        ("This certificate, SHA-256", certificate.digest()),
    )
    sections = (
        Section(id="envelopes", title="Sealed envelopes", blocks=_envelopes(certificate)),
        Section(id="proves", title="What this proves", blocks=(Bullets(_PROVES[certificate.source]),)),
        Section(id="verify", title="How to verify it", blocks=(Bullets(VERIFY),)),
    )
    return Report(
        id=_short(certificate.study),
        title="Certificate of randomisation",
        subtitle=_short(certificate.title),
        dated=certificate.sealed_at,
        facts=facts,
        sections=sections,
    )


def render_certificate(certificate: Certificate) -> bytes:
    """The certificate as a PDF of one page (A4); the same bytes for the same certificate."""
    return render_pdf(build_certificate_page(certificate))


def _envelopes(certificate: Certificate) -> tuple[Block, ...]:
    strata = certificate.strata
    total = certificate.leaves
    if len(strata) > MOST_ROWS:
        return (Paragraph(f"{total} envelopes in {len(strata)} lists, told one by one in the JSON file."),)
    rows = tuple((_short(one.id, 50), _short(one.name, 50), str(one.slots)) for one in strata)
    columns = (
        Column(key="list", head="List", width=0.4),
        Column(key="name", head="Stratum", width=0.4),
        Column(key="envelopes", head="Envelopes", align="right", width=0.2),
    )
    title = f"{total} envelopes, sealed in this order"
    return (Table(id="envelopes", title=title, columns=columns, rows=rows),)


def _generations(generation: int) -> str:
    if generation == 1:
        return "this is the first"
    return f"this is number {generation}; {generation - 1} before it were given up"


def _short(text: str, most: int = MOST_LETTERS) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
