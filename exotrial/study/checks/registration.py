"""Registration and dates (REG): the WHO Trial Registration Data Set against the conduct that is reported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from exotrial.core.dates import read_jalali
from exotrial.core.errors import Refusal
from exotrial.core.findings import Quote, Severity
from exotrial.core.identifiers import REGISTRIES, guess_registry
from exotrial.study.checks.check import Doubt, check
from exotrial.study.checks.follow_up import compute_follow_up_days
from exotrial.study.definition import Study

_BOTH_CALENDARS = re.compile(r"(\d{4}-\d{2}-\d{2}),\s*(1[34]\d{2}/\d{2}/\d{2})")
_DATE_LIKE_PHASE = re.compile(r"^\d{4}-\d{2}-\d{2}")


@check(
    "REG-005",
    Severity.ERROR,
    "record",
    standards=("TRDS 22",),
    why="A trial whose recruitment is over has a last visit; without its date nobody knows when results are due.",
    settle="the completion date, actual or expected, in the registry record.",
)
def completion_date_is_given_once_recruitment_is_complete(study: Study) -> Iterator[Doubt]:
    """A record whose recruitment is complete gives a completion date."""
    for position, record in enumerate(study.registrations):
        if record.status and "complete" in record.status.lower() and record.completion is None:
            yield Doubt(
                subject=f"registrations.{position}.completion",
                says=f"{record.identifier} has the status “{record.status}” and no completion date",
                paths=(f"registrations.{position}.completion", f"registrations.{position}.status"),
            )


@check(
    "REG-007",
    Severity.ERROR,
    "arithmetic",
    standards=("IRCT date fields",),
    why="The same day is printed in two calendars; if they differ, one of them is wrong.",
    settle="the day in one calendar, from the registry's own page.",
)
def dates_in_two_calendars_are_one_day(study: Study) -> Iterator[Doubt]:
    """A date printed in the Gregorian and the Jalali calendar is the same day in both."""
    for evidence in study.evidence:
        for gregorian, jalali in _BOTH_CALENDARS.findall(evidence.prints):
            meant = _gregorian(jalali)
            if meant != gregorian:
                yield Doubt(
                    subject=evidence.path,
                    says=f"{jalali} is {meant}, and {gregorian} is printed beside it",
                    quotes=(
                        Quote(
                            source=evidence.source,
                            prints=evidence.prints,
                            line=evidence.line,
                            place=evidence.place or "",
                        ),
                    ),
                )


def _gregorian(jalali: str) -> str:
    try:
        return read_jalali(jalali).isoformat()
    except Refusal:
        return "no day of that calendar"


@check(
    "REG-008",
    Severity.ERROR,
    "temporal",
    standards=("TRDS 21", "SPIRIT 2025 item 30"),
    why="No participant may be enrolled, and no trial registered as approved, before the ethics committee agreed.",
    settle="the date of the committee's letter.",
)
def ethics_approval_precedes_registration_and_enrolment(study: Study) -> Iterator[Doubt]:
    """Ethics approval is not later than registration and first enrolment."""
    starts = [record.registered for record in study.registrations if record.registered]
    starts += [day for day in (study.recruitment.actual_start, study.recruitment.first_dose) if day]
    for position, ethics in enumerate(study.ethics):
        late = [day for day in starts if ethics.approved and ethics.approved > day]
        if late:
            yield Doubt(
                subject=f"ethics.{position}.approved",
                says=f"the approval of {ethics.approved} is later than {min(late)}, when the trial was under way",
            )


@check(
    "REG-101",
    Severity.WARNING,
    "record",
    standards=("TRDS 21", "Declaration of Helsinki 2024 paragraph 23"),
    why="A reader cannot ask a committee that is not named, nor find an approval without date or number.",
    settle="committee, approval date and reference number.",
)
def ethics_approval_can_be_found(study: Study) -> Iterator[Doubt]:
    """The ethics committee, the date of its approval and its reference are given."""
    if not study.ethics:
        yield Doubt(subject="ethics", says="no ethics committee is named")
    for position, ethics in enumerate(study.ethics):
        missing = [
            name
            for name, value in (("date", ethics.approved), ("reference", ethics.reference))
            if value is None
        ]
        if missing:
            yield Doubt(
                subject=f"ethics.{position}",
                says=f"{ethics.committee}: the {' and the '.join(missing)} is not given",
            )


@check(
    "REG-011",
    Severity.ERROR,
    "temporal",
    standards=("TRDS 22",),
    why="The last participant's last visit lies after the end of recruitment by the whole follow-up.",
    settle="a completion date that leaves room for the follow-up, or a shorter follow-up.",
)
def follow_up_fits_before_completion(study: Study) -> Iterator[Doubt]:
    """Completion is not before the end of recruitment plus the longest follow-up."""
    days = compute_follow_up_days(study)
    for position, record in enumerate(study.registrations):
        if record.recruitment_end is None or not days:
            continue
        if (date.max - record.recruitment_end).days < days:
            continue  # the calendar ends before: 9999-12-31 stands for no end
        earliest = record.recruitment_end + timedelta(days=days)
        said = (
            f"recruitment to {record.recruitment_end} and follow-up of {days} days end not before {earliest}"
        )
        subject = f"registrations.{position}.completion"
        paths = (f"registrations.{position}", "outcomes")
        quotes = study.quotes(subject, f"registrations.{position}.recruitment_end")
        if record.completion is None:
            yield Doubt(
                subject=subject, says=f"{said}, and no completion date is given", paths=paths, quotes=quotes
            )
        elif record.completion < earliest:
            yield Doubt(
                subject=subject, says=f"{said}, and completion is given as {record.completion}", quotes=quotes
            )


@check(
    "REG-012",
    Severity.INFO,
    "record",
    standards=("TRDS 3",),
    why="Secondary numbers join records of one trial; an empty field does not say that there are none.",
    settle="the other identifiers, or a word that there are none.",
)
def secondary_identifiers_are_given_or_declared_none(study: Study) -> Iterator[Doubt]:
    """Secondary identifiers are given, or declared to be none."""
    if study.secondary_ids is None:
        yield Doubt(subject="secondary_ids", says="secondary identifiers are left empty")


@check(
    "REG-013",
    Severity.INFO,
    "record",
    standards=("TRDS 9",),
    why="A reason is owed for every update, and an acronym helps to find the trial again.",
    settle="the reason for the update; the acronym, or a word that there is none.",
)
def acronym_and_reason_for_update_are_given(study: Study) -> Iterator[Doubt]:
    """An updated record says why; a record with an empty acronym field says that there is none."""
    for position, record in enumerate(study.registrations):
        if record.update_count and record.reason_for_update is None:
            yield Doubt(
                subject=f"registrations.{position}.reason_for_update",
                says=f"{record.identifier} was updated {record.update_count} times without a reason",
            )
    if study.acronym is None:
        yield Doubt(subject="acronym", says="no acronym is given")


@check(
    "REG-015",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 2", "TRDS 16", "CONSORT 2025 item 2", "ICMJE"),
    why="Whether a trial was registered before its first participant decides how far its outcomes can be trusted.",
    settle="the day of the first consent, beside the day of registration.",
)
def registration_timing_is_what_the_dates_say(study: Study) -> Iterator[Doubt]:
    """The label prospective or retrospective agrees with the dates of registration and first enrolment."""
    for position, record in enumerate(study.registrations):
        first = record.first_enrolment or record.recruitment_start
        if record.registered is None or first is None or record.timing_label is None:
            continue
        if record.registered == first:
            continue  # on one day, the hour decides, and no record gives it
        subject = f"registrations.{position}.timing_label"
        prospective = record.registered < first
        if prospective != (record.timing_label == "prospective"):
            by_dates = "prospective" if prospective else "after enrolment began"
            says = (
                f"registered on {record.registered}, first enrolment on {first}: by these dates {by_dates}, "
                f"and called {record.timing_label}"
            )
            yield Doubt(subject=subject, says=says, paths=(subject, f"registrations.{position}.registered"))


@check(
    "REG-016",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 16",),
    why="Participants enrolled before the registered start were enrolled into an unregistered plan.",
    settle="the true date of the first enrolment, and a corrected record.",
)
def enrolment_does_not_begin_before_the_registered_date(study: Study) -> Iterator[Doubt]:
    """The reported first enrolment is not before the registered one."""
    started = study.recruitment.actual_start
    for position, record in enumerate(study.registrations):
        if started and record.first_enrolment and started < record.first_enrolment:
            dosed = study.recruitment.first_dose
            more = f" and the first dose on {dosed}" if dosed and dosed < record.first_enrolment else ""
            yield Doubt(
                subject=f"registrations.{position}.first_enrolment",
                says=f"enrolment is reported from {started}{more}, and registered from {record.first_enrolment}",
                paths=(f"registrations.{position}.first_enrolment", "recruitment.actual_start"),
            )


@check(
    "REG-018",
    Severity.ERROR,
    "format",
    standards=("TRDS 15",),
    why="A spreadsheet has turned a phase such as 1-2 into a date, and the phase is lost.",
    settle="the phase from the registry's own page.",
)
def phase_is_not_a_date(study: Study) -> Iterator[Doubt]:
    """A registered phase is not a date."""
    for position, record in enumerate(study.registrations):
        if record.phase and _DATE_LIKE_PHASE.match(record.phase):
            yield Doubt(
                subject=f"registrations.{position}.phase",
                says=f"{record.identifier} has the phase “{record.phase}”, which is a date",
            )


@check(
    "REG-102",
    Severity.ERROR,
    "temporal",
    standards=("TRDS 16",),
    why="A period that ends before its own events leaves out participants, or dates them wrongly.",
    settle="the true first and last day, from the enrolment log.",
)
def enrolment_lies_within_the_conduct_of_the_study(study: Study) -> Iterator[Doubt]:
    """Enrolment begins before it ends, within the conduct of the study, and doses follow enrolment."""
    dates = study.recruitment
    pairs = (
        ("actual_start", dates.actual_start, "actual_end", dates.actual_end),
        ("planned_start", dates.planned_start, "planned_end", dates.planned_end),
        ("conducted_from", dates.conducted_from, "conducted_to", dates.conducted_to),
        ("actual_start", dates.actual_start, "first_dose", dates.first_dose),
        ("actual_end", dates.actual_end, "completion", dates.completion),
    )
    for first_name, first, second_name, second in pairs:
        if first and second and first > second:
            yield Doubt(
                subject=f"recruitment.{second_name}",
                says=f"{second_name} {second} is before {first_name} {first}",
                paths=(f"recruitment.{first_name}", f"recruitment.{second_name}"),
            )


@check(
    "REG-103",
    Severity.WARNING,
    "format",
    standards=("TRDS 1",),
    why="A number that no registry gives out leads nobody to the record.",
    settle="the number from the registry's page, to the letter.",
)
def identifiers_have_the_form_of_a_registry(study: Study) -> Iterator[Doubt]:
    """A registration's identifier has the form that a registry gives out."""
    for position, record in enumerate(study.registrations):
        if guess_registry(record.identifier) is None:
            known = ", ".join(registry.example for registry in REGISTRIES.values())
            yield Doubt(
                subject=f"registrations.{position}.identifier",
                says=f"{record.identifier} has the form of no registry known here (such as {known})",
            )
