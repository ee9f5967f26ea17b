"""The record of how one batch was made, from its TOML file: steps, times, people, values as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.quantities import Quantity, read_quantity
from exotrial.product.assay import AssayFile
from exotrial.product.toml_text import WRONG_VALUE, Table, read_toml
from exotrial.study.definition.process import DIMENSIONS

NO_RECORD = ErrorCode(
    "PRC-001",
    "A file is no record of a process.",
    'begin it with format = "exotrial process record 1"; docs/how-to/record-the-process.md has an example.',
)
ENDS_FIRST = ErrorCode("PRC-002", "A step ends before it begins.", "correct its times.")

FORMAT = "exotrial process record 1"
_STEP_KEYS = ("name", "begun", "ended", "by", "deviation", "repeats", "material", *DIMENSIONS)


@dataclass(frozen=True, kw_only=True)
class RecordedStep:
    """A step as it was done: `values` by parameter as read, `deviation` in words where it did not go as planned.

    Where no end is told (`end_told`), `ended` is the beginning.
    """

    name: str
    begun: datetime
    ended: datetime
    end_told: bool
    by: str
    values: Mapping[str, Quantity]
    repeats: int
    material: str
    deviation: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class ProcessRecord:
    """The record of one batch of one product, its steps as written."""

    product: str
    batch: str
    steps: tuple[RecordedStep, ...]


def read_process_record(file: AssayFile) -> ProcessRecord:
    """A record of a process from TOML (PRC-001, PRC-002, TML-001 to TML-003, QTY-001 to QTY-005, with its line)."""
    table = read_toml(file)
    if table.values.get("format") != FORMAT:
        raise NO_RECORD.refuse("it does not begin as one", place=table.at(), value=table.values.get("format"))
    table.check_keys(("format", "product", "batch", "step"))
    return ProcessRecord(
        product=table.text("product"),
        batch=table.text("batch"),
        steps=tuple(_read_step(one) for one in table.tables("step")),
    )


def _read_step(table: Table) -> RecordedStep:
    table.check_keys(_STEP_KEYS)
    begun = table.instant("begun")
    ended = table.instant("ended") if "ended" in table.values else begun
    if ended < begun:
        raise ENDS_FIRST.refuse(
            f"{ended.isoformat()} is before {begun.isoformat()}", place=table.at("ended"), value=ended
        )
    values = {}
    for name in DIMENSIONS:
        if name in table.values:
            written = table.values[name]
            if not isinstance(written, str):
                raise WRONG_VALUE.refuse(
                    f"'{name}' has no unit",
                    place=table.at(name),
                    value=written,
                    remedy='write it with its unit, like "4 degC".',
                )
            values[name] = read_quantity(written, dimension=DIMENSIONS[name], place=table.at(name))
    return RecordedStep(
        name=table.text("name"),
        begun=begun,
        ended=ended,
        end_told="ended" in table.values,
        by=table.text("by", default=""),
        values=values,
        repeats=table.whole("repeats", default=1),
        material=table.text("material", default=""),
        deviation=table.text("deviation", default=""),
        place=Place(file=table.file.name, line=table.at().line),
    )
