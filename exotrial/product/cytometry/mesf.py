"""Fluorescence in equivalent soluble fluorochromes (MESF) or antibodies bound (ABC), by beads of stated value.

Schwartz et al., Cytometry 1998;33:106-14 (MESF by beads); Welsh et al., J Extracell Vesicles 2020;9:1713526, item 4.3.
The line is of logarithms; a signal outside the beads is an extrapolation and is told as one, since vesicles mostly
are dimmer than the dimmest bead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import AssayFile
from exotrial.product.cytometry.log_line import LogLine, compute_log_line
from exotrial.product.toml_text import Table, read_toml

NOT_POSITIVE = ErrorCode(
    "MES-001",
    "A bead's stated value or a signal is not above 0.",
    "leave out the bead without stain; give medians on the linear scale, less nothing.",
)
TOO_FEW = ErrorCode(
    "MES-002",
    "Fewer than three beads of different signal and stated value, which brighter beads do not order alike.",
    "give three or more beads of one lot, each with the value that the lot's sheet states.",
)

NOT_MESF = ErrorCode(
    "MES-003",
    "Fluorochromes on an antibody are given for beads that state no MESF.",
    "leave them out: beads of ABC state antibodies, and ERF are of another fluorochrome.",
)

UNITS = ("MESF", "ERF", "ABC")


@dataclass(frozen=True, kw_only=True)
class Bead:
    """One bead of the lot: what the sheet states and the median signal, linear scale."""

    name: str
    stated: float
    signal: float


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The median signal of a sample, linear scale, taken with the settings of the beads."""

    name: str
    signal: float


@dataclass(frozen=True, kw_only=True)
class BeadFile:
    """What a laboratory wrote: beads and samples of one channel. `per_antibody` is fluorochromes on an antibody."""

    channel: str
    lot: str
    unit: str
    beads: tuple[Bead, ...]
    samples: tuple[Sample, ...]
    per_antibody: float | None = None
    place: Place


@dataclass(frozen=True, kw_only=True)
class Calibrated:
    """A signal in the unit of the beads by the free slope and by slope 1; `antibodies` where the beads are MESF and
    the fluorochromes on an antibody are known. `extrapolated` is "below", "above" or ""."""

    sample: Sample
    free: float
    linear: float
    antibodies: float | None
    extrapolated: str


def read_beads(file: AssayFile) -> BeadFile:
    """Beads and samples of a TOML file (TML-001 to TML-003, MES-001, MES-003)."""
    table = read_toml(file)
    table.check_keys(("channel", "lot", "unit", "fluorochromes_per_antibody", "beads", "samples"))
    beads = []
    for each in table.tables("beads"):
        each.check_keys(("name", "stated", "signal"))
        beads.append(
            Bead(name=each.text("name"), stated=_above_0(each, "stated"), signal=_above_0(each, "signal"))
        )
    samples = []
    for each in table.tables("samples"):
        each.check_keys(("name", "signal"))
        samples.append(Sample(name=each.text("name"), signal=_above_0(each, "signal")))
    key = "fluorochromes_per_antibody"
    given, unit = key in table.values, table.choice("unit", UNITS)
    if given and unit != "MESF":
        raise NOT_MESF.refuse(f"the beads state {unit}", place=table.at(key), value=unit)
    return BeadFile(
        channel=table.text("channel"),
        lot=table.text("lot"),
        unit=unit,
        beads=tuple(beads),
        samples=tuple(samples),
        per_antibody=_above_0(table, key) if given else None,
        place=file.at(),
    )


def _above_0(table: Table, key: str) -> float:
    value = table.number(key)
    if value <= 0:
        raise NOT_POSITIVE.refuse(f"'{key}' is {value:g}", place=table.at(key), value=value)
    return value


def compute_bead_line(beads: Sequence[Bead], *, place: Place | None = None) -> LogLine:
    """Stated values by signals (MES-001, MES-002)."""
    for bead in beads:
        if not (0 < bead.stated < math.inf and 0 < bead.signal < math.inf):
            raise NOT_POSITIVE.refuse(
                f"{bead.name} states {bead.stated:g} at a signal of {bead.signal:g}",
                place=place,
                value=bead.name,
            )
    ordered = sorted(beads, key=lambda bead: bead.signal)
    rising = all(low.signal < high.signal and low.stated < high.stated for low, high in pairwise(ordered))
    if len(beads) < 3 or not rising:
        told = ", ".join(f"{bead.name} {bead.stated:g} at {bead.signal:g}" for bead in ordered)
        raise TOO_FEW.refuse(f"the beads are {told or 'none'}", place=place, value=len(beads))
    return compute_log_line([bead.signal for bead in ordered], [bead.stated for bead in ordered])


def compute_calibrated(sample: Sample, line: LogLine, *, per_antibody: float | None = None) -> Calibrated:
    """One signal in the unit of the beads (MES-001)."""
    if not 0 < sample.signal < math.inf:
        raise NOT_POSITIVE.refuse(f"{sample.name} has a signal of {sample.signal:g}", value=sample.signal)
    outside = "" if line.within(sample.signal) else "below" if sample.signal < line.lowest else "above"
    free = line.free(sample.signal)
    return Calibrated(
        sample=sample,
        free=free,
        linear=line.linear(sample.signal),
        antibodies=None if per_antibody is None else free / per_antibody,
        extrapolated=outside,
    )


def check_beads(beads: BeadFile, line: LogLine, calibrated: Sequence[Calibrated]) -> list[Finding]:
    """What to ask of a calibration: samples beyond the beads (FCF-001), a slope that is not 1 (FCF-002)."""
    findings = [
        Finding(
            rule="FCF-001",
            subject=one.sample.name,
            severity=Severity.WARNING,
            kind="plausibility",
            says=f"the signal of {one.sample.name}, {one.sample.signal:g}, lies {one.extrapolated} the beads "
            f"({line.lowest:g} to {line.highest:g}): {one.free:.4g} {beads.unit} by the free slope, "
            f"{one.linear:.4g} by slope 1",
            why="Beyond the beads the two lines part, and neither was measured there.",
            settle="beads of that brightness, or the result as beyond the range of the calibration.",
            standards=("MIFlowCyt-EV 4.3",),
        )
        for one in calibrated
        if one.extrapolated
    ]
    if line.linear_is_excluded:
        findings.append(slope_finding("FCF-002", beads.channel, line))
    return findings


def slope_finding(rule: str, subject: str, line: LogLine) -> Finding:
    """The doubt that a detector is not linear over the beads."""
    return Finding(
        rule=rule,
        subject=subject,
        severity=Severity.WARNING,
        kind="plausibility",
        says=f"the slope of log value on log signal is {line.slope:.4f} "
        f"({line.slope_low:.4f} to {line.slope_high:.4f}), which leaves out 1",
        why="A linear detector has slope 1; another slope is an offset, a wrong bead or a detector out of its range.",
        settle="the medians, what each bead states, and whether a background was subtracted.",
    )
