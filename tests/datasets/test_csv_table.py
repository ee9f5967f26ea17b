"""A CSV file is read whole or refused with its line (RFC 4180)."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.datasets.csv_table import CsvTable, parse_csv


def read(text: str) -> CsvTable:
    return parse_csv(text.encode(), name="t.csv")


def test_cells_are_stripped_text_and_rows_know_their_lines() -> None:
    table = read("A,B\n 1 ,2\n\n3, 4\n")
    assert table.columns == ("A", "B")
    assert table.rows == (("1", "2"), ("3", "4"))
    assert table.lines == (2, 4)


def test_a_quoted_cell_with_line_breaks_does_not_shift_the_lines_after_it() -> None:
    table = read('A,B\n"one\ntwo\nthree",x\nlast,y\n')
    assert table.rows[0] == ("one\ntwo\nthree", "x")
    assert table.lines == (2, 5)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_gives_the_same_table(end: str) -> None:
    table = read(end.join(["A,B", "1,2", "", "3,4", ""]))
    assert table.rows == (("1", "2"), ("3", "4"))
    assert table.lines == (2, 4)


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert parse_csv(b"\xef\xbb\xbfA,B\n1,2\n", name="t.csv").columns == ("A", "B")


def test_a_row_of_commas_is_a_blank_row() -> None:
    table = read("A,B\n,\n1,2\n")
    assert (table.rows, table.lines) == ((("1", "2"),), (3,))


@pytest.mark.parametrize(
    ("data", "code", "line", "says"),
    [
        (b"A,B\n1,caf\xe9\n", "FIL-001", 2, "byte 0xe9 is not UTF-8"),
        ("A,B\n".encode("utf-16"), "FIL-001", 1, "byte 0xff is not UTF-8"),
        (b"", "FIL-002", None, "the file is empty"),
        (b"\n\n", "FIL-002", None, "the file is empty"),
        (b"\nA,B,A\n", "FIL-004", 2, "the column 'A' is there twice"),
        (b"A,,\n1,,\n", "FIL-004", 1, "several columns have no name"),
        (b'A,B\n1,2\n"3,4\n5,6\n', "FIL-005", 3, "begins on line 3 never ends"),
        (b'A,B\n1,"2"x\n', "FIL-006", 2, "is malformed"),
        (b"A,B\n1," + b"x" * 140_000 + b"\n", "FIL-006", 2, "is malformed"),
    ],
)
def test_a_broken_file_is_refused_at_its_line(data: bytes, code: str, line: int | None, says: str) -> None:
    with pytest.raises(Refusal, match=code) as caught:
        parse_csv(data, name="t.csv")
    assert caught.value.place.file == "t.csv"
    assert caught.value.place.line == line
    assert says in str(caught.value)


def test_every_row_of_the_wrong_length_is_told() -> None:
    with pytest.raises(Refusals) as caught:
        read("A,B\n1\n1,2\n1,2,3\n")
    told = [(r.code.code, r.place.line, r.value) for r in caught.value.refusals]
    assert told == [("FIL-003", 2, "1"), ("FIL-003", 4, "3")]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=12)


@given(rows=st.lists(st.tuples(CELL, CELL), max_size=6))
def test_what_a_csv_writer_wrote_is_read_again(rows: list[tuple[str, str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([("A", "B"), *rows])
    kept = tuple((a.strip(), b.strip()) for a, b in rows if a.strip() or b.strip())
    assert read(written.getvalue()).rows == kept
