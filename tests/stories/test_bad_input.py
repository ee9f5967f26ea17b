"""What bad input gets: a refusal that names file, line, value and way out, and no trace of a report."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.synthetic import write_study
from exotrial.cli.app import main
from tests.conftest import PROJECT

STUDY = "chictr2000030261"
REFUSED, DONE, FINDINGS = 2, 0, 1


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "exotrial", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of the folder of a real study, to be broken."""
    return Path(shutil.copytree(PROJECT / "studies" / STUDY, tmp_path / "in" / STUDY))


def _line_of(path: Path, part: str) -> int:
    """The line, from 1, on which a part of a file first stands."""
    return path.read_text(encoding="utf-8").split(part)[0].count("\n") + 1


def _replace(path: Path, old: str, new: str) -> int:
    """Replace the first of something in a file and return its line."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    line = _line_of(path, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return line


def _leave_out_a_column(study: Path) -> int:
    return _replace(study / "data" / "measurements.csv", "AVALU", "UNIT")


def _give_a_wrong_unit(study: Path) -> int:
    return _replace(study / "data" / "measurements.csv", ",mg/L,", ",kg,")


def _give_an_impossible_date(study: Path) -> int:
    return _replace(study / "data" / "events.csv", "2020-02-09", "2020-02-30")


def _give_an_ambiguous_date(study: Path) -> int:
    return _replace(study / "data" / "events.csv", "2020-02-09", "09/02/2020")


def _list_a_participant_twice(study: Path) -> int:
    path = study / "data" / "participants.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    return text.count("\n") + 1


def _name_an_unknown_measure(study: Path) -> int:
    return _replace(study / "data" / "measurements.csv", ",CRP,", ",CRPP,")


def _write_a_number_with_a_comma(study: Path) -> int:
    return _replace(study / "data" / "measurements.csv", ",38.5,", ',"38,5",')


def _name_a_stranger(study: Path) -> int:
    return _replace(study / "data" / "events.csv", "CHICTR2000030261-1,", "CHICTR2000030261-8,")


def _cut_in_a_row(study: Path) -> int:
    path = study / "data" / "measurements.csv"
    data = path.read_bytes()
    last = data.rstrip(b"\n").rindex(b"\n") + 1
    path.write_bytes(data[: last + 25])
    return data[:last].count(b"\n") + 1


def _cut_in_a_quoted_cell(study: Path) -> int:
    path = study / "data" / "characteristics.csv"
    text = path.read_text(encoding="utf-8") + 'CHICTR2000030261-1,"note, and the copy ends'
    path.write_text(text, encoding="utf-8")
    return text.count("\n") + 1


def _empty_the_file(study: Path) -> None:
    (study / "data" / "participants.csv").write_bytes(b"")


def _save_in_latin_1(study: Path) -> int:
    path = study / "data" / "characteristics.csv"
    data = path.read_bytes()
    at = data.index(b"common")
    path.write_bytes(data[:at] + "élevée".encode("latin-1") + data[at:])
    return data[:at].count(b"\n") + 1


def _save_in_utf_16(study: Path) -> int:
    path = study / "data" / "participants.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    return 1


def _cut_the_study_file(study: Path) -> int:
    path = study / "study.toml"
    data = path.read_bytes()
    at = data.index(b'title = "') + 20
    path.write_bytes(data[:at])
    return data[:at].count(b"\n") + 1


def _give_a_quantity_no_number(study: Path) -> int:
    return _replace(study / "study.toml", 'amount = "1e6 cells/kg"', 'amount = "7.66e + 0.8 cells/kg"')


def _misspell_a_key(study: Path) -> int:
    return _replace(study / "study.toml", "\nenrolled = ", "\nenroled = ") + 1


def _break_the_claims(study: Path) -> int:
    path = study / "published" / "claims.toml"
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n[[claims]\n"
    path.write_text(text, encoding="utf-8")
    return text.count("\n")


@dataclass(frozen=True)
class Bad:
    """One way to break a study: what is done, the code it earns, and what the refusal must name."""

    breaks: Callable[[Path], int | None]
    code: str
    file: str
    value: str
    remedy: str


NAMED = (
    Bad(_leave_out_a_column, "CAP-002", "measurements.csv", "AVALU", "rename|add the column"),
    Bad(_give_a_wrong_unit, "CAP-007", "measurements.csv", "'kg'", "converts to mg/L"),
    Bad(_give_an_impossible_date, "DAY-003", "events.csv", "2020-02-30", "look the date up"),
    Bad(_list_a_participant_twice, "CAP-003", "participants.csv", "CHICTR2000030261-1", "one row"),
    Bad(_name_an_unknown_measure, "MSR-001", "measurements.csv", "'CRPP'", "did you mean CRP "),
    Bad(_cut_in_a_row, "FIL-003", "measurements.csv", r"\d cells", "cut off"),
    Bad(_save_in_latin_1, "FIL-001", "characteristics.csv", "0xe9", "UTF-8"),
)
"""What users are promised to be told, each tried as they would: in a process of its own."""
MORE = (
    Bad(_give_an_ambiguous_date, "DAY-002", "events.csv", "'09/02/2020'", "2020-03-04"),
    Bad(_write_a_number_with_a_comma, "CAP-006", "measurements.csv", "'38,5'", "point"),
    Bad(_name_a_stranger, "CAP-004", "events.csv", "CHICTR2000030261-8", "did you mean CHICTR2000030261-"),
    Bad(_cut_in_a_quoted_cell, "FIL-005", "characteristics.csv", "never ends", "copy the file again"),
    Bad(_empty_the_file, "FIL-002", "participants.csv", "empty", "first line"),
    Bad(_save_in_utf_16, "FIL-001", "participants.csv", "0xff", "UTF-8"),
    Bad(_cut_the_study_file, r"\w{3}-\d{3}", "study.toml", "", "."),
    Bad(_give_a_quantity_no_number, r"\w{3}-\d{3}", "study.toml", r"7\.66e \+ 0\.8", "."),
    Bad(_misspell_a_key, r"\w{3}-\d{3}", "study.toml", "enroled", "enrolled"),
    Bad(_break_the_claims, r"\w{3}-\d{3}", "claims.toml", "", "."),
)


def _name(bad: Bad) -> str:
    return bad.breaks.__name__.strip("_")


@pytest.mark.parametrize("bad", NAMED, ids=_name)
def test_a_broken_study_is_refused_with_its_place_and_leaves_nothing(bad: Bad, study: Path) -> None:
    line = bad.breaks(study)
    room = study.parent.parent
    done = _run("report", study, "--out", room / "out" / "report")
    assert done.returncode == REFUSED, done.stderr
    assert done.stdout == ""
    _check_refusal(done.stderr, bad, line)
    assert [path.name for path in room.iterdir()] == ["in"]


@pytest.mark.parametrize("bad", MORE, ids=_name)
def test_more_ways_to_be_wrong_are_refused_alike(
    bad: Bad, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = bad.breaks(study)
    room = study.parent.parent
    assert main(["report", str(study), "--out", str(room / "out" / "report")]) == REFUSED
    told = capsys.readouterr()
    assert told.out == ""
    _check_refusal(told.err, bad, line)
    assert [path.name for path in room.iterdir()] == ["in"]


def _check_refusal(told: str, bad: Bad, line: int | None) -> None:
    """CODE: file line N ...: what is wrong, with the value; the way out. No traceback."""
    first = told.splitlines()[0]
    parts = re.fullmatch(rf"{bad.code}: \S*{re.escape(bad.file)}[^:]*: (.+?); (.+)", first)
    assert parts is not None, first
    assert line is None or re.search(rf"\bline {line}\b", first), first
    assert re.search(bad.value, parts[1]), first
    assert re.search(bad.remedy, parts[2]), first
    assert "Traceback" not in told


def test_all_that_is_wrong_is_told_in_one_go(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for breaks in (_give_a_wrong_unit, _give_an_impossible_date, _list_a_participant_twice):
        breaks(study)
    assert main(["report", str(study), "--out", str(study.parent / "out")]) == REFUSED
    assert {line[:7] for line in capsys.readouterr().err.splitlines()} == {"CAP-003", "CAP-007", "DAY-003"}
    assert not (study.parent / "out").exists()


def test_a_folder_without_a_study_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path), "--out", str(tmp_path / "out")]) == REFUSED
    assert "study.toml" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_refused_report_leaves_an_earlier_one_as_it_is(study: Path) -> None:
    out = study.parent / "out"
    out.mkdir()
    (out / "report.html").write_text("the report of yesterday", encoding="utf-8")
    _give_a_wrong_unit(study)
    assert main(["report", str(study), "--out", str(out)]) == REFUSED
    assert {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()} == {
        "report.html": "the report of yesterday"
    }


def test_doubts_are_told_and_the_report_is_written_beside_what_was_there(study: Path) -> None:
    out = study.parent / "out"
    (out / "tables").mkdir(parents=True)
    for mine in ("notes.txt", "tables/mine.csv"):
        (out / mine).write_text("mine", encoding="utf-8")
    (out / "report.html").write_text("the report of yesterday", encoding="utf-8")
    done = _run("report", study, "--out", out, "--strict")
    # The pilot's study file and paper contradict themselves: doubtful, and no reason to refuse.
    assert done.returncode == FINDINGS
    assert done.stderr == ""
    findings = re.search(r"Check: (\d+) findings", done.stdout)
    assert findings is not None
    assert int(findings[1]) > 0
    assert {(out / mine).read_text(encoding="utf-8") for mine in ("notes.txt", "tables/mine.csv")} == {"mine"}
    assert (out / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in study.parent.iterdir()) == sorted([STUDY, "out"])


def test_the_same_doubts_end_well_where_nobody_asked_to_be_strict(tmp_path: Path) -> None:
    assert main(["report", str(PROJECT / "studies" / "mexcovid"), "--out", str(tmp_path / "out")]) == DONE
    assert (tmp_path / "out" / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("strict", "code"), [((), DONE), (("--strict",), FINDINGS)])
def test_doubtful_data_are_reported_with_every_doubt(
    strict: tuple[str, ...], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_study(tmp_path / "study", participants=8, seed=1)
    people = folder / "data" / "participants.csv"
    people.write_text(
        re.sub(r",\d+$", ",17", people.read_text("utf-8"), count=1, flags=re.MULTILINE), "utf-8"
    )
    values = folder / "data" / "measurements.csv"
    # A temperature in degrees Fahrenheit, taken for Celsius.
    values.write_text(re.sub(r",[\d.]+,degC,", ",98.6,degC,", values.read_text("utf-8"), count=1), "utf-8")
    assert main(["report", str(folder), "--out", str(tmp_path / "out"), *strict]) == code
    assert "Check: 2 findings" in capsys.readouterr().out
    told = (tmp_path / "out" / "tables" / "findings.csv").read_text(encoding="utf-8")
    assert "CPD-001:measurements.TEMP" in told
    assert "98.6 degC" in told
    assert "CPD-003:participants.AGE" in told


@pytest.mark.parametrize(("strict", "code"), [((), DONE), (("--strict",), FINDINGS)])
def test_check_tells_the_same_findings_and_ends_by_strictness(
    strict: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(PROJECT / "studies" / STUDY), *strict]) == code
    assert "findings:" in capsys.readouterr().out.splitlines()[-1]


def test_a_study_without_doubts_passes_the_strict_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(write_study(tmp_path, participants=8, seed=1)), "--strict"]) == DONE
    assert capsys.readouterr().out.strip() == "No findings."


def test_an_output_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study", participants=8, seed=1)
    file = tmp_path / "file"
    file.write_text("no folder", encoding="utf-8")
    done = _run("report", folder, "--out", file / "report")
    assert done.returncode == REFUSED
    assert done.stderr.startswith("RPT-001: ")
    assert str(file) in done.stderr
    assert "give a folder that can be made or written" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "study"]
    assert file.read_text(encoding="utf-8") == "no folder"
