"""Builds the report of a study folder: reads everything first, then lets every installed section speak."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from exotrial.core.catalogue import find_objects
from exotrial.core.findings import Finding, gravest_first
from exotrial.core.provenance import SourceFile
from exotrial.datasets.captured import Captured, read_captured
from exotrial.datasets.doubts import check_captured
from exotrial.datasets.given_doses import CapturedDose, read_doses
from exotrial.outcomes.in_study import find_measures_of
from exotrial.registries.checks.across import check_across
from exotrial.report.document import AnalysisResult, Report, Section, SectionBuilder
from exotrial.report.inputs import ReportInput
from exotrial.report.recheck.claims import read_claims
from exotrial.report.recheck.engine import recheck
from exotrial.report.registered.beside import read_records_beside
from exotrial.study.checks.check import check_study
from exotrial.study.definition import Study
from exotrial.study.file import find_study_file, read_study


def read_report_input(path: Path, *, beside: Sequence[Path] = ()) -> ReportInput:
    """Everything that the report of a study is made from.

    `path` is the study file or its folder; beside the file, `data/` holds what was captured and
    `published/claims.toml` what a paper claims, both optional. `beside` are files of registry records to lay beside it;
    the study's registry documents that lie in its folder are read too. Refuses as the readers of each do.
    """
    file = find_study_file(path)
    study, source = read_study(file)
    files: list[SourceFile] = [source]
    measures = {measure.paramcd: measure for measure in find_measures_of(study, file=file).values()}
    captured = None
    doses: tuple[CapturedDose, ...] = ()
    doubts: list[Finding] = []
    if (file.parent / "data").is_dir():
        captured = read_captured(file.parent / "data")
        doubts = check_captured(study, captured)
        measures |= captured.measures
        files += captured.files
        if (file.parent / "data" / "doses.csv").is_file():
            people = frozenset(captured.participants["USUBJID"])
            doses, source = read_doses(file.parent / "data" / "doses.csv", participants=people)
            files.append(source)
    claims, claims_file = None, None
    published = file.parent / "published"
    if (published / "claims.toml").is_file():
        claims = recheck(published / "claims.toml", published)
        claims_file = read_claims(published / "claims.toml").file
        files += dict.fromkeys(read for verdict in claims for read in verdict.files)
    registered = read_records_beside(study, folder=file.parent, beside=beside)
    files += registered.files
    found = check_across(study, registered.records) if registered.files else check_study(study)
    return ReportInput(
        study=study,
        measures=dict(sorted(measures.items())),
        captured=captured,
        findings=tuple(gravest_first([*found, *doubts])),
        claims=claims,
        files=tuple(files),
        doses=doses,
        records=registered.records,
        claims_file=claims_file,
    )


def find_sections() -> list[SectionBuilder]:
    """Every installed section, in the order of print."""
    found = find_objects(
        "exotrial.report.sections",
        SectionBuilder,
        name=lambda section: section.name,
        entry_point_group="exotrial.sections",
    )
    return sorted(found.values(), key=lambda section: (section.order, section.name))


def build_report(given: ReportInput) -> Report:
    """The report of an input; a section that has nothing to say is left out."""
    sections: list[Section] = []
    results: list[AnalysisResult] = []
    for section in find_sections():
        built = section.build(given)
        if built is not None:
            sections.append(built[0])
            results += built[1]
    study = given.study
    return Report(
        id=study.id,
        title=study.title,
        subtitle=_subtitle(given),
        dated=_dated(study, given.captured),
        facts=_facts(given),
        sections=tuple(sections),
        notices=_notices(given),
        results=tuple(results),
    )


def _subtitle(given: ReportInput) -> str:
    parts = ["Report from the study file"]
    if given.captured is not None:
        parts.append("the captured data")
    if given.claims is not None:
        parts.append("the published claims")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _facts(given: ReportInput) -> tuple[tuple[str, str], ...]:
    study = given.study
    facts = [("Registration", ", ".join(record.identifier for record in study.registrations) or "not stated")]
    facts.append(("Study file", f"version {study.version}"))
    if given.captured is not None:
        facts.append(("Participants with data", str(given.captured.participants.height)))
    if given.claims is not None:
        accused = sum(verdict.accused for verdict in given.claims)
        facts.append(("Published claims", f"{len(given.claims)}, of which {accused} do not stand as printed"))
    errors = sum(finding.severity == "error" for finding in given.findings)
    facts.append(("Findings of the check", f"{len(given.findings)}, of which {errors} errors"))
    facts.append(("Data to", _dated(study, given.captured)))
    return tuple(facts)


def _notices(given: ReportInput) -> tuple[str, ...]:
    notices = []
    if given.study.synthetic:
        notices.append("Synthetic: the participants of this study were made by a computer.")
    if given.arms_are_hidden:
        notices.append("Blinded: results are shown for all participants together; arms are not shown.")
    elif given.captured is not None and given.is_blinded_study and given.captured.unblinded_at is not None:
        notices.append(
            f"Unblinded as planned on {given.captured.unblinded_at.date()}, after the lock of the data."
        )
    return tuple(notices)


def _dated(study: Study, captured: Captured | None) -> str:
    """The latest date in the input; the clock never enters a report."""
    dates = [document.dated for document in study.documents if document.dated is not None]
    dates += [study.conduct.published] if study.conduct.published is not None else []
    if captured is not None and captured.events.height:
        latest = captured.events["ADT"].max()
        if isinstance(latest, date):
            dates.append(latest)
    return max(dates).isoformat() if dates else "not dated"
