"""doses.csv: written and read back the same, and refused with line and column where it is wrong."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.datasets.given_doses import COLUMNS, CapturedDose, read_doses, write_rows

AT = datetime(2021, 3, 10, 8, 30, tzinfo=UTC)
WHOLE = CapturedDose(
    participant="P-1",
    number=1,
    begun_at=AT,
    complete=True,
    given_ml=1.8,
    plan=1,
    planned_at=AT,
    total_ml=2.0,
    wanted=7e9,
    particles=7e9,
    low=5.8e9,
    high=8.2e9,
)


def text_of(*rows: tuple[str, ...], columns: tuple[str, ...] = COLUMNS) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([columns, *rows])
    return buffer.getvalue().encode()


def read(folder: Path, data: bytes) -> tuple[CapturedDose, ...]:
    path = folder / "doses.csv"
    path.write_bytes(data)
    return read_doses(path, participants={"P-1", "P-2"})[0]


numbers = st.none() | st.floats(1e-3, 1e12)


@given(given_ml=numbers, amounts=st.tuples(numbers, numbers), complete=st.booleans())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    given_ml: float | None,
    amounts: tuple[float | None, float | None],
    complete: bool,
) -> None:
    wanted = amounts[0]
    one = CapturedDose(
        participant="P-2",
        number=2,
        begun_at=AT,
        complete=complete,
        given_ml=given_ml,
        plan=1,
        planned_at=AT,
        total_ml=2.5,
        wanted=wanted,
        particles=wanted,
        low=amounts[1],
    )
    folder = tmp_path_factory.mktemp("doses")
    assert read(folder, text_of(*write_rows([WHOLE, one]))) == (WHOLE, one)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        *(("USUBJID", text) for text in ("", "P-3")),
        *(("EXSEQ", text) for text in ("", "0", "1.5", "two", "-1")),
        *(("EXSTDTC", text) for text in ("", "2021-03-10", "2021-03-10T08:30:00", "soon")),
        *(("EXCOMPL", text) for text in ("", "y", "true")),
        *(("GIVENML", text) for text in ("7.66e + 0.8", "-1", "nan", "inf", "1_0", "1,8")),
        *(("PLAN", text) for text in ("", "0")),
        *(("PLANML", text) for text in ("", "0")),
        *(("WANTED", text) for text in ("", "0")),
        ("PARTICLES", ""),
        ("PLANDTC", ""),
    ],
)
def test_a_wrong_cell_is_refused_with_its_line(tmp_path: Path, column: str, text: str) -> None:
    row = list(write_rows([WHOLE])[0])
    row[COLUMNS.index(column)] = text
    with pytest.raises(Refusals) as caught:
        read(tmp_path, text_of(tuple(row)))
    (refusal,) = caught.value.refusals
    assert refusal.code.code == "PLN-009"
    assert refusal.place.line == 2
    assert refusal.place.path in (column, "PARTICLES" if column == "WANTED" else column)


def test_a_dose_twice_and_a_missing_column_are_refused(tmp_path: Path) -> None:
    row = write_rows([WHOLE])[0]
    with pytest.raises(Refusals, match="PLN-010"):
        read(tmp_path, text_of(row, row))
    with pytest.raises(Refusal, match="PLN-010"):
        read(tmp_path, text_of(row[:-1], columns=COLUMNS[:-1]))


@given(at=st.integers(0, 400), byte=st.integers(0, 255), cut=st.integers(0, 400))
def test_a_file_that_was_hurt_is_refused_or_read_and_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, cut: int
) -> None:
    data = bytearray(text_of(*write_rows([WHOLE])))
    data[at % len(data)] = byte
    with suppress(Refusal, Refusals):
        read(tmp_path_factory.mktemp("hurt"), bytes(data)[: len(data) - cut % len(data)])
