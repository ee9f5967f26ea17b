"""An archive can be read without exotrial, holds everything but names and arms, and shows what was done to it."""

from __future__ import annotations

import csv
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.archive import check_archive, write_archive
from exotrial.store.models import Act, Change, Study
from exotrial.store.verify import verify_trail
from tests.store.conftest import by_hand
from tests.trial import IRCT, STUDIES, Trial

NOW = datetime(2021, 4, 1, 12, 0, tzinfo=UTC)


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.requirement(48, 58)
def test_an_archive_holds_the_study_and_is_held_by_its_digests(trial: Trial, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    done = write_archive(trial.opened, IRCT, folder, now=NOW)
    assert done.check.holds
    assert check_archive(folder) == ()
    assert (folder / "study/version-1.toml").read_bytes() == ((STUDIES / IRCT / "study.toml").read_bytes())
    first = table(folder, "data/F.VS.IG.VS.csv")
    assert [(row["participant"], row["PULSE"], row["NOTE"]) for row in first] == [
        ("P-001", "72", ""),
        ("P-002", "88", "naïve ✓"),
    ]
    # The correction took the row of adverse events away; the trail still has it.
    assert {row["field"] for row in table(folder, "audit_trail.csv")} > {"values/IG.AE/a/TERM"}
    acts = Act.objects.filter(chain__name=IRCT)
    lines = Change.objects.filter(act__in=acts).count() + acts.filter(count=0).count()
    assert len(table(folder, "audit_trail.csv")) == lines
    assert {row["code"] for row in table(folder, "participants.csv")} == {"P-001", "P-002"}
    assert "monitor" in {row["role"] for row in table(folder, "users_and_rights.csv")}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["study"], manifest["verified_before"]) == (IRCT, True)
    assert manifest["files"]["participants.csv"]["rows"] == 2
    every = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"argon2" not in every


def test_sha256sum_itself_accepts_an_archive(trial: Trial, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    write_archive(trial.opened, IRCT, folder, now=NOW)
    ended = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=False)
    assert ended.returncode == 0


@pytest.mark.requirement(49)
def test_a_copy_of_one_participant_holds_nobody_else(trial: Trial, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    write_archive(trial.opened, IRCT, folder, now=NOW, participant="P-002")
    assert check_archive(folder) == ()
    for file in folder.rglob("*.csv"):
        assert b"P-001" not in file.read_bytes()
    assert [row["PULSE"] for row in table(folder, "data/F.VS.IG.VS.csv")] == ["88"]
    with pytest.raises(Refusal, match="ARC-002"):
        write_archive(trial.opened, IRCT, tmp_path / "other", now=NOW, participant="P-999")
    assert not (tmp_path / "other").exists()


def test_what_was_done_to_an_archive_is_named(trial: Trial, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    write_archive(trial.opened, IRCT, folder, now=NOW)
    (folder / "participants.csv").write_text("code\n")
    (folder / "sites.csv").unlink()
    (folder / "data/new.csv").write_text("x")
    assert check_archive(folder) == (
        "sites.csv: is not there",
        "data/new.csv: was added",
        "participants.csv: is not what was written",
    )
    with pytest.raises(Refusal, match="ARC-005"):
        check_archive(tmp_path)


def test_an_archive_of_an_edited_database_says_so(trial: Trial, tmp_path: Path) -> None:
    by_hand(trial.opened.home, "UPDATE store_site SET name = 'Edited' WHERE code = 'second'")
    done = write_archive(trial.opened, IRCT, tmp_path / "archive", now=NOW)
    assert not done.check.holds
    manifest = json.loads((tmp_path / "archive/manifest.json").read_text())
    assert manifest["verified_before"] is False
    assert "site 2 name" in manifest["problems"][0]


def test_an_archive_is_never_added_to(trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="ARC-003"):
        write_archive(trial.opened, IRCT, tmp_path, now=NOW)
    with pytest.raises(Refusal, match="ARC-001"):
        write_archive(trial.opened, "none", tmp_path / "archive", now=NOW)
    with pytest.raises(Refusal, match="ARC-004"):
        write_archive(trial.opened, IRCT, tmp_path / "no" / "where", now=NOW)


def test_only_an_ended_study_is_archived_and_it_can_be_opened_again(trial: Trial) -> None:
    with pytest.raises(Refusal, match="OPR-005"):
        trial.do("archive_study", Role.SPONSOR, reason="the end")
    study = Study.objects.get(slug=IRCT)
    by_hand(trial.opened.home, f"UPDATE store_study SET status = 'locked' WHERE id = {study.pk}")
    with pytest.raises(Refusal, match="ARC-006"):
        trial.do("archive_study", Role.INVESTIGATOR, reason="the end")
    with pytest.raises(Refusal, match="OPR-007"):
        trial.do("archive_study", Role.AUDITOR)
    assert trial.do("archive_study", Role.AUDITOR, reason="the end").status == "archived"
    with pytest.raises(Refusal, match="OPR-003"):
        trial.do("reopen_archive", Role.AUDITOR, reason="an inspection")
    assert trial.do("reopen_archive", Role.SPONSOR, reason="an inspection").status == "locked"
    assert [p.where for p in verify_trail(trial.opened).problems] == [f"study {study.pk} status"]
