"""The registry records of a report: those named by the user, and those that the study file names and that lie by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.provenance import SourceFile, read_source
from exotrial.registries.record import RegistryRecord
from exotrial.registries.registry import RecordFile, find_readers, read_records
from exotrial.study.definition import Study

NOT_AS_NAMED = ErrorCode(
    "RGC-001",
    "A document beside the study file has another digest than the study file gives it.",
    "lay the file beside it that the study file was made from, or correct the document's sha256.",
)

_OF_REGISTERS = ("registry record", "registry snapshot")


@dataclass(frozen=True, kw_only=True)
class RecordsBeside:
    """Every record of every file read, of whatever trial, in the order read; and the files."""

    records: tuple[RegistryRecord, ...]
    files: tuple[SourceFile, ...]


def read_records_beside(study: Study, *, folder: Path, beside: Sequence[Path]) -> RecordsBeside:
    """Records of the files `beside`, then of the study's registry documents that lie in its folder.

    A file of `beside` that no reader knows is refused (RGY-001, RGY-002, or as its reader does); a document that none
    knows is left alone, for it may be a page or a picture. A document's file is looked for by its bare name only, so
    that a study file cannot point out of its folder. Refuses RGC-001.
    """
    records: list[RegistryRecord] = []
    files: list[SourceFile] = []
    for path in beside:
        data, source = read_source(path)
        records += read_records(RecordFile(data=data, source=source))
        files.append(source)
    for document in study.documents:
        name = document.file
        if document.kind not in _OF_REGISTERS or name is None or Path(name).name != name:
            continue
        if not (folder / name).is_file():
            continue
        data, source = read_source(folder / name)
        if document.sha256 is not None and document.sha256.lower() != source.sha256:
            raise NOT_AS_NAMED.refuse(
                f"'{name}' has the SHA-256 {source.sha256}, and the study file gives {document.sha256}",
                place=Place(file=name, path=f"documents.{document.id}.sha256"),
                value=source.sha256,
            )
        file = RecordFile(data=data, source=source)
        if source not in files and any(reader.recognises(file) for reader in find_readers().values()):
            records += read_records(file)
            files.append(source)
    return RecordsBeside(records=tuple(records), files=tuple(files))
