"""`exotrial restore-protocol`: the study file again, from the USDM that was written of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.app import FINDINGS
from exotrial.cli.decision import read_file
from exotrial.cli.terminal import print_rows
from exotrial.core.errors import ErrorCode, Place

IS_THERE = ErrorCode(
    "USD-009",
    "There is a study file already where the restored one is to be written.",
    "choose another folder with --out; a restored study never replaces a study file.",
)


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("restore-protocol")(restore_protocol)


def restore_protocol(
    file: Annotated[
        Path,
        typer.Argument(
            help="USDM that `exotrial export-protocol` wrote, edited since or not.",
            exists=True,
            dir_okay=False,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder to write to; studies/<id> if left out.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where a change of the document has no place.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Restore the study file from its USDM, and tell what was changed there that a study file cannot hold."""
    from exotrial.registries.registry import record_file
    from exotrial.registries.usdm.restore import read_study_from_usdm
    from exotrial.report.write import write_files
    from exotrial.study.write import write_study

    study, losses = read_study_from_usdm(record_file(read_file(file), name=file.name))
    folder = out if out is not None else Path("studies") / study.id
    target = folder / "study.toml"
    if target.exists():
        raise IS_THERE.refuse(f"'{target}' is there already", place=Place(file=str(target)), value=target)
    write_files({target.name: write_study(study).encode()}, folder=folder)
    if as_json:
        told = [{"item": one.item, "says": one.prints, "why": one.why} for one in losses]
        typer.echo(json.dumps({"file": str(target), "losses": told}, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"{study.id}, version {study.version}, restored to {target}.")
        if losses:
            typer.echo("\nNot in it:")
            print_rows([{"item": one.item, "says": one.prints, "why": one.why} for one in losses])
    if strict and losses:
        raise typer.Exit(FINDINGS)
