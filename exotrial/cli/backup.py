"""`exotrial backup` and `exotrial restore`: for who runs the server, on the database and the key file directly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# Each command imports what it needs: other commands must not wait for Django to load.

FOUND = 1


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    check: Annotated[
        bool,
        typer.Option("--check/--no-check", help="Restore it into a scratch database and verify it there."),
    ] = True,
) -> None:
    """Write the whole database into one encrypted file, while people work.

    The key file (`master.key`) is not in it and is needed to restore it: keep a copy of it elsewhere. Exit code 1
    where the check found something: the file is kept, and `exotrial audit verify` says the same of the database.
    """
    from datetime import UTC, datetime

    from exotrial.cli.audit import show
    from exotrial.operations.server_acts import note_server_act
    from exotrial.store.backup import write_backup
    from exotrial.store.home import environment_home, open_home

    opened = open_home(environment_home())
    done = write_backup(opened, file, now=datetime.now(UTC), check=check)
    note_server_act(opened, "backup", told=f"SHA-256 {done.sha256}")
    typer.echo(
        f"{done.file}: {sum(done.rows.values())} rows of {len(done.rows)} tables, SHA-256 {done.sha256}"
    )
    typer.echo(f"The key is not in it: keep a copy of '{opened.home.keys_folder}' elsewhere.")
    if done.check is None:
        typer.echo("Not checked.")
        return
    typer.echo("Restored into a scratch database:")
    show(done.check)
    if not done.check.holds:
        raise typer.Exit(FOUND)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `exotrial backup` wrote.")],
    into: Annotated[
        Path, typer.Option("--into", help="The folder of the new installation; it must be empty.")
    ],
    keys: Annotated[
        Path | None,
        typer.Option("--keys", help="The folder of the key; `keys` in the new folder without it."),
    ] = None,
) -> None:
    """Restore a backup into an empty installation: SQLite in the folder, or PostgreSQL where DATABASE_URL is set."""
    import os

    from exotrial.cli.audit import show
    from exotrial.store.home import home_of
    from exotrial.store.restore import restore_backup

    told = dict(os.environ) | {"EXOTRIAL_HOME": str(into)}
    if keys is not None:
        told["EXOTRIAL_KEYS"] = str(keys)
    done = restore_backup(file, home_of(told))
    typer.echo(f"{into}: {sum(done.rows.values())} rows as of {done.made_at}")
    show(done.check)
    if not done.check.holds:
        raise typer.Exit(FOUND)
