"""`exotrial report`: the report of a study as HTML, PDF, DOCX, tables and machine-readable results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exotrial.cli.study import NO_RECORD_FILE
from exotrial.core.errors import Place
from exotrial.report.wording import count_of

if TYPE_CHECKING:
    from exotrial.report.inputs import ReportInput


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("report")(make_report)


def make_report(
    study: Annotated[Path, typer.Argument(help="A study file, or the folder that holds study.toml.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to write the report into.")],
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            "--with", help="A file of registry records to lay beside it; may be given several times."
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 where there are findings or claims that do not stand."),
    ] = False,
) -> None:
    """Write the report of a study: one HTML, one PDF, one DOCX, its tables, figures and results.json.

    With registry records (--with; `exotrial registries` lists the forms that are read) the chapter “Registered,
    planned, done, reported” tells the records' own words and dates, and the findings are those of `check --with`. The
    registry documents that the study file names are read without it where they lie beside the study file.

    The same input gives the same bytes. Nothing is written where anything is refused.
    """
    # Imported here: other commands must not wait for typesetting, statistics and tables to load.
    from exotrial.report.build import build_report, read_report_input
    from exotrial.report.write import render_report, write_files

    for path in beside or ():
        if not path.is_file():
            raise NO_RECORD_FILE.refuse("there is no such file", place=Place(file=str(path)), value=path)
    given = read_report_input(study, beside=beside or ())
    report = build_report(given)
    files = render_report(report, files=given.files)
    write_files(files, folder=out)
    for name in ("report.html", "report.pdf", "report.docx", "results.json"):
        typer.echo(f"{out / name}")
    tables = sum(name.startswith("tables/") for name in files)
    figures = sum(name.startswith("figures/") for name in files)
    typer.echo(
        f"{out / 'tables'} ({count_of(tables, 'CSV file')}), {out / 'figures'} ({count_of(figures, 'SVG file')})"
    )
    typer.echo("")
    for line in summarise(given):
        typer.echo(line)
    if strict and (given.findings or any(verdict.accused for verdict in given.claims or ())):
        raise typer.Exit(1)


def summarise(given: ReportInput) -> list[str]:
    """What the check and the recheck found, in a few lines."""
    from exotrial.report.recheck.verdicts import Answer

    errors = sum(finding.severity == "error" for finding in given.findings)
    lines = [
        f"Check: {count_of(len(given.findings), 'finding')} in the study and its data, {errors} of them errors."
    ]
    if given.claims is None:
        lines.append("Recheck: there is no published/claims.toml beside the study file.")
        return lines
    lines.append(f"Recheck: {count_of(len(given.claims), 'published claim')}.")
    for answer in Answer:
        count = sum(verdict.answer is answer for verdict in given.claims)
        if count:
            lines.append(f"  {count:4d}  {answer.value}")
    return lines
