"""The assay reader: one object in one file says what one instrument's export is and reads it (DESIGN.md, law 8).

Readers are found by walking `exotrial.product.assays` and the entry points `exotrial.assays`; nothing else lists
them. A reader takes bytes and gives a `Reading`: every number with its unit and its place in the file, every warning
of the instrument, and what the file does not say. It refuses what it cannot read and never fills a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from exotrial.core.catalogue import find_objects
from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding
from exotrial.core.provenance import SourceFile, compute_source
from exotrial.product.size_distribution import SizeDistribution

UNKNOWN_FORMAT = ErrorCode(
    "ASY-001",
    "No installed reader recognises the file.",
    "`exotrial assay formats` lists what is read; a table of your own is read with a mapping file.",
)
SEVERAL_FORMATS = ErrorCode(
    "ASY-002",
    "Several readers recognise the file.",
    "name the reader to use; `exotrial assay formats` lists them.",
)
NO_READER = ErrorCode("ASY-003", "No installed reader has this name.", "`exotrial assay formats` lists them.")
MAPPING_UNUSED = ErrorCode(
    "ASY-004",
    "A mapping file is given for a reader that takes none, or none for a reader that needs one.",
    "give a mapping file only with a table of your own; `exotrial assay formats` says which readers need one.",
)


class AssayKind(StrEnum):
    """What an assay measures."""

    SIZE = "size distribution"
    TRACKS = "particle tracks"
    ZETA = "zeta potential"
    FLOW = "flow cytometry"
    BLOT = "Western blot"
    ELECTRON_MICROSCOPY = "electron microscopy"
    RESULT = "result entered by hand"
    PROCESS = "process record"
    TEMPERATURE = "temperature log"


@dataclass(frozen=True, kw_only=True)
class AssayFile:
    """A file as it came: its bytes, and their digest and name; `mapping` says what a table of one's own holds."""

    data: bytes = field(repr=False)
    source: SourceFile
    mapping: AssayFile | None = None

    @property
    def name(self) -> str:
        return self.source.name

    def at(self, line: int | None = None, *, path: str = "") -> Place:
        """A place in this file."""
        return Place(file=self.name, line=line, path=path)


def assay_file(data: bytes, *, name: str, mapping: AssayFile | None = None) -> AssayFile:
    """Take bytes as an assay file, with its mapping file for a table of one's own."""
    return AssayFile(data=data, source=compute_source(data, name=name), mapping=mapping)


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A number as the instrument printed it. `unit` is UCUM spelling ("" for a plain number); `text` is the cell.

    `video` is the column or position that it is of: a video's name, "Average", or "" for the whole measurement.
    """

    name: str
    value: float
    unit: str
    place: Place
    text: str
    video: str = ""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One line of what the instrument was set to, as text."""

    name: str
    text: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class InstrumentWarning:
    """A warning that the instrument itself wrote. A batch is not released over one in silence."""

    text: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one file says.

    `reader` names the reader; `serial` is the serial number of the instrument, "" where the file tells none (NTA 3.x
    writes none); `measured_at` is the instrument's clock, without a zone unless the file gives one.
    `printed` are the vendor's own results, `distributions` the size distributions (recomputed from their bins
    elsewhere), `findings` what the file lacks or contradicts. `content` is what only this kind has (events of a
    cytometer, an image, tracks), a frozen value that the kind's own module defines.
    """

    reader: str
    kind: AssayKind
    file: SourceFile
    instrument: str
    version: str
    measured_at: datetime | None
    serial: str = ""
    operator: str = ""
    sample: str = ""
    printed: tuple[Printed, ...] = ()
    distributions: tuple[SizeDistribution, ...] = ()
    settings: tuple[Setting, ...] = ()
    warnings: tuple[InstrumentWarning, ...] = ()
    findings: tuple[Finding, ...] = ()
    content: Any = None


@dataclass(frozen=True, kw_only=True)
class AssayReader:
    """One format. `recognises` looks at the bytes and never raises; `read` refuses with a place or gives all.

    A reader with `needs_mapping` looks into `AssayFile.mapping`, and is asked only where a mapping file is given.
    `citation` says where the format is described or which real exports it was learnt from, with their licence.
    """

    name: str
    title: str
    kind: AssayKind
    suffixes: tuple[str, ...]
    recognises: Callable[[AssayFile], bool]
    read: Callable[[AssayFile], Reading]
    citation: str
    needs_mapping: bool = False


PACKAGE: Final = "exotrial.product.assays"


def find_readers() -> dict[str, AssayReader]:
    """Every installed reader by name (CAT-001)."""
    return find_objects(
        PACKAGE, AssayReader, name=lambda reader: reader.name, entry_point_group="exotrial.assays"
    )


def read_assay(file: AssayFile, *, reader: str = "", readers: Sequence[AssayReader] | None = None) -> Reading:
    """Read a file with the reader named, or with the only one that recognises it (ASY-001 to ASY-004)."""
    known = {each.name: each for each in readers} if readers is not None else find_readers()
    mapped = file.mapping is not None
    if reader:
        if reader not in known:
            raise NO_READER.refuse(f"{reader!r} is none of the readers", value=reader)
        if known[reader].needs_mapping is not mapped:
            problem = f"{reader} takes no mapping file" if mapped else f"{reader} needs a mapping file"
            raise MAPPING_UNUSED.refuse(problem, place=file.at(), value=reader)
        return known[reader].read(file)
    fitting = [each for each in known.values() if each.needs_mapping is mapped and each.recognises(file)]
    if not fitting:
        raise UNKNOWN_FORMAT.refuse("the file is in none of the formats that are read", place=file.at())
    if len(fitting) > 1:
        names = ", ".join(each.name for each in fitting)
        raise SEVERAL_FORMATS.refuse(f"{names} recognise it", place=file.at(), value=names)
    return fitting[0].read(file)
