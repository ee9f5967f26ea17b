"""Sealed lists, their envelopes, the allocations in order, and every unblinding. No arm stands here in clear."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from exotrial.store.models.base import Audited
from exotrial.store.models.participants import Participant
from exotrial.store.models.studies import Study


class AllocationList(Audited):
    """One list, from its commitment to the publication of its secret.

    `number` counts the lists of a study from 1; `stage` is the stage it serves ("" for the whole study), and
    `generation` counts the lists of that stage: more than 1 says that one was given up before. The manifest is
    sealed, since who knows the block sizes foresees arms; `strata` are its strata with their lengths.
    """

    class Status(models.TextChoices):
        COMMITTED = "committed", "committed"
        CONTRIBUTED = "contributed", "second party has contributed"
        SEALED = "sealed", "sealed"
        PUBLISHED = "published", "secret published"
        GIVEN_UP = "given up", "given up"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="lists")
    number = models.IntegerField()
    stage = models.CharField(max_length=60, blank=True)
    generation = models.IntegerField(default=1)
    status = models.CharField(max_length=20, choices=Status.choices)
    strata = models.JSONField(default=list)
    manifest_sealed = models.TextField()
    commitment = models.CharField(max_length=64)
    committed_at = models.DateTimeField()
    secret_sealed = models.TextField()
    contribution = models.TextField(blank=True)
    contributed_by = models.CharField(max_length=200, blank=True)
    contributed_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField(null=True)
    root = models.CharField(max_length=64, blank=True)
    certificate = models.JSONField(null=True)
    stopped_because = models.TextField(blank=True)

    digested: ClassVar[frozenset[str]] = frozenset({"secret_sealed", "manifest_sealed"})

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["study", "number"], name="one_list_number")
        ]


class Envelope(Audited):
    """One slot of one stratum's list: the leaf's hash, and the leaf itself sealed."""

    list = models.ForeignKey(AllocationList, on_delete=models.PROTECT, related_name="envelopes")
    stratum = models.CharField(max_length=120)
    slot = models.IntegerField()
    leaf = models.CharField(max_length=64)
    sealed = models.TextField()

    digested: ClassVar[frozenset[str]] = frozenset({"sealed"})

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["list", "stratum", "slot"], name="one_envelope_of_a_slot")
        ]


class Allocation(Audited):
    """One participant's envelope, in order: the n-th of the list; `entry` is signed, `link` goes into the next."""

    list = models.ForeignKey(AllocationList, on_delete=models.PROTECT, related_name="allocations")
    envelope = models.OneToOneField(Envelope, on_delete=models.PROTECT, related_name="allocation")
    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="allocation")
    n = models.IntegerField()
    at = models.DateTimeField()
    entry = models.JSONField()
    link = models.CharField(max_length=64)
    kit = models.CharField(max_length=40, blank=True)
    arm_sealed = models.TextField()

    digested: ClassVar[frozenset[str]] = frozenset({"arm_sealed"})

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["list", "n"], name="one_place_in_the_order")
        ]


class Unblinding(Audited):
    """One person learned arms: whose, when, who, why. The arm itself is not written down here."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="unblindings")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, null=True, related_name="unblindings"
    )
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    who = models.CharField(max_length=60)
    role = models.CharField(max_length=40)
    reason = models.TextField()
    notice = models.TextField(blank=True)


class Batch(Audited):
    """A batch as far as giving it needs: its state and its last day. The product's room adds the rest.

    `product_sealed` is the product of the study file that it is of, None where it was never said.
    """

    class Status(models.TextChoices):
        QUARANTINE = "quarantine", "in quarantine"
        RELEASED = "released", "released"
        REJECTED = "rejected", "rejected"
        RECALLED = "recalled", "recalled"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="batches")
    code_sealed = models.TextField()
    code_mark = models.CharField(max_length=64)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.QUARANTINE)
    expires_on = models.DateField()
    product_sealed = models.TextField(null=True)

    digested: ClassVar[frozenset[str]] = frozenset({"code_sealed", "product_sealed"})

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["study", "code_mark"], name="one_batch_code")
        ]


class Kit(Audited):
    """A numbered kit. What is in it, and from which batch, is sealed: number, vials and state are all a site sees.

    `vials` is how many it holds, the same in every kit of the study; 0 where they are not counted.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="kits")
    number = models.CharField(max_length=40)
    content_sealed = models.TextField()
    status = models.CharField(max_length=20, default="ready")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, null=True, related_name="kits")
    vials = models.IntegerField(default=0)

    digested: ClassVar[frozenset[str]] = frozenset({"content_sealed"})

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["study", "number"], name="one_kit_number")
        ]


class DosePlan(Audited):
    """The plan of one dose of a kit. What is drawn and mixed tells an arm: all of it is sealed, to one length."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="dose_plans")
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="dose_plans")
    content_sealed = models.TextField()
    planned_by = models.CharField(max_length=60)
    planned_at = models.DateTimeField()

    digested: ClassVar[frozenset[str]] = frozenset({"content_sealed"})


class Dose(Audited):
    """A dose that was given, or begun and not finished."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="doses")
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="doses")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    complete = models.BooleanField()
    amount = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    plan = models.ForeignKey("DosePlan", on_delete=models.PROTECT, null=True, related_name="doses")
    given_ml = models.FloatField(null=True)
