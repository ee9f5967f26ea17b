"""`exotrial schema`, `schedule`, `forms` and `check`: what derives from a study file alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.terminal import Row, print_rows
from exotrial.core.dates import read_date
from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, gravest_first
from exotrial.outcomes.in_study import ask, find_measures_of
from exotrial.outcomes.measure import find_measures
from exotrial.study.checks.check import check_study
from exotrial.study.definition import Study
from exotrial.study.file import find_study_file, read_study
from exotrial.study.forms import derive_forms, measure_group
from exotrial.study.items import Form, Item, ItemGroup
from exotrial.study.schedule import Due, Grid, derive_due_dates, derive_grid
from exotrial.study.schema import derive_schema

NO_RECORD_FILE = ErrorCode(
    "SCN-001",
    "A file of registry records that is to be read is not there.",
    "name a file that exists; each one with a --with of its own where there are several.",
)

StudyPath = Annotated[Path, typer.Argument(help="A study file, or the folder that holds study.toml.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("schema")(show_schema)
    app.command("schedule")(show_schedule)
    app.command("forms")(show_forms)
    app.command("check")(show_check)


def show_schema() -> None:
    """Print the JSON Schema of a study file.

    Save it beside the file and name it in the editor's TOML settings: keys are completed and checked.
    """
    typer.echo(json.dumps(derive_schema(), indent=2, ensure_ascii=False))


def show_schedule(
    study: StudyPath,
    origin: Annotated[
        str | None,
        typer.Option(
            "--origin", help="A participant's date of the time origin (YYYY-MM-DD); prints their due dates."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the schedule of activities, and a participant's due dates with windows."""
    definition, _ = read_study(study)
    grid = derive_grid(definition)
    due = () if origin is None else derive_due_dates(definition, origin=read_date(origin))
    if as_json:
        typer.echo(json.dumps(_schedule_json(grid, due), indent=2, ensure_ascii=False))
        return
    typer.echo(f"{definition.title}\n")
    print_rows(_grid_rows(grid))
    if origin is None:
        stated = definition.design.time_origin
        called = f"day {definition.design.day_of_origin}"
        typer.echo(f"\nDays count from: {stated}, which the protocol calls {called}.")
    else:
        typer.echo(f"\nDue dates for a time origin on {origin} ({definition.design.time_origin}):\n")
        print_rows(_due_rows(due))


def show_forms(study: StudyPath, as_json: Json = False) -> None:
    """Print the forms of a study: item groups, items, units, ranges and codelists.

    Measures that are installed and that the study does not use follow at the end, as they would be asked.
    """
    file = find_study_file(study)
    definition, _ = read_study(file)
    used = find_measures_of(definition, file=file)
    forms = derive_forms(definition, {name: ask(measure) for name, measure in used.items()})
    unused = [measure for measure in find_measures().values() if measure not in used.values()]
    offered = tuple(group for measure in unused for group in measure_group(measure.paramcd, ask(measure)))
    if as_json:
        shown = {"forms": [asdict(form) for form in forms], "not_in_this_study": [asdict(g) for g in offered]}
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for form in forms:
        _print_form(form)
    typer.echo("Installed measures that this study does not use")
    for group in offered:
        _print_group(group)


def show_check(
    study: StudyPath,
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            "--with", help="A file of registry records to lay beside it; may be given several times."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where there are findings.")] = False,
    as_json: Json = False,
) -> None:
    """Print contradictions, omissions and arithmetic slips of a study file against itself.

    With registry records (--with; `exotrial registries` lists the forms that are read), what they say is held against
    the study file, against their earlier versions and against one another. Where a data folder stands beside the file,
    doubts about the captured data follow.
    """
    file = find_study_file(study)
    definition, _ = read_study(file)
    find_measures_of(definition, file=file)
    findings = check_study(definition) if not beside else _check_beside(definition, beside)
    if (file.parent / "data").is_dir():
        # Imported here: a study file alone is checked without loading tables.
        from exotrial.datasets.captured import read_captured
        from exotrial.datasets.doubts import check_captured

        findings = gravest_first(findings + check_captured(definition, read_captured(file.parent / "data")))
    if as_json:
        typer.echo(json.dumps([asdict(f) | {"id": f.id} for f in findings], indent=2, ensure_ascii=False))
    else:
        _print_findings(findings)
    if strict and findings:
        raise typer.Exit(1)


def _check_beside(study: Study, files: Sequence[Path]) -> list[Finding]:
    # Imported here: a study file alone is checked without loading the readers.
    from exotrial.core.provenance import read_source
    from exotrial.registries.checks.across import check_across
    from exotrial.registries.record import RegistryRecord
    from exotrial.registries.registry import RecordFile, read_records

    records: list[RegistryRecord] = []
    for path in files:
        if not path.is_file():
            problem = "it is a folder, not a file" if path.is_dir() else "there is no such file"
            raise NO_RECORD_FILE.refuse(problem, place=Place(file=str(path)), value=path)
        data, source = read_source(path)
        records += read_records(RecordFile(data=data, source=source))
    return check_across(study, records)


def _grid_rows(grid: Grid) -> list[Row]:
    heads = [
        f"{encounter.name}{_window(encounter.window_before, encounter.window_after)}"
        for encounter in grid.encounters
    ]
    return [
        {"activity": row.name, "kind": row.kind}
        | {
            head: "X" if encounter.id in row.encounters else ""
            for head, encounter in zip(heads, grid.encounters, strict=True)
        }
        for row in grid.rows
    ]


def _window(before: int, after: int) -> str:
    if before == after:
        return f" ±{after} d" if after else ""
    return f" -{before}/+{after} d"


def _due_rows(due: Sequence[Due]) -> list[Row]:
    return [
        {
            "encounter": one.encounter.name,
            "protocol day": one.encounter.day,
            "study day (SDTM)": one.study_day,
            "earliest": one.earliest.isoformat(),
            "planned": one.planned.isoformat(),
            "latest": one.latest.isoformat(),
        }
        for one in due
    ]


def _schedule_json(grid: Grid, due: Sequence[Due]) -> dict[str, object]:
    def day(value: date) -> str:
        return value.isoformat()

    return {
        "encounters": [
            {"id": e.id, "name": e.name, "day": e.day, "before": e.window_before, "after": e.window_after}
            for e in grid.encounters
        ],
        "rows": [
            {"name": row.name, "kind": row.kind, "encounters": sorted(row.encounters)} for row in grid.rows
        ],
        "due": [
            {
                "encounter": one.encounter.id,
                "study_day": one.study_day,
                "earliest": day(one.earliest),
                "planned": day(one.planned),
                "latest": day(one.latest),
            }
            for one in due
        ],
    }


def _print_form(form: Form) -> None:
    typer.echo(f"{form.label}  [{form.oid}]")
    for group in form.groups:
        _print_group(group)
    typer.echo("")


def _print_group(group: ItemGroup) -> None:
    typer.echo(f"  {group.label}  [{group.oid}]{', repeating' if group.repeating else ''}")
    for item in group.items:
        required = "" if item.required else ", may be empty"
        typer.echo(f"    {item.oid}  {item.question or item.label}  ({_describe(item)}{required})")


def _describe(item: Item) -> str:
    kind = item.data_type.value
    if item.codelist is not None:
        kind = "one of " + ", ".join(code.label for code in item.codelist.codes)
    unit = f" in {item.unit}" if item.unit else ""
    low = "" if item.low is None else f", from {item.low:g}"
    high = "" if item.high is None else f", to {item.high:g}"
    return f"{kind}{unit}{low}{high}"


def _print_findings(findings: Sequence[Finding]) -> None:
    counts = {
        severity: sum(f.severity == severity for f in findings) for severity in ("error", "warning", "info")
    }
    for finding in findings:
        typer.echo(f"{finding.severity.value.upper()} {finding.id}: {finding.says}")
        for quote in finding.quotes:
            typer.echo(f"    {quote}")
        typer.echo(f"    Why it matters: {finding.why}")
        standards = f"  ({'; '.join(finding.standards)})" if finding.standards else ""
        typer.echo(f"    What would settle it: {finding.settle}{standards}")
    if findings:
        typer.echo("")
    typer.echo(
        f"{_count(len(findings), 'finding')}: {_count(counts['error'], 'error')}, "
        f"{_count(counts['warning'], 'warning')}, {_count(counts['info'], 'note')}."
        if findings
        else "No findings."
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
