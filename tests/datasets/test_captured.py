"""Captured data: read whole, or refused with every file, line and value, and nothing half-read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.cli.app import REFUSED, main
from exotrial.core.errors import Refusal, Refusals
from exotrial.datasets.captured import COLUMNS, EVENTS, read_captured
from tests.conftest import PROJECT

PARTICIPANTS = "USUBJID,SITEID,ARMCD,SEX,AGE\nS01,A,V,F,40\nS02,A,V,M,50\n"
MEASUREMENTS = "USUBJID,PARAMCD,ADT,AVISIT,AVAL,AVALU,REASND,SRC\n"
EVENT_ROWS = "USUBJID,EVENT,ADT,SRC\n"
ADVERSE = "USUBJID,AETERM,AESEV,AESER,AEREL,ASTDT,AENDT,SRC\n"

STUDIES = sorted(path.parent.parent.name for path in PROJECT.glob("studies/*/data/participants.csv"))

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Writes a data folder: participants.csv, and each table given by name."""

    def write(*, participants: str | None = PARTICIPANTS, **tables: str) -> Path:
        given = tables if participants is None else {"participants": participants, **tables}
        for name, text in given.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def told(path: Path) -> list[tuple[str, str, int | None, str, str]]:
    """Everything that a folder is refused for: code, file, line, column and value."""
    with pytest.raises((Refusal, Refusals)) as caught:
        read_captured(path)
    refusals = caught.value.refusals if isinstance(caught.value, Refusals) else (caught.value,)
    for refusal in refusals:
        assert isinstance(refusal, Refusal)
        assert refusal.remedy.endswith((".", "?")), refusal
    return [
        (r.code.code, Path(r.place.file).name, r.place.line, r.place.path, r.value)
        for r in refusals
        if isinstance(r, Refusal)
    ]


def crp(value: str, *, unit: str = "mg/L", who: str = "S01") -> str:
    return f'{who},CRP,2024-03-01,BASELINE,"{value}",{unit},,p1\n'


def test_only_participants_are_needed_and_the_rest_are_empty_tables_with_their_columns(
    folder: Folder,
) -> None:
    captured = read_captured(folder())
    assert captured.participants["AGE"].to_list() == [40, 50]
    assert captured.measurements.columns == [*COLUMNS["measurements"], "AVALN"]
    assert captured.events.height == captured.adverse_events.height == captured.characteristics.height == 0
    assert [file.name for file in captured.files] == ["participants.csv"]


@pytest.mark.parametrize("study", STUDIES)
def test_the_data_of_a_shipped_study_are_read(study: str) -> None:
    captured = read_captured(PROJECT / "studies" / study / "data")
    assert captured.participants.height > 0
    numbers = captured.measurements.filter(captured.measurements["AVAL"] != "")["AVALN"]
    assert numbers.null_count() == 0
    assert numbers.is_finite().all()


@pytest.mark.parametrize(
    ("row", "number"),
    [
        (crp("88.4"), 88.4),
        (crp("1.2", unit="mg/dL"), 12.0),  # 1 mg/dL is 10 mg/L
        (crp("5", unit="µg/mL"), 5.0),
        (crp(".5"), 0.5),
        (crp("+5."), 5.0),
        (crp("1e2"), 100.0),
        ("S01,TEMP,2024-03-01,BASELINE,98.6,degF,,\n", 37.0),
        ("S01,RESP,2024-03-01,BASELINE,20,/min,,\n", 20.0),
        ("S01,CD4CD8,2024-03-01,BASELINE,1.5,,,\n", 1.5),
        ("S01,CD4CD8,2024-03-01,BASELINE,1.5,1,,\n", 1.5),
    ],
)
def test_a_value_stays_as_captured_and_its_number_is_in_the_unit_of_the_measure(
    row: str, number: float, folder: Folder
) -> None:
    measured = read_captured(folder(measurements=MEASUREMENTS + row)).measurements
    assert measured["AVAL"].to_list() == [row.split(",")[4].strip('"')]
    assert measured["AVALN"].to_list() == [pytest.approx(number, rel=1e-12)]
    assert measured["ADT"].to_list() == [date(2024, 3, 1)]


def test_an_empty_value_is_missing_and_keeps_its_reason(folder: Folder) -> None:
    row = "S01,CRP,2024-03-01,BASELINE,,,sample lost,\n"
    measured = read_captured(folder(measurements=MEASUREMENTS + row)).measurements
    assert measured["AVALN"].to_list() == [None]
    assert measured["REASND"].to_list() == ["sample lost"]


def test_a_measure_named_by_an_alias_is_stored_under_its_own_code(folder: Folder) -> None:
    row = "S01,plasma CRP,2024-03-01,BASELINE,5,mg/L,,\n"
    captured = read_captured(folder(measurements=MEASUREMENTS + row))
    assert captured.measurements["PARAMCD"].to_list() == ["CRP"]
    assert list(captured.measures) == ["CRP"]


@pytest.mark.parametrize(
    "written",
    [
        "NaN",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "1,234",
        "1 234",
        "12_3",
        "0x10",
        "< 0.5",
        "7.66e + 0.8",
        "١٢",
        "No data",
    ],
)
def test_what_is_not_a_number_is_refused_as_it_stands(written: str, folder: Folder) -> None:
    path = folder(measurements=MEASUREMENTS + crp(written))
    assert told(path) == [("CAP-006", "measurements.csv", 2, "AVAL", written)]


@pytest.mark.parametrize(
    ("table", "text", "refusal"),
    [
        (
            "participants",
            "USUBJID,SITE,ARMCD,SEX,AGE\nS01,A,V,F,4\n",
            ("CAP-002", "participants.csv", 1, "", "SITEID"),
        ),
        (
            "participants",
            "USUBJID;SITEID;ARMCD\nS01;A;V\n",
            ("CAP-002", "participants.csv", 1, "", "USUBJID;SITEID;ARMCD"),
        ),
        (
            "participants",
            PARTICIPANTS + "S01,A,V,F,41\n",
            ("CAP-003", "participants.csv", 4, "USUBJID", "S01"),
        ),
        (
            "measurements",
            MEASUREMENTS + crp("5", who="S03"),
            ("CAP-004", "measurements.csv", 2, "USUBJID", "S03"),
        ),
        ("participants", PARTICIPANTS + "S03,A,V,X,41\n", ("CAP-005", "participants.csv", 4, "SEX", "X")),
        (
            "events",
            EVENT_ROWS + "S01,first dos,2024-03-01,\n",
            ("CAP-005", "events.csv", 2, "EVENT", "first dos"),
        ),
        (
            "adverse_events",
            ADVERSE + "S01,Cough,6,N,,,,\n",
            ("CAP-005", "adverse_events.csv", 2, "AESEV", "6"),
        ),
        (
            "adverse_events",
            ADVERSE + "S01,Cough,2,N,perhaps,,,\n",
            ("CAP-005", "adverse_events.csv", 2, "AEREL", "perhaps"),
        ),
        ("participants", PARTICIPANTS + "S03,A,V,F,131\n", ("CAP-006", "participants.csv", 4, "AGE", "131")),
        (
            "participants",
            PARTICIPANTS + "S03,A,V,F,40.5\n",
            ("CAP-006", "participants.csv", 4, "AGE", "40.5"),
        ),
        (
            "measurements",
            MEASUREMENTS + crp("5", unit="mmHg"),
            ("CAP-007", "measurements.csv", 2, "AVALU", "mmHg"),
        ),
        ("measurements", MEASUREMENTS + crp("5", unit=""), ("CAP-007", "measurements.csv", 2, "AVALU", "")),
        (
            "measurements",
            MEASUREMENTS + crp("1e70", unit="mg/dL"),
            ("CAP-006", "measurements.csv", 2, "AVAL", "1e70"),
        ),
        ("events", EVENT_ROWS + "S01,ct,,\n", ("CAP-008", "events.csv", 2, "ADT", "")),
        ("measurements", MEASUREMENTS + crp("5") + crp("6"), ("CAP-009", "measurements.csv", 3, "AVAL", "6")),
        (
            "measurements",
            MEASUREMENTS + crp("5") + "S01,plasma CRP,2024-03-01,BASELINE,6,mg/L,,\n",
            ("CAP-009", "measurements.csv", 3, "AVAL", "6"),
        ),
        (
            "measurements",
            MEASUREMENTS + "S01,CRPP,2024-03-01,X,5,mg/L,,\nS02,CRPP,2024-03-01,X,5,mg/L,,\n",
            ("MSR-001", "measurements.csv", 2, "PARAMCD", "CRPP"),
        ),
        ("events", EVENT_ROWS + "S01,ct,2024-02-30,\n", ("DAY-003", "events.csv", 2, "ADT", "2024-02-30")),
        ("events", EVENT_ROWS + "S01,ct,03/04/2024,\n", ("DAY-002", "events.csv", 2, "ADT", "03/04/2024")),
        (
            "adverse_events",
            ADVERSE + "S01,Cough,1,N,,2024-02,,\n",
            ("DAY-004", "adverse_events.csv", 2, "ASTDT", "2024-02"),
        ),
        ("events", EVENT_ROWS + "S01,ct\n", ("FIL-003", "events.csv", 2, "", "2")),
        ("events", EVENT_ROWS + 'S01,"ct,2024-03-01,\n', ("FIL-005", "events.csv", 2, "", "2")),
    ],
)
def test_one_slip_is_one_refusal_with_file_line_column_and_value(
    table: str, text: str, refusal: tuple[str, str, int | None, str, str], folder: Folder
) -> None:
    assert told(folder(**{table: text})) == [refusal]


def test_a_folder_without_participants_is_refused(folder: Folder) -> None:
    path = folder(participants=None, events=EVENT_ROWS)
    assert told(path) == [("CAP-001", "", None, "", str(path))]


@pytest.mark.parametrize(("age", "kept"), [("0", 0), ("130", 130), ("", None)])
def test_an_age_is_kept_to_its_limits_and_may_be_unknown(age: str, kept: int | None, folder: Folder) -> None:
    captured = read_captured(folder(participants=f"USUBJID,SITEID,ARMCD,SEX,AGE\nS01,A,V,F,{age}\n"))
    assert captured.participants["AGE"].to_list() == [kept]


def test_a_slip_below_a_cell_with_a_line_break_is_told_on_its_own_line(folder: Folder) -> None:
    path = folder(participants='USUBJID,SITEID,ARMCD,SEX,AGE\r\n\r\nS01,"A\r\nB",V,F,40\r\nS02,A,V,X,4\r\n')
    assert told(path) == [("CAP-005", "participants.csv", 5, "SEX", "X")]


def test_every_slip_of_every_file_is_told_together_in_order(folder: Folder) -> None:
    path = folder(
        participants=PARTICIPANTS + "S02,A,V,Q,old\n",
        measurements=MEASUREMENTS + crp("x", who="S09") + ",CRPP,2024-13-01,,1,,,\n",
        events=EVENT_ROWS + "S01,sleep,,\n",
    )
    assert told(path) == [
        ("CAP-008", "events.csv", 2, "ADT", ""),
        ("CAP-005", "events.csv", 2, "EVENT", "sleep"),
        ("CAP-004", "measurements.csv", 2, "USUBJID", "S09"),
        ("CAP-006", "measurements.csv", 2, "AVAL", "x"),
        ("CAP-008", "measurements.csv", 3, "USUBJID", ""),
        ("DAY-003", "measurements.csv", 3, "ADT", "2024-13-01"),
        ("MSR-001", "measurements.csv", 3, "PARAMCD", "CRPP"),
        ("CAP-003", "participants.csv", 4, "USUBJID", "S02"),
        ("CAP-005", "participants.csv", 4, "SEX", "Q"),
        ("CAP-006", "participants.csv", 4, "AGE", "old"),
    ]


def test_a_stranger_is_told_the_nearest_participant(folder: Folder) -> None:
    with pytest.raises(Refusals, match=r"CAP-004: .*S03 is not in participants\.csv; did you mean S0[12]\?"):
        read_captured(folder(measurements=MEASUREMENTS + crp("5", who="S03")))


@given(
    value=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e50, max_value=1e50),
    event=st.sampled_from(EVENTS),
)
def test_any_finite_number_is_read_as_itself(
    value: float, event: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("data")
    (path / "participants.csv").write_text(PARTICIPANTS, encoding="utf-8")
    (path / "measurements.csv").write_text(MEASUREMENTS + crp(repr(value)), encoding="utf-8")
    (path / "events.csv").write_text(EVENT_ROWS + f"S01,{event},2024-03-01,\n", encoding="utf-8")
    assert read_captured(path).measurements["AVALN"].to_list() == [value]


def test_a_study_with_broken_data_gets_no_report_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study"
    (study / "data").mkdir(parents=True)
    source = PROJECT / "tests" / "files" / "clean_study.toml"
    (study / "study.toml").write_bytes(source.read_bytes())
    (study / "data" / "participants.csv").write_text(PARTICIPANTS + "S01,A,V,X,41\n", encoding="utf-8")
    out = tmp_path / "out"
    assert main(["report", str(study), "--out", str(out)]) == REFUSED
    printed = capsys.readouterr().err
    assert "CAP-003: " in printed
    assert "CAP-005: " in printed
    assert not out.exists()
