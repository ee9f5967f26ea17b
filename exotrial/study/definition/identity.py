"""Who, where and under which numbers: documents, registrations, organisations, ethics, sites, contacts.

TRDS numbers are the items of the WHO Trial Registration Data Set 1.3.1.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from exotrial.study.definition.base import Identifier, Named, Part, Percent, Text


class Document(Named):
    """A source that the study file was made from: paper, registry record, repository record, protocol."""

    kind: Literal["protocol", "registry record", "paper", "repository record", "registry snapshot"]
    title: Text
    citation: Text | None = None
    file: Text | None = None
    sha256: str | None = None
    dated: date | None = None


class Registration(Part):
    """One registration of the trial, with what that record says (TRDS 1 to 24)."""

    registry: Text
    identifier: Text
    registered: date | None = None
    version: Text | None = None
    last_updated: date | None = None
    update_count: int | None = None
    reason_for_update: Text | None = None
    status: Text | None = None
    timing_label: Literal["prospective", "retrospective", "registered while recruiting"] | None = None
    timing_label_stated_in: Identifier | None = None
    first_enrolment: date | None = None
    recruitment_start: date | None = None
    recruitment_end: date | None = None
    completion: date | None = None
    target_size: int | None = None
    primary_outcomes: tuple[Text, ...] | None = None
    secondary_outcomes: tuple[Text, ...] | None = None
    sponsor: Text | None = None
    sites: tuple[Text, ...] | None = None
    case_definition: Literal["confirmed", "suspected", "confirmed or suspected"] | None = None
    exclusion_count: int | None = None
    intervention_model: Text | None = None
    phase: Text | None = None
    seen_in: Identifier | None = None
    """The id of the document in which this record was read."""


class Organisation(Named):
    """An organisation with a part in the trial. People are never named in a study file."""

    name: Text
    roles: tuple[
        Literal[
            "sponsor", "funder", "site", "manufacturer", "registrant", "coordinating centre", "laboratory"
        ],
        ...,
    ]
    city: Text | None = None
    country: Text | None = None
    sector: Literal["private", "public"] | None = None
    kind: Text | None = None
    """The kind the source gives it (TRDS 4), as stated: `Other`, `Company`, `University`."""
    role_statement: Text | None = None
    """Its role in design, conduct, analysis and the decision to publish (SPIRIT 2025 item 3c)."""


class Funding(Part):
    """Where the money comes from (TRDS 4). `organisation` is None where the source leaves the field empty."""

    organisation: Identifier | None = None
    share: Percent | None = None
    origin: Literal["domestic", "foreign"] | None = None


class Ethics(Part):
    """An ethics committee's decision (TRDS 21)."""

    committee: Text
    reference: Text | None = None
    approved: date | None = None
    city: Text | None = None
    country: Text | None = None
    address_population: Literal["adult", "paediatric", "general"] | None = None
    """The population whose hospital the committee's printed address names, where it names one."""


class Site(Named):
    """A place where participants are enrolled and treated (TRDS 11)."""

    name: Text
    city: Text | None = None
    country: Text | None = None
    population: Literal["adult", "paediatric", "general"] | None = None


class Contact(Part):
    """Whom to ask, by role and organisation only (TRDS 7 and 8)."""

    role: Literal[
        "public inquiries",
        "scientific inquiries",
        "data updates",
        "registrant",
        "site",
        "corresponding author",
    ]
    organisation: Text | None = None
    mailbox: Literal["institutional", "personal", "not given"] | None = None


class Condition(Part):
    """A health condition studied (TRDS 12)."""

    name: Text
    icd10: Text | None = None
    icd10_text: Text | None = None
    severity_scheme: Text | None = None
    """The named scheme that severity words of the study follow (for example the WHO COVID-19 scheme)."""
    severity_terms: tuple[Text, ...] = ()
