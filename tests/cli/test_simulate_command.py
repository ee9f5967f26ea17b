"""`exotrial simulate-conduct` and `exotrial extract`, from the command line to the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exotrial.cli.app import OK, REFUSED, main
from exotrial.operations.authenticate import sign_in
from exotrial.store.home import Home, disconnect, open_home
from tests.trial import STUDIES

CHICTR = "chictr2000030261"


def test_a_rehearsal_leaves_data_and_report_and_can_be_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    out, home = tmp_path / "out", tmp_path / "home"
    asked = ["simulate-conduct", str(STUDIES / CHICTR), "--seed", "1", "--participants", "5"]
    assert main([*asked, "--out", str(out), "--home", str(home)]) == OK
    printed = capsys.readouterr()
    assert "every participant is made up" in printed.out
    assert "enrolled 5" in printed.out
    assert "RCD-006   change a frozen form" in printed.out
    assert "steps" in printed.err
    words = (out / "report" / "report.html").read_text(encoding="utf-8")
    assert "Synthetic: the participants of this study were made by a computer." in words

    password = re.findall(r"password of every account: (\S+)", printed.out)[0]
    opened = open_home(Home(folder=home, keys_folder=home / "keys"))
    monkeypatch.setenv("EXOTRIAL_HOME", str(home))
    monkeypatch.setenv("EXOTRIAL_SESSION", sign_in(opened, "auditor", password).key)
    again = tmp_path / "again"
    assert main(["extract", CHICTR, str(again)]) == OK
    assert "5 participants" not in capsys.readouterr().out  # the screened only are in it too
    for path in (out / "data").glob("*.csv"):
        assert (again / "data" / path.name).read_bytes() == path.read_bytes()
    assert main(["extract", CHICTR, str(again)]) == REFUSED
    assert "SIM-001" in capsys.readouterr().err
    disconnect()


def test_too_many_participants_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["simulate-conduct", str(STUDIES / CHICTR), "--seed", "1", "--participants", "8"]
    assert main([*asked, "--out", str(tmp_path / "out")]) == REFUSED
    assert "SIM-002" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
