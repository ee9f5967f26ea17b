"""People and programs that may ask: accounts, rights by date, sessions, tokens (21 CFR 11.10(d), 11.300)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from exotrial.store.models.base import Audited


class Account(Audited):
    """One person's account. A username is never given twice, and an account is never deleted."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=200, blank=True)
    password = models.CharField(max_length=200, blank=True)
    password_changed_at = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    totp_sealed = models.TextField(blank=True)
    totp_confirmed_at = models.DateTimeField(null=True)
    totp_last_step = models.BigIntegerField(default=0)
    recovery_codes = models.JSONField(default=list)
    failed_attempts = models.IntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    unaudited: ClassVar[frozenset[str]] = frozenset(
        {"password", "totp_sealed", "totp_last_step", "recovery_codes", "failed_attempts", "locked_until"}
    )


class Grant(Audited):
    """A right: an account has a role, in a study or the whole installation, at one site or all, from and until.

    `trained_on` is the date of the training without which the role may not be used (21 CFR 11.10(i)).
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    study = models.ForeignKey("Study", on_delete=models.PROTECT, null=True, related_name="grants")
    site = models.ForeignKey("Site", on_delete=models.PROTECT, null=True, related_name="grants")
    role = models.CharField(max_length=40)
    trained_on = models.DateField(null=True)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=60)
    revoked_at = models.DateTimeField(null=True)


class Session(models.Model):
    """One sign-in. The key itself is never stored, only its SHA-256."""

    key_digest = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="sessions")
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    second_factor = models.BooleanField(default=False)
    signed_once = models.BooleanField(default=False)


class Token(Audited):
    """A program's key: one account's rights, cut down to a study, a site and a set of operations."""

    name = models.CharField(max_length=60)
    key_digest = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tokens")
    study = models.ForeignKey("Study", on_delete=models.PROTECT, related_name="tokens")
    site = models.ForeignKey("Site", on_delete=models.PROTECT, null=True, related_name="tokens")
    role = models.CharField(max_length=40)
    operations = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
