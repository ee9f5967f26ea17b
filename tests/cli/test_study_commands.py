"""`exotrial schema`, `schedule`, `forms` and `check`, and that one added file adds a measure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import exotrial
from exotrial.cli.app import FINDINGS, OK, REFUSED, main
from tests.conftest import PROJECT
from tests.study.clean import CLEAN

PILOT = str(PROJECT / "studies" / "chictr2000030261")
STUDY = str(CLEAN)

Capture = pytest.CaptureFixture[str]


def test_a_clean_study_has_no_findings_under_strict_too(capsys: Capture) -> None:
    assert main(["check", STUDY, "--strict"]) == OK
    assert capsys.readouterr().out == "No findings.\n"


def test_findings_are_told_with_their_quotes_and_exit_1_only_under_strict(capsys: Capture) -> None:
    assert main(["check", PILOT]) == OK
    told = capsys.readouterr().out
    assert main(["check", PILOT, "--strict"]) == FINDINGS
    assert capsys.readouterr().out == told
    assert "ERROR DOS-003:interventions.nebulised_exosomes.dose.same_for_all: the same dose for all" in told
    assert "line 131: “treated with the same dose of MSCs" in told
    assert told.index("ERROR ") < told.index("WARNING ") < told.index("INFO ")


def test_findings_as_json_are_those_of_the_text(capsys: Capture) -> None:
    main(["check", PILOT, "--json"])
    findings = json.loads(capsys.readouterr().out)
    main(["check", PILOT])
    text = capsys.readouterr().out
    assert f"\n{len(findings)} findings: " in text
    assert all(
        f"{finding['severity'].upper()} {finding['id']}: {finding['says']}" in text for finding in findings
    )


def test_one_finding_is_not_told_as_several(tmp_path: Path, capsys: Capture) -> None:
    study = tmp_path / "study.toml"
    study.write_text(CLEAN.read_text(encoding="utf-8").replace('acronym = "SYNTH"\n', ""), encoding="utf-8")
    main(["check", str(study)])
    assert capsys.readouterr().out.endswith("1 finding: 0 errors, 0 warnings, 1 note.\n")


@pytest.mark.parametrize("command", ["check", "forms", "schedule"])
def test_a_broken_file_is_refused_whole_by_every_command(command: str, capsys: Capture) -> None:
    many = str(PROJECT / "tests" / "files" / "bad" / "many.toml")
    assert main([command, many]) == REFUSED
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 7
    assert (
        f"STF-004: {many} line 4 [versoin]: no key 'versoin' is known here; did you mean 'version'?"
        in printed.err
    )


@pytest.mark.parametrize("command", ["check", "forms"])
def test_an_unknown_measure_is_refused_at_its_line(command: str, tmp_path: Path, capsys: Capture) -> None:
    text = CLEAN.read_text(encoding="utf-8").replace('measure = "CRP"', 'measure = "CRPP"')
    study = tmp_path / "study.toml"
    study.write_text(text, encoding="utf-8")
    line = text[: text.index('"CRPP"')].count("\n") + 1
    assert main([command, str(study)]) == REFUSED
    assert f"MSR-001: {study} line {line} [outcomes.crp.measure]: " in capsys.readouterr().err


def test_a_study_that_is_not_there_is_refused(capsys: Capture) -> None:
    assert main(["check", "nowhere/study.toml"]) == REFUSED
    assert capsys.readouterr().err.startswith("STF-001: there is no study file at 'nowhere/study.toml'")


def test_the_schedule_shows_encounters_with_windows_and_from_when_days_count(capsys: Capture) -> None:
    assert main(["schedule", STUDY]) == OK
    out = capsys.readouterr().out
    assert "Baseline -1/+0 d" in out
    assert "Day 7 ±1 d" in out
    assert "Day 28 ±2 d" in out
    assert out.endswith("Days count from: first dose, which the protocol calls day 1.\n")


def test_due_dates_of_a_participant_carry_both_days_and_the_window(capsys: Capture) -> None:
    # First dose on 28 February 2024, a leap year: day 7 is 5 March, day 28 is 26 March.
    assert main(["schedule", STUDY, "--origin", "2024-02-28", "--json"]) == OK
    due = {row["encounter"]: row for row in json.loads(capsys.readouterr().out)["due"]}
    assert due["baseline"] | {"encounter": ""} == {
        "encounter": "", "study_day": -1, "earliest": "2024-02-26", "planned": "2024-02-27", "latest": "2024-02-27",
    }  # fmt: skip
    assert (due["day_7"]["planned"], due["day_7"]["study_day"]) == ("2024-03-05", 7)
    assert (due["day_28"]["earliest"], due["day_28"]["latest"]) == ("2024-03-24", "2024-03-28")


@pytest.mark.parametrize(
    ("origin", "code"), [("28.02.2024", "DAY-002"), ("2024-02-30", "DAY-003"), ("soon", "DAY-001")]
)
def test_an_origin_that_is_no_date_is_refused(origin: str, code: str, capsys: Capture) -> None:
    assert main(["schedule", STUDY, "--origin", origin]) == REFUSED
    printed = capsys.readouterr()
    assert printed.err.startswith(f"{code}: ")
    assert printed.out == ""


def test_forms_show_units_ranges_and_choices(capsys: Capture) -> None:
    assert main(["forms", STUDY]) == OK
    out = capsys.readouterr().out
    assert "DM.AGE  Age at consent  (integer in a, from 18, to 65)" in out
    assert "DM.SEX  Sex  (one of Female, Male)" in out
    assert "Administration  [IG.EX], repeating" in out


def test_the_schema_is_json(capsys: Capture) -> None:
    assert main(["schema"]) == OK
    assert json.loads(capsys.readouterr().out)["title"] == "exotrial study file"


MEASURE = '''"""Six-minute walk distance (ATS 2002)."""
from exotrial.outcomes.measure import Direction, Measure, WorkedExample

SIX_MINUTE_WALK = Measure(
    paramcd="SIXMWD", param="Six-minute walk distance", unit="m", low=0, high=1000,
    direction=Direction.HIGHER_IS_BETTER, citation="ATS statement. Am J Respir Crit Care Med 2002;166:111-7",
    examples=(WorkedExample(inputs={"sixmwd": "400 m"}, expected=400, source="synthetic"),),
)
'''


def test_a_measure_added_as_one_file_is_listed_and_asked_with_no_other_file_touched(tmp_path: Path) -> None:
    package = tmp_path / "exotrial"
    ignored = shutil.ignore_patterns("__pycache__", "fonts")
    shutil.copytree(Path(exotrial.__file__).parent, package, ignore=ignored)
    (package / "outcomes" / "measures" / "six_minute_walk.py").write_text(MEASURE, encoding="utf-8")
    study = tmp_path / "study.toml"
    text = CLEAN.read_text(encoding="utf-8")
    study.write_text(text.replace('measure = "RESP"', 'measure = "SIXMWD"'), encoding="utf-8")

    def run(*arguments: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "exotrial", *arguments],
            capture_output=True, text=True, check=True, cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )  # fmt: skip
        return ended.stdout

    assert "SIXMWD" in run("measures")
    used = json.loads(run("forms", str(study), "--json"))
    visit = next(form for form in used["forms"] if form["oid"] == "F.VISIT.BASELINE")
    assert [i["unit"] for group in visit["groups"] for i in group["items"] if i["oid"] == "sixmwd"] == ["m"]
    unused = run("forms", str(CLEAN)).partition("Installed measures that this study does not use")[2]
    assert "Six-minute walk distance  [IG.SIXMWD]" in unused


def test_check_looks_at_the_data_beside_the_study_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pilot"
    shutil.copytree(PROJECT / "studies" / "chictr2000030261", folder)
    file = folder / "data" / "participants.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",F,62", ",F,17"), encoding="utf-8")
    assert main(["check", str(folder)]) == 0
    assert "CPD-003:participants.AGE" in capsys.readouterr().out


def test_a_key_with_its_words_turned_round_is_recognised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (PROJECT / "studies" / "mexcovid" / "study.toml").read_text(encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_text(text.replace("age_min =", "min_age ="), encoding="utf-8")
    assert main(["check", str(file)]) == 2
    assert "did you mean 'age_min'?" in capsys.readouterr().err
