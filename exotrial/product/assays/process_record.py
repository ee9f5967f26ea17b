"""The record of how a batch was made, as evidence of the batch; docs/how-to/record-the-process.md shows one.

The file alone does not say whether the batch was made as planned: `hold_to_plan` holds it to the study file, and until
then the reading carries an error.
"""

from __future__ import annotations

from typing import Final

from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Reading
from exotrial.product.assay_text import check_end, starts_with
from exotrial.product.held_to_plan import say_unheld
from exotrial.product.process_record import FORMAT, read_process_record

_BEGINNING: Final = f'format = "{FORMAT}"'


def _recognises(file: AssayFile) -> bool:
    """A comment may stand before the first key."""
    if starts_with(file, _BEGINNING):
        return True
    head = file.data[:2000].decode("utf-8", errors="ignore").removeprefix("\ufeff").splitlines()
    first = next((line for line in head if line.strip() and not line.lstrip().startswith("#")), "")
    return first.strip() == _BEGINNING


def _read(file: AssayFile) -> Reading:
    record = read_process_record(file)
    return Reading(
        reader=PROCESS_RECORD.name,
        kind=AssayKind.PROCESS,
        file=file.source,
        instrument="",
        version=FORMAT,
        measured_at=min(step.begun for step in record.steps),
        operator=", ".join(sorted({step.by for step in record.steps if step.by})),
        sample=record.batch,
        findings=(
            *check_end(file.data.decode("utf-8-sig"), file=file),
            say_unheld(AssayKind.PROCESS, "no study file was at hand", place=file.at(1)),
        ),
        content=record,
    )


PROCESS_RECORD = AssayReader(
    name="process_record",
    title="record of how a batch was made, TOML",
    kind=AssayKind.PROCESS,
    suffixes=(".toml",),
    recognises=_recognises,
    read=_read,
    citation="exotrial's own format",
)
