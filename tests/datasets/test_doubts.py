"""Doubts about captured data: each rule on both sides of its boundary, in a synthetic study that has none."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from benchmarks.synthetic import write_study
from exotrial.core.findings import Finding
from exotrial.datasets.captured import read_captured
from exotrial.datasets.doubts import ORDER, check_captured
from exotrial.study.file import read_study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_study(tmp_path, participants=12, seed=4)


def _findings(folder: Path) -> list[Finding]:
    return check_captured(read_study(folder)[0], read_captured(folder / "data"))


def _edit(folder: Path, table: str, wanted: dict[str, str], changes: dict[str, str]) -> str:
    """Change cells of the first row with the wanted cells, and return its participant."""
    path = folder / "data" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(row for row in rows if all(row[key] == value for key, value in wanted.items()))
    row.update(changes)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return row["USUBJID"]


def test_sound_data_raise_no_doubt(folder: Path) -> None:
    assert _findings(folder) == []


@pytest.mark.parametrize(
    ("captured", "doubted"), [("43", False), ("43.1", True), ("33", False), ("32.9", True)]
)
def test_a_value_outside_the_plausible_range_of_its_measure_is_doubted(
    folder: Path, captured: str, doubted: bool
) -> None:
    # The measure TEMP is plausible from 33 to 43 degC (exotrial/outcomes/measures/temperature.py).
    who = _edit(folder, "measurements", {"PARAMCD": "TEMP"}, {"AVAL": captured, "AVALU": "degC"})
    findings = _findings(folder)
    assert [finding.id for finding in findings] == (["CPD-001:measurements.TEMP"] if doubted else [])
    if doubted:
        assert f"{captured} degC" in findings[0].quotes[0].prints
        assert findings[0].quotes[0].place.startswith(who)


def test_a_value_is_judged_in_the_unit_of_its_measure(folder: Path) -> None:
    _edit(folder, "measurements", {"PARAMCD": "TEMP"}, {"AVAL": "98.6", "AVALU": "degF"})
    assert _findings(folder) == []  # 98.6 degF is 37.0 degC


@pytest.mark.parametrize(("day", "doubted"), [("2021-01-20", False), ("2021-01-21", True)])
def test_an_event_after_the_one_that_it_comes_before_is_doubted(
    folder: Path, day: str, doubted: bool
) -> None:
    assert ("admission", "discharge") in ORDER
    who = _edit(folder, "events", {"EVENT": "discharge"}, {"ADT": "2021-01-20"})
    # Nobody else is looked at: the pair is one participant's.
    assert _edit(folder, "events", {"EVENT": "admission", "USUBJID": who}, {"ADT": day}) == who
    findings = _findings(folder)
    assert [finding.id for finding in findings] == (["CPD-002:events.admission.discharge"] if doubted else [])
    if doubted:
        assert findings[0].quotes[0].prints == f"admission {date.fromisoformat(day)}, discharge 2021-01-20"


@pytest.mark.parametrize(("age", "doubted"), [("18", False), ("17", True), ("80", False), ("81", True)])
def test_an_age_that_the_study_does_not_take_is_doubted(folder: Path, age: str, doubted: bool) -> None:
    # The synthetic study takes 18 to 80 years.
    _edit(folder, "participants", {}, {"AGE": age})
    assert [finding.rule for finding in _findings(folder)] == (["CPD-003"] if doubted else [])


def test_an_arm_that_the_study_lacks_is_doubted_and_nobody_is_named(folder: Path) -> None:
    who = _edit(folder, "participants", {}, {"ARMCD": "placebo"})
    (finding,) = _findings(folder)
    assert finding.rule == "CPD-004"
    assert "1 participant in an arm" in finding.says
    assert finding.quotes == ()
    assert who not in finding.says


@pytest.mark.parametrize(("ended", "doubted"), [("2021-01-10", False), ("2021-01-09", True)])
def test_an_adverse_event_that_ends_before_it_begins_is_doubted(
    folder: Path, ended: str, doubted: bool
) -> None:
    _edit(folder, "adverse_events", {}, {"ASTDT": "2021-01-10", "AENDT": ended})
    assert [finding.rule for finding in _findings(folder)] == (["CPD-005"] if doubted else [])


def test_rows_of_one_kind_are_one_finding_with_three_quotes(folder: Path) -> None:
    path = folder / "data" / "participants.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    old = [line.rpartition(",")[0] + ",99" for line in lines[1:]]
    path.write_text("\n".join([lines[0], *old, ""]), encoding="utf-8")
    (finding,) = _findings(folder)
    assert finding.says.startswith("12 participants")
    assert len(finding.quotes) == 3


@pytest.mark.parametrize(
    ("visit", "doubted"),
    [("BEFORE", False), ("AFTER", False), ("", False), ("Before", True), ("BEFOR", True)],
)
def test_a_value_at_a_visit_that_nobody_knows_is_not_lost_in_silence(
    folder: Path, visit: str, doubted: bool
) -> None:
    _edit(
        folder,
        "measurements",
        {"PARAMCD": "TEMP", "AVISIT": "BEFORE"},
        {"AVISIT": visit, "ADT": "2020-01-01"},
    )
    assert ("CPD-006:measurements.AVISIT" in [finding.id for finding in _findings(folder)]) is doubted


def test_an_encounter_of_the_study_is_a_known_visit(folder: Path) -> None:
    encounter = read_study(folder)[0].encounters[0]
    for name in (encounter.id, encounter.name):
        _edit(folder, "measurements", {"PARAMCD": "TEMP"}, {"AVISIT": name, "ADT": "2020-01-01"})
        assert "CPD-006:measurements.AVISIT" not in [finding.id for finding in _findings(folder)]
