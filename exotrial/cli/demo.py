"""`exotrial demo`: three trials in one installation, built once, and the pages of it on this computer alone."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exotrial.cli.serve import serve_at
from exotrial.cli.terminal import console_for
from exotrial.core.errors import ErrorCode

if TYPE_CHECKING:
    from exotrial.operations.demo.build import Demonstration

# Each command imports what it needs: other commands must not wait for Django to load.

NO_PORT = ErrorCode(
    "DMO-004",
    "No port is free to listen at.",
    "end what listens there, or give another with --port.",
)
_TRIED = 50
"""Ports that are tried, from the one asked for."""


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("demo")(demo)


def demo(
    home: Annotated[
        Path, typer.Option("--home", help="The folder of the demonstration: new, empty, or built before.")
    ] = Path("demo/home"),
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="The port; the next free one where it is taken.")
    ] = 8000,
    studies: Annotated[
        Path, typer.Option("--studies", help="The folder with the three studies' files and published data.")
    ] = Path("studies"),
    participants: Annotated[
        int | None,
        typer.Option(
            "--participants", help="Made-up participants of the trial under way; as planned if left out."
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Build it again, as of today; what was tried in it is thrown away.")
    ] = False,
    build_only: Annotated[bool, typer.Option("--build-only", help="Build it, and serve nothing.")] = False,
) -> None:
    """Show three trials at work in the browser: two pilots with published data, one under way with made-up people.

    The installation is built in about a minute, kept and used again. It is served on this computer alone, with one
    account for each role and one password for all; Ctrl-C ends it.
    """
    from exotrial.operations.demo.build import build_demonstration, find_demonstration, home_in

    built = find_demonstration(home)
    if built is None or anew:
        with _Progress() as told:
            built = build_demonstration(
                home, studies=studies, now=datetime.now(UTC), participants=participants, told=told
            )
    if build_only:
        typer.echo(f"The demonstration lies in {home}")
        return
    place = home_in(home)
    for name in ("DATABASE_URL", "EXOTRIAL_HOSTS"):
        os.environ.pop(name, None)
    os.environ |= {"EXOTRIAL_HOME": str(place.folder), "EXOTRIAL_KEYS": str(place.keys_folder)}
    found = find_port(port)
    _tell(built, port=found)
    serve_at("127.0.0.1", found)


def find_port(wished: int) -> int:
    """The port wished for, or the next that nobody listens at. Refuses with DMO-004."""
    for port in range(wished, min(wished + _TRIED, 65536)):
        with closing(socket.socket()) as tried:
            # As a server does: a port that was just given up can be taken again at once.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NO_PORT.refuse(f"{wished} and the {_TRIED} after it are taken", value=wished)


def _tell(built: Demonstration, *, port: int) -> None:
    from exotrial.operations.demo.build import PASSWORD

    echo = typer.echo
    echo("")
    echo(f"  Open  http://localhost:{port}/")
    echo("")
    echo("  An account for each role:")
    for username, _ in built.accounts:
        echo(f"    {username}")
    echo(f"  The password of every one:  {PASSWORD}")
    echo("")
    echo(
        "  A demonstration on this computer only: its accounts are no secret, and its people are made up or published."
    )
    if built.built_on != datetime.now(UTC).date().isoformat():
        echo(f"  Built on {built.built_on}; --anew builds it as of today.")
    echo("  Ctrl-C ends it.")
    echo("")


class _Progress:
    """A bar on a terminal, one for each trial; a line for each trial elsewhere."""

    def __init__(self) -> None:
        self._console = console_for(sys.stderr)
        self._seen: set[str] = set()

    def __enter__(self) -> Callable[[str, int, int], None]:
        if self._console is None:
            return self._line
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TaskID,
            TextColumn,
            TimeElapsedColumn,
        )

        self._tasks: dict[str, TaskID] = {}
        self._bar = Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._bar.start()
        return self._move

    def __exit__(self, *error: object) -> None:
        if self._console is not None:
            self._bar.stop()

    def _move(self, what: str, done: int, of: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=of)
        self._bar.update(self._tasks[what], completed=done, total=of)

    def _line(self, what: str, done: int, of: int) -> None:
        if what not in self._seen:
            self._seen.add(what)
            typer.echo(f"Building {what} ...", err=True)
