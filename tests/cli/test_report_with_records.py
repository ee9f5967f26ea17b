"""`exotrial report --with`: records beside the study, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotrial.cli.app import OK, REFUSED, main
from tests.conftest import PROJECT
from tests.study.clean import CLEAN

MEXCOVID = PROJECT / "studies" / "mexcovid"
MADE_UP = PROJECT / "tests" / "files" / "registries" / "irct_synthetic.txt"


def test_a_report_with_a_record_tells_what_the_record_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    text = CLEAN.read_text(encoding="utf-8").replace("NCT00000000", "IRCT20240101012345N2")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    assert main(["report", str(folder), "--with", str(MADE_UP), "--out", str(tmp_path / "out")]) == OK
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "IRCT20240101012345N2 as of 2024-06-14" in page
    assert "example.org" not in page
    assert "finding" in capsys.readouterr().out


def test_a_record_that_is_not_there_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert (
        main(["report", str(MEXCOVID), "--with", str(tmp_path / "absent.csv"), "--out", str(out)]) == REFUSED
    )
    assert "SCN-001" in capsys.readouterr().err
    assert not out.exists()


def test_a_file_that_is_no_record_is_refused_with_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear editor,", encoding="utf-8")
    assert main(["report", str(MEXCOVID), "--with", str(file), "--out", str(tmp_path / "out")]) == REFUSED
    told = capsys.readouterr().err
    assert "RGY-001" in told
    assert "exotrial registries" in told
