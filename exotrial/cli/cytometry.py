"""`exotrial gate`: the events of an FCS file in the gates of a Gating-ML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.terminal import Row, print_json, print_rows
from exotrial.core.errors import ErrorCode, Place
from exotrial.core.provenance import read_source

NOT_FLOW = ErrorCode("FLO-008", "The file holds no events of a cytometer.", "give an FCS file.")


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("gate")(show_gates)


def show_gates(
    events: Annotated[Path, typer.Argument(help="An FCS file.")],
    gates: Annotated[Path, typer.Argument(help="A Gating-ML 2.0 file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count the events in every gate: of all, and of the gate's parent, with exact 95 % intervals.

    The interval (Clopper and Pearson) is that of a share of events; it says nothing of other samples.
    """
    from exotrial.product.assay import AssayFile
    from exotrial.product.assays.fcs import FCS
    from exotrial.product.cytometry.events import Events
    from exotrial.product.cytometry.gates import apply_gates
    from exotrial.product.cytometry.gating_ml import read_gating_ml
    from exotrial.statistics.proportion_exact import clopper_pearson_limits

    data, source = read_source(events)
    file = AssayFile(data=data, source=source)
    if not FCS.recognises(file):
        raise NOT_FLOW.refuse("it does not begin as FCS does", place=Place(file=source.name))
    reading = FCS.read(file)
    content = reading.content
    assert isinstance(content, Events)
    written, gating_source = read_source(gates)
    gating = read_gating_ml(written, name=gating_source.name)
    inside = apply_gates(gating, content)
    rows: list[Row] = []
    for name, flags in inside.items():
        parent = gating.gates[name].parent
        count, base = int(flags.sum()), int(inside[parent].sum()) if parent else len(content)
        limits = clopper_pearson_limits(count, base, lower_tail=0.025, upper_tail=0.025) if base else None
        rows.append(
            {
                "gate": name,
                "events": count,
                "of": parent or "all",
                "share": count / base if base else None,
                "from": limits[0] if limits else None,
                "to": limits[1] if limits else None,
            }
        )
    if as_json:
        print_json(rows)
        return
    print_rows([{**row, **{key: _percent(row[key]) for key in ("share", "from", "to")}} for row in rows])
    typer.echo("")
    typer.echo(f"{len(content)} events of {source.name} (SHA-256 {source.sha256[:16]}…)")
    for finding in (*reading.findings, *gating.findings):
        typer.echo(f"{finding.severity.value}: {finding.says}")


def _percent(value: str | float | None) -> str:
    return f"{value:.2%}" if isinstance(value, float) else "–"
