"""Writes a report: everything is made first, then put in place file by file, so that no half report is left."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from exotrial.core.errors import ErrorCode
from exotrial.core.provenance import SourceFile
from exotrial.report.document import Figure, Report
from exotrial.report.render.csv_files import render_csv, render_results
from exotrial.report.render.docx import render_docx
from exotrial.report.render.figures import draw_svg
from exotrial.report.render.html import render_html
from exotrial.report.render.pdf import render_pdf

CANNOT_WRITE = ErrorCode(
    "RPT-001",
    "The report cannot be written where it was asked for.",
    "give a folder that can be made or written, on a disk with room.",
)

SOFTWARE = (
    "exotrial",
    "numpy",
    "scipy",
    "polars",
    "pydantic",
    "vl-convert-python",
    "typst",
    "python-docx",
)
"""Packages on which a number or a page of the report depends; their versions go into results.json."""


def render_report(report: Report, *, files: tuple[SourceFile, ...]) -> dict[str, bytes]:
    """Every file of a report by its path below the output folder; the same bytes for the same input."""
    figures = [b for section in report.sections for b in section.blocks if isinstance(b, Figure)]
    drawings = {figure.id: draw_svg(figure) for figure in figures}
    versions = {name: version(name) for name in SOFTWARE}
    digests = [{"name": file.name, "sha256": file.sha256, "bytes": file.size} for file in files]
    rendered = {
        "report.html": render_html(report, drawings),
        "report.pdf": render_pdf(report, drawings),
        "report.docx": render_docx(report, drawings),
        "results.json": render_results(report, versions=versions, files=digests),
    }
    rendered |= {f"tables/{table.id}.csv": render_csv(table) for table in report.tables()}
    rendered |= {f"figures/{name}.svg": svg.encode("utf-8") for name, svg in drawings.items()}
    return dict(sorted(rendered.items()))


def write_files(contents: Mapping[str, bytes], *, folder: Path) -> None:
    """Write files below a folder, all or none: they are made beside it first and then moved in.

    Files of those names are replaced, others in the folder are left alone. Refuses with RPT-001.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for name, data in contents.items():
                target = aside / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            for name in contents:
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                (aside / name).replace(target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise CANNOT_WRITE.refuse(
            f"'{error.filename or folder}' cannot be written ({error.strerror})", value=folder
        ) from None
