"""The trail: an act for everything a person did or tried, and a change for every field it wrote.

Rows are only ever added: triggers of the database refuse the rest, on SQLite and on PostgreSQL
(`migrations/0002_guards.py`). The one update allowed is redaction, which empties a value and keeps its digest.
"""

from __future__ import annotations

from django.db import models

from exotrial.store.models.studies import Chain


class Act(models.Model):
    """One operation, done or refused: who, in which role, where, when (UTC), why, under which study version.

    `digest` = SHA-256 over the digest of the act before, this act's own fields and the digests of its changes.
    """

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="all_acts")
    seq = models.BigIntegerField()
    operation = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10)
    code = models.CharField(max_length=10, blank=True)
    told = models.TextField(blank=True)
    who = models.CharField(max_length=60)
    role = models.CharField(max_length=40, blank=True)
    site = models.CharField(max_length=40, blank=True)
    participant = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    clock_step = models.FloatField(default=0)
    reason = models.TextField(blank=True)
    study_version = models.IntegerField(default=0)
    count = models.IntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["chain", "seq"], name="one_act_of_a_number")
        ]
        indexes = [  # noqa: RUF012 - Django reads a list
            models.Index(fields=["chain", "participant"], name="acts_of_a_participant")
        ]


class Change(models.Model):
    """One field that an act wrote: what it was and what it became, as canonical JSON text.

    `salt` goes into the digests of both values, so that a redacted value cannot be guessed from its digest;
    the digests are stored only where the value was redacted.
    """

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="changes")
    position = models.IntegerField()
    table = models.CharField(max_length=40)
    row = models.BigIntegerField()
    field = models.CharField(max_length=240)
    old = models.TextField(null=True)
    new = models.TextField(null=True)
    salt = models.CharField(max_length=32)
    old_digest = models.CharField(max_length=64, blank=True, default="")
    new_digest = models.CharField(max_length=64, blank=True, default="")
    redacted = models.BooleanField(default=False)

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["act", "position"], name="one_change_of_a_place")
        ]
        indexes = [  # noqa: RUF012 - Django reads a list
            models.Index(fields=["table", "row"], name="changes_of_a_row")
        ]
