"""Movements of kits and their vials: shipped, received, dispensed, returned, destroyed, lost. No row tells an arm."""

from __future__ import annotations

from django.db import models

from exotrial.store.models.allocation import Dose, Kit
from exotrial.store.models.base import Audited
from exotrial.store.models.participants import Participant
from exotrial.store.models.studies import Site, Study


class KitMovement(Audited):
    """One movement of some vials of a kit ([0] is the kit as a whole); what it is counted by follows from all of them.

    `site` is where a shipment goes or where it happens, none at the pharmacy. `temperature` is that of a receipt.
    """

    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="movements")
    vials = models.JSONField()
    what = models.CharField(max_length=20)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="movements")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, null=True, related_name="movements"
    )
    dose = models.OneToOneField(Dose, on_delete=models.PROTECT, null=True, related_name="movement")
    temperature = models.CharField(max_length=20, blank=True)
    witness = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()


class StockCount(Audited):
    """A count of what is on a shelf: the vials found, as [kit, number], and what differed from the record then."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="stock_counts")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="stock_counts")
    counted = models.JSONField()
    differences = models.IntegerField()
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
