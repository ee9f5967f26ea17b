"""`exotrial registry-scan`, and `exotrial check --with` records."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from benchmarks.registry_rows import COLUMNS, make_export
from exotrial.cli.app import FINDINGS, OK, REFUSED, main
from tests.conftest import PROJECT
from tests.study.clean import CLEAN

Capture = pytest.CaptureFixture[str]

DIRTY = PROJECT / "tests" / "files" / "registries" / "ictrp_dirty.csv"
STUDY = str(CLEAN)

OWN = {
    "TrialID": "NCT00000000",
    "Last Refreshed on": "2025-01-20 00:00:00",
    "Date registration": "2024-02-01 00:00:00",
    "Date registration3": "20240201",
    "Export date": "2025-01-23 00:00:00",
    "Source Register": "ClinicalTrials.gov",
    "Primary sponsor": "Example University",
    "Date enrollement": "March 1, 2024",
    "Target size": "32",
    "Study design": "Allocation: Randomized. Intervention model: Parallel Assignment. Primary purpose: Treatment. "
    "Masking: Double (Participant, Outcomes Assessor).",
    "Phase": "Phase 2",
    "Primary outcome": "PaO2/FiO2 ratio",
}
"""A row of the clean study, in ICTRP's words."""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "export.csv"
    file.write_bytes(make_export(520, seed=5)[0])
    return file


def record_of(folder: Path, **cells: str) -> str:
    """An export of one row: the clean study's, with cells changed."""
    file = folder / "record.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, restval="")
        writer.writeheader()
        writer.writerow(OWN | {name.replace("__", " "): text for name, text in cells.items()})
    return str(file)


def test_a_scan_prints_counts_with_percent_and_names_bad_rows_with_their_line(
    export: Path, capsys: Capture
) -> None:
    assert main(["registry-scan", str(export)]) == OK
    told = capsys.readouterr()
    assert "519 records of 519 trials; 1 row or file refused." in told.out
    assert "ICT-002: export.csv line 501: row 500 has 20 cells" in told.err
    lines = [line for line in told.out.splitlines() if line.startswith("all registries")]
    assert len(lines) == 2
    assert "%" in lines[0]


def test_a_scan_writes_its_tables_and_its_plot(export: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    assert main(["registry-scan", str(export), "--out", str(out)]) == OK
    assert sorted(file.name for file in out.iterdir()) == [
        "findings.csv",
        "records.csv",
        "timing.csv",
        "timing.png",
        "timing.svg",
    ]
    assert (out / "timing.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (out / "timing.png").read_bytes().startswith(b"\x89PNG")
    assert f"Written to {out}" in capsys.readouterr().out


def test_a_folder_is_scanned_whole_and_a_trial_in_two_files_counts_once(
    export: Path, tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "exports"
    (folder / "older").mkdir(parents=True)
    shutil.copy(export, folder / "one.csv")
    shutil.copy(export, folder / "older" / "two.csv")
    (folder / "notes.txt").write_text("not a record", encoding="utf-8")
    (folder / "broken.json").write_text('{"TrialID": ', encoding="utf-8")
    assert main(["registry-scan", str(folder)]) == OK
    told = capsys.readouterr()
    assert "1,038 records of 519 trials" in told.out
    assert "broken.json" in told.err


def test_strict_exits_with_1_where_a_row_was_refused(export: Path) -> None:
    assert main(["registry-scan", str(export), "--strict"]) == FINDINGS


def test_the_summary_as_json_adds_up(export: Path, capsys: Capture) -> None:
    assert main(["registry-scan", str(export), "--json"]) == OK
    rows = json.loads(capsys.readouterr().out)
    assert sum(row["trials"] for row in rows[:-1]) == rows[-1]["trials"] == 519


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda folder: folder / "absent.csv", "SCN-002"),
        (lambda folder: folder, "SCN-002"),
        (lambda folder: _written(folder / "empty.csv", ""), "SCN-003"),
        (lambda folder: _written(folder / "heads.csv", ",".join(COLUMNS) + "\n"), "SCN-003"),
        (lambda folder: _written(folder / "latin.csv", "TrialID\nNCT0000000é\n", "latin-1"), "ICT-001"),
    ],
)
def test_what_cannot_be_scanned_is_refused(make: object, code: str, tmp_path: Path, capsys: Capture) -> None:
    assert callable(make)
    assert main(["registry-scan", str(make(tmp_path))]) == REFUSED
    assert code in capsys.readouterr().err


def _written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def test_a_record_that_agrees_adds_nothing_but_what_its_reader_mended(
    tmp_path: Path, capsys: Capture
) -> None:
    assert main(["check", STUDY, "--with", record_of(tmp_path), "--strict"]) == OK
    assert capsys.readouterr().out == "No findings.\n"


def test_a_record_that_differs_is_quoted_with_its_line(tmp_path: Path, capsys: Capture) -> None:
    record = record_of(tmp_path, Target__size="64", Study__design="Single Group Assignment")
    assert main(["check", STUDY, "--with", record, "--strict"]) == FINDINGS
    told = capsys.readouterr().out
    assert "ERROR XSR-101:NCT00000000.target_size: 32 participants are planned, 64 registered" in told
    assert "record.csv, row 1, Target size, line 2: “64”" in told
    assert "ERROR XSR-103:NCT00000000.model" in told


def test_several_files_may_lie_beside_a_study(tmp_path: Path, capsys: Capture) -> None:
    record = record_of(tmp_path)
    main(["check", STUDY, "--with", record, "--with", str(DIRTY), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert [finding["id"] for finding in found] == ["XSR-001:ictrp_dirty.csv"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("absent.json", "absent.json: there is no such file"),
        (".", ": it is a folder, not a file"),
        ("pyproject.toml", "RGY-001"),
    ],
)
def test_a_file_that_is_no_record_is_refused(name: str, code: str, capsys: Capture) -> None:
    assert main(["check", STUDY, "--with", str(PROJECT / name)]) == REFUSED
    assert code in capsys.readouterr().err
