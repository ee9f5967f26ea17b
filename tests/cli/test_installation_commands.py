"""The command line of an installation: the same operations, refusals and codes as the API."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from exotrial.cli.app import OK, REFUSED, main
from exotrial.cli.session import session_file
from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from tests.trial import ENGINES, IRCT, PASSWORD, STUDIES, Trial, begin_trial


class Shell:
    """A trial that the environment names, and what commands print."""

    def __init__(self, trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
        self.trial = trial
        self.capsys = capsys

    def run(self, *arguments: str, ends: int = OK) -> tuple[str, str]:
        ended = main(arguments)
        told = self.capsys.readouterr()
        assert ended == ends, told.err
        return told.out, told.err

    def sign_in(self, role: Role) -> None:
        self.run("sign-in", self.trial.people[role])


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EXOTRIAL_SESSION", "EXOTRIAL_STUDY", "DATABASE_URL", "EXOTRIAL_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("EXOTRIAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EXOTRIAL_PASSWORD", PASSWORD)


@pytest.fixture(params=ENGINES)
def shell(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    trial = begin_trial(tmp_path, request.param)
    monkeypatch.setenv("EXOTRIAL_HOME", str(trial.opened.home.folder))
    monkeypatch.setenv("EXOTRIAL_KEYS", str(trial.opened.home.keys_folder))
    monkeypatch.setenv("DATABASE_URL", trial.opened.home.database_url)
    yield Shell(trial, capsys)
    disconnect()


def test_an_installation_is_made_and_a_study_begun_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "ada", "--name", "Ada Admin"]) == OK
    assert main(["sign-in", "ada"]) == OK
    assert main(["begin-study", str(STUDIES / IRCT)]) == OK
    assert main(["users", "--json"]) == OK
    assert f"The study {IRCT} is begun" in capsys.readouterr().out
    assert main(["init", "ada", "--name", "Ada Admin"]) == REFUSED
    assert "HOM-002" in capsys.readouterr().err
    disconnect()


def test_an_operation_is_done_as_who_is_signed_in(shell: Shell) -> None:
    shell.sign_in(Role.SPONSOR)
    out, _ = shell.run("do", "open_site", '{"code": "second", "name": "Second"}')
    assert json.loads(out) == {"code": "second", "status": "opened"}
    out, _ = shell.run("status")
    assert "second" in out
    assert out.startswith(f"{shell.trial.study}: running")


def test_fields_come_from_a_file_or_from_standard_input(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.sign_in(Role.SPONSOR)
    (tmp_path / "ask.json").write_text('{"code": "second", "name": "Second"}')
    shell.run("do", "open_site", f"@{tmp_path / 'ask.json'}")
    monkeypatch.setattr("sys.stdin", io.StringIO('{"code": "third", "name": "Third"}'))
    shell.run("do", "open_site", "-")
    assert {"second", "third"} <= {s.code for s in shell.trial.do("show_study", Role.SPONSOR).sites}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("do", "open_site", "{"), "CLI-005"),
        (("do", "open_site", "[]"), "CLI-005"),
        (("do", "open_site", "@/no/such/file"), "CLI-005"),
        (("do", "open_site", '{"code": "second"}'), "OPR-002"),
        (("do", "open_site", '{"code": "second", "name": "\\u0000"}'), "OPR-002"),
        (("do", "open_site", '{"code": "imam_khomeini", "name": "x"}'), "SIT-003"),
        (("do", "open_site", "{}", "--study", "another"), "OPR-006"),
        (("do", "show_study", "{}", "--role", "monitor"), "OPR-004"),
        (("do", "add_account", "{}"), "OPR-004"),
        (("do", "no_such"), "OPR-001"),
        (("operations", "no_such"), "OPR-001"),
        (("users",), "OPR-004"),
    ],
)
def test_a_refusal_has_the_code_that_the_api_gives(
    shell: Shell, arguments: tuple[str, ...], code: str
) -> None:
    shell.sign_in(Role.SPONSOR)
    _, err = shell.run(*arguments, ends=REFUSED)
    assert err.startswith(code)


def test_the_session_is_kept_for_its_user_alone_and_forgotten_at_sign_out(shell: Shell) -> None:
    _, err = shell.run("status", ends=REFUSED)
    assert err.startswith("CLI-003")
    shell.sign_in(Role.SPONSOR)
    assert stat.S_IMODE(session_file().stat().st_mode) == 0o600
    shell.run("sign-out")
    _, err = shell.run("status", ends=REFUSED)
    assert err.startswith("CLI-003")
    assert "exs_" not in session_file().read_text()


def test_a_damaged_session_file_is_no_session(shell: Shell) -> None:
    session_file().parent.mkdir(parents=True)
    for text in ("{", "[]", "\xff"):
        session_file().write_bytes(text.encode("latin-1"))
        _, err = shell.run("status", ends=REFUSED)
        assert err.startswith("CLI-003")
    shell.sign_in(Role.SPONSOR)
    shell.run("status")


def test_a_session_or_token_of_the_environment_goes_first(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.sign_in(Role.SPONSOR)
    monkeypatch.setenv("EXOTRIAL_SESSION", "ext_nothing")
    _, err = shell.run("status", ends=REFUSED)
    assert err.startswith("TOK-001")


def test_a_wrong_password_is_refused_and_none_is_asked_for_without_a_terminal(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("not the password\n"))
    _, err = shell.run("sign-in", "sponsor", "--password-stdin", ends=REFUSED)
    assert err.startswith("AUT-002")
    monkeypatch.delenv("EXOTRIAL_PASSWORD")
    _, err = shell.run("sign-in", "sponsor", ends=REFUSED)
    assert err.startswith("CLI-004")


def test_operations_and_roles_are_listed_without_an_installation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operations", "--json"]) == OK
    listed = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert listed["open_site"]["roles"] == "sponsor"
    assert main(["operations", "open_site"]) == OK
    assert "zone" in capsys.readouterr().out
    assert main(["operations", "open_site", "--json"]) == OK
    assert "zone" in json.loads(capsys.readouterr().out)["ask"]["properties"]
    assert main(["roles", "--json"]) == OK
    rows = {row["permission"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["randomise"]["investigator"] == "x"
    assert rows["randomise"]["administrator"] == ""


def test_serve_wants_both_halves_of_tls_and_an_installation(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, err = shell.run("serve", "--certificate", "x.pem", ends=REFUSED)
    assert err.startswith("CLI-001")
    monkeypatch.setenv("EXOTRIAL_KEYS", "/no/such/folder")
    _, err = shell.run("serve", ends=REFUSED)
    assert err.startswith(("KEY-001", "HOM-001"))
