"""`exotrial cytometry`: fluorescence in MESF, scatter to diameters, and the controls of a measurement of vesicles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exotrial.cli.terminal import Row, print_json, print_rows
from exotrial.core.errors import ErrorCode, Refusal
from exotrial.core.findings import Finding, gravest_first
from exotrial.core.provenance import SourceFile, read_source

if TYPE_CHECKING:
    from exotrial.product.assay import AssayFile
    from exotrial.product.cytometry.controls import ControlSet, CountedRun, Run
    from exotrial.product.cytometry.log_line import LogLine

NO_FILE = ErrorCode(
    "FCT-005",
    "A set of controls names a file that is not there.",
    "write the path of the FCS file from the folder of the TOML file.",
)

As_json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(no_args_is_help=True, help="Calibrate a flow cytometer and judge its controls.")
    group.command("mesf")(show_mesf)
    group.command("scatter")(show_scatter)
    group.command("controls")(show_controls)
    app.add_typer(group, name="cytometry")


def show_mesf(
    beads: Annotated[Path, typer.Argument(help="A TOML file of beads and samples of one channel.")],
    as_json: As_json = False,
) -> None:
    """Give signals in the unit of beads of stated value (MESF, ERF, ABC), by a free slope and by slope 1.

    The lines are of logarithms. A signal beyond the beads is computed and marked: neither line was measured there.
    """
    from exotrial.product.cytometry.mesf import check_beads, compute_bead_line, compute_calibrated, read_beads

    file = _read(beads)
    written = read_beads(file)
    line = compute_bead_line(written.beads, place=written.place)
    done = [compute_calibrated(one, line, per_antibody=written.per_antibody) for one in written.samples]
    rows: list[Row] = [
        {
            "sample": one.sample.name,
            "signal": one.sample.signal,
            f"{written.unit}, free slope": one.free,
            f"{written.unit}, slope 1": one.linear,
            "antibodies": one.antibodies,
            "beyond the beads": one.extrapolated or None,
        }
        for one in done
    ]
    findings = check_beads(written, line, done)
    if as_json:
        print_json(rows)
        _print_findings(findings, as_json=True)
        return
    ordered = sorted(written.beads, key=lambda bead: bead.signal)
    _print_line(
        line, [(f"bead {bead.name}", bead.signal, bead.stated) for bead in ordered], unit=written.unit
    )
    print_rows([_rounded(row) for row in rows])
    typer.echo("")
    typer.echo(f"{written.channel}, beads of lot {written.lot}, from {_source(file.source)}")
    _print_findings(findings)


def show_scatter(
    scatter: Annotated[Path, typer.Argument(help="A TOML file of optics, beads of known size, and signals.")],
    as_json: As_json = False,
) -> None:
    """Give the diameters whose spheres scatter as much as a signal says, by Mie theory.

    Beads of known diameter and index give the cross-section of a signal. The index of a vesicle is stated, as a
    range, and not measured: each end of it has its own diameter. Where scatter falls again with size, every diameter
    that fits is told.
    """
    from exotrial.product.cytometry.scatter_diameter import (
        check_scatter,
        compute_scatter_diameters,
        compute_scatter_line,
        read_scatter,
    )

    file = _read(scatter)
    written = read_scatter(file)
    line = compute_scatter_line(written.beads, written.optics, place=written.place)
    done = compute_scatter_diameters(written, line)
    rows: list[Row] = [
        {
            "signal of": one.name,
            "signal": one.signal,
            "cross-section (nm2)": one.cross_section_nm2,
            "index": one.index,
            "diameter (nm)": ", ".join(f"{each:.1f}" for each in one.diameters_nm) or None,
            "beyond the beads": one.extrapolated or None,
        }
        for one in done
    ]
    findings = check_scatter(written, line, done)
    if as_json:
        print_json(rows)
        _print_findings(findings, as_json=True)
        return
    _print_line(
        line,
        [
            (f"{bead.diameter_nm:g} nm", bead.signal, written.optics.scatter(bead.diameter_nm, bead.index))
            for bead in written.beads
        ],
        unit="nm2",
    )
    print_rows([_rounded(row) for row in rows])
    typer.echo("")
    typer.echo(f"spheres from {written.from_nm:g} to {written.to_nm:g} nm, from {_source(file.source)}")
    _print_findings(findings)


def show_controls(
    controls: Annotated[Path, typer.Argument(help="A TOML file that names each run and its FCS file.")],
    as_json: As_json = False,
) -> None:
    """Judge the controls that MIFlowCyt-EV lists: backgrounds, detergent, and a series of dilutions for swarms.

    Limits are those of the TOML file. A control is within its limit where the 95 % bound of its share is.
    """
    from exotrial.product.cytometry.controls import check_controls, read_controls

    file = _read(controls)
    written = read_controls(file)
    findings: list[Finding] = []
    counted = [_count(run, written, findings, folder=controls.parent) for run in written.runs]
    findings = gravest_first([*findings, *check_controls(written, counted)])
    rows: list[Row] = [
        {
            "run": one.run.file,
            "role": one.run.role,
            "dilution": one.run.dilution,
            "events": one.events,
            "positive": one.positive,
            f"positive per {written.unit}": one.rate,
            "median": one.median,
            "SHA-256": one.sha256[:16],
        }
        for one in counted
    ]
    if as_json:
        print_json(rows)
        _print_findings(findings, as_json=True)
        return
    print_rows([_rounded(row) for row in rows])
    typer.echo("")
    typer.echo(f"{written.channel} from {written.positive_from:g} up, by {_source(file.source)}")
    _print_findings(findings)


def _count(run: Run, controls: ControlSet, findings: list[Finding], *, folder: Path) -> CountedRun:
    """Count one run; what its file is doubted for is added to `findings`."""
    from exotrial.product.assays.fcs import NO_EVENTS, read_fcs
    from exotrial.product.cytometry.controls import CountedRun, Role, count_run

    path = folder / run.file
    if not path.is_file():
        raise NO_FILE.refuse(f"there is no file {run.file!r}", place=run.place, value=run.file)
    file = _read(path)
    try:
        reading = read_fcs(file)
        findings.extend(reading.findings)
        return count_run(run, reading, controls)
    except Refusal as refusal:
        # Buffer may well give no event: that is the best control, and no fault of its file.
        if refusal.code is not NO_EVENTS or run.role not in (Role.BUFFER, Role.REAGENTS):
            raise
    return CountedRun(run=run, events=0, positive=0, median=None, sha256=file.source.sha256, instrument=None)


def _read(path: Path) -> AssayFile:
    from exotrial.product.assay import AssayFile

    data, source = read_source(path)
    return AssayFile(data=data, source=source)


def _source(source: SourceFile) -> str:
    return f"{source.name} (SHA-256 {source.sha256[:16]}…)"


def _print_line(line: LogLine, beads: Sequence[tuple[str, float, float]], *, unit: str) -> None:
    """`beads` are name, signal and value, in the order of the line's residuals."""
    print_rows(
        [
            {
                "bead": name,
                "signal": f"{signal:.6g}",
                unit: f"{value:.6g}",
                "off by free slope": f"{free:+.2%}",
                "off by slope 1": f"{linear:+.2%}",
            }
            for (name, signal, value), free, linear in zip(
                beads, line.free_residuals, line.linear_residuals, strict=True
            )
        ]
    )
    interval = (
        f" (95 % interval {line.slope_low:.4f} to {line.slope_high:.4f})"
        if line.slope_low is not None
        else " (two beads: no interval)"
    )
    typer.echo(
        f"free slope {line.slope:.4f}{interval}; by slope 1, {line.factor:.6g} {unit} a unit of signal"
    )
    typer.echo("")


def _rounded(row: Row) -> Row:
    return {key: f"{value:.6g}" if isinstance(value, float) else value for key, value in row.items()}


def _print_findings(findings: Sequence[Finding], *, as_json: bool = False) -> None:
    """Findings, a line each; beside JSON to standard error, so that both can be read."""
    for finding in findings:
        typer.echo(f"{finding.severity.value} {finding.rule}: {finding.says}", err=as_json)
