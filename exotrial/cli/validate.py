"""`exotrial validate`: the installed system's own qualification, with a report to be signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from exotrial.qualification.run import Result

FAILED = 1


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("validate")(validate)


def validate(
    out: Annotated[Path, typer.Option("--out", help="The folder to write the report into.")] = Path(
        "qualification"
    ),
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            help="Where operations are tried: sqlite, or the address of a PostgreSQL database beside which scratch "
            "ones may be made. The installation's own engine without it.",
        ),
    ] = "",
    host_name: Annotated[
        bool, typer.Option("--host-name", help="Tell the machine's name in the report.")
    ] = False,
) -> None:
    """Check this installation against its requirements, and write a report that can be signed.

    The installation is looked at and not changed; operations run in scratch databases that are removed. Exit code 1
    where a check failed.
    """
    import platform

    from exotrial.qualification.report import render_files, summarise
    from exotrial.qualification.run import engine_of, qualify
    from exotrial.report.write import write_files
    from exotrial.store.home import environment_home

    home = environment_home()
    done = qualify(home, engine=engine_of(engine, home), told=_tell)
    files = render_files(done, host=platform.node() if host_name else "")
    write_files(files, folder=out)
    typer.echo("")
    for name in files:
        typer.echo(str(out / name))
    typer.echo(summarise(done))
    if not done.passed:
        raise typer.Exit(FAILED)


def _tell(result: Result) -> None:
    passed = result.outcome.passed
    typer.echo(f"{'passed' if passed else 'FAILED'}  {result.check.name}: {result.check.title}")
    if not passed:
        typer.echo(f"        {result.outcome.seen}")
