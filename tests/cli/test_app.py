"""The entry point: found commands, exit codes, and how a refusal is told."""

from __future__ import annotations

import importlib.metadata
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from exotrial.cli import app as entry
from exotrial.cli.app import FINDINGS, OK, REFUSED, STOPPED, main
from exotrial.cli.terminal import format_cell, format_plain
from exotrial.core.errors import ErrorCode, Place, Refusals

PRIVATE = ErrorCode("TST-001", "Only a test refuses with this.", "nothing need be done.")


@pytest.fixture
def with_command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Adds a command `act` to the real command line."""
    build = entry.build_app

    def add(act: Callable[[], object]) -> None:
        def build_with() -> typer.Typer:
            app = build()
            app.command("act")(act)
            return app

        monkeypatch.setattr(entry, "build_app", build_with)

    return add


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exotrial", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_module_of_the_room_that_defines_add_to_has_its_commands_without_being_listed() -> None:
    # Every add_to of the room is asked for; these three are the ones of catalogues.py.
    names = {command.name for command in entry.build_app().registered_commands}
    assert {"measures", "methods", "errors"} <= names


def test_what_every_command_of_a_trial_loads_leaves_the_slow_libraries_out() -> None:
    """All operations are loaded for each act; scipy's distributions alone would double what a command takes."""
    code = """
import sys
from exotrial.cli.app import main
sys.argv = ["exotrial", "operations", "--json"]
main()
slow = ("scipy.stats", "scipy.special", "polars", "numba", "cv2", "skimage")
print("slow:", *(name for name in slow if name in sys.modules))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert '"record_dose"' in ended.stdout
    assert ended.stdout.splitlines()[-1] == "slow:"


def test_no_arguments_print_the_help_and_are_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == OK
    out = capsys.readouterr().out
    assert out.startswith("Usage: exotrial")
    assert "Exit codes: 0 done" in out


def test_the_version_is_that_of_the_installed_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == OK
    assert capsys.readouterr().out == f"exotrial {importlib.metadata.version('exotrial')}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["reprot"],
            "CLI-001: exotrial: No such command 'reprot'; did you mean 'report'? See `exotrial --help`.",
        ),
        (["errors", "--jsn"], "CLI-001: exotrial errors: No such option: --jsn"),
        (["errors", "more"], "CLI-001: exotrial errors: Got unexpected extra argument"),
    ],
)
def test_a_misspelt_command_line_is_refused_with_its_code_and_a_way_out(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == REFUSED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(says)
    assert "--help`" in captured.err


def test_a_refusal_is_one_line_on_standard_error_with_code_place_problem_and_remedy(
    with_command: Callable[[Callable[[], object]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def act() -> None:
        raise PRIVATE.refuse(
            "'7.66e + 0.8' is not a number",
            place=Place(file="nta.csv", line=14),
            remedy="a concentration is written like 7.66e+08.",
        )

    with_command(act)
    assert main(["act"]) == REFUSED
    assert capsys.readouterr().err == (
        "TST-001: nta.csv line 14: '7.66e + 0.8' is not a number; a concentration is written like 7.66e+08.\n"
    )


def test_several_refusals_are_told_together(
    with_command: Callable[[Callable[[], object]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def act() -> None:
        raise Refusals([PRIVATE.refuse("first"), PRIVATE.refuse("second [red]")])

    with_command(act)
    assert main(["act"]) == REFUSED
    assert [line.split(";")[0] for line in capsys.readouterr().err.splitlines()] == [
        "TST-001: first",
        "TST-001: second [red]",
    ]


def test_a_command_that_says_exit_one_ends_with_one(
    with_command: Callable[[Callable[[], object]], None],
) -> None:
    def act() -> None:
        raise typer.Exit(FINDINGS)

    with_command(act)
    assert main(["act"]) == FINDINGS


def test_a_command_stopped_from_the_keyboard_says_so_and_ends_with_130(
    with_command: Callable[[Callable[[], object]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def act() -> None:
        raise KeyboardInterrupt

    with_command(act)
    assert main(["act"]) == STOPPED
    assert "Stopped." in capsys.readouterr().err


def test_a_defect_is_not_swallowed(with_command: Callable[[Callable[[], object]], None]) -> None:
    def act() -> None:
        raise ZeroDivisionError("a defect")

    with_command(act)
    with pytest.raises(ZeroDivisionError, match="a defect"):
        main(["act"])


@pytest.mark.parametrize("command", ["measures", "methods", "errors"])
def test_a_catalogue_prints_as_json_what_it_prints_as_a_table(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--json"]) == OK
    records = json.loads(capsys.readouterr().out)
    assert main([command]) == OK
    table = capsys.readouterr().out.splitlines()
    if not records:
        assert table == ["none"]
        return
    assert len(table) == len(records) + 1
    for record, line in zip(records, table[1:], strict=True):
        assert line.startswith(format_cell(next(iter(record.values()))))


def test_the_errors_name_every_code_with_its_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["errors", "--json"]) == OK
    records = json.loads(capsys.readouterr().out)
    usage = next(record for record in records if record["code"] == "CLI-001")
    assert usage["remedy"] == entry.USAGE.remedy


def test_output_into_a_pipe_is_the_same_whatever_the_width_of_the_terminal() -> None:
    narrow, wide = run("errors", COLUMNS="40"), run("errors", COLUMNS="200")
    assert narrow.returncode == OK
    assert narrow.stdout == wide.stdout
    assert "\x1b" not in narrow.stdout


def test_a_reader_that_stops_early_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "exotrial", "errors"],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colour_unless_no_color_is_set(no_color: str, coloured: bool, tmp_path: Path) -> None:
    theirs, ours = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "NO_COLOR": no_color}
    with (tmp_path / "out").open("wb") as out:
        ended = subprocess.run(
            [sys.executable, "-m", "exotrial", "nothing"],
            stdout=out,
            stderr=ours,
            env=environment,
            check=False,
        )
    os.close(ours)
    seen = os.read(theirs, 4096).decode()
    os.close(theirs)
    assert ended.returncode == REFUSED
    assert "CLI-001" in seen
    assert ("\x1b[1;31m" in seen) is coloured


def test_columns_are_as_wide_as_their_widest_cell_and_lines_end_without_blanks() -> None:
    assert format_plain([["a", "b"], ["long", "x"], ["y", ""]]) == "a     b\nlong  x\ny"


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0.1 + 0.2, "0.3"), (40.0, "40"), ("two\nlines", "two lines"), (3, "3")]
)
def test_a_cell_is_one_line_and_a_number_is_short(value: str | float | None, text: str) -> None:
    assert format_cell(value) == text
