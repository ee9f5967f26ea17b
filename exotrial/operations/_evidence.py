"""The evidence of a batch as it is held: opened, read again from its bytes, with what was signed of it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from exotrial.core.dates import read_date
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._batch_product import product_of
from exotrial.product.assay import assay_file
from exotrial.product.evidence import Evidence, read_evidence
from exotrial.product.release_reasons import WarningAnswer
from exotrial.store.models import Batch, BatchEvidence, EvidenceFile, EvidenceReview
from exotrial.study.definition.intervention import Product

Kind = EvidenceReview.Kind


@dataclass(frozen=True, kw_only=True)
class Held:
    """A file of a batch, what it says, and its reviews in order; `decision` is the last of them that decides."""

    row: BatchEvidence
    reader: str
    evidence: Evidence
    reviews: tuple[EvidenceReview, ...]
    answers: tuple[WarningAnswer, ...]

    @property
    def decision(self) -> EvidenceReview | None:
        """The review that says whether it counts, None where there is none yet."""
        deciding = [one for one in self.reviews if one.kind != Kind.WARNING_ANSWERED]
        return deciding[-1] if deciding else None

    @property
    def counts(self) -> bool:
        """Whether the verdict rests on it: it does until it is set aside."""
        return self.decision is None or self.decision.kind != Kind.SET_ASIDE


def mark_of(act: Act, sha256: str) -> str:
    """A keyed mark of a digest, by which a file is found without opening any."""
    return act.opened.keys.mark(f"{act.the_study.slug}\x1f{sha256}".encode(), purpose="evidence file")


def seal_file(act: Act, data: bytes, mark: str) -> str:
    """Close the bytes of a file."""
    return arms.seal_text(act, base64.b64encode(data).decode(), where=f"evidence file {mark}")


def open_file(act: Act, file: EvidenceFile) -> bytes:
    """The bytes of a file. Refuses with SEL-001."""
    where = f"evidence file {file.mark}"
    return base64.b64decode(arms.open_text(act, file.content_sealed, where=where, purpose="knowing arms"))


def seal_told(act: Act, told: dict[str, Any], batch: Batch, mark: str) -> str:
    """Close what is told of a file that is sent for a batch."""
    return arms.seal_text(act, json.dumps(told), where=f"evidence of {batch.code_mark} {mark}")


def seal_review(act: Act, told: dict[str, Any], evidence: BatchEvidence, kind: str, at: datetime) -> str:
    """Close what is said in a review."""
    return arms.seal_text(act, json.dumps(told), where=_review_place(evidence.pk, kind, at))


def open_review(act: Act, row: EvidenceReview) -> dict[str, Any]:
    """What is said in a review. Refuses with SEL-001."""
    where = _review_place(row.evidence_id, row.kind, row.at)
    told: dict[str, Any] = json.loads(
        arms.open_text(act, row.content_sealed, where=where, purpose="knowing arms")
    )
    return told


def load_evidence(act: Act, batch: Batch, *, number: int | None = None) -> list[Held]:
    """Every file of a batch in the order of sending, or that of a number, read from its bytes. Refuses with SEL-001."""
    rows = BatchEvidence.objects.filter(batch=batch).select_related("file").prefetch_related("reviews")
    if number is not None:
        rows = rows.filter(pk=number)
    known = product_of(act, batch)
    product = next((one for one in act.definition().products if one.id == known), None)
    return [_load(act, batch, row, product) for row in rows.order_by("pk")]


def _load(act: Act, batch: Batch, row: BatchEvidence, product: Product | None) -> Held:
    where = f"evidence of {batch.code_mark} {row.file.mark}"
    told = json.loads(arms.open_text(act, row.told_sealed, where=where, purpose="knowing arms"))
    stated: date | None = read_date(told["measured_on"]) if told["measured_on"] else None
    evidence = read_evidence(
        assay_file(open_file(act, row.file), name=told["name"]),
        reader=told["reader"],
        stated_on=stated,
        product=product,
    )
    reviews = tuple(sorted(row.reviews.all(), key=lambda one: one.pk))
    answers = tuple(
        WarningAnswer(
            file_sha256=evidence.file.sha256,
            line=content["line"],
            warning=content["warning"],
            reason=content["reason"],
            signed_by=one.by_name,
            signed_at=one.at.isoformat(timespec="seconds"),
        )
        for one in reviews
        if one.kind == Kind.WARNING_ANSWERED
        for content in [open_review(act, one)]
    )
    return Held(row=row, reader=told["reader"], evidence=evidence, reviews=reviews, answers=answers)


def _review_place(evidence: int, kind: str, at: datetime) -> str:
    moment = hashlib.sha256(str(at.timestamp()).encode()).hexdigest()[:16]
    return f"review of evidence {evidence} {kind} {moment}"
