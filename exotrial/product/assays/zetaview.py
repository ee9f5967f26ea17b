"""ZetaView 8: the size distribution over the positions of a cell, as a text export in Latin-1.

Learnt from real exports of ZetaView 8.06.01 SP1 (57 files in sumitmalhotra-blip/Biovaram_Ev_Analysis_ReactUI). The
table holds what was measured: the dilution stands in the header and is not applied. Exports of another type of
measurement (zeta potential profiles) begin with the same header; no real one could be seen, so they are refused.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import (
    AssayFile,
    AssayKind,
    AssayReader,
    InstrumentWarning,
    Printed,
    Reading,
    Setting,
)
from exotrial.product.assay_text import (
    NOT_A_NUMBER,
    assay_finding,
    check_end,
    decode,
    read_count,
    read_number,
    starts_with,
)
from exotrial.product.size_distribution import Dilution, DilutionState, SizeDistribution, Video, Weighting
from exotrial.product.vendor_comparison import check_against_vendor, check_viscosity
from exotrial.product.zetaview_table import BEGINNING, BinTable, Header, read_header, read_tables

OTHER_MEASUREMENT = ErrorCode(
    "ZTV-005",
    "A ZetaView export is of a type of measurement that is not read.",
    "export the size distribution; for another type, enter its result as a result of its own.",
)

_FINE: Final = ("good", "very good", "ok")
_NEVER: Final = "1904-01-01"
"""Zero on the clock of LabVIEW, in which the instrument's software is written: the check was never made."""
_SETTINGS: Final = (
    "Experiment",
    "ZetaView S/N",
    "Cell S/N",
    "SOP",
    "Electrolyte",
    "pH",
    "Conductivity",
    "SetTemperature",
    "Temperature",
    "Viscosity",
    "General Remarks",
    "Remarks",
    "Positions",
    "Concentration Correction Factor",
    "Minimum Brightness",
    "Minimum Area",
    "Maximum Area",
    "Maximum Brightness",
    "Tracking Radius2",
    "Minimum Tracelength",
    "Camera",
    "Sensitivity",
    "Gain",
    "Shutter",
    "Laser Wavelength nm",
    "Filter Wavelength nm",
    "Micrometer per Pixel",
)
_MEDIANS: Final = (
    ("Median Number (D50)", "D50"),
    ("Median Concentration (D50)", "Median by concentration"),
    ("Median Volume (D50)", "Median by volume"),
)


def _read(file: AssayFile) -> Reading:
    text = decode(file, "utf-8-sig", "latin-1")
    header = read_header(text, file=file)
    kind = header.text("Type of Measurement")
    if kind != "Size Distribution":
        raise OTHER_MEASUREMENT.refuse(
            f"it is of {kind!r}", place=header.place("Type of Measurement"), value=kind
        )
    linear, logarithmic = read_tables(text, file=file)
    traces = read_count(
        header.text("Number of Traces"), place=header.place("Number of Traces"), what="Number of Traces"
    )
    distributions = _make_distributions(header, linear, logarithmic, traces)
    reading = Reading(
        reader="zetaview",
        kind=AssayKind.SIZE,
        file=file.source,
        instrument="ZetaView",
        version=header.version,
        measured_at=_read_time(header),
        serial=header.entries["ZetaView S/N"].text if "ZetaView S/N" in header.entries else "",
        operator=header.text("Operator"),
        sample=header.text("Sample"),
        printed=tuple(_read_printed(header, traces)),
        distributions=distributions,
        settings=tuple(
            Setting(name=name, text=header.text(name), place=header.place(name))
            for name in _SETTINGS
            if name in header.entries and header.text(name)
        ),
        warnings=tuple(_read_warnings(header)),
        findings=(*check_end(text, file=file), *_check(header, linear, logarithmic, traces)),
    )
    return replace(
        reading, findings=(*reading.findings, *check_against_vendor(reading), *check_viscosity(reading))
    )


def _read_time(header: Header) -> datetime:
    """The instrument's clock, without a zone."""
    written = f"{header.text('Date')} {header.text('Time')}"
    try:
        return datetime.strptime(written, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the file gives no zone
    except ValueError:
        raise NOT_A_NUMBER.refuse(
            f"Date and Time are {written!r}",
            place=header.place("Date"),
            value=written,
            remedy="the instrument writes them like 2025-02-19 and 12:38:54; export the file again.",
        ) from None


def _make_distributions(
    header: Header, linear: BinTable, logarithmic: BinTable, traces: int
) -> tuple[SizeDistribution, ...]:
    """Concentration over linear bins, counted particles over linear bins, concentration over logarithmic bins."""
    factor = header.number("Dilution")
    if factor < 1:
        raise NOT_A_NUMBER.refuse(
            f"the dilution is {factor:g}",
            place=header.place("Dilution"),
            value=factor,
            remedy="a dilution is a factor from 1 up; correct it in the instrument's software and export again.",
        )
    base = SizeDistribution(
        edges_nm=linear.edges_nm,
        videos=(
            Video(
                name="all positions used",
                values=linear.concentrations,
                tracks=traces,
                temperature_c=header.number("Temperature"),
                viscosity_mpa_s=header.number("Viscosity"),
            ),
        ),
        weighting=Weighting.NUMBER,
        unit="particles/mL",
        dilution=Dilution(state=DilutionState.NOT_APPLIED, factor=factor),
        instrument="ZetaView",
        version=header.version,
        place=header.file.at(linear.line),
        flags=("linear bins",),
    )
    counted = replace(base, videos=(replace(base.videos[0], values=linear.counts),), unit="particles")
    finer = replace(
        base,
        edges_nm=logarithmic.edges_nm,
        videos=(replace(base.videos[0], values=logarithmic.concentrations),),
        place=header.file.at(logarithmic.line),
        flags=("logarithmic bins", "edges at the geometric middle between the centres"),
    )
    return base, counted, finer


def _read_printed(header: Header, traces: int) -> list[Printed]:
    names = [("Number of Traces", "Number of Traces", ""), ("Detected Particles", "Detected Particles", "")]
    names += [("Average Number of Particles", "Average Number of Particles", "")]
    names += [(name, shown, "nm") for name, shown in _MEDIANS if traces or header.text(name).lower() != "nan"]
    return [
        Printed(
            name=shown,
            value=read_number(header.text(name), place=header.place(name), what=name),
            unit=unit,
            place=header.place(name),
            text=header.text(name),
        )
        for name, shown, unit in names
    ]


def _read_warnings(header: Header) -> list[InstrumentWarning]:
    return [
        InstrumentWarning(text=f"{name}: {header.text(name) or 'no answer'}", place=header.place(name))
        for name in ("Cell Check Result", "Particle Drift Check Result")
        if header.text(name).lower() not in _FINE
    ]


def _check(header: Header, linear: BinTable, logarithmic: BinTable, traces: int) -> list[Finding]:
    """What the tables and the header contradict, and what was not done before the measurement."""
    findings = []
    if traces == 0:
        findings.append(
            assay_finding(
                "ASF-020",
                "traces",
                Severity.ERROR,
                says="no particle was traced, so there is no size.",
                why="An empty table is no evidence of a clean sample: the focus or the dilution may have been wrong.",
                settle="Measure again; report a blank by its detection limit.",
                place=header.place("Number of Traces"),
            )
        )
    for table, name in ((linear, "linear"), (logarithmic, "logarithmic")):
        counted = int(table.counts.sum())
        if counted != traces:
            findings.append(
                assay_finding(
                    "ASF-021",
                    name,
                    Severity.ERROR if name == "linear" else Severity.WARNING,
                    says=f"the {name} bins hold {counted} particles, and the header says {traces} traces.",
                    why="Particles are missing from the table, or were added to it.",
                    settle="Export the file again from the instrument.",
                    place=header.file.at(table.line),
                )
            )
        findings += _check_columns(table, name, header)
    for name in ("Cell Checked", "Particle Drift Checked"):
        if header.text(name).startswith(_NEVER):
            findings.append(
                assay_finding(
                    "ASF-023",
                    name,
                    Severity.WARNING,
                    says=f"{name} is {header.text(name)}, which is the zero of the instrument's clock.",
                    why="The check was never made, so its result is that of no measurement.",
                    settle="Make the check before each series, and measure again where the result depends on it.",
                    place=header.place(name),
                )
            )
    if header.number("Dilution") == 1:
        findings.append(
            assay_finding(
                "ASF-024",
                "dilution",
                Severity.WARNING,
                says="the dilution factor is 1: the sample was not diluted, or nobody entered it.",
                why="The instrument has 1 until somebody enters the dilution.",
                settle="Confirm from the laboratory's record that the sample was measured undiluted.",
                place=header.place("Dilution"),
            )
        )
    if header.number("Concentration Correction Factor") != 1:
        findings.append(
            assay_finding(
                "ASF-025",
                "correction",
                Severity.WARNING,
                says=f"a correction factor of {header.text('Concentration Correction Factor')} is set.",
                why="Whether the table has it applied could not be seen in a real export.",
                settle="Ask who set it, and why; measure a reference of known concentration with it.",
                place=header.place("Concentration Correction Factor"),
            )
        )
    return findings


def _check_columns(table: BinTable, name: str, header: Header) -> list[Finding]:
    """Concentration is proportional to the number, and volume is the number times that of a sphere, to four digits."""
    total = table.counts.sum()
    expected = table.counts * (table.concentrations.sum() / total if total else 0)
    spheres = table.counts * np.pi / 6 * table.centres_nm**3
    # The logarithmic bins take the volume at a centre printed with four digits.
    wrong = (np.abs(table.concentrations - expected) > 2e-3 * expected) | (
        np.abs(table.volumes - spheres) > 4e-3 * spheres
    )
    if not np.any(wrong):
        return []
    at = int(np.flatnonzero(wrong)[0])
    return [
        assay_finding(
            "ASF-022",
            name,
            Severity.ERROR,
            says=f"number, concentration and volume of the {name} bin at {table.centres_nm[at]:.4g} nm do not agree.",
            why="The instrument computes all three from the number: one of them was changed.",
            settle="Export the file again from the instrument.",
            place=header.file.at(table.line + at),
        )
    ]


ZETAVIEW = AssayReader(
    name="zetaview",
    title="ZetaView 8 size distribution",
    kind=AssayKind.SIZE,
    suffixes=(".txt",),
    recognises=lambda file: starts_with(file, BEGINNING) and b"ZetaView (version 8." in file.data[:2000],
    read=_read,
    citation="Real exports of ZetaView 8.06.01 SP1 in sumitmalhotra-blip/Biovaram_Ev_Analysis_ReactUI",
)
