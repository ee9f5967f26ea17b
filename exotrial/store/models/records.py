"""What was recorded: one row for each filled form, its queries, verifications and signatures (DESIGN.md)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from exotrial.store.models.base import Audited
from exotrial.store.models.participants import Participant


class Record(Audited):
    """One filled form. `values` is {group: {item: value}} or, for a repeating group, a list of rows.

    `revision` counts saves: who saves on an older one is told both values (a stale edit). `version` is the
    study version that it was recorded by, and stays. `repeat` tells apart several fillings of one form at one
    encounter, from 1.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "draft"
        COMPLETE = "complete", "complete"
        SIGNED = "signed", "signed"

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="records")
    encounter = models.CharField(max_length=60, blank=True)
    form = models.CharField(max_length=80)
    repeat = models.IntegerField(default=1)
    version = models.IntegerField()
    values = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    revision = models.IntegerField(default=1)
    frozen = models.BooleanField(default=False)

    spread: ClassVar[frozenset[str]] = frozenset({"values"})
    reason_needed: ClassVar[bool] = True

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(
                fields=["participant", "form", "encounter", "repeat"], name="one_record_of_a_form"
            )
        ]


class SecondEntry(Audited):
    """The second keying of the items that ask for it, by another person."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="second_entries")
    values = models.JSONField(default=dict)
    entered_by = models.CharField(max_length=60)
    at = models.DateTimeField()
    differences = models.JSONField(default=list)
    settled_at = models.DateTimeField(null=True)

    spread: ClassVar[frozenset[str]] = frozenset({"values"})


class Query(Audited):
    """A question about one answer (ODM query). `rule` is the edit check that raised it, "" for a person's.

    `messages` are {"at", "who", "role", "text", "status"} in order; the first is the question.
    """

    class Status(models.TextChoices):
        OPEN = "open", "open"
        ANSWERED = "answered", "answered"
        CLOSED = "closed", "closed"

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="queries")
    key = models.CharField(max_length=200)
    rule = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPEN, db_index=True)
    messages = models.JSONField(default=list)
    raised_at = models.DateTimeField()


class Verification(Audited):
    """Source data verified: which answers, and the digest of what they were then."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="verifications")
    keys = models.JSONField(default=list)
    content_digest = models.CharField(max_length=64)
    revision = models.IntegerField()
    verified_by = models.CharField(max_length=60)
    at = models.DateTimeField()
    broken_at = models.DateTimeField(null=True)


class Signature(Audited):
    """A signature: who, when, what it means, and the digest of what was signed (21 CFR 11.50, 11.70).

    `subject` is `record:<id>`, `participant:<code>`, `site:<code>`, `study`, `evidence_review:<id>` or
    `batch_release:<id>`. `broken_at` is when the content changed.
    """

    study = models.ForeignKey("Study", on_delete=models.PROTECT, related_name="signatures")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="signatures")
    subject = models.CharField(max_length=120)
    meaning = models.CharField(max_length=200)
    signer = models.CharField(max_length=60)
    signer_name = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    content_digest = models.CharField(max_length=64)
    broken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [  # noqa: RUF012 - Django reads a list
            models.Index(fields=["study", "subject"], name="signatures_of_a_subject")
        ]
