"""`exotrial lineage`: what made this, and who received anything of it, as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from exotrial.cli.operations import AsRole, Json, StudyId, ask
from exotrial.cli.terminal import print_rows

if TYPE_CHECKING:
    from exotrial.operations.lineage import Lineage
    from exotrial.operations.materials import ShownMaterial


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("lineage")(show_lineage)


def show_lineage(
    material: Annotated[str, typer.Argument(help="The code of a material or a batch.")] = "",
    kit: Annotated[str, typer.Option("--kit", help="A kit, by its number.")] = "",
    participant: Annotated[str, typer.Option("--participant", help="Whose dose, with --dose.")] = "",
    dose: Annotated[int, typer.Option("--dose", min=1, help="The dose's number, counted from 1.")] = 1,
    study: StudyId = "",
    role: AsRole = "",
    as_json: Json = False,
) -> None:
    """Show the line of a material, a kit or a dose, both ways: what made it, and who received anything of it.

    For the roles that know arms; every reading is kept in the trail.
    """
    asked = {"material": material, "kit": kit, "participant": participant, "dose": dose if participant else 0}
    line: Lineage = ask("show_lineage", asked, study=study, role=role)
    if as_json:
        typer.echo(line.model_dump_json(indent=2))
        return
    typer.echo(f"{line.asked}: {line.kind}\n")
    typer.echo("Made from")
    print_rows([_row(one) for one in line.made_from])
    if not line.complete:
        typer.echo("Nobody entered what this batch was made from.")
    if line.itself is not None:
        typer.echo("\nItself")
        print_rows([_row(line.itself)])
    if line.custody:
        typer.echo("\nFrom hand to hand")
        print_rows([one.model_dump(mode="json") for one in line.custody])
    if line.made_into:
        typer.echo("\nMade into")
        print_rows([_row(one) for one in line.made_into])
    typer.echo("\nBatches")
    print_rows([one.model_dump(mode="json") for one in line.batches])
    typer.echo("\nKits and who has them")
    print_rows([one.model_dump(mode="json") for one in line.kits])


def _row(one: ShownMaterial) -> dict[str, str]:
    """A material on one line; what was taken of each source stands behind it."""
    taken = (f"{source.material} {source.amount or ''}".strip() for source in one.sources)
    return {
        "material": one.code,
        "kind": one.kind.value,
        "at": one.at.isoformat(timespec="minutes"),
        "amount": f"{one.amount or ''} {one.unit}".strip(),
        "left": "" if one.left is None else str(one.left),
        "of": ", ".join(taken),
        "usable": "yes" if one.usable else "no",
        "remarks": "; ".join(f"{remark.material} {remark.mark}: {remark.reason}" for remark in one.remarks),
    }
