"""Diameters of vesicles from scatter in a cytometer: beads give the signal of a cross-section, Mie theory the rest.

De Rond et al., Curr Protoc Cytom 2018;86:e43; Welsh et al., J Extracell Vesicles 2020;9:1713526, items 4.4, 5.1 and
5.2. The index of refraction of a vesicle is not measured: it is stated, and several are computed beside each other.
A vesicle is taken as a homogeneous sphere; its membrane is not modelled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import AssayFile
from exotrial.product.cytometry.log_line import LogLine, compute_log_line
from exotrial.product.cytometry.mesf import slope_finding
from exotrial.product.cytometry.mie import Cone, Polarisation, compute_scatter
from exotrial.product.toml_text import Table, read_toml

BAD_BEADS = ErrorCode(
    "MIE-003",
    "Beads cannot calibrate scatter: there are fewer than two sizes, or a signal is not above 0.",
    "give two or more beads of different diameter, each with its index at the laser's wavelength and its median.",
)
BAD_RANGE = ErrorCode(
    "MIE-004",
    "The range of diameters to search is none.",
    "give from_nm above 0 and to_nm above it.",
)

STEPS = 160
"""Diameters of the first search, in even ratios: resonances of spheres up to some wavelengths are wider than a step."""


@dataclass(frozen=True, kw_only=True)
class Optics:
    """Wavelength in air, index of the medium at it, and what the detector collects."""

    wavelength_nm: float
    medium_index: float
    cone: Cone

    def scatter(self, diameter_nm: float, index: float) -> float:
        """The cross-section in nm² that the detector collects of a sphere (MIE-001)."""
        return compute_scatter(
            diameter_nm,
            index=complex(index),
            medium_index=self.medium_index,
            wavelength_nm=self.wavelength_nm,
            cone=self.cone,
        )


@dataclass(frozen=True, kw_only=True)
class SizeBead:
    """A bead of known diameter and index with its median signal."""

    diameter_nm: float
    index: float
    signal: float


@dataclass(frozen=True, kw_only=True)
class ScatterFile:
    """What a laboratory wrote. `indices` are those that a vesicle may have, `signals` by name of what they are of."""

    optics: Optics
    beads: tuple[SizeBead, ...]
    indices: tuple[float, ...]
    from_nm: float
    to_nm: float
    signals: tuple[tuple[str, float], ...]
    place: Place


@dataclass(frozen=True, kw_only=True)
class ScatterDiameter:
    """All diameters in the range searched that scatter as much as a signal says, for one stated index."""

    name: str
    signal: float
    cross_section_nm2: float
    index: float
    diameters_nm: tuple[float, ...]
    extrapolated: str


def read_scatter(file: AssayFile) -> ScatterFile:
    """Optics, beads and vesicles of a TOML file (TML-001 to TML-003, MIE-002 to MIE-004)."""
    table = read_toml(file)
    table.check_keys(("optics", "beads", "vesicles", "signals"))
    light = table.table("optics")
    light.check_keys(("wavelength_nm", "medium_index", "angle_deg", "half_angle_deg", "polarisation"))
    beads = []
    for each in table.tables("beads"):
        each.check_keys(("diameter_nm", "index", "signal"))
        beads.append(
            SizeBead(diameter_nm=each.number("diameter_nm"), index=each.number("index"), signal=_signal(each))
        )
    vesicles = table.table("vesicles")
    vesicles.check_keys(("from_nm", "to_nm", "index_low", "index_high"))
    low, high = vesicles.number("from_nm"), vesicles.number("to_nm")
    if not 0 < low < high:
        raise BAD_RANGE.refuse(f"from {low:g} to {high:g} nm", place=vesicles.at("from_nm"), value=low)
    signals = []
    for each in table.tables("signals"):
        each.check_keys(("name", "signal"))
        signals.append((each.text("name"), _signal(each)))
    return ScatterFile(
        optics=Optics(
            wavelength_nm=light.number("wavelength_nm"),
            medium_index=light.number("medium_index"),
            cone=Cone(
                angle_deg=light.number("angle_deg"),
                half_angle_deg=light.number("half_angle_deg"),
                polarisation=light.choice("polarisation", tuple(Polarisation)),
            ),
        ),
        beads=tuple(beads),
        indices=tuple(dict.fromkeys((vesicles.number("index_low"), vesicles.number("index_high")))),
        from_nm=low,
        to_nm=high,
        signals=tuple(signals),
        place=file.at(),
    )


def _signal(table: Table) -> float:
    value = table.number("signal")
    if value <= 0:
        raise BAD_BEADS.refuse(f"'signal' is {value:g}", place=table.at("signal"), value=value)
    return value


def compute_scatter_line(beads: Sequence[SizeBead], optics: Optics, *, place: Place | None = None) -> LogLine:
    """Cross-sections in nm² by signals: `factor` is nm² per unit of signal (MIE-001, MIE-003)."""
    told = ", ".join(f"{bead.diameter_nm:g} nm at {bead.signal:g}" for bead in beads)
    if len({bead.diameter_nm for bead in beads}) < 2 or len({bead.signal for bead in beads}) < 2:
        raise BAD_BEADS.refuse(f"the beads are {told or 'none'}", place=place, value=told)
    if not all(0 < bead.signal < math.inf for bead in beads):
        raise BAD_BEADS.refuse(f"the beads are {told}", place=place, value=told)
    sections = [optics.scatter(bead.diameter_nm, bead.index) for bead in beads]
    return compute_log_line([bead.signal for bead in beads], sections)


def compute_diameters(
    section_nm2: float, *, index: float, optics: Optics, from_nm: float, to_nm: float
) -> tuple[float, ...]:
    """Every diameter from `from_nm` to `to_nm` whose sphere scatters `section_nm2` there (MIE-001, MIE-004).

    None, where all scatter less or more; several, where scatter falls again with size (resonances of large spheres).
    """
    if not 0 < from_nm < to_nm:
        raise BAD_RANGE.refuse(f"from {from_nm:g} to {to_nm:g} nm", value=from_nm)
    grid = np.geomspace(from_nm, to_nm, STEPS)
    away = [math.log(optics.scatter(float(d), index) / section_nm2) for d in grid]
    found = []
    for low, high, before, after in zip(grid, grid[1:], away, away[1:], strict=False):
        if before == 0:
            found.append(float(low))
        elif before * after < 0:
            found.append(
                float(
                    brentq(lambda d: math.log(optics.scatter(d, index) / section_nm2), low, high, xtol=1e-6)
                )
            )
    if away[-1] == 0:
        found.append(float(grid[-1]))
    return tuple(found)


def compute_scatter_diameters(written: ScatterFile, line: LogLine) -> list[ScatterDiameter]:
    """Each signal's diameters for each index, by slope 1: a detector of scatter is linear (MIE-001)."""
    return [
        ScatterDiameter(
            name=name,
            signal=signal,
            cross_section_nm2=line.linear(signal),
            index=index,
            diameters_nm=compute_diameters(
                line.linear(signal),
                index=index,
                optics=written.optics,
                from_nm=written.from_nm,
                to_nm=written.to_nm,
            ),
            extrapolated="" if line.within(signal) else "below" if signal < line.lowest else "above",
        )
        for name, signal in written.signals
        for index in written.indices
    ]


def check_scatter(written: ScatterFile, line: LogLine, diameters: Sequence[ScatterDiameter]) -> list[Finding]:
    """Signals beyond the beads (FCF-010), of no or several diameters (FCF-011, FCF-012), slope not 1 (FCF-013)."""
    findings = [
        _doubt(
            "FCF-010",
            name,
            f"the signal of {name} lies outside those of the beads ({line.lowest:g} to {line.highest:g})",
            "Its cross-section rests on a detector that is linear beyond what was shown.",
            "beads that scatter as little or as much.",
        )
        for name in dict.fromkeys(one.name for one in diameters if one.extrapolated)
    ]
    for one in diameters:
        subject = f"{one.name}, index {one.index:g}"
        searched = f"{written.from_nm:g} to {written.to_nm:g} nm"
        if not one.diameters_nm:
            findings.append(
                _doubt(
                    "FCF-011",
                    subject,
                    f"no sphere of index {one.index:g} from {searched} scatters as {one.name} does",
                    "Another index, another range or an aggregate would explain it; a diameter cannot be given.",
                    "the range and the indices stated.",
                )
            )
        elif len(one.diameters_nm) > 1:
            told = ", ".join(f"{each:.1f}" for each in one.diameters_nm)
            findings.append(
                _doubt(
                    "FCF-012",
                    subject,
                    f"{one.name} may be of {told} nm: scatter does not grow with size there",
                    "The signal alone does not tell these diameters apart.",
                    "a second detector or another method, or a range that leaves out what cannot be.",
                )
            )
    if line.linear_is_excluded:
        findings.append(slope_finding("FCF-013", "scatter", line))
    return findings


def _doubt(rule: str, subject: str, says: str, why: str, settle: str) -> Finding:
    return Finding(
        rule=rule,
        subject=subject,
        severity=Severity.WARNING,
        kind="plausibility",
        says=says,
        why=why,
        settle=settle,
        standards=("MIFlowCyt-EV 5.1",),
    )
