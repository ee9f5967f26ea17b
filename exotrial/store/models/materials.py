"""The genealogy of the product: every material from donor to kit and every remark on one, in the order of entry.

What a material is and what it was made from tells the product of a batch, and so an arm: all of it is sealed.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from exotrial.store.models.base import Audited
from exotrial.store.models.studies import Study


class MaterialEntry(Audited):
    """One entry, the `number`-th of the study: a material or a remark on one, as sealed JSON. It never changes."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="material_entries")
    number = models.IntegerField()
    content_sealed = models.TextField()
    by = models.CharField(max_length=60)
    entered_at = models.DateTimeField()

    digested: ClassVar[frozenset[str]] = frozenset({"content_sealed"})

    class Meta:
        constraints = [  # noqa: RUF012 - Django reads a list
            models.UniqueConstraint(fields=["study", "number"], name="one_material_entry_of_a_number")
        ]
