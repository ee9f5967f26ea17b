"""The release of a batch: by the verdict on its evidence where the study file has a specification, else by a reason.

Who releases proves again who it is and signs over specification, files, deviations and reasons (21 CFR 11.50, 11.70).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field, SecretStr

from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.core.verdict import Reason, Verdict
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._batch_product import NONE, product_of, seal_product, settle_product
from exotrial.operations._evidence import Held, load_evidence, open_review
from exotrial.operations._operation import OPEN, Answer, operation, view
from exotrial.operations._signed import add_signature, sealed_content
from exotrial.operations.access import Permission
from exotrial.operations.authenticate import Proven, prove_again
from exotrial.operations.evidence import ListEvidence
from exotrial.operations.product import EXPIRED, WRONG_STATE, BatchState, NameBatch, find_batch
from exotrial.product.analysis_certificate import (
    AnalysisCertificate,
    CertifiedFile,
    SetAside,
    certify_checklists,
    read_certificate,
    write_certificate,
    write_certificate_text,
)
from exotrial.product.checklist import ProductRecord
from exotrial.product.release import (
    Specification,
    check_evidence,
    decide_release,
    derive_results,
    digest_decision,
    digest_specification,
    find_specification,
)
from exotrial.store.models import Batch, BatchRelease

NOT_RELEASED = ErrorCode(
    "EVD-009",
    "The evidence does not let the batch be released.",
    "look at `show_release_verdict`: mend what it tells, or reject the batch.",
)
NOT_REVIEWED = ErrorCode(
    "EVD-010",
    "A file of the batch was not reviewed.",
    "let a second person accept it or set it aside with `review_evidence`.",
)
NO_PROOF = ErrorCode(
    "EVD-011",
    "A release by a specification is signed, and no password was typed.",
    "type your username and password again; the signature is over the digests of the files.",
)
NO_RELEASE = ErrorCode(
    "EVD-012",
    "The batch has no certificate of analysis.",
    "release it by its evidence first; a batch released by a reason alone has none.",
)

BY_EVIDENCE = "by the verdict on its evidence"
BY_REASON = "by a reason alone: the study file holds this batch to no test"


class ReleaseBatch(NameBatch):
    """The code on the label, and the proof of who releases: needed where the study file has a specification."""

    product: str = Field(
        default="", max_length=40, description="The product, where it was not said at registration."
    )
    username: str = Field(
        default="", max_length=200, description="Your username; needed for the first signing of a session."
    )
    password: SecretStr | None = Field(default=None, description="Your password, typed again.")


class ReleasedBatch(BatchState):
    """The batch, what its release rests on, and the digest of the verdict that was signed ("" without one)."""

    basis: str
    verdict_sha256: str


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN, needs_reason=True)
def release_batch(act: Act, ask: ReleaseBatch) -> ReleasedBatch:
    """Release a batch: by the verdict on its evidence, signed; or by `reason`, where no test is specified."""
    row = find_batch(act, ask.code)
    if row.status != Batch.Status.QUARANTINE:
        raise WRONG_STATE.refuse(f"the batch is {row.status}", value=row.status)
    if row.expires_on < act.today:
        raise EXPIRED.refuse(f"its last day was {row.expires_on}", value=row.expires_on)
    product = product_of(act, row)
    if product is None:
        product = settle_product(act, ask.product)
        if product is not None:
            act.change(row, product_sealed=seal_product(act, product, row.code_mark))
    specification = _specification_of(act, product)
    verdict_sha256 = "" if specification is None else _release_by_evidence(act, ask, row, specification)
    act.change(row, status=Batch.Status.RELEASED.value)
    return ReleasedBatch(
        code=ask.code,
        status=row.status,
        expires_on=row.expires_on,
        basis=BY_REASON if specification is None else BY_EVIDENCE,
        verdict_sha256=verdict_sha256,
    )


class AskVerdict(ListEvidence):
    """The code on the label, and the product where it was not said at registration."""

    product: str = Field(default="", max_length=40)


class ShownReason(Answer):
    """One reason of a verdict; `holds` is None where the answer is not known."""

    criterion: str
    holds: bool | None
    why: str


class ShownVerdict(Answer):
    """What a release would rest on now. Without a specification there is no verdict, and `holds` is None."""

    code: str
    basis: str
    question: str
    holds: bool | None
    reasons: tuple[ShownReason, ...]
    findings: tuple[str, ...]
    unreviewed: int
    verdict_sha256: str


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_release_verdict(act: Act, ask: AskVerdict) -> ShownVerdict:
    """The verdict on a batch from the evidence that counts now, with every reason; nothing is released by it."""
    row = find_batch(act, ask.code)
    product = product_of(act, row)
    specification = _specification_of(
        act, product if product is not None else settle_product(act, ask.product)
    )
    if specification is None:
        return ShownVerdict(
            code=ask.code,
            basis=BY_REASON,
            question="",
            holds=None,
            reasons=(),
            findings=(),
            unreviewed=0,
            verdict_sha256="",
        )
    decided = _decide(load_evidence(act, row), specification, batch=ask.code)
    return ShownVerdict(
        code=ask.code,
        basis=BY_EVIDENCE,
        question=decided.verdict.question,
        holds=decided.verdict.holds and not decided.unreviewed,
        reasons=tuple(_show(reason) for reason in decided.verdict.reasons),
        findings=decided.findings,
        unreviewed=len(decided.unreviewed),
        verdict_sha256=decided.sha256,
    )


class AnalysisCertificateText(Answer):
    """The certificate of analysis as JSON-ready values; `exotrial release certificate` prints it as PDF."""

    certificate: dict[str, Any]


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_analysis_certificate(act: Act, ask: ListEvidence) -> AnalysisCertificateText:
    """The certificate of analysis of a released batch, as it was signed."""
    row = find_batch(act, ask.code)
    release = BatchRelease.objects.filter(batch=row).first()
    if release is None:
        raise NO_RELEASE.refuse("it was not released by its evidence", place=Place(path="code"))
    text = arms.open_text(act, release.content_sealed, where=_place(row), purpose="knowing arms")
    return AnalysisCertificateText(
        certificate=write_certificate(read_certificate(text.encode(), name="certificate"))
    )


@dataclass(frozen=True, kw_only=True)
class _Decided:
    """A verdict with what it rests on."""

    held: tuple[Held, ...]
    aside: tuple[Held, ...]
    unreviewed: tuple[Held, ...]
    verdict: Verdict
    sha256: str
    findings: tuple[str, ...]


def _specification_of(act: Act, product: str | None) -> Specification | None:
    """What a batch is held to; None for what the study file has no product for, or no test."""
    if product is None or product == NONE:
        return None
    study = act.definition()
    found = next((one for one in study.products if one.id == product), None)
    if found is None or not any(test.id is not None for test in found.release_tests or ()):
        return None
    return find_specification(study, product)


def _decide(files: list[Held], specification: Specification, *, batch: str) -> _Decided:
    held = tuple(one for one in files if one.counts)
    evidence = [one.evidence for one in held]
    answers = [answer for one in held for answer in one.answers]
    verdict = decide_release(specification, evidence, batch=batch, answers=answers)
    doubts = check_evidence(specification, evidence, batch=batch)
    return _Decided(
        held=held,
        aside=tuple(one for one in files if not one.counts),
        unreviewed=tuple(one for one in held if one.decision is None),
        verdict=verdict,
        sha256=digest_decision(specification, evidence, verdict, batch=batch, answers=answers),
        findings=tuple(f"{doubt.rule}: {doubt.says} {doubt.settle}" for doubt in doubts),
    )


def _release_by_evidence(act: Act, ask: ReleaseBatch, row: Batch, specification: Specification) -> str:
    """Hold the verdict, keep the certificate, sign it; gives the verdict's digest."""
    if ask.password is None:
        raise NO_PROOF.refuse("no password is typed", place=Place(path="password"))
    prove_again(act, Proven(username=ask.username, password=ask.password))
    decided = _decide(load_evidence(act, row), specification, batch=ask.code)
    if decided.unreviewed:
        names = ", ".join(one.evidence.file.name for one in decided.unreviewed)
        raise NOT_REVIEWED.refuse(f"nobody reviewed {names}", place=Place(path="code"))
    against = [reason for reason in decided.verdict.reasons if reason.holds is not True]
    if against:
        raise Refusals([_refuse(reason) for reason in against])
    certificate = _certify(act, ask, row, specification, decided)
    text = write_certificate_text(certificate)
    release = act.add(
        BatchRelease(batch=row, content_sealed=arms.seal_text(act, text, where=_place(row)), at=act.now)
    )
    add_signature(act, f"batch_release:{release.pk}", "release", sealed_content(release.content_sealed))
    return decided.sha256


def _certify(
    act: Act, ask: ReleaseBatch, row: Batch, specification: Specification, decided: _Decided
) -> AnalysisCertificate:
    study, evidence = act.the_study, [one.evidence for one in decided.held]
    definition = act.definition()
    product = next(one for one in definition.products if one.id == specification.product)
    return AnalysisCertificate(
        study=study.slug,
        title=study.title,
        study_version=study.version,
        study_sha256=study.version_digest,
        product=specification.product,
        product_name=specification.name,
        batch=ask.code,
        expires_on=row.expires_on,
        specification_sha256=digest_specification(specification),
        verdict_sha256=decided.sha256,
        results=derive_results(specification, evidence, batch=ask.code),
        reasons=decided.verdict.reasons,
        files=tuple(_certify_file(one) for one in decided.held),
        answers=tuple(answer for one in decided.held for answer in one.answers),
        set_aside=tuple(_certify_aside(act, one) for one in decided.aside),
        findings=decided.findings,
        signed_by=act.actor.name,
        signed_at=act.now.isoformat(timespec="seconds"),
        meaning="release",
        reason=ask.reason,
        checklists=certify_checklists(ProductRecord(study=definition, product=product)),
    )


def _certify_file(held: Held) -> CertifiedFile:
    evidence = held.evidence
    assert evidence.reading is not None  # the verdict held
    assert held.decision is not None
    return CertifiedFile(
        name=evidence.file.name,
        sha256=evidence.file.sha256,
        size=evidence.file.size,
        reader=evidence.reading.reader,
        instrument=evidence.reading.instrument,
        sample=evidence.reading.sample,
        measured_on=evidence.measured_on,
        stated_on=evidence.stated_on,
        reviewed_by=held.decision.by_name,
    )


def _certify_aside(act: Act, held: Held) -> SetAside:
    assert held.decision is not None  # it was set aside by one
    return SetAside(
        name=held.evidence.file.name,
        sha256=held.evidence.file.sha256,
        reason=str(open_review(act, held.decision)["reason"]),
        signed_by=held.decision.by_name,
        signed_at=held.decision.at.isoformat(timespec="seconds"),
    )


def _refuse(reason: Reason) -> Refusal:
    return NOT_RELEASED.refuse(f"{reason.criterion}: {reason.why}", place=Place(path="code"))


def _show(reason: Reason) -> ShownReason:
    return ShownReason(criterion=reason.criterion, holds=reason.holds, why=reason.why)


def _place(row: Batch) -> str:
    return f"release of batch {row.code_mark}"
