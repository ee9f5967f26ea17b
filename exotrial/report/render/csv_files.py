"""Every table of a report as CSV (RFC 4180), and its results as JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from exotrial.report.document import Report, Table


def render_csv(table: Table) -> bytes:
    """A table as CSV with the column keys as its first line; a row that heads a group keeps its first cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.key for column in table.columns])
    for row in table.rows:
        writer.writerow(["" if cell is None else cell for cell in row])
    return out.getvalue().encode("utf-8")


def render_results(report: Report, *, versions: dict[str, str], files: list[dict[str, Any]]) -> bytes:
    """The analysis results as JSON: every number with its population, method, parameters and sources."""
    document = {
        "study": report.id,
        "title": report.title,
        "software": versions,
        "files": files,
        "results": [asdict(result) for result in report.results],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8")
