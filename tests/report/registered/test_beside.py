"""Records beside a study: those given, those that its documents name, and what is never read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from exotrial.core.errors import Refusal
from exotrial.registries.registry import UNKNOWN_FORM
from exotrial.report.registered.beside import NOT_AS_NAMED, read_records_beside
from exotrial.study.definition import Study
from tests.conftest import PROJECT
from tests.study.clean import changed

MADE_UP = PROJECT / "tests" / "files" / "registries" / "irct_synthetic.txt"


def naming(file: str, **more: object) -> Study:
    document = {"id": "more", "kind": "registry record", "title": "A record", "file": file, **more}
    return changed({"documents.+": document})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "record.txt").write_bytes(MADE_UP.read_bytes())
    return tmp_path


def test_a_registry_document_that_lies_beside_the_study_file_is_read(folder: Path) -> None:
    found = read_records_beside(naming("record.txt"), folder=folder, beside=())
    assert [one.identifier.value for one in found.records] == ["IRCT20240101012345N2"]
    assert [file.name for file in found.files] == ["record.txt"]


def test_a_document_that_is_given_as_well_is_read_once(folder: Path) -> None:
    found = read_records_beside(naming("record.txt"), folder=folder, beside=[folder / "record.txt"])
    assert len(found.records) == len(found.files) == 1


@pytest.mark.parametrize("file", ["../record.txt", "absent.txt", "sub/record.txt"])
def test_a_document_that_is_not_beside_the_study_file_is_not_looked_for(folder: Path, file: str) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "record.txt").write_bytes(MADE_UP.read_bytes())
    for name in (file, str(folder / "record.txt")):
        assert read_records_beside(naming(name), folder=folder / "sub", beside=()).files == ()


def test_a_paper_is_no_record_even_where_it_reads_like_one(folder: Path) -> None:
    assert read_records_beside(naming("record.txt", kind="paper"), folder=folder, beside=()).files == ()


def test_a_document_that_no_reader_knows_is_left_alone_and_a_given_file_is_refused(folder: Path) -> None:
    (folder / "scan.txt").write_text("a picture of a record", encoding="utf-8")
    assert read_records_beside(naming("scan.txt"), folder=folder, beside=()).files == ()
    with pytest.raises(Refusal) as refused:
        read_records_beside(changed({}), folder=folder, beside=[folder / "scan.txt"])
    assert refused.value.code is UNKNOWN_FORM


def test_a_document_of_another_digest_than_the_study_file_gives_is_refused(folder: Path) -> None:
    digest = hashlib.sha256(MADE_UP.read_bytes()).hexdigest()
    assert read_records_beside(naming("record.txt", sha256=digest), folder=folder, beside=()).files
    with pytest.raises(Refusal) as refused:
        read_records_beside(naming("record.txt", sha256="0" * 64), folder=folder, beside=())
    assert refused.value.code is NOT_AS_NAMED
    assert digest in str(refused.value)
