"""`exotrial label`: labels of kits and of donations as PDF, with a QR code each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exotrial.cli.operations import FILE_THERE, AsRole, StudyId, ask
from exotrial.core.errors import ErrorCode

if TYPE_CHECKING:
    from exotrial.operations.kit_labels import ShownLabels

NOTHING_TO_PRINT = ErrorCode(
    "LAB-001",
    "There is no kit to print a label of.",
    "pack kits with `pack_kit`, or name kits that are packed.",
)

Out = Annotated[Path, typer.Option("--out", help="The PDF to write, a new file.")]
Roll = Annotated[bool, typer.Option("--roll", help="One label to a page, 70 by 36 mm, for a label printer.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(help="Print labels of kits and donations.", no_args_is_help=True)
    group.command("kits")(print_kits)
    group.command("donations")(print_donations)
    app.add_typer(group, name="label")


def print_kits(
    out: Out,
    kits: Annotated[
        list[str] | None, typer.Argument(help="Kit numbers; all unused ones where left out.")
    ] = None,
    roll: Roll = False,
    study: StudyId = "",
    role: AsRole = "",
) -> None:
    """Write the labels of kits and their vials: all alike but for the number, so that none tells an arm."""
    from exotrial.product.kit_labels import LabelFacts, derive_labels
    from exotrial.report.labels import render_kit_labels

    _check_new(out)
    told: ShownLabels = ask("show_kit_labels", {"kits": kits or []}, study=study, role=role)
    facts = LabelFacts(**told.model_dump(exclude={"kits"}))
    labels = [label for kit in told.kits for label in derive_labels(kit.number, kit.vials)]
    if not labels:
        raise NOTHING_TO_PRINT.refuse("no kit is packed")
    out.write_bytes(render_kit_labels(labels, facts, paper="roll" if roll else "sheet"))
    typer.echo(f"written: {out}, {len(told.kits)} kits")
    for one in told.left_out:
        typer.echo(f"left out: {one}")


def print_donations(
    numbers: Annotated[
        list[str], typer.Argument(help="Donation identification numbers, 13 characters each.")
    ],
    out: Out,
    roll: Roll = False,
) -> None:
    """Write labels of donation identification numbers, with their check characters (ISBT 128)."""
    from exotrial.report.labels import render_donation_labels

    _check_new(out)
    out.write_bytes(render_donation_labels(numbers, paper="roll" if roll else "sheet"))
    typer.echo(f"written: {out}, {len(numbers)} labels")


def _check_new(out: Path) -> None:
    if out.exists():
        raise FILE_THERE.refuse(f"'{out}' is there already", value=out)
