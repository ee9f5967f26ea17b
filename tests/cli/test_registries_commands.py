"""`exotrial registries`, `import`, `export-protocol`: a draft from an export, told with what was mended and lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exotrial.cli.app import main
from exotrial.study.file import read_study
from tests.conftest import PROJECT

DIRTY = PROJECT / "tests" / "files" / "registries" / "ictrp_dirty.csv"


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> int:
    monkeypatch.chdir(folder)
    return main(list(arguments))


def test_a_draft_is_written_with_what_was_mended_and_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, "import", str(DIRTY), "--id", "chictr2099000001") == 0
    told = capsys.readouterr().out
    assert "ChiCTR2099000001 as of 2021-07-05, read as ictrp." in told
    assert "REG-018" in told
    assert "Not in the draft:" in told
    assert "nobody@example.org" not in told
    study, _ = read_study(tmp_path / "studies" / "chictr2099000001")
    assert study.design.planned_size == 25


def test_a_draft_never_replaces_a_study_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "study.toml").write_text("mine")
    assert (
        run(monkeypatch, tmp_path, "import", str(DIRTY), "--id", "IRCT20990101000001N1", "--out", "mine") == 2
    )
    assert "DRF-005" in capsys.readouterr().err
    assert (tmp_path / "mine" / "study.toml").read_text() == "mine"


def test_a_file_of_several_trials_asks_which(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, "import", str(DIRTY)) == 2
    assert "choose one trial by its number with --id" in capsys.readouterr().err
    assert run(monkeypatch, tmp_path, "import", str(DIRTY), "--id", "NCT00000000") == 2
    assert "the file holds ChiCTR2099000001, NCT99999991" in capsys.readouterr().err
    assert not (tmp_path / "studies").exists()


def test_strict_and_json_are_for_machines(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(monkeypatch, tmp_path, "import", str(DIRTY), "--id", "IRCT20990101000001N1", "--strict", "--json")
        == 1
    )
    told = json.loads(capsys.readouterr().out)
    assert (told["identifier"], told["file"]) == (
        "IRCT20990101000001N1",
        "studies/irct20990101000001n1/study.toml",
    )
    assert {one["id"].partition(":")[0] for one in told["findings"]} == {"REG-017", "REG-019"}
    assert all(set(one) == {"item", "says", "why", "place"} for one in told["losses"])


def test_the_forms_are_listed_and_an_unknown_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, "registries", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"name": "ictrp", "does": "reads"}.items() <= listed[
        [one["name"] for one in listed].index("ictrp")
    ].items()
    study = str(PROJECT / "studies" / "mexcovid")
    assert run(monkeypatch, tmp_path, "export-protocol", study, "--to", "telegram") == 2
    assert "DRF-007" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_refused_draft_tells_what_the_reader_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (PROJECT / "tests" / "files" / "registries" / "irct_synthetic.txt").read_text(encoding="utf-8")
    (tmp_path / "cut.txt").write_text(page.rpartition("Intervention groups\n")[0], encoding="utf-8")
    assert run(monkeypatch, tmp_path, "import", "cut.txt") == 2
    told = capsys.readouterr()
    assert "it may be cut" in told.out
    assert "DRF-002" in told.err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "RGY-005: it.csv: the file is empty"),
        (b"\xef\xbb\xbf", "RGY-005: it.csv: the file is empty"),
        (b" \r\n", "RGY-005: it.csv: the file is empty"),
        ("TrialID,Phase\n".encode("utf-16"), "RGY-006: it.csv: the file is not encoded in UTF-8"),
        ("TrialID,Phase\n".encode("utf-32"), "RGY-006: it.csv: the file is not encoded in UTF-8"),
        (b"\x00\x01\x02", "RGY-001: it.csv"),
    ],
)
def test_a_file_that_arrived_empty_or_in_other_letters_is_told_so(
    data: bytes,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "it.csv").write_bytes(data)
    assert run(monkeypatch, tmp_path, "import", "it.csv") == 2
    assert says in capsys.readouterr().err
