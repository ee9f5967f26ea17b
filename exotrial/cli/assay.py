"""`exotrial assay`: which instruments' exports are read, and what a file says beside what its bins give."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exotrial.cli.assay_video import show_video
from exotrial.cli.terminal import Row, print_json, print_rows
from exotrial.core.errors import Refusal
from exotrial.core.findings import Finding, gravest_first
from exotrial.core.provenance import read_source

if TYPE_CHECKING:
    from exotrial.product.assay import AssayFile, Reading
    from exotrial.product.vendor_comparison import Comparison

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Files = Annotated[list[Path], typer.Argument(help="Exports of an instrument.", exists=True, dir_okay=False)]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(help="Assays: exports of instruments, read with every number's place.")
    group.command("formats")(show_formats)
    group.command("read")(show_reading)
    group.command("video")(show_video)
    app.add_typer(group, name="assay")


def show_formats(as_json: Json = False) -> None:
    """List the installed readers.

    Name and title, what each measures, file endings, whether a mapping file is needed, where it was learnt.
    """
    rows = list_formats()
    if as_json:
        print_json(rows)
    else:
        print_rows(rows)


def list_formats() -> list[Row]:
    """One record an installed assay reader, by name."""
    from exotrial.product.assay import find_readers  # here: not every command needs numpy

    return [
        {
            "name": reader.name,
            "title": reader.title,
            "kind": reader.kind.value,
            "endings": " ".join(reader.suffixes),
            "mapping": "needed" if reader.needs_mapping else "",
            "citation": reader.citation,
        }
        for reader in find_readers().values()
    ]


def show_reading(
    files: Files,
    reader: Annotated[
        str, typer.Option("--reader", help="The reader to use; found by itself if left out.")
    ] = "",
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="What a table of your own holds (TOML).", exists=True, dir_okay=False),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where there are findings or instrument warnings.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print what files of instruments say: results, the same from the bins, warnings and findings."""
    from exotrial.product.assay import read_assay
    from exotrial.product.vendor_comparison import compare_with_vendor

    shown: list[dict[str, Any]] = []
    doubtful = False
    for position, path in enumerate(files):
        reading = read_assay(_open(path, mapping), reader=reader)
        comparisons = compare_with_vendor(reading)
        findings = gravest_first(list(reading.findings))
        doubtful = doubtful or bool(findings or reading.warnings)
        if as_json:
            shown.append(_as_json(reading, comparisons, findings))
            continue
        if position:
            typer.echo()
        _print_reading(reading, comparisons, findings)
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2, allow_nan=False))
    if strict and doubtful:
        raise typer.Exit(1)


def _open(path: Path, mapping: Path | None) -> AssayFile:
    from exotrial.product.assay import assay_file

    data, source = read_source(path)
    described = None if mapping is None else assay_file(mapping.read_bytes(), name=mapping.name)
    return assay_file(data, name=source.name, mapping=described)


def _print_reading(reading: Reading, comparisons: Sequence[Comparison], findings: Sequence[Finding]) -> None:
    typer.echo(f"{reading.file.name}  (SHA-256 {reading.file.sha256})")
    print_rows([{"what": what, "says": says} for what, says in _facts(reading)])
    for distribution in reading.distributions:
        typer.echo("")
        print_rows(_distribution_rows(distribution))
        if distribution.flags:
            typer.echo(f"  {'; '.join(distribution.flags)}")
    concentration, refused = _concentration(reading)
    if concentration is not None:
        typer.echo(
            f"\nConcentration of the sample before dilution: {concentration['value']:.4g} particles/mL "
            f"({concentration['level']:.0%} interval {concentration['low']:.4g} to {concentration['high']:.4g}; "
            f"videos: {concentration['videos']}, tracks: {concentration['tracks']})"
        )
    elif refused:
        typer.echo(f"\nConcentration of the sample before dilution: {refused}")
    if comparisons:
        typer.echo("\nPrinted by the instrument, and from the bins:")
        print_rows([_comparison_row(each) for each in comparisons])
    results = _result_rows(reading)
    if results:
        typer.echo("")
        print_rows(results)
    compared = {(each.name, each.video) for each in comparisons}
    others = [each for each in reading.printed if (each.name, each.video) not in compared]
    if others and not results:
        typer.echo("\nPrinted by the instrument:")
        print_rows(
            [
                {
                    "result": each.name,
                    "of": each.video,
                    "printed": each.text,
                    "unit": each.unit,
                    "line": each.place.line,
                }
                for each in others
            ]
        )
    typer.echo(f"\nWarnings of the instrument: {len(reading.warnings) or 'none'}")
    for warning in reading.warnings:
        typer.echo(f"  {warning.text}  (line {warning.place.line})")
    typer.echo(f"Findings: {len(findings) or 'none'}")
    for finding in findings:
        typer.echo(f"  {finding.severity.value.upper()} {finding.id}: {finding.says}")
        typer.echo(f"    Why it matters: {finding.why}")
        typer.echo(f"    What would settle it: {finding.settle}")


def _facts(reading: Reading) -> list[tuple[str, str]]:
    measured = reading.measured_at.isoformat(sep=" ") if reading.measured_at is not None else "not said"
    return [
        ("read as", f"{reading.kind.value} by {reading.reader}"),
        ("instrument", f"{reading.instrument} {reading.version}".strip() if reading.instrument else "none"),
        *([("serial number", reading.serial)] if reading.serial else []),
        ("measured at", measured),
        ("sample", reading.sample or "not said"),
        ("operator", reading.operator or "not said"),
    ]


def _distribution_rows(distribution: Any) -> list[Row]:
    from exotrial.product.percentiles import summarise_videos

    rows: list[Row] = []
    for video, summary in zip(distribution.videos, summarise_videos(distribution), strict=True):
        row: dict[str, str | float | None] = {"video": video.name, "tracks": video.tracks}
        names = ("d10_nm", "d50_nm", "d90_nm", "mode_nm", "mean_nm")
        row |= {name: None if summary is None else f"{getattr(summary, name):.2f}" for name in names}
        row["span"] = None if summary is None else f"{summary.span:.4f}"
        row[distribution.unit] = None if summary is None else f"{summary.total:.4g}"
        factor = distribution.dilution.factor
        row["dilution"] = distribution.dilution.state.value + ("" if factor is None else f" (x {factor:g})")
        rows.append(row)
    return rows


def _concentration(reading: Reading) -> tuple[dict[str, Any] | None, str]:
    """The sample's concentration with its interval, or why there is none; neither for what is not of particles/mL."""
    from exotrial.product.concentration import compute_concentration

    for distribution in reading.distributions:
        if distribution.unit == "particles/mL":
            try:
                return dict(vars(compute_concentration(distribution))), ""
            except Refusal as refused:
                return None, str(refused)
    return None, ""


def _result_rows(reading: Reading) -> list[Row]:
    """Results entered by hand: outcomes in words have no number to print."""
    from exotrial.product.assay import AssayKind

    if reading.kind is not AssayKind.RESULT:
        return []
    return [
        {
            "test": each.test,
            "sample": each.sample,
            "result": str(each),
            "limit of detection": None if each.limit_of_detection is None else str(each.limit_of_detection),
            "method": each.method,
            "date": each.day.isoformat(),
            "analyst": each.analyst,
            "line": each.place.line,
        }
        for each in reading.content
    ]


def _comparison_row(each: Comparison) -> Row:
    places = 2 if each.unit == "nm" else 4
    shown = f"{each.ours:.{places}f}" if each.unit == "nm" else f"{each.ours:.{places}g}"
    return {
        "result": each.name,
        "of": each.video,
        "printed": each.vendor.text,
        "ours": shown,
        "unit": each.unit,
        "reason": each.reason,
    }


def _as_json(
    reading: Reading, comparisons: Sequence[Comparison], findings: Sequence[Finding]
) -> dict[str, Any]:
    from exotrial.product.percentiles import RULE, summarise_videos

    concentration, refused = _concentration(reading)
    return {
        "file": {"name": reading.file.name, "sha256": reading.file.sha256, "size": reading.file.size},
        "reader": reading.reader,
        "kind": reading.kind.value,
        "instrument": reading.instrument,
        "serial": reading.serial,
        "version": reading.version,
        "measured_at": None if reading.measured_at is None else reading.measured_at.isoformat(),
        "sample": reading.sample,
        "operator": reading.operator,
        "rule": RULE,
        "distributions": [
            {
                "unit": each.unit,
                "weighting": each.weighting.value,
                "dilution": {"state": each.dilution.state.value, "factor": each.dilution.factor},
                "flags": list(each.flags),
                "videos": [
                    {"name": video.name, "tracks": video.tracks}
                    | ({} if summary is None else dict(vars(summary)))
                    for video, summary in zip(each.videos, summarise_videos(each), strict=True)
                ],
            }
            for each in reading.distributions
        ],
        "concentration": concentration,
        "no_concentration": refused,
        "printed": [
            {
                "name": each.name,
                "of": each.video,
                "value": each.value,
                "unit": each.unit,
                "text": each.text,
                "line": each.place.line,
            }
            for each in reading.printed
        ],
        "results": [dict(row) for row in _result_rows(reading)],
        "comparisons": [
            {
                "name": each.name,
                "of": each.video,
                "printed": each.vendor.value,
                "ours": each.ours,
                "unit": each.unit,
                "reason": each.reason,
                "explained": each.explained,
            }
            for each in comparisons
        ],
        "settings": [
            {"name": each.name, "text": each.text, "line": each.place.line} for each in reading.settings
        ],
        "warnings": [{"text": each.text, "line": each.place.line} for each in reading.warnings],
        "findings": [
            {"id": each.id, "severity": each.severity.value, "says": each.says, "settle": each.settle}
            for each in findings
        ],
    }
