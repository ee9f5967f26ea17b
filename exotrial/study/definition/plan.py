"""What is measured, watched, analysed, stored and shared."""

from __future__ import annotations

from datetime import date
from typing import Literal

from exotrial.study.definition.base import Duration, Identifier, Named, Part, Temperature, Text


class Outcome(Named):
    """An outcome (TRDS 19 and 20): measure, time points, method, unit and direction.

    `measure` is the name of a measure of the catalogue (`exotrial measures`); None where none fits, such as
    an outcome that names no measurable variable.
    """

    level: Literal["primary", "secondary", "exploratory", "safety"]
    name: Text
    abbreviation: Text | None = None
    measure: Text | None = None
    encounters: tuple[Identifier, ...] = ()
    horizon: Duration | None = None
    time_frame: Text | None = None
    """The time frame as stated, in few words, where it names no encounter."""
    method: Text | None = None
    definition: Text | None = None
    instrument: Text | None = None
    unit: Text | None = None
    low: float | None = None
    high: float | None = None
    direction: Literal["higher is better", "higher is worse", "neither"] | None = None
    requires: tuple[Text, ...] = ()
    """What must be available to measure it (`arterial blood gas`, `PEEP`)."""
    unavailable_in: tuple[Identifier, ...] = ()
    """Strata in which what it requires cannot be had."""
    intercurrent_rule: Text | None = None
    """What is done after death, discharge or other intercurrent events (ICH E9(R1))."""
    value_selection: Text | None = None
    """Which value counts where there are several (first, last, worst), as the plan says."""
    selection_consistent: bool | None = None
    """False where the data show that the value was not chosen by one rule."""
    registered: bool | None = None
    """Whether it was registered as a primary outcome; None where that is not known."""


class Safety(Part):
    """The adverse-event plan (SPIRIT 2025 items 17 and 28; ICH E2A)."""

    terms: tuple[Text, ...] = ()
    """The terms the source uses for what is watched, as used."""
    prespecified_events: tuple[Text, ...] = ()
    grading: Text | None = None
    coding: Text | None = None
    causality: Text | None = None
    collection_window: Duration | None = None
    reporting: Text | None = None
    monitoring_committee: Text | None = None
    no_committee_reason: Text | None = None
    stopping_rules: tuple[Text, ...] | None = None


class Analysis(Named):
    """One analysis of the plan: population, variable, comparison, method, level."""

    variable: Identifier | None = None
    """The outcome analysed; None for a family of variables, then `variables` says which."""
    variables: Text | None = None
    population: Identifier | None = None
    comparison: Literal["before and after", "between arms", "between groups", "description"]
    method: Text | None = None
    data_are_paired: bool | None = None
    method_is_paired: bool | None = None
    level: float | None = None
    sides: Literal[1, 2] | None = None
    missing_data: Text | None = None
    software: Text | None = None
    group_sizes_given: bool | None = None


class StatisticalDesign(Part):
    """The statistical design as stated (SPIRIT 2025 item 19 and 27)."""

    size_rationale: Text | None = None
    power: float | None = None
    level: float | None = None
    effect: Text | None = None
    plan_available: bool | None = None
    interim_analyses: Text | None = None
    estimands: tuple[Text, ...] = ()


class Imaging(Part):
    """How lesions are imaged and read."""

    modality: Text
    device: Text | None = None
    encounters: tuple[Identifier, ...] = ()
    reading: Text | None = None
    absorbed_means: Text | None = None
    readers: Text | None = None


class SampleKind(Named):
    name: Text
    encounters: tuple[Identifier, ...] = ()
    assay: Text | None = None
    temperature: Temperature | None = None
    kept_for: Duration | None = None


class Sharing(Part):
    """The sharing plan (TRDS 24; ICMJE data sharing statement)."""

    participant_data: bool | None = None
    protocol: bool | None = None
    analysis_plan: bool | None = None
    consent_form: bool | None = None
    study_report: bool | None = None
    analytic_code: bool | None = None
    data_dictionary: bool | None = None
    description: Text | None = None
    starts: Text | None = None
    ends: Text | None = None
    audience: Text | None = None
    audience_open: bool | None = None
    restricted_to: Text | None = None
    repository: Text | None = None
    repository_identifier: Text | None = None
    data_files: int | None = None
    gatekeeper: Text | None = None
    gatekeeper_is_sponsor: bool | None = None
    process: Text | None = None
    deidentification_method: Text | None = None
    risk_threshold: Text | None = None


class DataEntry(Part):
    """How data are entered: the items that two people key independently (item oids, as `exotrial forms` lists)."""

    double_entry: tuple[Text, ...] = ()


class Fact(Named):
    """Something that a source tells of the conduct or the results and that has no other place in the file.

    The value stays in the evidence (`conduct.facts.<id>`), so that two places that tell it differently show.
    """

    text: Text
    participant: Text | None = None


class Conduct(Part):
    """Facts of conduct and reporting that the source tells outside its tables."""

    case_table_published: bool = False
    """True where the publication prints a table with one column or row for each participant."""
    case_table_identifiers: tuple[Literal["age", "sex", "dates", "site", "underlying disease"], ...] = ()
    virus_negative_before_first_dose: bool | None = None
    height_recorded: bool | None = None
    registration_in_past_tense: bool = False
    median_onset_to_treatment: Duration | None = None
    published: date | None = None
    facts: tuple[Fact, ...] = ()


class Evidence(Part):
    """Where a source says something of the study file: the place, a few words or the figure, and what it states.

    `path` is a dotted path into this file, list entries by their id (`outcomes.murray.method`). Two pieces of
    evidence for one path with different `states` are a contradiction in the sources.
    """

    path: Text
    source: Identifier
    line: int | None = None
    place: Text | None = None
    prints: Text
    states: str | int | float | bool | tuple[str, ...] | None = None
