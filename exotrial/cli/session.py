"""`exotrial sign-in` and `sign-out`, and how every other command asks: as the person whose session is kept here.

The key lies in a file of the user alone (mode 0600) in the user's configuration folder, one for each installation;
EXOTRIAL_SESSION, a session's or a token's key, goes before it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exotrial.core.errors import ErrorCode

if TYPE_CHECKING:  # Django loads with the store: only the commands that need an installation pay for it
    from exotrial.operations._operation import Caller
    from exotrial.store.home import Opened

NOT_SIGNED_IN = ErrorCode(
    "CLI-003",
    "Nobody is signed in here.",
    "sign in with `exotrial sign-in NAME`, or set EXOTRIAL_SESSION to the key of a session or token.",
)
NO_PASSWORD = ErrorCode(
    "CLI-004",
    "There is no password, and no terminal to ask for it.",
    "set EXOTRIAL_PASSWORD, or pipe the password in with --password-stdin.",
)

SOURCE = "cli"

PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("sign-in")(begin_session)
    app.command("sign-out")(end_session)


def begin_session(
    username: Annotated[str, typer.Argument(help="Your username.")],
    code: Annotated[
        str, typer.Option("--code", help="The second factor's code, where the account has one.")
    ] = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Sign in: the session is kept for the commands that follow, and ends after 30 idle minutes.

    The password is asked for, or taken from EXOTRIAL_PASSWORD, or from standard input with --password-stdin.
    """
    from exotrial.operations.authenticate import sign_in

    opened = open_installation()
    made = sign_in(opened, username, read_password(stdin=password_stdin), code, source=SOURCE)
    _keep(opened, made.key)
    typer.echo(f"Signed in as {username}.")


def end_session() -> None:
    """Sign out: the session ends here and on the server."""
    from exotrial.operations.sessions import sign_out

    opened = open_installation()
    key = read_key(opened)
    _keep(opened, "")
    sign_out(opened, key, source=SOURCE)
    typer.echo("Signed out.")


def open_installation() -> Opened:
    """The installation that the environment names. Refuses as `open_home` does."""
    from exotrial.store.home import environment_home, open_home

    return open_home(environment_home())


def read_caller(opened: Opened) -> Caller:
    """Who is signed in here. Refuses with CLI-003, AUT-004 and TOK-001."""
    from exotrial.operations.sessions import caller_for
    from exotrial.operations.tokens import TOKEN_PREFIX, caller_for_token

    key = read_key(opened)
    return caller_for_token(key) if key.startswith(TOKEN_PREFIX) else caller_for(key, source=SOURCE)


def read_key(opened: Opened) -> str:
    """The key that is kept here. Refuses with CLI-003."""
    key = os.environ.get("EXOTRIAL_SESSION") or _kept().get(str(opened.home.folder), "")
    if not key:
        raise NOT_SIGNED_IN.refuse(f"there is no session for '{opened.home.folder}'")
    return key


def read_password(*, stdin: bool, confirm: bool = False) -> str:
    """A password from standard input, the environment or the terminal, in this order. Refuses with CLI-004."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    given = os.environ.get("EXOTRIAL_PASSWORD")
    if given:
        return given
    if not sys.stdin.isatty():
        raise NO_PASSWORD.refuse("there is no terminal to ask for the password")
    asked: Any = typer.prompt("Password", hide_input=True, confirmation_prompt=confirm)
    return str(asked)


def session_file() -> Path:
    """Where session keys are kept."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "exotrial" / "sessions.json"


def _kept() -> dict[str, str]:
    try:
        read = json.loads(session_file().read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # a file that cannot be read is no session: the next sign-in writes it anew
    return read if isinstance(read, dict) else {}


def _keep(opened: Opened, key: str) -> None:
    """Keep a key, or forget it where it is empty."""
    kept = {home: value for home, value in _kept().items() if home != str(opened.home.folder)}
    if key:
        kept[str(opened.home.folder)] = key
    path = session_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1)
    draft.replace(path)
