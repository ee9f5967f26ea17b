"""`exotrial make-exports`: the process beside the server that makes reports and exports."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer

from exotrial.cli.session import open_installation


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("make-exports")(make_exports)


def make_exports(
    server: Annotated[
        int, typer.Option("--with", help="The process that it ends with; 0 for none.", metavar="PID")
    ] = 0,
) -> None:
    """Make the reports and exports that pages ask for, until SIGTERM; `exotrial serve` runs it by itself."""
    from exotrial.operations.export_maker import make_exports as make
    from exotrial.store.home import disconnect

    home = open_installation().home
    disconnect()  # all that it reads of the installation lies in its folder
    told_to_end: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: told_to_end.append(number))
    signal.signal(signal.SIGINT, lambda number, frame: told_to_end.append(number))
    make(home, go_on=lambda: not told_to_end and server in (0, os.getppid()))
