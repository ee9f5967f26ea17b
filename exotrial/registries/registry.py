"""The adapters: one object in one file reads a form of record, or writes a form of registration (DESIGN.md, law 8).

Readers and writers are found by walking `exotrial.registries` and the entry points `exotrial.registries`; nothing
else lists them. A reader takes bytes and gives every record in them; it refuses what it cannot read and reports what
it mended. A writer takes a study and gives bytes, with a loss for everything that the form has no place for.
"""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from dataclasses import dataclass, field

from exotrial.core.catalogue import find_objects
from exotrial.core.errors import ErrorCode, Place
from exotrial.core.provenance import SourceFile, compute_source
from exotrial.registries.record import Loss, RegistryRecord
from exotrial.study.definition import Study

UNKNOWN_FORM = ErrorCode(
    "RGY-001",
    "No installed reader recognises the file as a registry record.",
    "`exotrial registries` lists the forms that are read.",
)
SEVERAL_FORMS = ErrorCode(
    "RGY-002",
    "Several readers recognise the file.",
    "name the reader with --reader; `exotrial registries` lists them.",
)
NO_READER = ErrorCode("RGY-003", "No installed reader has this name.", "`exotrial registries` lists them.")
NO_RECORD = ErrorCode(
    "RGY-004",
    "The file is of a known form and holds no record.",
    "export it again, with at least one trial in it.",
)
EMPTY_FILE = ErrorCode(
    "RGY-005",
    "A file of registry records is empty.",
    "download it again: nothing of it arrived.",
)
WIDE_LETTERS = ErrorCode(
    "RGY-006",
    "A file of registry records is encoded in UTF-16 or UTF-32.",
    "save it as UTF-8; spreadsheets call that “CSV UTF-8”, and “Unicode text” is UTF-16.",
)


@dataclass(frozen=True, kw_only=True)
class RecordFile:
    """A file as it came: its bytes, and their digest and name."""

    data: bytes = field(repr=False)
    source: SourceFile

    @property
    def name(self) -> str:
        return self.source.name

    def at(self, line: int | None = None, *, path: str = "") -> Place:
        """A place in this file."""
        return Place(file=self.name, line=line, path=path)


def record_file(data: bytes, *, name: str) -> RecordFile:
    """Take bytes as a file of records."""
    return RecordFile(data=data, source=compute_source(data, name=name))


@dataclass(frozen=True, kw_only=True)
class RegistryReader:
    """A form of record that can be read.

    `registry` names the register where the form belongs to one, "" where it serves many. `recognises` looks at the
    bytes and never raises. `read` gives every record of the file in file order, or refuses. `citation` says where
    the form is described.
    """

    name: str
    title: str
    registry: str
    suffixes: tuple[str, ...]
    citation: str
    recognises: Callable[[RecordFile], bool]
    read: Callable[[RecordFile], tuple[RegistryRecord, ...]]


@dataclass(frozen=True, kw_only=True)
class Export:
    """A study in one form: the bytes to submit, and what that form has no place for."""

    data: bytes = field(repr=False)
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProtocolWriter:
    """A form in which a study is registered or published. `suffix` is the file's ending, with the dot.

    `reads_back` names the reader that reads what was written, "" where nothing does (a field list to be typed in).
    """

    name: str
    title: str
    suffix: str
    citation: str
    write: Callable[[Study], Export]
    reads_back: str = ""


_PACKAGE = "exotrial.registries"


def find_readers() -> dict[str, RegistryReader]:
    """Every installed reader, by name."""
    return find_objects(_PACKAGE, RegistryReader, name=lambda found: found.name, entry_point_group=_PACKAGE)


def find_writers() -> dict[str, ProtocolWriter]:
    """Every installed writer, by name."""
    return find_objects(_PACKAGE, ProtocolWriter, name=lambda found: found.name, entry_point_group=_PACKAGE)


def choose_reader(file: RecordFile, *, reader: str = "") -> RegistryReader:
    """The reader named, or the only one that recognises the file (RGY-001 to RGY-003, RGY-005 and RGY-006)."""
    readers = find_readers()
    if reader:
        if reader not in readers:
            raise NO_READER.refuse(
                f"no reader is called {reader!r}",
                value=reader,
                remedy=f"the readers are {', '.join(readers)}.",
            )
        return readers[reader]
    if not file.data.removeprefix(BOM_UTF8).strip():
        raise EMPTY_FILE.refuse("the file is empty", place=file.at(), value=file.name)
    if file.data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):  # UTF-32's mark begins with UTF-16's
        raise WIDE_LETTERS.refuse("the file is not encoded in UTF-8", place=file.at(), value=file.name)
    fitting = [found for found in readers.values() if found.recognises(file)]
    if not fitting:
        raise UNKNOWN_FORM.refuse("no reader knows this form of file", place=file.at(), value=file.name)
    if len(fitting) > 1:
        names = ", ".join(found.name for found in fitting)
        raise SEVERAL_FORMS.refuse(f"the file may be {names}", place=file.at(), value=names)
    return fitting[0]


def read_records(file: RecordFile, *, reader: str = "") -> tuple[RegistryRecord, ...]:
    """Every record of a file, in file order (RGY-001 to RGY-006, and the reader's own refusals)."""
    records = choose_reader(file, reader=reader).read(file)
    if not records:
        raise NO_RECORD.refuse("the file holds no record", place=file.at(), value=file.name)
    return records
