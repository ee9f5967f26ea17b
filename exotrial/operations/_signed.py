"""What a signature covers and its digest, made and checked in one place (21 CFR 11.70: never copied, never moved)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from exotrial.operations._act import Act, table_of
from exotrial.operations._filled import content_of, digest_of
from exotrial.store.models import BatchRelease, Change, EvidenceReview, Record, Signature


def digest_signature(signature: Signature, content: object) -> str:
    """The digest over who signs, when, with which meaning, and what: nothing of it fits anywhere else."""
    return digest_of(
        {
            "subject": signature.subject,
            "meaning": signature.meaning,
            "signer": signature.signer,
            "signer_name": signature.signer_name,
            "signed_at": signature.signed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "content": content,
        }
    )


def sealed_content(sealed: str) -> object:
    """What is signed of a sealed text: the digest of it as it stands closed, which opens to one text alone."""
    return {"sealed": hashlib.sha256(sealed.encode()).hexdigest()}


def add_signature(
    act: Act, subject: str, meaning: str, content: object, *, record: Record | None = None
) -> Signature:
    """Sign a content: the acting person's name, the time and the meaning, bound to it by digest."""
    row = Signature(
        study=act.the_study,
        record=record,
        subject=subject,
        meaning=meaning,
        signer=act.actor.username,
        signer_name=act.actor.name,
        signed_at=act.now,
    )
    row.content_digest = digest_signature(row, content)
    return act.add(row)


class Contents:
    """The contents of subjects as they are now; records are read once, however many signatures there are."""

    def __init__(self, act: Act, *, participant: str = "") -> None:
        records = Record.objects.filter(participant__study=act.the_study).select_related("participant__site")
        if participant:
            records = records.filter(participant__code=participant)
        self._records = list(records.order_by("participant__code", "form", "encounter", "repeat"))
        self._by_id = {str(record.pk): record for record in self._records}

    def of(self, subject: str) -> object:
        """The content of a subject, None where there is no such thing."""
        kind, _, name = subject.partition(":")
        if kind == "record":
            record = self._by_id.get(name)
            return None if record is None else content_of(record, record.participant.code)
        if kind == "evidence_review":
            review = EvidenceReview.objects.filter(pk=name).first()
            return None if review is None else sealed_content(review.content_sealed)
        if kind == "batch_release":
            release = BatchRelease.objects.filter(pk=name).first()
            return None if release is None else sealed_content(release.content_sealed)
        if kind == "participant":
            return [content_of(r, name) for r in self._records if r.participant.code == name]
        return [
            [r.participant.code, r.form, r.encounter, r.repeat, r.version, digest_of(r.values)]
            for r in self._records
            if kind == "study" or r.participant.site.code == name
        ]


def find_faults(signatures: Iterable[Signature], contents: Contents) -> dict[int, str]:
    """Why signatures are invalid, by id; one that a recorded change broke is broken and not invalid.

    A signature that the trail does not know, or knows otherwise, was copied, moved or altered in the database.
    """
    rows = list(signatures)
    trail = _trail_of(rows)
    faults: dict[int, str] = {}
    for row in rows:
        known = trail.get(row.pk)
        if known is None:
            faults[row.pk] = "the trail knows no such signature: the row was put there by hand"
        elif known != row.flat():
            names = sorted(name for name in {*known, *row.flat()} if known.get(name) != row.flat().get(name))
            faults[row.pk] = f"the row is not as it was signed: {', '.join(names)}"
        elif row.record_id is not None and row.subject != f"record:{row.record_id}":
            faults[row.pk] = "the signature is of another record"
        elif row.broken_at is None and digest_signature(row, contents.of(row.subject)) != row.content_digest:
            faults[row.pk] = "what was signed is not what is there, and no change of it is recorded"
    return faults


def _trail_of(rows: list[Signature]) -> Mapping[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    changes = Change.objects.filter(table=table_of(Signature()), row__in=[row.pk for row in rows])
    for change in changes.order_by("act__seq", "position"):
        told: dict[str, Any] = found.setdefault(change.row, {})
        if change.new is None:
            told.pop(change.field, None)
        else:
            told[change.field] = change.new
    return found
