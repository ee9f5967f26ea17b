"""The page on importing and registering: every command of it is run, in its order, and it names every form."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from exotrial.cli.app import main
from exotrial.registries.registry import find_readers, find_writers
from exotrial.study.file import read_study
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "how-to" / "import-and-register.md").read_text(encoding="utf-8")
DIFFER = ("check", "compare")
"""Commands that end with 1 where there is something to settle."""


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```bash\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


def test_every_command_of_the_page_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(PROJECT / "tests" / "files" / "registries" / "ictrp_dirty.csv", tmp_path / "export.csv")
    study = Path("studies") / "irct20201202049568n3" / "study.toml"
    (tmp_path / study).parent.mkdir(parents=True)
    shutil.copy(PROJECT / study, tmp_path / study)
    monkeypatch.chdir(tmp_path)
    for arguments in commands():
        ended = main(arguments)
        told = capsys.readouterr()
        assert ended in ((0, 1) if arguments[0] in DIFFER else (0,)), (arguments, told.err)
        assert told.out
        assert "Traceback" not in told.err
    assert sorted(path.name for path in tmp_path.glob("irct*")) == [
        "irct20201202049568n3.fhir.json",
        "irct20201202049568n3.txt",
    ]
    back, _ = read_study(tmp_path / "read-back")
    assert back.title == read_study(tmp_path / study)[0].title
    assert read_study(tmp_path / "studies" / "irct20990101000001n1")[0].design.planned_size == 72


def test_the_page_names_every_form() -> None:
    forms = (*find_readers(), *find_writers())
    assert [name for name in forms if f"`{name}`" not in PAGE] == []
