"""What is given: interventions and their dose (TIDieR), and the product behind them (MISEV2023)."""

from __future__ import annotations

from typing import Literal

from exotrial.study.definition.base import (
    Duration,
    Identifier,
    Named,
    Part,
    Temperature,
    Text,
    Volume,
)
from exotrial.study.definition.comparability import Comparability, StorageLimit
from exotrial.study.definition.dosing import Dose, Nebulisation, Schedule
from exotrial.study.definition.process import HoldTime, ProcessStep
from exotrial.study.definition.release import ReleaseTest


class Intervention(Named):
    """One thing given to participants (USDM StudyIntervention)."""

    name: Text
    kind: Literal["biological", "drug", "device", "placebo", "procedure", "standard care", "other"]
    registered_category: Text | None = None
    role: Literal["investigational", "placebo", "comparator", "background", "not stated"]
    product: Identifier | None = None
    dose: Dose | None = None
    route: Literal["inhalation", "intravenous", "oral", "other"] | None = None
    device: Text | None = None
    nebulisation: Nebulisation | None = None
    schedule: Schedule | None = None
    vehicle: Text | None = None
    volume: Volume | None = None
    permitted: tuple[Text, ...] | None = None
    prohibited: tuple[Text, ...] | None = None
    """None means that the source does not say; an empty list means that it says none."""
    description: Text | None = None


class Marker(Part):
    name: Text
    target: Literal["cell", "vesicle"]
    role: Literal["positive", "negative", "loading control"]
    method: Text
    reagent: Text | None = None


class Storage(Part):
    temperature: Temperature | None = None
    at_most: Duration | None = None
    stability_data: bool | None = None
    limits: tuple[StorageLimit, ...] = ()
    """What must hold until the end of storage; without one no data can support a storage time."""


class Product(Named):
    """The extracellular-vesicle product: source, process, characterisation, release, storage."""

    name: Text
    source_tissue: Text | None = None
    source_cell: Text | None = None
    donor: Literal["allogeneic", "autologous", "not stated"] = "not stated"
    manufacturer: Identifier | None = None
    passage: Text | None = None
    isolation_method: Text | None = None
    """The method the source names in its summary."""
    process: tuple[ProcessStep, ...] = ()
    hold_times: tuple[HoldTime, ...] = ()
    """How long may pass between steps."""
    markers: tuple[Marker, ...] = ()
    characterised_by: tuple[Text, ...] = ()
    release_tests: tuple[ReleaseTest, ...] | None = None
    release_tests_mentioned: bool = False
    storage: Storage | None = None
    comparability: tuple[Comparability, ...] = ()
    """What must be equivalent before and after the device, between batches or sites, or after storage."""
    differentiation: tuple[Text, ...] = ()
    device_claim: Text | None = None
    """What is claimed about the product after passing the device (nebuliser)."""
    device_claim_has_numbers: bool | None = None
