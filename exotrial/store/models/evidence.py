"""What a batch is released by: files kept under their digest, who sent and reviewed them, and the signed release.

What a file is called, what is in it and what is said of it tells the product of a batch, and so an arm: all of it is
sealed. A file is found by a keyed mark of its digest, since a digest alone could be compared with a known file.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from exotrial.store.models.allocation import Batch
from exotrial.store.models.base import Audited
from exotrial.store.models.studies import Study


class EvidenceFile(Audited):
    """The bytes of one file, sealed, once for all batches that it serves; `mark` is a keyed mark of their SHA-256."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="evidence_files")
    mark = models.CharField(max_length=64)
    content_sealed = models.TextField()

    digested: ClassVar[frozenset[str]] = frozenset({"content_sealed"})

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["study", "mark"], name="one_evidence_file_of_a_digest")
        ]


class BatchEvidence(Audited):
    """A file sent for a batch: `told_sealed` holds its name, reader and the day stated for it, as JSON."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="batches")
    told_sealed = models.TextField()
    sent_by = models.CharField(max_length=60)
    sent_at = models.DateTimeField()

    digested: ClassVar[frozenset[str]] = frozenset({"told_sealed"})

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["batch", "file"], name="one_sending_of_a_file")
        ]


class EvidenceReview(Audited):
    """What a second person signed of a file: that it counts, that it does not, or why a warning does not matter."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", "accepted"
        SET_ASIDE = "set aside", "set aside"
        WARNING_ANSWERED = "warning answered", "a warning answered"

    evidence = models.ForeignKey(BatchEvidence, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    content_sealed = models.TextField()
    by = models.CharField(max_length=60)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    digested: ClassVar[frozenset[str]] = frozenset({"content_sealed"})


class BatchRelease(Audited):
    """The release of a batch by its evidence: the certificate of analysis, sealed. Its signature is a `Signature`."""

    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, related_name="release")
    content_sealed = models.TextField()
    at = models.DateTimeField()

    digested: ClassVar[frozenset[str]] = frozenset({"content_sealed"})
