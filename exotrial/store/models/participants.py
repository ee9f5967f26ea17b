"""Participants: code and state here, name and contact apart and sealed (ICH E6(R3) 3.16.1(s))."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from exotrial.store.models.base import Audited
from exotrial.store.models.studies import Site, Study


class Participant(Audited):
    """One participant, by code. `stratum` and `stage` are ids of the study file, "" where there are none."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="participants")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="participants")
    code = models.CharField(max_length=40)
    status = models.CharField(max_length=30, db_index=True)
    version = models.IntegerField()
    born_on = models.CharField(max_length=10, blank=True)
    stratum = models.CharField(max_length=60, blank=True)
    stratum_level = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=60, blank=True)
    screened_at = models.DateTimeField()
    enrolled_at = models.DateTimeField(null=True)
    randomised_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True)
    data_use = models.CharField(max_length=40, default="all")
    frozen = models.BooleanField(default=False)

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["study", "code"], name="one_participant_code")
        ]


class Identity(Audited):
    """Who a participant is, sealed. `fingerprint` is a keyed mark that finds a person entered twice."""

    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="identity")
    sealed = models.TextField()
    fingerprint = models.CharField(max_length=64, db_index=True)

    digested: ClassVar[frozenset[str]] = frozenset({"sealed"})


class Screening(Audited):
    """The answers to the criteria, and the verdict with every reason."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="screenings")
    version = models.IntegerField()
    answers = models.JSONField()
    verdict = models.JSONField()
    eligible = models.BooleanField()
    at = models.DateTimeField()


class Consent(Audited):
    """One event of consent: given, given again after an amendment, or withdrawn."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=20)
    version = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=80, blank=True)
    signed_at = models.DateTimeField()
    witness = models.CharField(max_length=200, blank=True)
    scope = models.CharField(max_length=40, blank=True)
    recorded_at = models.DateTimeField()


class Deviation(Audited):
    """A protocol deviation: what happened, when, how grave, and what was done."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="deviations")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="deviations")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, null=True, related_name="deviations"
    )
    happened_on = models.DateField()
    category = models.CharField(max_length=60)
    text = models.TextField()
    importance = models.CharField(max_length=20)
    action = models.TextField(blank=True)
    at = models.DateTimeField()
