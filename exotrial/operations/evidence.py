"""Evidence of a batch: sent, reviewed by a second person, warnings answered, never taken away (EU GMP chapter 6)."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._evidence import (
    Held,
    Kind,
    load_evidence,
    mark_of,
    open_file,
    open_review,
    seal_file,
    seal_review,
    seal_told,
)
from exotrial.operations._operation import NO_REASON, OPEN, Answer, Ask, operation, view
from exotrial.operations._signed import add_signature, sealed_content
from exotrial.operations.access import Permission
from exotrial.operations.authenticate import Proven, prove_again
from exotrial.operations.product import WRONG_STATE, find_batch
from exotrial.product.assay import assay_file, read_assay
from exotrial.store.models import Batch, BatchEvidence, EvidenceFile, EvidenceReview

TOO_LARGE = ErrorCode(
    "EVD-001",
    "A file of evidence is too large.",
    "send what the instrument's software exports as a table; keep raw recordings where they are, with their digest.",
)
NO_BYTES = ErrorCode(
    "EVD-002",
    "A file of evidence is empty, or is not sent as base64.",
    "send the bytes of the file in base64.",
)
SENT_ALREADY = ErrorCode(
    "EVD-003",
    "The batch has this very file already.",
    "look at `show_evidence`; a file is sent once for a batch.",
)
NO_EVIDENCE = ErrorCode("EVD-004", "The batch has no such file.", "use a number that `show_evidence` tells.")
OWN_FILE = ErrorCode(
    "EVD-005",
    "Who sent a file does not review it.",
    "ask a second person who handles the product to review it.",
)
SAID_ALREADY = ErrorCode("EVD-006", "This was said of the file already.", "there is nothing to sign again.")
NO_WARNING = ErrorCode(
    "EVD-007", "The file has no such warning.", "use the number of a warning that `show_evidence` tells."
)
DAY_TOLD = ErrorCode(
    "EVD-008",
    "The file itself tells the day of the measurement.",
    "leave `measured_on` out; a day is stated only where the instrument wrote none that can be read.",
)

MOST_BYTES = 5_000_000
"""Bytes of a file: in base64 it stays below what a request may hold (8 MiB)."""


class AttachEvidence(Ask):
    """The batch, and the file as it came from the instrument or the laboratory."""

    code: str = Field(min_length=1, max_length=80)
    name: str = Field(pattern=r"^[^/\\\x00-\x1f]{1,120}$", description="The file's name, without folders.")
    content: str = Field(max_length=4 * (MOST_BYTES // 3 + 2), description="The bytes in base64.")
    reader: str = Field(
        default="", max_length=60, description="The reader, where several recognise the file."
    )
    measured_on: date | None = Field(
        default=None, description="The day of the measurement, only where the file does not tell it."
    )


class ShownWarning(Answer):
    """A warning of the instrument; `answer` is why it does not matter, "" where nobody signed that."""

    number: int
    line: int | None
    text: str
    answer: str
    answered_by: str


class ShownEvidence(Answer):
    """A file of a batch: what it says of itself, and what was signed of it."""

    evidence: int
    name: str
    sha256: str
    size: int
    reader: str
    instrument: str
    serial: str
    sample: str
    measured_on: date | None
    stated: bool
    problem: str
    warnings: tuple[ShownWarning, ...]
    doubts: tuple[str, ...]
    sent_by: str
    sent_at: datetime
    state: str
    state_reason: str
    reviewed_by: str


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN)
def attach_evidence(act: Act, ask: AttachEvidence) -> ShownEvidence:
    """Send a file for a batch in quarantine; it is read at once, refused where no reader can, and never taken away."""
    batch = _waiting(act, ask.code)
    data = _decode(ask.content)
    file = assay_file(data, name=ask.name)
    reading = read_assay(file, reader=ask.reader)
    if ask.measured_on is not None and reading.measured_at is not None:
        told = reading.measured_at.date()
        raise DAY_TOLD.refuse(f"the file says {told}", place=Place(path="measured_on"), value=ask.measured_on)
    mark = mark_of(act, file.source.sha256)
    stored = EvidenceFile.objects.filter(study=act.the_study, mark=mark).first()
    if stored is not None and BatchEvidence.objects.filter(batch=batch, file=stored).exists():
        raise SENT_ALREADY.refuse(f"it has SHA-256 {file.source.sha256[:12]}", place=Place(path="content"))
    if stored is None:
        stored = act.add(
            EvidenceFile(study=act.the_study, mark=mark, content_sealed=seal_file(act, data, mark))
        )
    told_of_it = {
        "name": ask.name,
        "reader": reading.reader,
        "measured_on": ask.measured_on.isoformat() if ask.measured_on else "",
    }
    row = act.add(
        BatchEvidence(
            batch=batch,
            file=stored,
            told_sealed=seal_told(act, told_of_it, batch, mark),
            sent_by=act.actor.username,
            sent_at=act.now,
        )
    )
    return _show(act, _find(act, batch, row.pk))


class Decision(StrEnum):
    """What a review says of a file."""

    ACCEPT = "accept"
    SET_ASIDE = "set aside"


class ReviewEvidence(Proven):
    """The file by its number, and whether it counts; who sets one aside says why in `reason`."""

    code: str = Field(min_length=1, max_length=80)
    evidence: int = Field(ge=1, le=2**62)
    decision: Decision


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN)
def review_evidence(act: Act, ask: ReviewEvidence) -> ShownEvidence:
    """Sign that a file counts, or that it does not and why; another person than who sent it."""
    prove_again(act, ask)
    batch = _waiting(act, ask.code)
    held = _find(act, batch, ask.evidence)
    if held.row.sent_by == act.actor.username:
        raise OWN_FILE.refuse(f"{act.actor.name} sent it", place=Place(path="evidence"))
    kind = Kind.ACCEPTED if ask.decision is Decision.ACCEPT else Kind.SET_ASIDE
    if kind is Kind.SET_ASIDE and not ask.reason:
        raise NO_REASON.refuse("a file is set aside for a reason", place=Place(path="reason"))
    if held.decision is not None and held.decision.kind == kind:
        raise SAID_ALREADY.refuse(f"{held.decision.by_name} said so", place=Place(path="decision"))
    _sign(act, held, kind, {"reason": ask.reason})
    return _show(act, _find(act, batch, ask.evidence))


class AnswerWarning(Proven):
    """The warning by its number in the file, and in `reason` why it does not matter."""

    code: str = Field(min_length=1, max_length=80)
    evidence: int = Field(ge=1, le=2**62)
    warning: int = Field(ge=1, le=10_000)


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN, needs_reason=True)
def answer_warning(act: Act, ask: AnswerWarning) -> ShownEvidence:
    """Sign a deviation: why a warning of the instrument does not matter. The specification says whether that counts."""
    prove_again(act, ask)
    batch = _waiting(act, ask.code)
    held = _find(act, batch, ask.evidence)
    warnings = held.evidence.reading.warnings if held.evidence.reading is not None else ()
    if ask.warning > len(warnings):
        raise NO_WARNING.refuse(
            f"the file has {len(warnings)} warnings", place=Place(path="warning"), value=ask.warning
        )
    chosen = warnings[ask.warning - 1]
    if any((one.line, one.warning) == (chosen.place.line, chosen.text) for one in held.answers):
        raise SAID_ALREADY.refuse("the warning is answered", place=Place(path="warning"), value=ask.warning)
    told = {"line": chosen.place.line, "warning": chosen.text, "reason": ask.reason}
    _sign(act, held, Kind.WARNING_ANSWERED, told)
    return _show(act, _find(act, batch, ask.evidence))


class ListEvidence(Ask):
    """The code on the batch's label."""

    code: str = Field(min_length=1, max_length=80)


class ListedEvidence(Answer):
    code: str
    status: str
    files: tuple[ShownEvidence, ...]


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_evidence(act: Act, ask: ListEvidence) -> ListedEvidence:
    """The files of a batch with what they say and what was signed of them; every reading is kept in the trail."""
    batch = find_batch(act, ask.code)
    files = tuple(_show(act, held) for held in load_evidence(act, batch))
    return ListedEvidence(code=ask.code, status=batch.status, files=files)


class NameEvidence(ListEvidence):
    """A file of a batch, by its number."""

    evidence: int = Field(ge=1, le=2**62)


class EvidenceBytes(Answer):
    """A file as it was sent: its bytes in base64."""

    name: str
    sha256: str
    content: str


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_evidence_file(act: Act, ask: NameEvidence) -> EvidenceBytes:
    """A file of a batch as it was sent, byte for byte."""
    held = _find(act, find_batch(act, ask.code), ask.evidence)
    data = open_file(act, held.row.file)
    file = held.evidence.file
    return EvidenceBytes(name=file.name, sha256=file.sha256, content=base64.b64encode(data).decode())


def _waiting(act: Act, code: str) -> Batch:
    batch = find_batch(act, code)
    if batch.status != Batch.Status.QUARANTINE:
        raise WRONG_STATE.refuse(f"the batch is {batch.status}", value=batch.status)
    return batch


def _decode(content: str) -> bytes:
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise NO_BYTES.refuse("it is not base64", place=Place(path="content")) from None
    if not data:
        raise NO_BYTES.refuse("it holds no byte", place=Place(path="content"))
    if len(data) > MOST_BYTES:
        raise TOO_LARGE.refuse(
            f"it has {len(data)} bytes, at most {MOST_BYTES} are kept", place=Place(path="content")
        )
    return data


def _find(act: Act, batch: Batch, number: int) -> Held:
    found = load_evidence(act, batch, number=number)
    if not found:
        raise NO_EVIDENCE.refuse(
            f"the batch has no file {number}", place=Place(path="evidence"), value=number
        )
    return found[0]


def _sign(act: Act, held: Held, kind: EvidenceReview.Kind, told: dict[str, Any]) -> None:
    row = act.add(
        EvidenceReview(
            evidence=held.row,
            kind=kind.value,
            content_sealed=seal_review(act, told, held.row, kind.value, act.now),
            by=act.actor.username,
            by_name=act.actor.name,
            at=act.now,
        )
    )
    add_signature(
        act, f"evidence_review:{row.pk}", f"review: {kind.value}", sealed_content(row.content_sealed)
    )


def _show(act: Act, held: Held) -> ShownEvidence:
    evidence, reading, decision = held.evidence, held.evidence.reading, held.decision
    answers = {(one.line, one.warning): one for one in held.answers}
    warnings = []
    for number, warning in enumerate(reading.warnings if reading else (), 1):
        given = answers.get((warning.place.line, warning.text))
        warnings.append(
            ShownWarning(
                number=number,
                line=warning.place.line,
                text=warning.text,
                answer=given.reason if given else "",
                answered_by=given.signed_by if given else "",
            )
        )
    return ShownEvidence(
        evidence=held.row.pk,
        name=evidence.file.name,
        sha256=evidence.file.sha256,
        size=evidence.file.size,
        reader=held.reader,
        instrument=reading.instrument if reading else "",
        serial=reading.serial if reading else "",
        sample=reading.sample if reading else "",
        measured_on=evidence.measured_on,
        stated=evidence.stated_on is not None,
        problem=evidence.problem,
        warnings=tuple(warnings),
        doubts=tuple(doubt.says for doubt in (reading.findings if reading else ())),
        sent_by=held.row.sent_by,
        sent_at=held.row.sent_at,
        state=decision.kind if decision else "not reviewed",
        state_reason=str(open_review(act, decision)["reason"]) if decision else "",
        reviewed_by=decision.by_name if decision else "",
    )
