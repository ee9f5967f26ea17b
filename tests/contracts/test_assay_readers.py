"""What every installed assay reader keeps to, the shipped ones and those of strangers alike.

Each reader has example files in `tests/files/assays/<its name>/`: they are read, cut off, recoded and shuffled here. A
file `mapping.toml` in the folder is given as the mapping file. A folder `LICENSE` says whose the files are.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from exotrial.core.errors import Refusal, Refusals
from exotrial.core.quantities import dimension_of, read_unit
from exotrial.product.assay import AssayFile, AssayReader, Reading, assay_file, find_readers, read_assay
from tests.conftest import PROJECT

READERS = find_readers()
EXAMPLES = PROJECT / "tests" / "files" / "assays"
LARGEST = 20_000
"""Bytes of an example that is cut in many places: larger ones are cut in a few."""

PICTURES = (".tif", ".tiff", ".png", ".jpg")

each_reader = pytest.mark.parametrize("reader", READERS.values(), ids=lambda reader: reader.name)


def example_paths(reader: AssayReader) -> list[Path]:
    folder = EXAMPLES / reader.name
    return [
        path
        for path in sorted(folder.glob("*"))
        if path.suffix.lower() in reader.suffixes and path.name != "mapping.toml"
    ]


def open_example(path: Path, data: bytes | None = None) -> AssayFile:
    described = path.parent / "mapping.toml"
    mapping = assay_file(described.read_bytes(), name=described.name) if described.exists() else None
    return assay_file(path.read_bytes() if data is None else data, name=path.name, mapping=mapping)


each_example = pytest.mark.parametrize(
    ("reader", "path"),
    [
        pytest.param(reader, path, id=f"{reader.name}-{path.name}")
        for reader in READERS.values()
        for path in example_paths(reader)
    ],
)


@each_reader
def test_a_reader_has_an_example_a_citation_and_a_plain_name(reader: AssayReader) -> None:
    assert example_paths(reader), f"put an example into tests/files/assays/{reader.name}/"
    assert reader.citation
    assert reader.title
    assert reader.name.isidentifier()
    assert reader.name == reader.name.lower()
    assert all(suffix.startswith(".") for suffix in reader.suffixes)


@each_example
def test_an_example_is_recognised_by_its_reader_alone(reader: AssayReader, path: Path) -> None:
    file = open_example(path)
    rivals = [each for each in READERS.values() if each.needs_mapping is reader.needs_mapping]
    assert [each.name for each in rivals if each.recognises(file)] == [reader.name]


@each_example
def test_an_example_is_read_with_every_number_in_its_place(reader: AssayReader, path: Path) -> None:
    file = open_example(path)
    reading = read_assay(file, reader=reader.name)
    assert reading.reader == reader.name
    assert reading.kind is reader.kind
    assert reading.file == file.source
    assert reading.instrument or reading.version or reading.operator or reading.printed
    for printed in reading.printed:
        assert printed.place.file == file.name
        assert printed.text
        if printed.unit:
            assert read_unit(printed.unit, dimension=dimension_of(printed.unit)) == printed.unit
    for distribution in reading.distributions:
        assert distribution.place.file == file.name
    assert len({finding.id for finding in reading.findings}) == len(reading.findings)


@each_example
def test_reading_twice_says_the_same(reader: AssayReader, path: Path) -> None:
    first, second = (_said(read_assay(open_example(path), reader=reader.name)) for _ in range(2))
    assert first == second


def _said(reading: Reading) -> list[object]:
    return [reading.printed, reading.settings, reading.warnings, reading.findings, reading.measured_at]


@each_example
def test_a_file_cut_off_is_refused_or_says_so(reader: AssayReader, path: Path) -> None:
    whole = read_assay(open_example(path), reader=reader.name)
    for data in _cuts(path.read_bytes()):
        reading = _read_or_refuse(reader, open_example(path, data))
        if reading is not None and len(reading.printed) < len(whole.printed):
            assert set(reading.findings) - set(whole.findings) or len(reading.warnings) > len(
                whole.warnings
            ), f"cut at byte {len(data)}: fewer numbers, and no finding"


def _cuts(data: bytes) -> Iterator[bytes]:
    chosen = random.Random(20_260_101)
    count = 25 if len(data) <= LARGEST else 6
    for length in [0, 1, 2, 3, len(data) - 1, *(chosen.randrange(len(data)) for _ in range(count))]:
        yield data[:length]


@each_example
def test_a_damaged_file_is_refused_or_read_and_never_crashes(reader: AssayReader, path: Path) -> None:
    data = path.read_bytes()
    chosen = random.Random(20_260_102)
    for _ in range(30 if len(data) <= LARGEST else 6):
        damaged = bytearray(data)
        for _ in range(chosen.randrange(1, 6)):
            damaged[chosen.randrange(len(damaged))] = chosen.choice(b'\x00\xff;,"\t\n 9eE-.xN')
        _read_or_refuse(reader, open_example(path, bytes(damaged)))


@each_example
def test_recoded_and_shuffled_lines_are_refused_or_read_and_never_crash(
    reader: AssayReader, path: Path
) -> None:
    data = path.read_bytes()
    text = data.decode("latin-1")
    chosen = random.Random(20_260_103)
    lines = text.splitlines(keepends=True)
    shuffled = list(lines)
    chosen.shuffle(shuffled)
    reversed_head = lines[:1] + lines[:0:-1]
    for changed in (
        text.encode("utf-16"),
        b"\xef\xbb\xbf" + data,
        "".join(shuffled).encode("latin-1"),
        "".join(reversed_head).encode("latin-1"),
        text.replace(",", ";").encode("latin-1"),
        text.replace("\r\n", "\n").encode("latin-1"),
        data + data,
    ):
        _read_or_refuse(reader, open_example(path, changed))


@each_reader
def test_what_is_of_no_instrument_is_not_recognised_and_refused_by_name(reader: AssayReader) -> None:
    mapping = EXAMPLES / reader.name / "mapping.toml"
    described = assay_file(mapping.read_bytes(), name="mapping.toml") if mapping.exists() else None
    for data in (b"", b"\x00", b"a,b\n1,2\n", bytes(range(256)), "Größe\tAnzahl\n".encode("utf-16")):
        file = assay_file(data, name="other.bin", mapping=described)
        assert isinstance(reader.recognises(file), bool)
        with pytest.raises((Refusal, Refusals)):
            read_assay(file, reader=reader.name)


@each_example
def test_a_file_of_another_instrument_is_refused_by_every_other_reader(
    reader: AssayReader, path: Path
) -> None:
    if reader.needs_mapping or path.suffix.lower() in PICTURES:
        return  # a mapping file may describe any table, and a picture does not say what it shows
    for other in READERS.values():
        if other.name != reader.name and not other.needs_mapping and other.suffixes == reader.suffixes:
            with pytest.raises((Refusal, Refusals)):
                read_assay(open_example(path), reader=other.name)


def _read_or_refuse(reader: AssayReader, file: AssayFile) -> Reading | None:
    try:
        reader.recognises(file)
        return read_assay(file, reader=reader.name)
    except (Refusal, Refusals):
        return None
