"""The certificate of analysis of a batch: what was tested, on which files, signed by whom (EU GMP Annex 16).

It is JSON that a stranger can hold to the files: `exotrial release check` with the study file and the same files must
come to `verdict_sha256`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.verdict import Reason
from exotrial.product.checklist import (
    Checklist,
    ProductRecord,
    Status,
    answer_checklist,
    compute_score,
    find_checklists,
)
from exotrial.product.release import ReleaseResult
from exotrial.product.release_reasons import WarningAnswer

NOT_A_CERTIFICATE = ErrorCode(
    "COA-001",
    "The file is no certificate of analysis as exotrial writes it.",
    "give the JSON file that was downloaded with the release of the batch, with nothing changed.",
)

FORMAT: Final = "exotrial certificate of analysis 1"


@dataclass(frozen=True, kw_only=True)
class CertifiedFile:
    """A file of the evidence; `sample` and `measured_on` as the file says or as stated beside it."""

    name: str
    sha256: str
    size: int
    reader: str
    instrument: str
    sample: str
    measured_on: date | None
    stated_on: date | None
    reviewed_by: str


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """A file that does not count: whose review set it aside, and why. It stays on record."""

    name: str
    sha256: str
    reason: str
    signed_by: str
    signed_at: str


@dataclass(frozen=True, kw_only=True)
class CertifiedItem:
    """An item of a checklist as it stood at the release; `missing` is the field of the study file that would tell."""

    number: str
    asks: str
    status: Status
    why: str
    missing: str


@dataclass(frozen=True, kw_only=True)
class CertifiedChecklist:
    """A checklist of the product as it was answered from the study file at the release; `score` in words."""

    name: str
    title: str
    source: str
    score: str
    items: tuple[CertifiedItem, ...]


@dataclass(frozen=True, kw_only=True)
class AnalysisCertificate:
    """All of the certificate. Moments are ISO 8601 in UTC; digests are SHA-256.

    `checklists` is empty in a certificate that was signed before they were printed.
    """

    study: str
    title: str
    study_version: int
    study_sha256: str
    product: str
    product_name: str
    batch: str
    expires_on: date
    specification_sha256: str
    verdict_sha256: str
    results: tuple[ReleaseResult, ...]
    reasons: tuple[Reason, ...]
    files: tuple[CertifiedFile, ...]
    answers: tuple[WarningAnswer, ...]
    set_aside: tuple[SetAside, ...]
    findings: tuple[str, ...]
    signed_by: str
    signed_at: str
    meaning: str
    reason: str
    checklists: tuple[CertifiedChecklist, ...] = ()


_ADAPTER: Final = TypeAdapter(AnalysisCertificate)


def certify_checklists(record: ProductRecord) -> tuple[CertifiedChecklist, ...]:
    """Every installed checklist as the record answers it now."""
    return tuple(_certify_checklist(one, record) for one in find_checklists().values())


def _certify_checklist(checklist: Checklist, record: ProductRecord) -> CertifiedChecklist:
    answers = answer_checklist(checklist, record)
    return CertifiedChecklist(
        name=checklist.name,
        title=checklist.title,
        source=checklist.source,
        score=compute_score(answers).in_words(),
        items=tuple(
            CertifiedItem(
                number=one.item.number,
                asks=one.item.asks,
                status=one.answer.status,
                why=one.answer.why,
                missing=one.answer.missing,
            )
            for one in answers
        ),
    )


def write_certificate(certificate: AnalysisCertificate) -> dict[str, Any]:
    """The certificate as JSON-ready values; without checklists it is as it was before they were printed."""
    told: dict[str, Any] = _ADAPTER.dump_python(certificate, mode="json")
    if not certificate.checklists:
        del told["checklists"]
    return {"format": FORMAT, **told}


def write_certificate_text(certificate: AnalysisCertificate) -> str:
    """The certificate as the text of its file."""
    return json.dumps(write_certificate(certificate), ensure_ascii=False, indent=1) + "\n"


def read_certificate(data: bytes | dict[str, Any], *, name: str) -> AnalysisCertificate:
    """A certificate from its file, or from the values of it. Refuses COA-001."""
    try:
        told = json.loads(data) if isinstance(data, bytes) else dict(data)
    except (ValueError, RecursionError):
        raise NOT_A_CERTIFICATE.refuse("it is not JSON", place=Place(file=name)) from None
    if not isinstance(told, dict) or told.pop("format", None) != FORMAT:
        raise NOT_A_CERTIFICATE.refuse(f"its format is not {FORMAT!r}", place=Place(file=name))
    try:
        read = _ADAPTER.validate_python(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise NOT_A_CERTIFICATE.refuse(
            f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}",
            place=Place(file=name, path=where),
            value=where,
        ) from None
    if write_certificate(read) != {"format": FORMAT, **told}:
        raise NOT_A_CERTIFICATE.refuse(
            "it holds something that a certificate does not", place=Place(file=name)
        )
    return read
