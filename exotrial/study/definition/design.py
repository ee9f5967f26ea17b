"""The design: objectives, arms, stages, epochs, encounters, randomisation and blinding (USDM StudyDesign)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from exotrial.study.definition.base import Count, Duration, Identifier, Named, Part, Positive, Text
from exotrial.study.rules import Rule


class Objective(Named):
    """An objective; its endpoints are the outcomes that refer to it or are named here."""

    level: Literal["primary", "secondary", "exploratory"]
    text: Text
    outcomes: tuple[Identifier, ...] = ()


class Design(Part):
    """The design as a whole (TRDS 15 and 17; SPIRIT 2025 items 12, 13 and 19)."""

    phase: Literal["pilot", "1", "1-2", "2a", "2", "2-3", "3", "not stated"]
    intervention_model: Literal["single group", "parallel", "crossover", "factorial", "not stated"]
    allocation: Literal["randomised", "non-randomised", "not applicable", "not stated"]
    purpose: Literal["treatment", "prevention", "diagnostic", "supportive care"] = "treatment"
    framework: Literal["superiority", "non-inferiority", "equivalence", "exploratory"] | None = None
    """What the comparison is to show (SPIRIT 2025 item 12)."""
    comparator: Text | None = None
    """With whom treated participants are compared, where the source compares them with anybody."""
    comparator_group_defined: bool | None = None
    groups_defined_by: Literal["allocation", "treatment timing", "outcome", "severity"] | None = None
    planned_size: Count | None = None
    enrolled: Count | None = None
    size_shortfall_reason: Text | None = None
    time_origin: Literal[
        "first dose",
        "randomisation",
        "start of intervention",
        "end of intervention",
        "enrolment",
        "not stated",
    ]
    day_of_origin: Literal[0, 1] = 1
    """The number that the protocol gives to the day of the time origin; SDTM has no day 0."""
    acute_phase: Duration | None = None
    """How long after onset the disease is taken to be acute, for judging times from onset."""
    discontinuation_criteria: tuple[Text, ...] | None = None
    progression_criteria: tuple[Text, ...] | None = None
    settings: Text | None = None
    other_features: Text | None = None


class Arm(Named):
    """An arm (USDM StudyArm): what its participants receive and how many there are to be."""

    name: Text
    kind: Literal[
        "experimental",
        "active comparator",
        "placebo comparator",
        "no intervention",
        "standard care",
        "not stated",
    ]
    size: Count | None = None
    interventions: tuple[Identifier, ...] = ()
    description: Text | None = None
    description_carries_sizes: bool = False
    """True where the registry's arm description states numbers of participants instead of treatment."""


class Cohort(Named):
    """A named set of participants that is not an arm: a severity class, a treatment-timing group."""

    name: Text
    size: Count | None = None
    participants: tuple[Text, ...] = ()
    defined_by: Text | None = None


class StageArm(Part):
    arm: Identifier
    size: Count


class Stage(Named):
    """A phase of a trial that runs in phases, with its size by arm (and by stratum, where planned so)."""

    name: Text
    phase: Text
    size: Count
    arms: tuple[StageArm, ...] = ()
    stratum_size: Count | None = None
    """Participants in each stratum, where the plan says so."""


class Epoch(Named):
    name: Text
    order: int


class Encounter(Named):
    """A planned visit (USDM Encounter). `day` is the day as the protocol counts; windows are in whole days."""

    name: Text
    epoch: Identifier
    day: Annotated[int, Field(ge=-36525, le=36525)]
    day_stated: bool = True
    """False where the source names the encounter and not its day; `day` then only puts it in order."""
    window_before: Count = 0
    window_after: Count = 0
    window_stated: bool = False
    anchor: Text | None = None
    """The event the day counts from, where it is not the study's time origin."""


class Activity(Named):
    """Something done at encounters (USDM Activity): a measure, a procedure, a sample."""

    name: Text
    encounters: tuple[Identifier, ...]
    measures: tuple[Text, ...] = ()
    """Names of outcome measures of the catalogue that this activity records."""
    kind: Literal["enrolment", "intervention", "assessment"] | None = None
    """Its block of the schedule (figure of SPIRIT 2025); None where the source leaves it open."""
    procedure: Text | None = None
    invasive: bool = False


class Stratum(Named):
    name: Text
    definition: Text
    levels: tuple[Text, ...]
    """Levels of the stratification factor that fall into this stratum."""
    rule: Rule | None = None


class Randomisation(Part):
    """How the sequence is made, concealed and used (CONSORT 2025 items 17 to 19)."""

    method: Literal["permuted blocks", "stratified permuted blocks", "simple", "minimisation", "other"]
    ratio: tuple[Positive, ...] = ()
    block_sizes: tuple[Positive, ...] = ()
    block_choice: Literal["random", "fixed", "by expected enrolment", "not stated"] = "not stated"
    factor: Text | None = None
    factor_levels: tuple[Text, ...] = ()
    """Every level that the stratification factor can take in an eligible participant."""
    strata: tuple[Stratum, ...] = ()
    generated_by: Text | None = None
    generated_with: Text | None = None
    enrolled_by: Text | None = None
    assigned_by: Text | None = None
    concealment: Text | None = None
    envelope_kept_by: Text | None = None
    envelope_properties: tuple[Text, ...] = ()
    assignment_order: Literal["sequence", "chosen by participant", "not stated"] = "not stated"


class Unblinding(Part):
    """Emergency unblinding (SPIRIT 2025 item 24c)."""

    trigger: Text | None = None
    trigger_defined: bool = False
    """True where the trigger is a criterion that two people would apply alike."""
    actor: Text | None = None
    actor_blind: bool | None = None
    record: Text | None = None


class Blinding(Part):
    """Who is blinded, and how (CONSORT 2025 item 20)."""

    label: Literal["open label", "single blind", "double blind", "triple blind", "quadruple blind"]
    masked_roles: tuple[
        Literal["participant", "care provider", "investigator", "outcome assessor", "data analyst"], ...
    ] = ()
    method: Text | None = None
    placebo: bool = False
    unblinding: Unblinding | None = None


class Recruitment(Part):
    """When participants were or are to be enrolled and the study conducted."""

    planned_start: date | None = None
    planned_end: date | None = None
    actual_start: date | None = None
    actual_end: date | None = None
    first_dose: date | None = None
    conducted_from: date | None = None
    conducted_to: date | None = None
    completion: date | None = None
    status: Text | None = None
