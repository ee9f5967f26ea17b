"""The form of IRCT: its sections and headings in the order in which the registry prints a protocol.

Taken from the protocols that https://irct.behdasht.gov.ir prints (the page of a trial, "Protocol summary" to
"Sharing plan"), as of 2026.
"""

from __future__ import annotations

from dataclasses import dataclass

TITLE = "Clinical Trial Protocol"
REGISTER = "Iranian Registry of Clinical Trials"
EMPTY = "empty"
"""What the registry prints in a field without a value; others it leaves blank."""

TITLES = frozenset({"Registrant information", "Ethics committee", "Recruitment center", "Sponsor", "Contact"})
"""Headings that stand above other headings and have no value."""

_ADDRESS = ("Street address", "City", "Province", "Country", "Postal code")
_CALL = ("Phone", "Mobile", "Fax", "Email", "Web page address")
_PERSON = (
    *("Contact", "Name of organization / entity", "Full name of responsible person", "Position"),
    *("Latest degree", "Other areas of specialty/work", *_ADDRESS, *_CALL),
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section: its headings in their order. One that `repeats` numbers its groups from 1."""

    heading: str
    fields: tuple[str, ...] = ()
    repeats: bool = False


SUMMARY = Section(
    heading="Protocol summary",
    fields=(
        *("Study aim", "Design", "Settings and conduct", "Participants/Inclusion and exclusion criteria"),
        *("Intervention groups", "Main outcome variables"),
    ),
)
GENERAL = Section(
    heading="General information",
    fields=(
        *("Reason for update", "Acronym", "IRCT registration information", "Registration date"),
        *(
            "Registrant information",
            "Name",
            "Name of organization / entity",
            "Country",
            "Phone",
            "Email address",
        ),
        *("Recruitment status", "Funding source"),
        *("Expected recruitment start date", "Expected recruitment end date"),
        *("Actual recruitment start date", "Actual recruitment end date", "Trial completion date"),
        *("Scientific title", "Public title", "Purpose", "Inclusion/Exclusion criteria"),
        *("Age", "Gender", "Phase", "Groups that have been masked", "Sample size"),
        *("Randomization (investigator's opinion)", "Randomization description"),
        *("Blinding (investigator's opinion)", "Blinding description"),
        *("Placebo", "Assignment", "Other design features"),
    ),
)
SECONDARY_IDS = Section(heading="Secondary Ids")
ETHICS = Section(
    heading="Ethics committees",
    fields=(
        *("Ethics committee", "Name of ethics committee", *_ADDRESS),
        *("Approval date", "Ethics committee reference number"),
    ),
    repeats=True,
)
CONDITIONS = Section(
    heading="Health conditions studied",
    fields=("Description of health condition studied", "ICD-10 code", "ICD-10 code description"),
    repeats=True,
)
_OUTCOME = ("Description", "Timepoint", "Method of measurement")
PRIMARY = Section(heading="Primary outcomes", fields=_OUTCOME, repeats=True)
SECONDARY = Section(heading="Secondary outcomes", fields=_OUTCOME, repeats=True)
GROUPS = Section(heading="Intervention groups", fields=("Description", "Category"), repeats=True)
CENTRES = Section(
    heading="Recruitment centers",
    fields=(
        *("Recruitment center", "Name of recruitment center", "Full name of responsible person"),
        *(*_ADDRESS, *_CALL),
    ),
    repeats=True,
)
SPONSORS = Section(
    heading="Sponsors / Funding sources",
    fields=(
        *("Sponsor", "Name of organization / entity", "Full name of responsible person", *_ADDRESS, *_CALL),
        *("Grant name", "Grant code / Reference number"),
        "Is the source of funding the same sponsor organization/entity?",
        *("Title of funding source", "Proportion provided by this source", "Public or private sector"),
        *("Domestic or foreign origin", "Category of foreign source of funding", "Country of origin"),
        "Type of organization providing the funding",
    ),
    repeats=True,
)
INQUIRIES = Section(heading="Person responsible for general inquiries", fields=_PERSON)
SCIENTIFIC = Section(heading="Person responsible for scientific inquiries", fields=_PERSON)
UPDATES = Section(heading="Person responsible for updating data", fields=_PERSON)
DOCUMENTS = (
    *("Study Protocol", "Statistical Analysis Plan", "Informed Consent Form", "Clinical Study Report"),
    *("Analytic Code", "Data Dictionary"),
)
SHARING = Section(
    heading="Sharing plan",
    fields=(
        *("Deidentified Individual Participant Data Set (IPD)", *DOCUMENTS),
        "Title and more details about the data/document",
        "When the data will become available and for how long",
        "To whom data/document is available",
        "Under which criteria data/document could be used",
        "From where data/document is obtainable",
        "What processes are involved for a request to access data/document",
        "Comments",
    ),
)
SECTIONS = (
    *(SUMMARY, GENERAL, SECONDARY_IDS, ETHICS, CONDITIONS, PRIMARY, SECONDARY, GROUPS, CENTRES, SPONSORS),
    *(INQUIRIES, SCIENTIFIC, UPDATES, SHARING),
)
"""Every section, in the order of the form."""
