"""`exotrial registry-scan`: thousands of registry records looked over at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exotrial.cli.terminal import Row, console_for, print_json, print_rows
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals

if TYPE_CHECKING:
    from exotrial.registries.scan import Scanned
    from exotrial.registries.scan_summary import RegistryCounts, ScanSummary

NOTHING_TO_SCAN = ErrorCode(
    "SCN-002",
    "There is no file of registry records where it was looked for.",
    "name an export, or a folder with exports in it; `exotrial registries` lists the forms that are read.",
)
NOTHING_READ = ErrorCode(
    "SCN-003",
    "Not one registry record could be read.",
    "see the refusals above, each with its line and way out.",
)

_MOST_REFUSALS = 20
"""Refused rows that are printed one by one; --out writes them all."""
_STEP = 100
"""Records after which the bar moves."""

Advance = Callable[[int], None]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("registry-scan")(scan)


def scan(
    where: Annotated[Path, typer.Argument(help="An export of registry records, or a folder of them.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A folder for records.csv, findings.csv, timing.csv and the plot."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where a row was refused or a finding is an error.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Look over thousands of registry records: timing, size, masking and outcomes of each.

    A row that cannot be read is named with its line and does not stop the rest. A trial in several exports is counted
    once, by its newest record. Nothing is compared with a label: when a trial was registered is told by its dates.
    """
    # Imported here: not every command needs the readers.
    from exotrial.registries.scan_summary import summarise_scan

    files = _find_files(where)
    scanned, refused = _scan_files(files)
    for refusal in refused[:_MOST_REFUSALS]:
        typer.echo(str(refusal), err=True)
    if len(refused) > _MOST_REFUSALS:
        more = "" if out is None else f"; {out / 'findings.csv'} has them all"
        typer.echo(f"and {len(refused) - _MOST_REFUSALS} more{more}.", err=True)
    if not scanned:
        raise NOTHING_READ.refuse("no record could be read", place=Place(file=str(where)), value=where)
    summary = summarise_scan(scanned, refused)
    if out is not None:
        _write(out, scanned, refused, summary)
    if as_json:
        print_json([_as_row(counts) for counts in summary.registries])
    else:
        _print(summary)
        if out is not None:
            typer.echo(f"\nWritten to {out}: records.csv, findings.csv, timing.csv, timing.svg, timing.png")
    graves = any(found.severity.value == "error" for one in scanned for found in one.findings)
    if strict and (refused or graves):
        raise typer.Exit(1)


def _find_files(where: Path) -> list[Path]:
    """The files to read: the one named, or all of a folder whose ending belongs to a form that is read."""
    from exotrial.registries.registry import find_readers

    if where.is_file():
        return [where]
    suffixes = {suffix for reader in find_readers().values() for suffix in reader.suffixes}
    files = (
        sorted(p for p in where.rglob("*") if p.suffix.lower() in suffixes and p.is_file())
        if where.is_dir()
        else []
    )
    if not files:
        raise NOTHING_TO_SCAN.refuse("no file of records is there", place=Place(file=str(where)), value=where)
    return files


def _scan_files(files: list[Path]) -> tuple[list[Scanned], list[Refusal]]:
    from exotrial.core.provenance import read_source
    from exotrial.registries.registry import RecordFile
    from exotrial.registries.scan import open_records, refusals_of, scan_record

    scanned: list[Scanned] = []
    refused: list[Refusal] = []
    for path in files:
        data, source = read_source(path)
        try:
            count, records = open_records(RecordFile(data=data, source=source))
        except (Refusal, Refusals) as problem:
            refused += refusals_of(problem)
            continue
        with _progress(path.name, count) as advance:
            for number, record in enumerate(records, start=1):
                if isinstance(record, Refusal):
                    refused.append(record)
                else:
                    scanned.append(scan_record(record))
                if number % _STEP == 0 or number == count:
                    advance(number)
    return scanned, refused


@contextmanager
def _progress(name: str, count: int) -> Iterator[Advance]:
    """A bar on a terminal; elsewhere silence, since a scan takes seconds."""
    console = console_for(sys.stderr)
    if console is None:
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(name, total=count)
        yield lambda done: bar.update(task, completed=done)


def _print(summary: ScanSummary) -> None:
    typer.echo(
        f"{_number(summary.records, 'record')} of {_number(summary.trials, 'trial')}; "
        f"{_number(summary.refused, 'row or file', 'rows or files')} refused."
    )
    if summary.repositories:
        told = _number(summary.repositories, "data set of a repository", "data sets of repositories")
        typer.echo(f"{told} left out: a repository registers no trial.")
    if not summary.trials:
        return
    typer.echo()
    typer.echo("When they were registered, by their dates")
    print_rows([_timing_row(counts) for counts in summary.registries])
    typer.echo(
        "\nWhat can be read: of trials (labels, of those with one); of primary outcomes (understood, of those timed)"
    )
    print_rows([_read_row(counts) for counts in summary.registries])
    typer.echo("\nFindings, by the number of trials")
    rules: list[Row] = [
        {
            "rule": rule,
            "severity": severity,
            "trials": f"{count:,}",
            "percent": _percent(count, summary.trials),
        }
        for rule, severity, count in summary.rules
    ]
    print_rows(rules)


def _number(count: int, word: str, words: str = "") -> str:
    return f"{count:,} {word if count == 1 else words or f'{word}s'}"


def _timing_row(counts: RegistryCounts) -> Row:
    row: dict[str, str | float | None] = {"registry": counts.registry, "trials": f"{counts.trials:,}"}
    row.update((_HEADS[name], _share(n, counts.trials)) for name, n in counts.timing.items())
    return row


_HEADS: dict[str, str] = {
    "before enrolment": "before",
    "on the day": "same day",
    "while recruiting": "recruiting",
    "after recruitment": "after end",
    "after enrolment began": "after start",
    "not known": "not known",
}
"""Short heads, so that the table stays on one screen; docs/how-to/scan-a-registry.md says what each means."""


def _read_row(counts: RegistryCounts) -> Row:
    return {
        "registry": counts.registry,
        "size": _percent(counts.size_read, counts.trials),
        "masking": _percent(counts.masking_read, counts.trials),
        "label wrong": _percent(counts.label_disagrees, counts.labelled),
        "outcomes": f"{counts.outcomes:,}",
        "timed": _percent(counts.with_time_frame, counts.outcomes),
        "understood": _percent(counts.with_days, counts.with_time_frame),
        "method": _percent(counts.with_method, counts.outcomes),
    }


def _as_row(counts: RegistryCounts) -> Row:
    timing = {f"registered {name}": count for name, count in counts.timing.items()}
    rest = {
        name: getattr(counts, name)
        for name in (
            *("labelled", "label_disagrees", "size_read", "masking_read", "masking_disagrees"),
            *("outcomes", "with_time_frame", "with_days", "with_method"),
        )
    }
    return {"registry": counts.registry, "trials": counts.trials, **timing, **rest}


def _share(count: int, of: int) -> str:
    return f"{count:,} ({_percent(count, of)})" if of else "0"


def _percent(count: int, of: int) -> str:
    return f"{_round(count, of)} %" if of else ""


def _round(count: int, of: int) -> str:
    """Whole percent; all and none are told only where it is all or none."""
    whole = f"{100 * count / of:.0f}"
    if whole == "0" and count:
        return "<1"
    return ">99" if whole == "100" and count < of else whole


def _write(out: Path, scanned: list[Scanned], refused: list[Refusal], summary: ScanSummary) -> None:
    from exotrial.registries.scan_summary import write_findings_csv, write_records_csv
    from exotrial.report.figures.registration_timing import draw_registration_timing
    from exotrial.report.render.csv_files import render_csv
    from exotrial.report.render.figures import draw_png, draw_svg
    from exotrial.report.write import write_files

    figure = draw_registration_timing(summary)
    assert figure.data is not None  # every drawn figure has its table
    svg = draw_svg(figure)
    contents = {
        "records.csv": write_records_csv(scanned),
        "findings.csv": write_findings_csv(scanned, refused),
        "timing.csv": render_csv(figure.data),
        "timing.svg": svg.encode("utf-8"),
        "timing.png": draw_png(svg),
    }
    write_files(contents, folder=out)
