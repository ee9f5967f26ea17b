"""Studies, their versions and their sites; the chain that each study's trail hangs on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from exotrial.store.models.base import Audited


class Chain(models.Model):
    """The head of one trail: how many acts it has and the digest of the last. One writer holds its row.

    `name` is the study's id, or `installation` for accounts and rights. `mark` is the HMAC of the head with a
    key that is not in the database: who rewrites the trail by hand cannot make it.
    """

    name = models.CharField(max_length=80, unique=True)
    acts = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64)
    mark = models.CharField(max_length=64)
    last_at = models.DateTimeField(null=True)


class Study(Audited):
    """A study that is run here. `version` and `version_digest` are those of its newest version."""

    class Status(models.TextChoices):
        SETUP = "setup", "being set up"
        RUNNING = "running", "running"
        SUSPENDED = "suspended", "suspended"
        LOCKED = "locked", "locked"
        UNBLINDED = "unblinded", "locked and unblinded"
        ARCHIVED = "archived", "archived"

    slug = models.CharField(max_length=80, unique=True)
    title = models.TextField()
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.SETUP)
    version = models.IntegerField(default=0)
    version_digest = models.CharField(max_length=64, blank=True)
    locked_at = models.DateTimeField(null=True)
    unblinded_at = models.DateTimeField(null=True)
    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, related_name="study")


class StudyVersion(Audited):
    """One version of the study file, word for word. Numbers count from 1."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    label = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    source = models.TextField()
    loaded_at = models.DateTimeField()
    differences = models.JSONField(default=list)

    digested: ClassVar[frozenset[str]] = frozenset({"source"})

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["study", "number"], name="one_version_number")
        ]


class Site(Audited):
    """A site. `zone` is its time zone, in which times are shown beside UTC; `version` is the active one there."""

    class Status(models.TextChoices):
        OPENED = "opened", "opened, not active"
        ACTIVE = "active", "active"
        SUSPENDED = "suspended", "suspended"
        CLOSED = "closed", "closed"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="sites")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=60, default="UTC")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPENED)
    version = models.IntegerField(default=0)

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["study", "code"], name="one_site_code")
        ]


class Activation(Audited):
    """A site's approval of a study version, without which nobody works there by that version (E6 4.3.5)."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="activations")
    version = models.IntegerField()
    approved_on = models.DateField()
    reference = models.CharField(max_length=200)
    activated_at = models.DateTimeField()
