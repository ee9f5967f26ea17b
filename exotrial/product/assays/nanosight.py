"""NanoSight NTA 3: experiment summaries of several videos, and the summary of a single one.

The layout of the experiment summary was learnt from real exports of NTA 3.2.16 and 3.4.003 (nguyens7/tidyNano,
inst/extdata, MIT). The single summary is laid out as one with one video, as two independent readers of such files take
it; no real one was at hand. Only number-weighted size data are read: of other weightings no real export was seen.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, InstrumentWarning, Reading, Setting
from exotrial.product.assay_text import Row, assay_finding, check_end, decode, starts_with
from exotrial.product.nanosight_sizes import read_size_data
from exotrial.product.nanosight_table import (
    DETAILS,
    EXPERIMENT,
    SINGLE,
    SIZE_DATA,
    Summary,
    read_summary,
    text_of,
)
from exotrial.product.size_findings import check_dilution
from exotrial.product.vendor_comparison import check_against_vendor, check_viscosity

_FINE: Final = ("ok", "no", "")
_CHECKS: Final = (
    (
        "Concentration Warnings",
        (
            "Validity of concentration measurement",
            "Completed Tracks",
            "Particles per frame",
            "Noise level",
            "Brightness",
            "Detection Threshold",
            "Camera Histogram Lower Limit",
        ),
    ),
    (
        "Information",
        (
            "Completed Tracks",
            "Concentration",
            "Video length",
            "Noise level",
            "Vibration detected",
            "Settings changed?",
        ),
    ),
)
"""What the instrument answers about every measurement: a file without an answer is not one without a warning."""

_RESULTS: Final = (
    ("Concentration (Particles / ml)", "Concentration", "particles/mL"),
    ("Particles per frame", "Particles per frame", ""),
    ("Centres per frame", "Centres per frame", ""),
    ("Completed tracks", "Completed tracks", ""),
)
_READ: Final = (
    "",
    DETAILS,
    "Conditions",
    "Settings",
    "Exclusion Regions",
    "Results",
    "Concentration Warnings",
)
_ALSO_READ: Final = ("Information", "Data Included", SIZE_DATA)
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})\s+(\d{1,2})/(\d{1,2})/(\d{4})")


def _read(file: AssayFile, signature: str, name: str) -> Reading:
    text = decode(file, "utf-8-sig", "cp1252")
    summary = read_summary(text, file=file, signature=signature)
    distribution, table, sizes = read_size_data(summary)
    details = {row.name: row for row in summary.sections[DETAILS] if row.name}
    measured_at, time_findings = _read_time(details.get("Time Captured"), summary)
    said = {
        name: text_of(details.get(name)) for name in ("Operator Name", "Sample Name", "Sample Description")
    }
    results = tuple(
        number
        for title, shown, unit in _RESULTS
        for number in summary.printed(summary.row("Results", title), name=shown, unit=unit)
    )
    reading = Reading(
        reader=name,
        kind=AssayKind.SIZE,
        file=file.source,
        instrument="NanoSight",
        version=summary.version,
        measured_at=measured_at,
        operator=said["Operator Name"],
        sample=said["Sample Name"] or said["Sample Description"],
        printed=(*results, *sizes),
        distributions=(distribution,),
        settings=tuple(_read_settings(summary, details)),
        warnings=tuple(_read_warnings(summary)),
        findings=(
            *check_end(text, file=file),
            *_check_details(summary, said, time_findings),
            *check_dilution(distribution),
        ),
        content=table,
    )
    return replace(
        reading, findings=(*reading.findings, *check_against_vendor(reading), *check_viscosity(reading))
    )


def _read_time(row: Row | None, summary: Summary) -> tuple[datetime | None, list[Finding]]:
    """The instrument writes day/month or month/day as its computer is set: told only where one is above 12."""
    written = text_of(row)
    place = summary.file.at(row.line) if row is not None else summary.file.at(summary.starts[DETAILS])
    says = "the file does not say when the videos were captured."
    match = _TIME.fullmatch(written)
    if match is not None:
        hour, minute, second, first, other, year = (int(part) for part in match.groups())
        day, month = (first, other) if first > 12 or first == other else (other, first)
        if max(first, other) > 12 or first == other:
            try:
                return datetime(year, month, day, hour, minute, second), []  # noqa: DTZ001 - the file gives no zone
            except ValueError:
                says = f"{written!r} is no time."
        else:
            says = f"{written!r} may be day/month or month/day."
    elif written:
        says = f"{written!r} is not a time as the instrument writes it."
    why = "Whether the instrument was calibrated on the day, and whether the product was in date, hang on it."
    settle = "State the time of the measurement with the evidence, from the record of the laboratory."
    finding = assay_finding(
        "ASF-002", "time", Severity.WARNING, says=says, why=why, settle=settle, place=place
    )
    return None, [finding]


def _read_settings(summary: Summary, details: dict[str, Row]) -> list[Setting]:
    """What the instrument was set to: one text where all videos agree, else one text a video."""
    names = ("Experiment Name", "Pre-treatment", "Diluent", "Remarks", "Sample Name", "Sample Description")
    settings = [
        Setting(name=name, text=text_of(details[name]), place=summary.file.at(details[name].line))
        for name in names
        if text_of(details.get(name))
    ]
    for section in ("Conditions", "Settings"):
        for row in summary.sections.get(section, ()):
            if not row.name:
                continue
            cells = summary.cells(row)
            text = cells[0] if len(set(cells)) == 1 else ", ".join(cells)
            settings.append(Setting(name=row.name, text=text, place=summary.file.at(row.line)))
    for row in summary.sections.get("Exclusion Regions", ()):
        if row.name:
            text = ", ".join(cell for cell in row.cells if cell)
            settings.append(Setting(name="Exclusion Regions", text=text, place=summary.file.at(row.line)))
    for section, name in (
        ("Information", "Vibration correction applied"),
        ("Results", "Concentration Upgrade?"),
    ):
        found = summary.find(section, name)
        if found is not None:
            text = ", ".join(summary.cells(found))
            settings.append(Setting(name=name, text=text, place=summary.file.at(found.line)))
    return settings


def _read_warnings(summary: Summary) -> list[InstrumentWarning]:
    """Every answer of the instrument's own checks that is not fine, video by video, and every one that is missing."""
    warnings = []
    for section, asked in _CHECKS:
        rows = summary.sections.get(section, ())
        place = summary.file.at(summary.starts.get(section))
        given = {row.name for row in rows}
        warnings += [
            InstrumentWarning(text=f"{name}: no answer in [{section}]", place=place)
            for name in asked
            if name not in given
        ]
        for row in rows:
            if not row.name or row.name == "Vibration correction applied":
                continue
            for video, cell in zip(summary.videos, summary.cells(row), strict=True):
                missing = not cell and not row.name.startswith("Errors")
                if cell.lower() not in _FINE or missing:
                    said = cell or "no answer"
                    warnings.append(
                        InstrumentWarning(
                            text=f"{row.name}: {said} ({video})", place=summary.place(row, video)
                        )
                    )
    processed = summary.find(DETAILS, "Processed")
    if processed is not None:
        for video, cell in zip(summary.videos, summary.cells(processed), strict=True):
            if cell.lower() != "yes":
                text = f"Processed: {cell or 'no answer'} ({video})"
                warnings.append(InstrumentWarning(text=text, place=summary.place(processed, video)))
    return warnings


def _check_details(summary: Summary, said: dict[str, str], times: list[Finding]) -> list[Finding]:
    """What the file does not say about itself, and which parts of it are not read."""
    findings = list(times)
    place = summary.file.at(summary.starts[DETAILS])
    for subject, text in (
        ("operator", said["Operator Name"]),
        ("sample", said["Sample Name"] or said["Sample Description"]),
    ):
        if not text:
            findings.append(
                assay_finding(
                    "ASF-003",
                    subject,
                    Severity.WARNING,
                    says=f"the file names no {subject}.",
                    why="A file that does not say whose sample it is can be taken for another's.",
                    settle=f"State the {subject} with the evidence, and fill it in at the instrument.",
                    place=place,
                )
            )
    if not summary.known_version:
        findings.append(
            assay_finding(
                "ASF-004",
                "version",
                Severity.WARNING,
                says=f"NTA {summary.version} is read as NTA 3.2 and 3.4 are laid out.",
                why="No real export of this version has been seen.",
                settle="Compare a few numbers with the instrument's own report.",
                place=summary.file.at(2),
            )
        )
    for section, line in summary.starts.items():
        if section not in (*_READ, *_ALSO_READ):
            findings.append(_not_read(f"[{section}]", summary, line))
    findings += [
        _not_read(f"the size data of weighting '{text_of(row)}'", summary, row.line)
        for row in summary.sections[SIZE_DATA]
        if row.name == "Weighting" and text_of(row) != "Number"
    ]
    return findings


def _not_read(what: str, summary: Summary, line: int) -> Finding:
    return assay_finding(
        "ASF-005",
        what,
        Severity.INFO,
        says=f"{what} is not read.",
        why="What is not read cannot be checked or reported.",
        settle="Nothing, where it is not needed; the number-weighted size data carry the result.",
        place=summary.file.at(line),
    )


NANOSIGHT = AssayReader(
    name="nanosight",
    title="NanoSight NTA 3 experiment summary",
    kind=AssayKind.SIZE,
    suffixes=(".csv",),
    recognises=lambda file: starts_with(file, EXPERIMENT),
    read=lambda file: _read(file, EXPERIMENT, "nanosight"),
    citation="Real exports of NTA 3.2.16 and 3.4.003: nguyens7/tidyNano, inst/extdata (MIT)",
)

NANOSIGHT_SINGLE = AssayReader(
    name="nanosight_single",
    title="NanoSight NTA 3 summary of a single video",
    kind=AssayKind.SIZE,
    suffixes=(".csv",),
    recognises=lambda file: starts_with(file, SINGLE),
    read=lambda file: _read(file, SINGLE, "nanosight_single"),
    citation="The layout of the experiment summary with one video; title as two public readers of such files expect",
)
