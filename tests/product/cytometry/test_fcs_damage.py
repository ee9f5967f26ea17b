"""FCS files that were cut, edited or re-encoded: refused or doubted, never a crash, never other numbers in silence."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.assay import Reading, assay_file, read_assay
from exotrial.product.assays.fcs import FCS, read_fcs
from tests.conftest import PROJECT
from tests.product.cytometry.fcs_files import write_fcs

VALUES = np.arange(40, dtype=np.float64).reshape(20, 2) + 0.5
INTEGERS = (PROJECT / "tests" / "files" / "assays" / "fcs" / "variable_int_example.fcs").read_bytes()
WHOLE = write_fcs(VALUES, ("FSC-A", "FL1-A"))


def read(data: bytes) -> Reading:
    return read_fcs(assay_file(data, name="edited.fcs"))


def read_or_refuse(data: bytes) -> Reading | None:
    """The reading, None where the file is refused with one of the reader's codes; anything else is a defect."""
    try:
        return read(data)
    except Refusal as refusal:
        code, where = refusal.code.code, refusal.place.file
    assert code.startswith("FCS-")
    assert where == "edited.fcs"
    return None


def replaced(keyword: str, value: str) -> bytes:
    """The file with a keyword's value replaced, of the same length so that nothing else moves."""
    found = re.search(rb"/\$?" + re.escape(keyword.encode()) + rb"/([^/]*)/", WHOLE, re.IGNORECASE)
    assert found is not None, keyword
    new = value.encode().ljust(len(found[1]))
    assert len(new) == len(found[1]), (keyword, found[1])
    return WHOLE[: found.start(1)] + new + WHOLE[found.end(1) :]


def test_the_file_itself_is_read() -> None:
    assert np.array_equal(read(WHOLE).content.values, VALUES)


@given(st.integers(0, len(WHOLE) - 1))
@settings(max_examples=150)
def test_a_file_that_was_cut_is_refused_or_has_every_event(length: int) -> None:
    data = WHOLE[:length]
    if not FCS.recognises(assay_file(data, name="cut.fcs")):
        with pytest.raises(Refusal, match="ASY-001"):
            read_assay(assay_file(data, name="cut.fcs"))
        return
    reading = read_or_refuse(data)
    assert reading is None or np.array_equal(reading.content.values, VALUES)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("TOT", "19"),
        ("TOT", "21"),
        ("TOT", "-1"),
        ("TOT", "x"),
        ("PAR", "1"),
        ("PAR", "3"),
        ("PAR", "0"),
        ("DATATYPE", "D"),
        ("DATATYPE", "A"),
        ("DATATYPE", "Q"),
        ("BYTEORD", "2,1,4,3"),
        ("BYTEORD", "0,0,0,0"),
        ("BYTEORD", "garbage"),
        ("MODE", "C"),
        ("P1B", "16"),
        ("P2B", "33"),
    ],
)
def test_a_keyword_that_contradicts_the_data_is_refused(keyword: str, value: str) -> None:
    with pytest.raises(Refusal, match="FCS-"):
        read(replaced(keyword, value))


@given(st.data())
@settings(max_examples=400)
def test_one_byte_changed_never_crashes(draw: st.DataObject) -> None:
    """Files of floats and of integers, 16 and 32 bits wide."""
    data = bytearray(draw.draw(st.sampled_from([WHOLE, INTEGERS])))
    data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    reading = read_or_refuse(bytes(data))
    assert reading is None or reading.content.values.shape[1] == len(reading.content.channels) > 0


@given(st.data())
@settings(max_examples=150)
def test_two_places_swapped_or_doubled_never_crash(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE) - 2))
    stop = data.draw(st.integers(start + 1, min(len(WHOLE), start + 200)))
    how = data.draw(st.sampled_from(["double", "drop", "reverse"]))
    part = WHOLE[start:stop]
    edited = WHOLE[:start] + {"double": part * 2, "drop": b"", "reverse": part[::-1]}[how] + WHOLE[stop:]
    read_or_refuse(edited)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_that_passed_through_a_text_editor_is_refused(encoding: str) -> None:
    with pytest.raises(Refusal, match="FCS-001"):
        read(WHOLE.decode("latin-1").encode(encoding))


def test_a_file_saved_in_another_encoding_is_doubted() -> None:
    """Each byte above 127 becomes two in UTF-8: nothing in header and text tells of it, but the file is longer."""
    whole = write_fcs(-VALUES * 1e10, ("FSC-A", "FL1-A"))
    as_utf8 = whole.decode("latin-1").encode("utf-8")
    assert len(as_utf8) > len(whole) + 8
    (finding,) = read(as_utf8).findings
    assert (finding.rule, finding.severity) == ("FLF-004", "error")


def test_lines_ended_for_another_system_are_doubted() -> None:
    """A transfer as text puts 13 before each 10, and moves every number behind it."""
    values = VALUES.copy()
    values[3:9, 1] = np.frombuffer(b"\n\n\n\x41", dtype="<f4")[0]
    data = write_fcs(values, ("FSC-A", "FL1-A"))
    (finding,) = read(data.replace(b"\n", b"\r\n")).findings
    assert finding.rule == "FLF-004"


def test_a_delimiter_that_is_doubled_in_a_value_is_one() -> None:
    """FCS 3.1, 3.2.7: a delimiter inside a value is written twice; it must not shift keywords and values."""
    whole = write_fcs(VALUES, ("FSC-A", "FL1-A"), cytometer="made/up")
    reading = read_or_refuse(whole)
    if reading is not None:
        assert reading.instrument in ("made/up", "made//up")
        assert np.array_equal(reading.content.values, VALUES)
