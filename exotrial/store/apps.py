"""The Django app of the store."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The one app: every table is here."""

    name = "exotrial.store"
    label = "store"
    verbose_name = "exotrial"
