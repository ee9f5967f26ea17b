"""`exotrial audit`: check the trail, print anchors, export it. For who runs the server: no sign-in, no permission.

These commands read the database and the key file directly. Who may not read them may not run these; people of a
study use the views of the trail instead.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from exotrial.store.anchors import Anchor
    from exotrial.store.verification import Verification

# Each command imports what it needs: other commands must not wait for Django to load.

FOUND = 1
MOST_SHOWN = 50


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(
        help="The audit trail, for who runs the server: works on the database, asks no sign-in."
    )
    group.command("verify")(verify)
    group.command("anchor")(print_anchors)
    group.command("export")(export)
    app.add_typer(group, name="audit")


def verify(
    study: Annotated[str, typer.Option("--study", help="One study's id; everything without it.")] = "",
    anchor: Annotated[
        Path | None,
        typer.Option("--anchor", help="A file of lines that `exotrial audit anchor` printed before."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find and name whatever was done to data or trail past exotrial. Exit code 1 where something was found."""
    from exotrial.core.provenance import read_source
    from exotrial.store.anchors import parse_anchors
    from exotrial.store.home import environment_home, open_home
    from exotrial.store.verify import verify_trail

    anchors: tuple[Anchor, ...] = ()
    if anchor is not None:
        data, _ = read_source(anchor)
        anchors = parse_anchors(data.decode(errors="replace"), name=str(anchor))
    checked = verify_trail(open_home(environment_home()), study=study, anchors=anchors)
    if as_json:
        typer.echo(json.dumps(as_data(checked), indent=2))
    else:
        show(checked)
    if not checked.holds:
        raise typer.Exit(FOUND)


def show(checked: Verification) -> None:
    """Print a check: every problem, then what was looked at."""
    for problem in checked.problems[:MOST_SHOWN]:
        typer.echo(str(problem))
    more = len(checked.problems) - MOST_SHOWN + checked.left_out
    if more > 0:
        typer.echo(f"and {more} more; --json prints them")
    for chain in checked.chains:
        typer.echo(f"{chain.name}: {chain.acts} acts, {chain.changes} changes, head {chain.head}")
    typer.echo(
        f"{checked.rows} rows, {checked.fields} fields, {checked.guards} triggers, {checked.redacted} redacted"
    )
    count = len(checked.problems) + checked.left_out
    typer.echo("All holds." if checked.holds else f"{count} problem{'s' if count > 1 else ''} found.")


def as_data(checked: Verification) -> dict[str, object]:
    """A check as JSON-like data."""
    from dataclasses import asdict

    return {"holds": checked.holds, **asdict(checked)}


def print_anchors() -> None:
    """Print one line for each chain, to keep on paper or in a letter: `verify --anchor` holds the trail to it."""
    from exotrial.store.anchors import make_anchors
    from exotrial.store.home import environment_home, open_home

    open_home(environment_home())
    for anchor in make_anchors():
        typer.echo(str(anchor))


def export(
    out: Annotated[Path, typer.Option("--out", help="The CSV file to write.")],
    study: Annotated[str, typer.Option("--study", help="One study's id; everything without it.")] = "",
) -> None:
    """Write the trail as CSV, one line for each change and each act without one, digests and salts included."""
    from exotrial.operations.server_acts import note_server_act
    from exotrial.store.home import environment_home, open_home
    from exotrial.store.trail_table import write_trail

    opened = open_home(environment_home())
    lines = write_trail(out, chain=study)
    note_server_act(opened, "audit_export", told=f"{study} {lines} lines")
    typer.echo(f"{out}: {lines} lines")
