"""`exotrial verify`: one line a check, exit code 0 when all holds, 1 when something does not, 2 when refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exotrial.allocation.certificate import write_certificate
from exotrial.allocation.export import write_export, write_leaf
from exotrial.cli.app import main
from tests.allocation.sealed_trial import edit, true_export


@pytest.fixture
def files(tmp_path: Path) -> Path:
    export = true_export()
    proof = export.unblindings[0].proof
    tmp_path.joinpath("export.json").write_bytes(write_export(export))
    tmp_path.joinpath("attacked.json").write_bytes(write_export(edit(export, 4, at="2026-02-05T12:00:00Z")))
    tmp_path.joinpath("certificate.json").write_bytes(write_certificate(export.certificate))
    tmp_path.joinpath("leaf.json").write_bytes(write_leaf(proof))
    false = replace(proof, envelope=replace(proof.envelope, nonce="0" * 64))
    tmp_path.joinpath("false.json").write_bytes(write_leaf(false))
    return tmp_path


def test_a_true_export_and_a_true_leaf_hold(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificate = ["--certificate", str(files / "certificate.json")]
    assert main(["verify", "allocation", str(files / "export.json"), *certificate]) == 0
    out = capsys.readouterr().out
    assert "FAILED" not in out
    assert out.endswith("All that was checked holds.\n")
    assert main(["verify", "leaf", str(files / "leaf.json"), *certificate]) == 0


def test_what_failed_is_told_with_what_and_where_and_ends_with_1(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "allocation", str(files / "attacked.json")]) == 1
    out = capsys.readouterr().out
    assert "FAILED       order: " in out
    assert "back-dated, allocation 5: its time was changed to 2026-02-05T12:00:00Z afterwards" in out
    certificate = ["--certificate", str(files / "certificate.json")]
    assert main(["verify", "leaf", str(files / "false.json"), *certificate, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["holds"] is False


def test_a_noted_head_tells_of_a_record_cut_short(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "allocation", str(files / "export.json"), "--head", f"11:{'0' * 64}"]) == 1
    assert "truncated, allocation 11" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["nothing.json"], "VER-004"), (["leaf.json"], "VER-002"), (["export.json", "--head", "4"], "VER-005")],
)
def test_what_cannot_be_read_is_refused(
    files: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    assert main(["verify", "allocation", str(files / arguments[0]), *arguments[1:]]) == 2
    assert code in capsys.readouterr().err
