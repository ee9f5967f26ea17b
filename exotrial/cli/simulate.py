"""`exotrial simulate-conduct`: a whole trial rehearsed with made-up participants, and its report."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exotrial.cli.terminal import console_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from exotrial.operations.simulation.rehearsal import Rehearsal
    from exotrial.store.home import Home

# Each command imports what it needs: other commands must not wait for Django to load.


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("simulate-conduct")(simulate_conduct)


def simulate_conduct(
    study: Annotated[Path, typer.Argument(help="A study file, or the folder that holds study.toml.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Decides who comes and what happens to them.")],
    out: Annotated[
        Path, typer.Option("--out", help="The folder for study file, data and report: new or empty.")
    ] = Path("rehearsal"),
    participants: Annotated[
        int | None,
        typer.Option("--participants", help="How many are enrolled; the study's size where left out."),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Keep the scratch installation in this folder, new, to look at it."),
    ] = None,
) -> None:
    """Rehearse a whole trial in a scratch installation with made-up participants, and report its data.

    Everything goes through the real operations: screening, consent, randomisation, doses, forms, queries, adverse
    events, an emergency unblinding, lock and unblinding. Forbidden things are tried and must be refused. The database
    is SQLite, or the empty PostgreSQL database that DATABASE_URL names. The seed decides people and plan; the
    randomisation lists are drawn as real ones are, and no seed decides them.
    """
    from exotrial.operations.simulation.rehearsal import rehearse
    from exotrial.store.home import Home, disconnect
    from exotrial.study.file import find_study_file

    source = find_study_file(study).read_text(encoding="utf-8")
    folder = Path(tempfile.mkdtemp(prefix="exotrial-rehearsal-")) if home is None else home.resolve()
    place = Home(folder=folder, keys_folder=folder / "keys", database_url=os.environ.get("DATABASE_URL", ""))
    try:
        with _Progress() as told:
            done = rehearse(source, home=place, out=out, seed=seed, participants=participants, told=told)
    finally:
        disconnect()
        if home is None:
            shutil.rmtree(folder, ignore_errors=True)
    _write_report(out)
    _summarise(done, out=out, home=place if home is not None else None)


class _Progress:
    """A bar on a terminal; a line for every tenth elsewhere."""

    def __init__(self) -> None:
        self._console = console_for(sys.stderr)
        self._tenth = 0

    def __enter__(self) -> Callable[[int, int], None]:
        if self._console is None:
            return self._line
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._task = self._bar.add_task("Rehearsing", total=None)
        self._bar.start()
        return lambda done, of: self._bar.update(self._task, completed=done, total=of)

    def __exit__(self, *error: object) -> None:
        if self._console is not None:
            self._bar.stop()

    def _line(self, done: int, of: int) -> None:
        tenth = 10 * done // of
        if tenth > self._tenth:
            self._tenth = tenth
            typer.echo(f"{done} of {of} steps", err=True)


def _write_report(out: Path) -> None:
    from exotrial.report.build import build_report, read_report_input
    from exotrial.report.write import render_report, write_files

    given = read_report_input(out)
    write_files(render_report(build_report(given), files=given.files), folder=out / "report")


def _summarise(done: Rehearsal, *, out: Path, home: Home | None) -> None:
    from exotrial.operations.simulation.nature import EFFECT

    enrolled = sum(person.eligible for person in done.plan.people)
    saves = done.done["save_form"]
    echo = typer.echo
    echo(f"Rehearsed {done.study} with seed {done.plan.seed}: every participant is made up.")
    echo(f"  screened {len(done.plan.people)}, enrolled {enrolled}")
    if len(done.arms) > 1:
        told = ", ".join(f"{code} {count}" for code, count in done.arms.items())
        echo(f"  arms by the sealed lists: {told}")
    echo(f"  made up: in an experimental arm an illness takes {EFFECT:g} of the time that it takes otherwise")
    echo(f"  {done.acts} acts, {done.changes} changes in the trail, {saves} saves of forms")
    echo(f"  {len(done.refused)} forbidden things tried, all refused:")
    for refused in done.refused:
        echo(f"    {refused.code:<8}  {refused.tried} (as {refused.role})")
    echo(f"  the audit trail holds: {done.trail_rows} rows held to it")
    if done.verified:
        echo(f"  the allocation holds: {done.verified} checks of the exports and their certificates")
    echo(
        f"  {done.traced} doses followed to their donors, and from each donor to who received something of it"
    )
    echo(f"  {done.seconds:.0f} s")
    echo(f"{out / 'study.toml'}, {out / 'data'} ({len(done.data.tables) + 1} tables)")
    echo(f"{out / 'report' / 'report.html'}, report.pdf, report.docx, tables, figures")
    if home is not None:
        echo(f"Look at it: EXOTRIAL_HOME={home.folder} exotrial sign-in {done.username}")
        echo(f"  the password of every account: {done.password}")
