"""`exotrial process`: how a product is made by the study file, and a batch's record held to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.app import FINDINGS
from exotrial.cli.decision import print_findings, read_file
from exotrial.cli.study import StudyPath
from exotrial.cli.terminal import Row, print_rows
from exotrial.core.quantities import format_quantity


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(help="How the product is made, and records held to it.", no_args_is_help=True)
    group.command("show")(show_process)
    group.command("check")(check_record)
    app.add_typer(group, name="process")


def show_process(study: StudyPath) -> None:
    """Print the steps of every product of a study file, with planned values, limits and hold times."""
    from exotrial.product.process import list_parameters
    from exotrial.study.file import read_study

    read, _ = read_study(study)
    if not read.products:
        typer.echo("none")
    for product in read.products:
        typer.echo(f"{product.id}: {product.name}\n")
        rows: list[Row] = [
            {
                "step": str(number),
                "name": step.name,
                "planned": "; ".join(list_parameters(step)),
                "optional": "yes" if step.optional else "",
            }
            for number, step in enumerate(product.process, 1)
        ]
        print_rows(rows)
        for hold in product.hold_times:
            typer.echo(f"At most {format_quantity(hold.at_most)} from “{hold.after}” to “{hold.until}”.")
        typer.echo("")


def check_record(
    study: StudyPath,
    record: Annotated[Path, typer.Argument(help="The record of a batch, TOML.")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where there are findings.")] = False,
) -> None:
    """Hold the record of a batch to the process of the study file: what it lacks, what was out of limits or late."""
    from exotrial.product.assay import assay_file
    from exotrial.product.process import check_process, find_process
    from exotrial.product.process_record import read_process_record
    from exotrial.study.file import read_study

    read, _ = read_study(study)
    told = read_process_record(assay_file(read_file(record), name=record.name))
    findings = check_process(find_process(read.products, told.product), told)
    operators = {step.by for step in told.steps if step.by}
    typer.echo(
        f"{told.batch} of {told.product}: {len(told.steps)} steps by {len(operators)} people, "
        f"{len(findings)} findings."
    )
    print_findings(findings)
    if strict and findings:
        raise typer.Exit(FINDINGS)
