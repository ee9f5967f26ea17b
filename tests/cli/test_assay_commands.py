"""`exotrial assay`: the readers installed, and what files of instruments say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exotrial.cli.app import main
from exotrial.product.assay import find_readers
from tests.conftest import PROJECT

FILES = PROJECT / "tests" / "files" / "assays"
BEADS = FILES / "nanosight" / "tidyNano_beads2_NTA3.4.003_ExperimentSummary.csv"
OLDER = FILES / "nanosight" / "tidyNano_beads_NTA3.2.16_ExperimentSummary.csv"


def test_every_reader_is_listed_with_what_it_was_learnt_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assay", "formats", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(find_readers())
    assert all(row["citation"] for row in rows)


def test_a_file_is_shown_with_the_vendors_numbers_and_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assay", "read", str(OLDER)]) == 0
    shown = capsys.readouterr().out
    assert "one bin (1.0 nm) below the bin-edge rule" in shown
    assert "ERROR ASF-006" in shown
    assert "not recorded" in shown
    assert "not explained" not in shown
    assert "Concentration of the sample before dilution: CNC-001" in shown


def test_several_files_are_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assay", "read", str(BEADS), str(OLDER), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first["distributions"][0]["dilution"] == {"state": "applied", "factor": 10000.0}
    assert first["distributions"][0]["videos"][0]["d50_nm"] == pytest.approx(98.58, abs=0.005)
    assert second["distributions"][0]["dilution"] == {"state": "not recorded", "factor": None}
    assert len(first["warnings"]) == 5
    assert first["concentration"]["value"] == pytest.approx(6.09e12, rel=1e-3)
    assert second["concentration"] is None
    assert second["no_concentration"].startswith("CNC-001")


def test_strict_ends_with_1_where_there_are_doubts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assay", "read", str(BEADS), "--strict"]) == 1
    results = FILES / "results_csv" / "batch7.csv"
    assert main(["assay", "read", str(results), "--strict"]) == 0
    shown = capsys.readouterr().out
    assert "< 0.05 IU/mL" in shown
    assert "no growth" in shown


def test_a_table_of_ones_own_is_read_with_its_mapping(capsys: pytest.CaptureFixture[str]) -> None:
    folder = FILES / "size_table"
    assert main(["assay", "read", str(folder / "sizes.csv"), "--mapping", str(folder / "mapping.toml")]) == 0
    assert "Spectradyne nCS1 2.5" in capsys.readouterr().out


def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(BEADS.read_bytes().replace(b"5.91e+12", b"7.66e + 0.8", 1))
    assert main(["assay", "read", str(bad)]) == 2
    assert "ASY-102: bad.csv line 46" in capsys.readouterr().err
    bad.write_bytes(b"nothing of the kind")
    assert main(["assay", "read", str(bad)]) == 2
    assert "ASY-001" in capsys.readouterr().err
    assert main(["assay", "read", str(BEADS), "--reader", "zetaview"]) == 2
    assert "ASY-104" in capsys.readouterr().err
    assert main(["assay", "read", str(tmp_path / "absent.csv")]) == 2
