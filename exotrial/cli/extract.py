"""`exotrial extract`: the data of a study, from the installation, as a folder that `exotrial report` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.operations import AsRole, ask


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("extract")(extract)


def extract(
    study: Annotated[str, typer.Argument(help="The study's id.")],
    folder: Annotated[Path, typer.Argument(help="The folder to write into: new or empty.")],
    role: AsRole = "",
) -> None:
    """Write the recorded data of a study as study.toml and data/*.csv, which `exotrial report` reads.

    Arms are in it only where the study is open label or was unblinded as planned; until then every report of it
    hides them. The reading is kept in the audit trail.
    """
    from exotrial.operations.extract import write_extracted

    data = ask("extract_data", {}, study=study, role=role)
    for path in write_extracted(folder, data):
        typer.echo(str(path))
    typer.echo("")
    people = len(data.tables["participants"].rows)
    arms = "arms are shown" if data.arms_shown else "arms are not in it"
    typer.echo(f"{people} participants; {arms}; drafts left out: {data.drafts}.")
    for finding in data.findings:
        typer.echo(f"{finding.severity}  {finding.rule}  {finding.says}")
