"""`exotrial audit`, `backup`, `restore`, `archive` and `archive-check`: exit codes, and what they print."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from exotrial.cli.app import FINDINGS, OK, REFUSED, main
from exotrial.store.home import disconnect
from tests.store.conftest import by_hand, recorded_trial
from tests.trial import IRCT, Trial

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    """An installation that the environment names."""
    made = recorded_trial(tmp_path, "sqlite")
    monkeypatch.setenv("EXOTRIAL_HOME", str(made.opened.home.folder))
    monkeypatch.setenv("EXOTRIAL_KEYS", str(made.opened.home.keys_folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield made
    disconnect()


def test_verify_ends_with_0_where_all_holds_and_with_1_where_not(trial: Trial, capsys: Capture) -> None:
    assert main(["audit", "verify"]) == OK
    assert capsys.readouterr().out.endswith("All holds.\n")
    by_hand(trial.opened.home, "UPDATE store_site SET name = 'Edited' WHERE code = 'second'")
    assert main(["audit", "verify", "--study", IRCT]) == FINDINGS
    told = capsys.readouterr().out
    assert told.startswith("data: site 2 name: was edited past exotrial")
    assert told.endswith("1 problem found.\n")
    assert main(["audit", "verify", "--json"]) == FINDINGS
    data = json.loads(capsys.readouterr().out)
    assert data["holds"] is False
    assert data["problems"][0]["where"] == "site 2 name"


def test_anchors_are_printed_and_held_to(trial: Trial, tmp_path: Path, capsys: Capture) -> None:
    assert main(["audit", "anchor"]) == OK
    letter = tmp_path / "letter.txt"
    letter.write_text(capsys.readouterr().out)
    assert main(["audit", "verify", "--anchor", str(letter)]) == OK
    letter.write_text("nothing")
    assert main(["audit", "verify", "--anchor", str(letter)]) == REFUSED
    assert "AUD-001" in capsys.readouterr().err


def test_the_trail_is_exported_with_its_digests(trial: Trial, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "trail.csv"
    assert main(["audit", "export", "--out", str(file), "--study", IRCT]) == OK
    with file.open(encoding="utf-8", newline="") as held:
        rows = list(csv.DictReader(held))
    assert {row["chain"] for row in rows} == {IRCT}
    assert all(len(row["act_digest"]) == 64 for row in rows)


def test_a_backup_goes_round_by_the_commands(
    trial: Trial, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, new = tmp_path / "b.exo", tmp_path / "new"
    assert main(["backup", str(file)]) == OK
    told = capsys.readouterr().out
    assert "The key is not in it" in told
    assert told.endswith("All holds.\n")
    keys = str(trial.opened.home.keys_folder)
    assert main(["restore", str(file), "--into", str(new), "--keys", keys]) == OK
    assert "rows as of" in capsys.readouterr().out
    monkeypatch.setenv("EXOTRIAL_HOME", str(new))
    assert main(["audit", "verify"]) == OK
    assert main(["restore", str(file), "--into", str(new), "--keys", keys]) == REFUSED
    assert "BAK-005" in capsys.readouterr().err


def test_an_archive_is_written_and_checked_by_the_commands(
    trial: Trial, tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "archive"
    assert main(["archive", IRCT, str(folder)]) == OK
    assert main(["archive-check", str(folder)]) == OK
    assert capsys.readouterr().out.endswith("Every file is as it was written.\n")
    (folder / "sites.csv").write_text("")
    assert main(["archive-check", str(folder)]) == FINDINGS
    assert capsys.readouterr().out == "sites.csv: is not what was written\n"
    assert main(["archive", IRCT, str(tmp_path / "one"), "--participant", "P-001"]) == OK
