"""Sources and software: what was read, by which versions, under which conventions, and how to check it again."""

from __future__ import annotations

from importlib.metadata import version

from exotrial.report.document import (
    AnalysisResult,
    Block,
    Bullets,
    Column,
    Paragraph,
    Section,
    SectionBuilder,
    Subheading,
    Table,
)
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import count_of
from exotrial.report.write import SOFTWARE

CONVENTIONS = (
    "Numbers are rounded half away from zero, from the shortest decimal of the value; p values have three "
    "decimals, and below 0.001 are printed as that.",
    "Means and differences have one decimal more than the values were captured with.",
    "Quartiles and medians follow type 2 of Hyndman and Fan (the average at a tie, as SAS computes them) unless a "
    "line says otherwise; types 6 (SPSS) and 7 (R, Excel) give other quartiles in small samples.",
    "Tests are two-sided and intervals are at 95 % unless the method says otherwise; nothing is adjusted for the "
    "number of tests unless the method says so.",
    "A method called exact enumerates its distribution, with ties as they are; methods that approximate say so in "
    "their name.",
    "Dates are proleptic Gregorian days in ISO 8601; a duration counts the days between two dates, and whether the "
    "first day counts is said where it matters. Study days have no day 0 where SDTM is followed.",
    "What is missing stays missing: nothing is imputed, carried forward or set to a number.",
    "A published figure is held to be reproduced when the recomputed value rounds to it at the printed precision.",
)
CHECKS = (
    "exotrial check STUDY, for the findings of the study file",
    "exotrial recheck STUDY, for the published claims",
    "exotrial report STUDY --out FOLDER, for this report; the same files give the same bytes",
    "sha256sum FILE, to compare a file with the digests above",
)


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]]:
    """The files, versions, conventions and commands behind any report."""
    blocks: list[Block] = [
        Paragraph(
            f"This report was made from {count_of(len(given.files), 'file')} and nothing else. The digests tell "
            "whether a file at hand is the one that was read."
        ),
        _files(given),
        _software(),
        Subheading("Conventions"),
        Bullets(CONVENTIONS),
        Subheading("To check the numbers again"),
        Bullets(CHECKS),
        Paragraph(
            "results.json holds every number at full precision with population, method, parameters and the "
            "digests of its sources; tables/ holds every table as CSV."
        ),
    ]
    return Section(id="sources", title="Sources and software", blocks=tuple(blocks)), ()


def _files(given: ReportInput) -> Table:
    return Table(
        id="source-files",
        title="Files read",
        columns=(
            Column(key="name", head="File", width=0.22),
            Column(key="bytes", head="Bytes", align="right", width=0.08),
            Column(key="sha256", head="SHA-256", width=0.7),
        ),
        rows=tuple((file.name, str(file.size), file.sha256) for file in given.files),
    )


def _software() -> Table:
    return Table(
        id="software",
        title="Software",
        columns=(
            Column(key="package", head="Package", width=0.4),
            Column(key="version", head="Version", width=0.6),
        ),
        rows=tuple((name, version(name)) for name in SOFTWARE),
    )


SECTION = SectionBuilder(name="sources", order=98, build=build)
