"""Sharing and privacy (IPD): can data be had as promised, and nobody be recognised?"""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.findings import Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.definition import Study

_SMALL = 11
"""A group smaller than 11 is not shown by name of place and date (EMA policy 0070: risk at most 0.09)."""


@check(
    "IPD-001",
    Severity.ERROR,
    "cross-field",
    standards=("TRDS 24", "SPIRIT 2025 item 6"),
    why="Columns without a dictionary are numbers without meaning.",
    settle="the data dictionary, shared with the data.",
)
def shared_data_come_with_a_dictionary(study: Study) -> Iterator[Doubt]:
    """Participant data that are shared come with a data dictionary."""
    if study.sharing is not None and study.sharing.participant_data and not study.sharing.data_dictionary:
        yield Doubt(
            subject="sharing.data_dictionary",
            says="participant data are to be shared, without their dictionary",
            paths=("sharing.participant_data", "sharing.data_dictionary"),
        )


@check(
    "IPD-002",
    Severity.WARNING,
    "cross-field",
    standards=("TRDS 24", "SPIRIT 2025 item 5"),
    why="Results cannot be checked against a plan that nobody may see.",
    settle="protocol, analysis plan and code beside the data.",
)
def shared_data_come_with_protocol_plan_and_code(study: Study) -> Iterator[Doubt]:
    """Participant data that are shared come with the protocol, the analysis plan and the code."""
    if study.sharing is None or not study.sharing.participant_data:
        return
    kept = [
        name
        for name, value in (
            ("protocol", study.sharing.protocol),
            ("analysis plan", study.sharing.analysis_plan),
            ("analytic code", study.sharing.analytic_code),
        )
        if value is False
    ]
    if kept:
        yield Doubt(
            subject="sharing.protocol",
            says=f"participant data are to be shared, and not the {', '.join(kept)}",
            paths=("sharing.protocol", "sharing.analysis_plan", "sharing.analytic_code"),
        )


@check(
    "IPD-003",
    Severity.ERROR,
    "cross-field",
    standards=("TRDS 24",),
    why="Who asks does not know whether they may.",
    settle="either everybody, or the professions.",
)
def an_open_audience_has_no_restriction(study: Study) -> Iterator[Doubt]:
    """Data for everybody are not restricted to professions."""
    if study.sharing is not None and study.sharing.audience_open and study.sharing.restricted_to:
        yield Doubt(
            subject="sharing.audience",
            says=f"open to {study.sharing.audience or 'everybody'}, and restricted to {study.sharing.restricted_to}",
            paths=("sharing.audience", "sharing.restricted_to"),
        )


@check(
    "IPD-004",
    Severity.WARNING,
    "record",
    standards=("ICMJE",),
    why="A period without an end is a promise that nobody has to keep on any day.",
    settle="the last day, or that there is none.",
)
def access_has_a_beginning_and_an_end(study: Study) -> Iterator[Doubt]:
    """The period of access has a beginning and an end."""
    if study.sharing is not None and study.sharing.participant_data:
        missing = [
            name
            for name, value in (("beginning", study.sharing.starts), ("end", study.sharing.ends))
            if value is None
        ]
        if missing:
            yield Doubt(
                subject="sharing.ends" if "end" in missing else "sharing.starts",
                says=f"the period of access has no {' and no '.join(missing)}",
                paths=("sharing.starts",),
            )


@check(
    "IPD-005",
    Severity.ERROR,
    "record",
    standards=("EMA policy 0070", "HIPAA 164.514(b)"),
    why="In a trial this small, age, sex and dates can name a person; “unidentifiable” needs a method and a limit.",
    settle="the method of de-identification and the risk accepted, such as k of 11 or 0.09.",
)
def deidentification_has_a_method_and_a_threshold(study: Study) -> Iterator[Doubt]:
    """Data that are shared are de-identified by a named method to a stated risk."""
    sharing = study.sharing
    if sharing is not None and sharing.participant_data:
        missing = [
            name
            for name, value in (
                ("method", sharing.deidentification_method),
                ("threshold of risk", sharing.risk_threshold),
            )
            if value is None
        ]
        if missing:
            yield Doubt(
                subject="sharing.deidentification_method",
                says=f"data are to be shared without a stated {' and '.join(missing)} of de-identification",
                paths=("sharing.deidentification_method", "sharing.description"),
            )


@check(
    "IPD-006",
    Severity.WARNING,
    "record",
    standards=("FAIR",),
    why="A mailbox closes when its owner leaves; a repository gives a number that lasts.",
    settle="a repository and the identifier of the data set.",
)
def data_are_in_a_repository(study: Study) -> Iterator[Doubt]:
    """Shared data are in a repository, under an identifier."""
    sharing = study.sharing
    if (
        sharing is not None
        and sharing.participant_data
        and not (sharing.repository and sharing.repository_identifier)
    ):
        yield Doubt(
            subject="sharing.repository",
            says="data are to be asked for from a person, not taken from a repository",
            paths=("sharing.repository", "sharing.gatekeeper"),
        )


@check(
    "IPD-007",
    Severity.WARNING,
    "cross-field",
    standards=("ICMJE",),
    why="Who paid for a result has an interest in who may check it.",
    settle="an independent committee that decides on requests.",
)
def the_gatekeeper_is_not_the_funder(study: Study) -> Iterator[Doubt]:
    """Requests for data are not decided by the sponsor alone."""
    if study.sharing is not None and study.sharing.gatekeeper_is_sponsor:
        yield Doubt(
            subject="sharing.gatekeeper_is_sponsor",
            says="the sponsor, who funds the trial, decides who may have the data",
            paths=("sharing.gatekeeper_is_sponsor", "sharing.process"),
        )


@check(
    "IPD-008",
    Severity.INFO,
    "record",
    standards=("BioStudies PageTab",),
    why="A data record without files is an abstract under another name.",
    settle="the data files, linked to the registration.",
)
def a_data_record_holds_data(study: Study) -> Iterator[Doubt]:
    """A repository record holds data files."""
    if study.sharing is not None and study.sharing.data_files == 0:
        yield Doubt(
            subject="sharing.data_files",
            says="the repository record holds no data file",
            paths=("sharing.data_files",),
        )


@check(
    "IPD-009",
    Severity.WARNING,
    "privacy",
    standards=("EMA policy 0070", "HIPAA 164.514(b)(2)"),
    why="A table with a column for each participant is participant data; with hospital and dates it names people.",
    settle="ages in bands, days from a common origin in place of dates, or consent to publication.",
)
def a_table_of_cases_does_not_identify(study: Study) -> Iterator[Doubt]:
    """A published table of single participants does not combine age, sex, dates and place in a small study."""
    shown = study.conduct.case_table_identifiers
    enrolled = study.design.enrolled
    if study.conduct.case_table_published and len(shown) >= 3 and enrolled is not None and enrolled < _SMALL:
        yield Doubt(
            subject="conduct.case_table_identifiers",
            says=f"{', '.join(shown)} are printed for each of {enrolled} participants",
            paths=("conduct.case_table_identifiers", "conduct.case_table_published"),
        )


@check(
    "IPD-101",
    Severity.WARNING,
    "record",
    standards=("ICMJE", "CONSORT 2025 item 4"),
    why="A reader who wants to check the numbers does not know whether the data can be had.",
    settle="a data sharing statement.",
)
def sharing_is_stated(study: Study) -> Iterator[Doubt]:
    """There is a data sharing statement."""
    if study.sharing is None or study.sharing.participant_data is None:
        yield Doubt(subject="sharing", says="no data sharing statement is given", paths=())
