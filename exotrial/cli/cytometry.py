"""`exotrial gate`: the events of an FCS file in the gates of a Gating-ML file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.terminal import Row, print_json, print_rows
from exotrial.core.errors import ErrorCode, Place
from exotrial.core.provenance import read_source

NOT_FLOW = ErrorCode("FLO-008", "The file holds no events of a cytometer.", "give an FCS file.")
BAD_LIMIT = ErrorCode(
    "FCT-004",
    "A limit for the share of a gate's events cannot be read.",
    "write the gate's id and a percentage, like CD105=95; the gates are those of the Gating-ML file.",
)


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("gate")(show_gates)


def show_gates(
    events: Annotated[Path, typer.Argument(help="An FCS file.")],
    gates: Annotated[Path, typer.Argument(help="A Gating-ML 2.0 file.")],
    at_least: Annotated[
        list[str] | None, typer.Option("--at-least", help="Is a share shown to be this large? CD105=95")
    ] = None,
    at_most: Annotated[
        list[str] | None, typer.Option("--at-most", help="Is a share shown to be this small? CD45=2")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count the events in every gate: of all, and of the gate's parent, with exact 95 % intervals.

    The interval (Clopper and Pearson) is that of a share of events; it says nothing of other samples. A share is
    shown to lie beyond a limit by its one-sided 95 % bound: 192 of 200 events, 96 %, do not show 95 %.
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
    least = [_read_limit(written, inside, "--at-least") for written in at_least or ()]
    most = [_read_limit(written, inside, "--at-most") for written in at_most or ()]
    rows: list[Row] = []
    for name, flags in inside.items():
        parent = gating.gates[name].parent
        count, base = int(flags.sum()), int(inside[parent].sum()) if parent else len(content)
        limits = clopper_pearson_limits(count, base, lower_tail=0.025, upper_tail=0.025) if base else None
        row: dict[str, str | float | None] = {
            "gate": name,
            "events": count,
            "of": parent or "all",
            "share": count / base if base else None,
            "from": limits[0] if limits else None,
            "to": limits[1] if limits else None,
        }
        if least or most:
            asked = [_judge(count, base, at_least=limit) for gate, limit in least if gate == name]
            asked += [_judge(count, base, at_most=limit) for gate, limit in most if gate == name]
            row["shown"] = "; ".join(asked) or None
        rows.append(row)
    if as_json:
        print_json(rows)
        return
    print_rows([{**row, **{key: _percent(row[key]) for key in ("share", "from", "to")}} for row in rows])
    typer.echo("")
    typer.echo(f"{len(content)} events of {source.name} (SHA-256 {source.sha256[:16]}…)")
    for finding in (*reading.findings, *gating.findings):
        typer.echo(f"{finding.severity.value}: {finding.says}")


def _read_limit(written: str, gates: Mapping[str, object], option: str) -> tuple[str, float]:
    name, equals, number = written.rpartition("=")
    try:
        share = float(number.removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not equals or not 0 <= share <= 1:
        raise BAD_LIMIT.refuse(
            f"{written!r} is no gate with a percentage", place=Place(path=option), value=written
        )
    if name not in gates:
        raise BAD_LIMIT.refuse(f"there is no gate {name!r}", place=Place(path=option), value=name)
    return name, share


def _judge(count: int, base: int, *, at_least: float | None = None, at_most: float | None = None) -> str:
    from exotrial.product.cell_identity import LEVEL, Counted

    if not base:
        return "no: the parent gate has no events"
    counted = Counted(positive=count, total=base)
    if at_least is not None:
        bound = counted.lower()
        word = "yes" if bound >= at_least else "no"
        return f"{word}: at least {bound:.2%} with {LEVEL:.0%} confidence, asked {at_least:.2%}"
    assert at_most is not None
    bound = counted.upper()
    word = "yes" if bound <= at_most else "no"
    return f"{word}: at most {bound:.2%} with {LEVEL:.0%} confidence, asked {at_most:.2%}"


def _percent(value: str | float | None) -> str:
    return f"{value:.2%}" if isinstance(value, float) else "–"
