"""`exotrial upgrade`: bring an installation of an older version to this one, for who runs the server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# Each command imports what it needs: other commands must not wait for Django to load.

FOUND = 1


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("upgrade")(upgrade)


def upgrade(
    backup: Annotated[
        Path | None,
        typer.Option(
            "--backup", help="The backup to write; it must not exist. `backups` in the home without it."
        ),
    ] = None,
    despite_problems: Annotated[
        bool,
        typer.Option(
            "--despite-problems",
            help="Upgrade although the check of the trail finds problems; the trail says that there were some.",
        ),
    ] = False,
) -> None:
    """Bring the installation in EXOTRIAL_HOME to the tables of this version; its server must have ended.

    A backup is made first, and the upgrade is rehearsed on a copy of it and verified. Then the tables are changed in
    one transaction, which ends only if the trail still holds: whatever stops it leaves everything as it was. Exit
    code 1 where there were problems before, which are still there.
    """
    from datetime import UTC, datetime

    from exotrial.cli.audit import show
    from exotrial.operations.upgrading import upgrade_installation
    from exotrial.store.home import environment_home

    done = upgrade_installation(
        environment_home(),
        now=datetime.now(UTC),
        backup=backup,
        despite_problems=despite_problems,
        told=lambda step: typer.echo(f"{step} ...", err=True),
    )
    if done is None:
        typer.echo("The installation has the tables of this version: nothing was done.")
        return
    rows = sum(done.backup.rows.values())
    typer.echo(f"Backup: {done.backup.file}, {rows} rows, SHA-256 {done.backup.sha256}")
    typer.echo(f"Upgraded from {done.was}: {', '.join(done.applied)}")
    for problem in done.before:
        typer.echo(f"before: {problem}")
    show(done.check)
    if done.before:
        raise typer.Exit(FOUND)
