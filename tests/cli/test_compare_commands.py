"""`exotrial compare` and `history` on what cannot be compared: refused with the file, the number and a way out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from exotrial.cli.app import main
from tests.conftest import PROJECT

CTGOV = PROJECT / "tests" / "files" / "registries" / "clinicaltrials_gov.json"
CLEAN = PROJECT / "tests" / "files" / "clean_study.toml"
PILOT = PROJECT / "studies" / "chictr2000030261"


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([str(one) for one in arguments]) == 2
    return capsys.readouterr().err


def versions(folder: Path, *days: str) -> Path:
    """Dated records of one trial, the later ones with one participant more."""
    folder.mkdir()
    for number, day in enumerate(days):
        value = json.loads(CTGOV.read_text("utf-8"))
        value["derivedSection"]["miscInfoModule"]["versionHolder"] = day
        value["protocolSection"]["designModule"]["enrollmentInfo"]["count"] = 24 + number
        (folder / f"{number}.json").write_text(json.dumps(value), encoding="utf-8")
    return folder


def test_a_record_of_another_trial_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "compare", CTGOV, PILOT)
    assert said.startswith("CMR-001")
    assert "NCT09900001" in said
    assert "ChiCTR2000030261" in said


def test_one_source_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "compare", PILOT).startswith("CMR-004")


def test_claims_away_from_their_study_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "published").mkdir()
    shutil.copy(PILOT / "published" / "claims.toml", tmp_path / "published")
    assert refused(capsys, "compare", PILOT, tmp_path / "published" / "claims.toml").startswith("CMR-007")


def test_claims_of_which_the_study_quotes_nothing_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(PILOT, tmp_path / "pilot")
    study = tmp_path / "pilot" / "study.toml"
    study.write_text(
        study.read_text("utf-8").replace('kind = "paper"', 'kind = "protocol"'), encoding="utf-8"
    )
    said = refused(capsys, "compare", PILOT, tmp_path / "pilot" / "published" / "claims.toml")
    assert said.startswith("CMR-008")


def test_an_empty_folder_has_no_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "history", tmp_path).startswith("CMR-005")


def test_a_record_without_its_day_has_no_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = versions(tmp_path / "exports", "not a day", "2029-05-01")
    said = refused(capsys, "history", folder)
    assert said.startswith("CMR-002")
    assert "NCT09900001" in said


def test_a_single_export_is_of_one_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", str(versions(tmp_path / "exports", "2029-05-01"))]) == 0
    assert "NCT09900001: one day, 2029-05-01, changes seen: 0." in capsys.readouterr().out


def test_two_records_of_one_day_that_differ_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "history", versions(tmp_path / "exports", "2029-05-01", "2029-05-01"))
    assert said.startswith("CMR-003")


def test_a_folder_of_dated_records_tells_what_changed_when(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", str(versions(tmp_path / "exports", "2029-04-15", "2029-05-01"))]) == 0
    said = capsys.readouterr().out
    assert "NCT09900001: 2 days, 2029-04-15 to 2029-05-01, changes seen: 1." in said
    assert "Between 2029-04-15 and 2029-05-01:" in said
    assert "target size: 24" in said


def test_a_study_file_and_its_own_export_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "clean.json"
    assert main(["export-protocol", str(CLEAN), "--to", "clinicaltrials-gov", "--out", str(written)]) == 0
    assert main(["compare", str(written), str(CLEAN), "--json"]) in (0, 1)
    told = json.loads(capsys.readouterr().out.partition("\n{")[2].join(["{", ""]))
    assert [one["id"] for one in told["comparisons"][0]["differences"] if one["severity"] == "error"] == []


def test_an_export_writes_over_nothing_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "kept.json"
    target.write_text("mine", encoding="utf-8")
    ask = ["export-protocol", str(CLEAN), "--to", "usdm", "--out", str(target)]
    assert refused(capsys, *ask).startswith("DRF-008")
    assert target.read_text("utf-8") == "mine"
    assert main([*ask, "--replace"]) == 0
    assert target.read_text("utf-8") != "mine"
