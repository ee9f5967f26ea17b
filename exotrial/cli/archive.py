"""`exotrial archive` and `exotrial archive-check`: for who runs the server, on the database directly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# Each command imports what it needs: other commands must not wait for Django to load.

FOUND = 1


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("archive")(archive)
    app.command("archive-check")(check)


def archive(
    study: Annotated[str, typer.Argument(help="The study's id.")],
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must not exist.")],
    participant: Annotated[
        str, typer.Option("--participant", help="A certified copy of this participant alone.")
    ] = "",
    allocation_export: Annotated[
        Path | None,
        typer.Option("--allocation-export", help="What `export_allocation` gave, to be put beside it."),
    ] = None,
) -> None:
    """Write a study into a folder that can be read without exotrial: data, trail, signatures, versions, digests.

    Names of participants, what is sealed, and arms are not in it. Exit code 1 where the trail does not hold: the
    folder is written and says so.
    """
    from datetime import UTC, datetime

    from exotrial.cli.audit import show
    from exotrial.core.provenance import read_source
    from exotrial.operations.server_acts import note_server_act
    from exotrial.store.archive import write_archive
    from exotrial.store.home import environment_home, open_home

    export = None if allocation_export is None else read_source(allocation_export)[0]
    opened = open_home(environment_home())
    done = write_archive(
        opened,
        study,
        folder,
        now=datetime.now(UTC),
        participant=participant,
        allocation_export=export,
    )
    note_server_act(opened, "archive", told=f"{study} {participant} SHA256SUMS {done.sums_sha256}")
    show(done.check)
    typer.echo(f"{done.folder}: {done.files} files; SHA-256 of SHA256SUMS {done.sums_sha256}")
    if not done.check.holds:
        raise typer.Exit(FOUND)


def check(folder: Annotated[Path, typer.Argument(help="A folder that `exotrial archive` wrote.")]) -> None:
    """Hold an archive to its digests: files altered, missing or added. Exit code 1 where something was found."""
    from exotrial.store.archive import check_archive

    problems = check_archive(folder)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(FOUND)
    typer.echo("Every file is as it was written.")
