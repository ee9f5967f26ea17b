"""A registry record: what one record of one trial says, each value with the words that print it and their place.

The items are those of the WHO Trial Registration Data Set 1.3.1 (TRDS), with what the registries add to it. Nothing
is filled in: a field that the record leaves empty is None or an empty tuple. What was mended on the way (a date that
a spreadsheet turned round, a lost "at least" sign) stands in `findings`, what has no place here in `unheld`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Place
from exotrial.core.findings import Finding
from exotrial.core.provenance import SourceFile

if TYPE_CHECKING:  # the rules are a part of the study's definition and cannot be imported before it
    from exotrial.study.rules import Rule

T = TypeVar("T")

Level = Literal["primary", "secondary", "exploratory", "safety"]
MaskedRole = Literal["participant", "care provider", "investigator", "outcome assessor", "data analyst"]
Timing = Literal["prospective", "retrospective", "registered while recruiting"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated(Generic[T]):
    """A value as it is understood, the words or the figure that print it, and where they stand."""

    value: T
    prints: str
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Age:
    """An age limit: a number and its UCUM unit (`a` years, `mo` months, `wk` weeks, `d` days)."""

    value: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class RecordedArm:
    """An arm: its label, what kind the record calls it, how many it is to hold, and what it receives."""

    name: Stated[str]
    kind: Stated[str] | None = None
    size: Stated[int] | None = None
    description: Stated[str] | None = None
    interventions: tuple[str, ...] = ()
    """Names of `RegistryRecord.interventions`, where the record joins them to arms."""


@dataclass(frozen=True, kw_only=True)
class RecordedIntervention:
    """Something given: its name, its type as the record prints it, and its description."""

    name: Stated[str]
    kind: Stated[str] | None = None
    description: Stated[str] | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedCriterion:
    """One criterion of eligibility; `proposed` is the rule its words suggest, for a person to accept or mend."""

    category: Literal["inclusion", "exclusion"]
    text: Stated[str]
    proposed: Rule | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedOutcome:
    """An outcome: its name, when and how it is measured.

    `days` are the days that the time frame names, as the record counts them (a baseline is day 0); empty where its
    words name none. `horizon_days` is the longest span that it names otherwise ("within 60 days", "3 months after":
    a month is no number of days, and UCUM's mean month of 30.4375 days is rounded).
    """

    level: Level
    name: Stated[str]
    time_frame: Stated[str] | None = None
    method: Stated[str] | None = None
    days: tuple[int, ...] = ()
    horizon_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedCondition:
    """A health condition, with its code where the record gives one."""

    name: Stated[str]
    code: Stated[str] | None = None
    code_text: Stated[str] | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedEthics:
    """An ethics committee's decision (TRDS 21)."""

    committee: Stated[str] | None = None
    reference: Stated[str] | None = None
    approved: Stated[PartialDate] | None = None
    status: Stated[str] | None = None
    address: Stated[str] | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedSponsor:
    """An organisation that sponsors, funds or collaborates (TRDS 4 to 6)."""

    name: Stated[str]
    role: Literal["sponsor", "funder", "collaborator"]
    kind: Stated[str] | None = None
    share: Stated[float] | None = None
    """The share of the funding in percent."""


@dataclass(frozen=True, kw_only=True)
class RecordedSite:
    """A place where participants are enrolled (TRDS 11)."""

    name: Stated[str]
    city: Stated[str] | None = None
    country: Stated[str] | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedContact:
    """A person or office to ask. Read so that it can be left out: nothing here goes into a study file or an export."""

    role: str
    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    telephone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    affiliation: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordedSharing:
    """The statement on sharing participants' data (TRDS 24)."""

    participant_data: Stated[bool | None] | None = None
    """The plan's answer; `value` None where the record says that it is undecided."""
    description: Stated[str] | None = None
    documents: tuple[Stated[str], ...] = ()
    period: Stated[str] | None = None
    audience: Stated[str] | None = None
    obtainable_from: Stated[str] | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedSummaryItem:
    """A field of a summary that the record prints beside its full text, under the heading it has there."""

    heading: str
    text: Stated[str]


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Something that one side says and the other has no place for.

    `item` names the field (a path or a heading of the side that holds it), `prints` its words, cut short where long.
    """

    item: str
    prints: str
    why: str
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, kw_only=True)
class RegistryRecord:
    """What one record says of one trial.

    `registry` is the name of the register (a key of `core.identifiers.REGISTRIES`, or the register's own name where
    it has none there), `reader` the adapter that read it, `as_of` the day on which the record was so, where the file
    tells one (an export date, a version date).
    """

    registry: str
    identifier: Stated[str]
    reader: str
    source: SourceFile
    as_of: date | None = None
    is_repository: bool = False
    """True where the record is of a data repository, which holds what was published and registers nothing."""
    url: Stated[str] | None = None
    secondary_ids: tuple[Stated[str], ...] = ()
    registered: Stated[PartialDate] | None = None
    updated: Stated[PartialDate] | None = None
    refreshed: Stated[PartialDate] | None = None
    """The day on which a collector of records last took this one from its register; no update of the record."""
    update_count: Stated[int] | None = None
    timing_label: Stated[Timing] | None = None
    status: Stated[str] | None = None
    public_title: Stated[str] | None = None
    scientific_title: Stated[str] | None = None
    acronym: Stated[str] | None = None
    summary: Stated[str] | None = None
    description: Stated[str] | None = None
    sponsors: tuple[RecordedSponsor, ...] = ()
    contacts: tuple[RecordedContact, ...] = ()
    countries: tuple[Stated[str], ...] = ()
    sites: tuple[RecordedSite, ...] = ()
    ethics: tuple[RecordedEthics, ...] = ()
    conditions: tuple[RecordedCondition, ...] = ()
    study_type: Stated[str] | None = None
    phase: Stated[str] | None = None
    """As the study file writes phases (`1-2`, `2a`, `pilot`, `0`); `prints` keeps the record's form."""
    model: Stated[str] | None = None
    """`single group`, `parallel`, `crossover`, `factorial`, or the record's own word where it is none of these."""
    allocation: Stated[str] | None = None
    """`randomised`, `non-randomised` or `not applicable`."""
    purpose: Stated[str] | None = None
    masking: Stated[str] | None = None
    """`open label`, `single blind`, `double blind`, `triple blind`, `quadruple blind`, or the record's own word."""
    masked_roles: Stated[tuple[MaskedRole, ...]] | None = None
    masking_description: Stated[str] | None = None
    placebo: Stated[bool] | None = None
    randomisation: Stated[str] | None = None
    """How participants are randomised, in the record's words."""
    block_sizes: Stated[tuple[int, ...]] | None = None
    strata: tuple[Stated[str], ...] = ()
    arms: tuple[RecordedArm, ...] = ()
    interventions: tuple[RecordedIntervention, ...] = ()
    age_min: Stated[Age] | None = None
    age_max: Stated[Age] | None = None
    sex: Stated[Literal["all", "female", "male"]] | None = None
    healthy_volunteers: Stated[bool] | None = None
    criteria: tuple[RecordedCriterion, ...] = ()
    start: Stated[PartialDate] | None = None
    """First enrolment, anticipated or actual (TRDS 16)."""
    start_actual: bool | None = None
    recruitment_end: Stated[PartialDate] | None = None
    primary_completion: Stated[PartialDate] | None = None
    completion: Stated[PartialDate] | None = None
    target_size: Stated[int] | None = None
    actual_size: Stated[int] | None = None
    outcomes: tuple[RecordedOutcome, ...] = ()
    sharing: RecordedSharing | None = None
    results_posted: Stated[PartialDate] | None = None
    results_url: Stated[str] | None = None
    publications: tuple[Stated[str], ...] = ()
    protocol_summary: tuple[RecordedSummaryItem, ...] = ()
    """What a summary of the record's own says beside the full record (IRCT), where the two may differ."""
    findings: tuple[Finding, ...] = ()
    unheld: tuple[Loss, ...] = ()

    def outcomes_of(self, level: Level) -> tuple[RecordedOutcome, ...]:
        """The outcomes of one level, in the record's order."""
        return tuple(outcome for outcome in self.outcomes if outcome.level == level)
