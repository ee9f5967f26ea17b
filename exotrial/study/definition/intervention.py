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


class Delivery(Part):
    """How an intervention is given, in words (TIDieR; Hoffmann TC, et al. BMJ 2014;348:g1687)."""

    why: Text | None = None
    """The rationale or theory (item 2)."""
    materials: Text | None = None
    """What is used beside product and device, and where to find it described (item 3)."""
    procedure: Text | None = None
    """What is done, step by step (item 4)."""
    given_by: Text | None = None
    """Who gives it, with which training (item 5)."""
    mode: Text | None = None
    """To one person or to a group, face to face or not (item 6)."""
    place: Text | None = None
    """Where it is given, and what must be there (item 7)."""
    tailoring: Text | None = None
    """What is adapted to the participant, when and how, or that nothing is (item 9)."""
    fidelity: Text | None = None
    """How it is made sure and recorded that it is given as planned (item 11)."""


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
    delivery: Delivery = Delivery()


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
