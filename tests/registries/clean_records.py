"""Registry records of the clean study (tests/files/clean_study.toml), made up, that say what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from exotrial.core.dates import PartialDate, read_partial_date
from exotrial.core.errors import Place
from exotrial.core.provenance import SourceFile
from exotrial.registries.record import (
    Age,
    RecordedArm,
    RecordedEthics,
    RecordedOutcome,
    RecordedSite,
    RecordedSponsor,
    RegistryRecord,
    Stated,
)
from exotrial.study.definition import Study
from tests.study.clean import changed

T = TypeVar("T")

SECOND = "ISRCTN00000000"
"""The number of the second register."""


def says(value: T, *, line: int = 7, file: str = "records.json") -> Stated[T]:
    """A value as a record prints it."""
    return Stated(value=value, prints=str(value), place=Place(file=file, line=line))


def day(text: str) -> Stated[PartialDate]:
    return says(read_partial_date(text))


def outcome(level: Any, name: str, *days: int, horizon: int | None = None) -> RecordedOutcome:
    return RecordedOutcome(level=level, name=says(name), days=days, horizon_days=horizon)


def arm(name: str, size: int | None = None) -> RecordedArm:
    return RecordedArm(name=says(name), size=None if size is None else says(size))


def in_two_registers(**changes: object) -> Study:
    """The clean study, registered a second time."""
    return changed({"secondary_ids": [SECOND], **changes})


def latest() -> RegistryRecord:
    """The record after completion."""
    return RegistryRecord(
        registry="nct",
        identifier=says("NCT00000000"),
        reader="made up",
        source=SourceFile(name="records.json", sha256="0" * 64, size=1),
        as_of=date(2025, 6, 30),
        registered=day("2024-02-01"),
        updated=day("2025-04-10"),
        status=says("Completed"),
        public_title=says("Vesicles in acute respiratory distress syndrome"),
        sponsors=(RecordedSponsor(name=says("Example University, Example City"), role="sponsor"),),
        sites=(RecordedSite(name=says("Example Hospital")),),
        ethics=(RecordedEthics(approved=day("2024-01-15")),),
        phase=Stated(value="2", prints="Phase 2", place=Place(file="records.json", line=8)),
        model=says("parallel"),
        allocation=says("randomised"),
        purpose=says("treatment"),
        masking=says("double blind"),
        masked_roles=says(("participant", "outcome assessor")),
        placebo=says(True),
        block_sizes=says((4,)),
        arms=(arm("Vesicles", 16), arm("Vehicle", 16)),
        age_min=says(Age(value=18.0, unit="a")),
        age_max=says(Age(value=65.0, unit="a")),
        sex=says("all"),
        start=day("2024-03"),
        start_actual=True,
        recruitment_end=day("2024-12-20"),
        primary_completion=day("2025-03"),
        completion=day("2025-03-31"),
        target_size=says(32),
        actual_size=says(32),
        outcomes=(
            outcome("primary", "PaO2/FiO2 ratio", 0, 7, 28),
            outcome("secondary", "C-reactive protein (CRP)", 0, 7, 28),
            outcome("secondary", "Respiratory rate", 0, 7, 28),
            outcome("secondary", "Mortality, all-cause", horizon=28),
        ),
    )


def first_version() -> RegistryRecord:
    """The record as it was first registered, everything still to come."""
    return replace(
        latest(),
        as_of=date(2024, 2, 1),
        updated=day("2024-02-01"),
        status=says("Not yet recruiting"),
        start=day("2024-03-01"),
        start_actual=False,
        recruitment_end=day("2024-12-31"),
        actual_size=None,
    )


def in_second_register() -> RegistryRecord:
    """The same trial in another register, which holds less."""
    return replace(
        latest(),
        registry="isrctn",
        identifier=says(SECOND),
        secondary_ids=(says("NCT00000000"),),
        phase=says("2a"),
        start=day("2024-03-01"),
        actual_size=None,
        block_sizes=None,
        outcomes=(outcome("primary", "Ratio of PaO2/FiO2"),),
    )
