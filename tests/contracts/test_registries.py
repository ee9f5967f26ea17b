"""What every installed reader and writer of registry records keeps to, the shipped ones and those of strangers alike.

The examples are the files of `tests/files/registries/` and, for a reader that a writer names in `reads_back`, what
that writer makes of the clean study. They are cut off, damaged and recoded here. What a reader makes of them is
drafted as a study file: it reads, or the record is refused.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.registries.draft import draft_study
from exotrial.registries.record import RegistryRecord, Stated
from exotrial.registries.registry import (
    ProtocolWriter,
    RecordFile,
    RegistryReader,
    find_readers,
    find_writers,
    read_records,
    record_file,
)
from exotrial.study.definition import Study
from tests.conftest import PROJECT
from tests.registries.usdm.examples import FILES, studies, study_of
from tests.study.clean import CLEAN

READERS = find_readers()
WRITERS = find_writers()
EXAMPLES = {path.name: path.read_bytes() for path in sorted((PROJECT / "tests/files/registries").iterdir())}
WRITTEN = {
    f"clean{writer.suffix}": writer.write(study_of(CLEAN)).data
    for writer in WRITERS.values()
    if writer.reads_back
}
ALL = EXAMPLES | WRITTEN

each_reader = pytest.mark.parametrize("reader", READERS.values(), ids=lambda reader: reader.name)
each_writer = pytest.mark.parametrize("writer", WRITERS.values(), ids=lambda writer: writer.name)
each_example = pytest.mark.parametrize("name", ALL)
each_study = pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)

LINES = (".tsv", ".csv")

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w|\btel(?:ephone)?\b\W*\+?\d|\+\d{2}[\d ()-]{6,}", re.IGNORECASE)
"""An e-mail address or a telephone number."""


@cache
def records_of(name: str) -> tuple[RegistryRecord, ...]:
    return read_records(record_file(ALL[name], name=name))


def fitting(file: RecordFile) -> list[str]:
    return [reader.name for reader in READERS.values() if reader.recognises(file)]


def read_or_refuse(data: bytes, name: str) -> tuple[RegistryRecord, ...]:
    """What a file gives, nothing where it is refused; and what its records give as drafts."""
    try:
        records = read_records(record_file(data, name=name))
    except (Refusal, Refusals) as refused:
        check_refusal(refused)
        return ()
    for record in records:
        check_draft(record)
    return records


def check_refusal(refused: Refusal | Refusals) -> None:
    for one in refused.refusals if isinstance(refused, Refusals) else (refused,):
        assert re.fullmatch(r"[A-Z]{3}-\d{3}", one.code.code)
        assert one.problem
        assert one.remedy


def check_draft(record: RegistryRecord) -> Study | None:
    """A draft, which `draft_study` has read as a study file, with nothing of people; None where it is refused."""
    try:
        draft = draft_study(record)
    except Refusal as refused:
        check_refusal(refused)
        return None
    told = "\n".join([str(stated.value) + stated.prints for stated in stated_in(record)])
    for contact in record.contacts:
        for words in (contact.name, contact.telephone, contact.email):
            assert len(words) < 5 or words in told + contact.affiliation or words not in draft.text
    return draft.study


def stated_in(value: Any) -> Iterator[Stated[Any]]:
    if isinstance(value, Stated):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from stated_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for entry in value:
            yield from stated_in(entry)


@each_reader
def test_a_reader_has_a_plain_name_a_title_a_citation_and_an_example(reader: RegistryReader) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", reader.name)
    assert reader.title
    assert reader.citation
    assert reader.suffixes
    assert all(re.fullmatch(r"\.[a-z]+", suffix) for suffix in reader.suffixes)
    assert any(records_of(name)[0].reader == reader.name for name in ALL), (
        f"put a file that {reader.name} reads into tests/files/registries/"
    )


@each_writer
def test_a_writer_has_a_plain_name_a_title_a_citation_and_an_ending(writer: ProtocolWriter) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", writer.name)
    assert writer.title
    assert writer.citation
    assert re.fullmatch(r"(\.[a-z0-9-]+)+", writer.suffix)
    assert writer.reads_back in ("", *READERS)


@each_example
def test_an_example_is_recognised_by_one_reader_alone(name: str) -> None:
    (reader,) = fitting(record_file(ALL[name], name=name))
    assert {record.reader for record in records_of(name)} == {reader}
    assert name not in WRITTEN or reader in {one.reads_back for one in WRITERS.values()}


@each_example
def test_every_value_of_an_example_has_its_place(name: str) -> None:
    for record in records_of(name):
        assert record.source.name == name
        assert record.identifier.value
        for stated in stated_in(record):
            assert stated.place.file == name, stated
            assert stated.place.line is not None or stated.place.path, stated


@each_example
def test_an_example_is_read_and_drafted_alike_each_time(name: str) -> None:
    again = read_records(record_file(ALL[name], name=name))
    assert again == records_of(name)
    for first, second in zip(records_of(name), again, strict=True):
        assert len({finding.id for finding in first.findings}) == len(first.findings)
        assert check_draft(first) == check_draft(second)


@each_reader
@settings(max_examples=15, deadline=None)
@given(data=st.binary(max_size=60), name=st.sampled_from(tuple(ALL)), cut=st.floats(0, 1))
def test_any_bytes_are_recognised_or_not_and_read_or_refused(
    reader: RegistryReader, data: bytes, name: str, cut: float
) -> None:
    head = ALL[name][: int(cut * 300)]
    for made in (data, head + data, data + head):
        file = record_file(made, name="other.bin")
        assert isinstance(reader.recognises(file), bool)
        try:
            reader.read(file)
        except (Refusal, Refusals) as refused:
            check_refusal(refused)


@each_reader
@each_example
def test_a_file_of_another_form_is_refused(reader: RegistryReader, name: str) -> None:
    if records_of(name)[0].reader != reader.name:
        with pytest.raises((Refusal, Refusals)):
            read_records(record_file(ALL[name], name=name), reader=reader.name)


@each_example
def test_a_file_cut_off_is_refused_or_says_so(name: str) -> None:
    whole = {record.identifier.value: record for record in records_of(name)}
    data = ALL[name]
    chosen = random.Random(20_260_201)
    lengths = [0, 1, 2, len(data) // 2, *(chosen.randrange(len(data)) for _ in range(6))]
    for length in sorted({*lengths, *range(len(data) - 4, len(data))}):
        if name.endswith(LINES) and data[:length].endswith(b"\n"):
            continue  # a table has no end: cut between two lines it looks whole
        for record in read_or_refuse(data[:length], name):
            before = whole.get(record.identifier.value)
            lost = before is None or said(record) != said(before)
            assert not lost or set(record.findings) - set(before.findings if before else ()), (
                f"cut at byte {length} of {len(data)}: another record, and no finding"
            )


def said(record: RegistryRecord) -> list[Any]:
    return [stated.value for stated in stated_in(record)]


@each_example
def test_a_damaged_file_is_refused_or_read_and_never_crashes(name: str) -> None:
    data = ALL[name]
    chosen = random.Random(20_260_202)
    for _ in range(8):
        damaged = bytearray(data)
        for _ in range(chosen.randrange(1, 8)):
            place = chosen.randrange(len(damaged))
            if chosen.random() < 0.3:
                del damaged[place : place + chosen.randrange(1, 40)]
            else:
                damaged[place] = chosen.choice(b'\x00\xff;,"<>{}[]:\t\n 09-.xN')
        read_or_refuse(bytes(damaged), name)


@each_example
def test_a_recoded_or_shuffled_file_is_refused_or_read_and_never_crashes(name: str) -> None:
    text = ALL[name].decode("utf-8")
    chosen = random.Random(20_260_203)
    lines = text.splitlines(keepends=True)
    shuffled = list(lines)
    chosen.shuffle(shuffled)
    for changed in (
        text.encode("utf-16"),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("latin-1", "replace"),
        "".join(shuffled).encode(),
        "".join(lines[:1] + lines[:0:-1]).encode(),
        "\r\n".join(text.splitlines()).encode(),
        re.sub(r"\d", "7", text).encode(),
        re.sub(r"\d", "0", text).encode(),
        re.sub(r"\d+", "99999999999999999999", text).encode(),
        (text + text).encode(),
    ):
        read_or_refuse(changed, name)


@each_writer
@each_study
def test_a_study_is_written_alike_each_time_and_names_nobody(writer: ProtocolWriter, path: Any) -> None:
    export = writer.write(study_of(path))
    assert export.data
    assert export.data == writer.write(study_of(path)).data
    assert not (hit := ADDRESS.search(export.data.decode("utf-8", "replace"))), hit
    for loss in export.losses:
        assert loss.item
        assert loss.why


@pytest.mark.parametrize(
    "writer", [one for one in WRITERS.values() if one.reads_back], ids=lambda writer: writer.name
)
@each_study
def test_a_study_reads_back_as_it_was_or_a_loss_names_what_is_not(writer: ProtocolWriter, path: Any) -> None:
    check_round_trip(study_of(path), writer)


@settings(max_examples=5, deadline=None)
@given(study=studies())
def test_a_study_with_values_changed_is_written_and_read_or_refused(study: Study) -> None:
    words = [arm.name for arm in study.arms] + [outcome.name for outcome in study.outcomes]
    words += [study.title, *(one.text for one in study.population.criteria)]
    for writer in WRITERS.values():
        try:
            if writer.reads_back and "" not in plain(words):  # a form may drop words that are none
                check_round_trip(study, writer)
            else:
                assert writer.write(study).data
        except (Refusal, Refusals) as refused:
            check_refusal(refused)


def check_round_trip(study: Study, writer: ProtocolWriter) -> None:
    export = writer.write(study)
    file = record_file(export.data, name=f"study{writer.suffix}")
    assert fitting(file) == [writer.reads_back]
    (record,) = read_records(file)
    lost = {loss.item for loss in export.losses}
    size = record.target_size.value if record.target_size else None
    if study.design.planned_size is None and size in {one.target_size for one in study.registrations}:
        size = None  # where only a registration states a size, a register's form may print that
    both: dict[str, tuple[Any, Any]] = {
        "title": (study.title, record.scientific_title.value if record.scientific_title else None),
        "arms.name": ([arm.name for arm in study.arms], [arm.name.value for arm in record.arms]),
        "arms.size": (
            [arm.size for arm in study.arms],
            [arm.size.value if arm.size else None for arm in record.arms],
        ),
        "outcomes.name": (
            sorted(plain([one.name for one in study.outcomes])),
            sorted(plain([one.name.value for one in record.outcomes])),
        ),
        "outcomes.level": (
            sorted(plain([(one.level, one.name) for one in study.outcomes])),
            sorted(plain([(one.level, one.name.value) for one in record.outcomes])),
        ),
        "design.planned_size": (study.design.planned_size, size),
        "design.enrolled": (study.design.enrolled, record.actual_size.value if record.actual_size else None),
        "population.age_min": (study.population.age_min, _years(record.age_min)),
        "population.age_max": (study.population.age_max, _years(record.age_max)),
        "population.criteria": (len(study.population.criteria), len(record.criteria)),
    }
    differ = {name: sides for name, sides in both.items() if plain(sides[0]) != plain(sides[1])}
    unnamed = {name: sides for name, sides in differ.items() if not is_named(name, lost)}
    assert not unnamed, unnamed


def _years(stated: Stated[Any] | None) -> float | None:
    return stated.value.value if stated is not None and stated.value.unit == "a" else None


def plain(value: Any) -> Any:
    """Words without the space and the full stop by which a form may part them."""
    if isinstance(value, str):
        return " ".join(value.split()).rstrip(" .")
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def is_named(name: str, lost: set[str]) -> bool:
    """Whether a loss names it: by its path in a study file, or as a field of a class of the form."""
    room, field = name.split(".")[0], name.rpartition(".")[2]
    named = any(item in (room, name) or item.startswith(f"{name}.") for item in lost)
    return named or (field not in ("name", "level") and any(item.endswith(f".{field}") for item in lost))
