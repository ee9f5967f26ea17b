"""What commands that decide share: they read files, print findings and a verdict, and write a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding
from exotrial.core.provenance import SourceFile
from exotrial.core.verdict import Verdict

if TYPE_CHECKING:
    from exotrial.report.document import Report

NO_FILE = ErrorCode(
    "CMP-015",
    "A file of a comparison cannot be read.",
    "give paths of files that are there and may be read.",
)


def read_file(path: Path, *, place: Place | None = None) -> bytes:
    """The bytes of a file; `place` is where it was named. Refuses CMP-015."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NO_FILE.refuse(f"'{path}' cannot be read ({error.strerror})", place=place, value=path) from None


def print_findings(findings: Sequence[Finding]) -> None:
    """Print findings, each with its quotes, why it matters and what would settle it."""
    for finding in findings:
        typer.echo(f"\n{finding.severity.value.upper()} {finding.id}: {finding.says}")
        for quote in finding.quotes:
            typer.echo(f"    {quote}")
        typer.echo(f"    Why it matters: {finding.why}")
        typer.echo(f"    What would settle it: {finding.settle}")


def print_verdict(verdict: Verdict) -> None:
    """Print the question, the answer and every reason."""
    refuted = any(reason.holds is False for reason in verdict.reasons)
    answer = "yes" if verdict else ("no" if refuted else "not shown")
    typer.echo(f"\n{verdict.question} {answer.upper()}")
    for reason in verdict.reasons:
        mark = {True: "yes", False: "no", None: "not shown"}[reason.holds]
        typer.echo(f"  {mark:<9}  {reason.criterion}: {reason.why}")


def write_report(report: Report, sources: Sequence[SourceFile], *, out: Path, quiet: bool) -> None:
    """Write a report in every form, its figures as PNG too; all files or none. `quiet` does not tell where."""
    from exotrial.report.render.figures import draw_png
    from exotrial.report.write import render_report, write_files

    made = render_report(report, files=tuple(sources))
    for name, data in list(made.items()):
        if name.endswith(".svg"):
            made[name.removesuffix("svg") + "png"] = draw_png(data.decode("utf-8"))
    write_files(made, folder=out)
    if not quiet:
        typer.echo(
            f"\n{out / 'report.html'}, report.pdf, report.docx, results.json, tables, figures (SVG, PNG)"
        )
