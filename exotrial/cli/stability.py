"""`exotrial shelf-life`: how long a product keeps within its limits."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.decision import print_findings, print_verdict, read_file, write_report
from exotrial.cli.terminal import print_rows
from exotrial.core.provenance import compute_source

# The command imports what it needs: other commands must not wait for statistics and figures to load.


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("shelf-life")(show_shelf_life)


def show_shelf_life(
    table: Annotated[Path, typer.Argument(help="CSV: batch, day, value, unit.")],
    attribute: Annotated[str, typer.Option("--attribute", help="What was measured, in words.")],
    lower: Annotated[
        float | None, typer.Option("--lower", help="The lowest value accepted, in the unit of the table.")
    ] = None,
    upper: Annotated[float | None, typer.Option("--upper", help="The highest value accepted.")] = None,
    days: Annotated[
        float | None, typer.Option("--days", min=0, help="A storage time to decide on, in days.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for report, figures (PNG, SVG), CSV and JSON.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where the days asked for are not supported.")
    ] = False,
) -> None:
    """Find how long a product keeps within its limits, from batches measured over storage time (ICH Q1E).

    Batches are pooled as far as their lines agree. No time is supported beyond the last one tested.
    """
    from exotrial.product.stability import check_stability, compute_stability, decide_storage, read_stability

    data = read_file(table)
    sources = [compute_source(data, name=table.name)]
    found = compute_stability(read_stability(data, name=table.name), lower=lower, upper=upper)
    verdict = None if days is None else decide_storage(found, days=days)
    typer.echo(f"{len(found.batches)} batches, {len(found.points)} measurements: {found.model}.")
    print_rows(
        [
            {
                "batch": life.batch,
                "change a day": f"{100 * math.expm1(life.slope):.2f} %",
                "bound crosses": "never" if math.isinf(life.crosses) else f"day {life.crosses:.3g}",
            }
            for life in found.batches
        ]
    )
    typer.echo(f"\nSupported: {found.supported:.3g} days (tested to day {found.last_tested:g}).")
    print_findings(check_stability(found))
    if verdict is not None:
        print_verdict(verdict)
    if out is not None:
        from exotrial.report.stability import build_stability_report

        report = build_stability_report(found, attribute=attribute, verdict=verdict, files=sources)
        write_report(report, sources, out=out, quiet=False)
    if strict and verdict is not None and not verdict:
        raise typer.Exit(1)
