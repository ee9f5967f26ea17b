"""Evidence of a batch: the files that its laboratory measured, what each shows, of which vial and by what instrument.

Nothing but the files speaks: a result, a calibration, a sample is what one of them says at a line. The one thing a
person may state beside a file is the day of a measurement, where the instrument wrote none that can be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from exotrial.core.errors import Place, Refusal, Refusals
from exotrial.core.provenance import SourceFile
from exotrial.core.quantities import Quantity
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Reading, read_assay
from exotrial.product.entered_result import EnteredResult
from exotrial.product.held_to_plan import PROCESS, hold_to_plan
from exotrial.product.percentiles import summarise
from exotrial.product.size_distribution import Dilution, DilutionState, SizeDistribution
from exotrial.study.definition.intervention import Product

CONCENTRATION: Final = "particle concentration"
CALIBRATION: Final = "calibration"
CALIBRATED: Final = "passed"
"""A calibration is a result entered by hand: test `calibration`, sample the instrument's name, outcome `passed`."""

SIZES: Final = {
    "D10": ("d10_nm", "nm"),
    "D50": ("d50_nm", "nm"),
    "D90": ("d90_nm", "nm"),
    "mode": ("mode_nm", "nm"),
    "mean": ("mean_nm", "nm"),
    "span": ("span", "1"),
}
"""What a size distribution shows beside its concentration: computed from the bins, whatever the vendor printed."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A file that was sent for a batch. `reading` is None where it cannot be read, and `problem` then says why.

    `stated_on` is the day of the measurement as a person stated it, None where nobody did.
    """

    file: SourceFile
    reading: Reading | None
    problem: str = ""
    stated_on: date | None = None

    @property
    def label(self) -> str:
        """The file's name and the beginning of its digest."""
        return f"{self.file.name} (SHA-256 {self.file.sha256[:12]})"

    def at(self, place: Place) -> str:
        """A place in the file, with the file's digest."""
        return f"{self.label} line {place.line}" if place.line is not None else self.label

    @property
    def measured_on(self) -> date | None:
        """The day of the measurement by the instrument's clock, else as stated."""
        told = self.reading.measured_at if self.reading is not None else None
        return told.date() if told is not None else self.stated_on


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One thing that a file shows: a quantity (`below` where the result lies below it), or an outcome in words."""

    measures: str
    sample: str
    value: Quantity | None
    below: bool
    outcome: str
    day: date | None
    place: Place


def read_evidence(
    file: AssayFile,
    *,
    reader: str = "",
    stated_on: date | None = None,
    readers: Sequence[AssayReader] | None = None,
    product: Product | None = None,
) -> Evidence:
    """A file as evidence; one that cannot be read is evidence too, of nothing, with the reader's refusal.

    A process record and a temperature log are held to the plan of `product`; without it they stay unheld, and say so.
    """
    try:
        reading = hold_to_plan(read_assay(file, reader=reader, readers=readers), product)
    except Refusal as refused:
        return Evidence(file=file.source, reading=None, problem=str(refused), stated_on=stated_on)
    except Refusals as several:
        problem = "; ".join(str(one) for one in several.refusals)
        return Evidence(file=file.source, reading=None, problem=problem, stated_on=stated_on)
    return Evidence(file=file.source, reading=reading, stated_on=stated_on)


def derive_shown(evidence: Evidence) -> tuple[Shown, ...]:
    """Everything that a file shows, in its order. Of a size distribution only what its own bins give (PCT-001)."""
    reading = evidence.reading
    if reading is None:
        return ()
    if reading.kind is AssayKind.PROCESS:
        return (_of_process(evidence, reading),)
    if reading.kind is AssayKind.RESULT:
        return tuple(_of_entered(one) for one in reading.content if isinstance(one, EnteredResult))
    if reading.distributions:
        return tuple(one for each in reading.distributions for one in _of_sizes(evidence, reading, each))
    return tuple(
        _shown(evidence, reading, one.name, one.value, one.unit or "1", one.place)
        for one in reading.printed
        if not one.video
    )


def vial_of(sample: str, *, batch: str) -> str | None:
    """Which vial of a batch a sample is ("" where none is named), None where it is none of the batch.

    A sample is called as the batch is, or so with `vial` and its number after it: `CORD-7`, `CORD-7 vial 3`.
    """
    beginning = re.escape(batch.strip())
    match = re.fullmatch(rf"{beginning}(?:[ /_,;:-]+[Vv][Ii][Aa][Ll][ _-]*(\w+))?", sample.strip())
    return None if match is None else match[1] or ""


def find_calibrations(evidence: Sequence[Evidence]) -> tuple[tuple[Evidence, Shown], ...]:
    """Every calibration among the files, passed or not."""
    return tuple(
        (one, shown) for one in evidence for shown in derive_shown_or_none(one) if is_calibration(shown)
    )


def derive_shown_or_none(evidence: Evidence) -> tuple[Shown, ...]:
    """What a file shows, nothing where its bins are empty and give no size."""
    try:
        return derive_shown(evidence)
    except Refusal:
        return ()


def is_calibration(shown: Shown) -> bool:
    """Whether it is the calibration of an instrument."""
    return shown.measures.casefold() == CALIBRATION


def undiluted_factor(dilution: Dilution) -> float | None:
    """By what the values are to be multiplied to be of the sample before dilution; None where nobody recorded it."""
    return 1.0 if dilution.state is DilutionState.APPLIED else dilution.factor


def _of_entered(result: EnteredResult) -> Shown:
    return Shown(
        measures=result.test,
        sample=result.sample,
        value=result.value,
        below=result.below,
        outcome=result.outcome,
        day=result.day,
        place=result.place,
    )


def _of_process(evidence: Evidence, reading: Reading) -> Shown:
    return Shown(
        measures=PROCESS,
        sample=reading.sample,
        value=None,
        below=False,
        outcome="on record",
        day=evidence.measured_on,
        place=Place(file=reading.file.name, line=1),
    )


def _of_sizes(evidence: Evidence, reading: Reading, distribution: SizeDistribution) -> list[Shown]:
    sizes = summarise(distribution)
    place = distribution.place
    found = [
        _shown(evidence, reading, name, getattr(sizes, field), unit, place)
        for name, (field, unit) in SIZES.items()
    ]
    factor = undiluted_factor(distribution.dilution)
    if distribution.unit == "particles/mL" and factor is not None:
        total = sizes.total * factor
        found.append(_shown(evidence, reading, CONCENTRATION, total, "particles/mL", place))
    return found


def _shown(evidence: Evidence, reading: Reading, name: str, value: float, unit: str, place: Place) -> Shown:
    return Shown(
        measures=name,
        sample=reading.sample,
        value=Quantity(value=Decimal(f"{value:.12g}"), unit=unit),
        below=False,
        outcome="",
        day=evidence.measured_on,
        place=place,
    )
