"""Results entered by hand, one file for a batch: TOML or CSV, each with test, method, date and analyst.

The format is exotrial's own; docs/how-to/read-assay-files.md shows both. Sterility, mycoplasma and appearance have an
outcome in words; endotoxin, protein and residuals a quantity with its unit and its limit of detection.
"""

from __future__ import annotations

from typing import Final

from exotrial.core.dates import read_date
from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Printed, Reading
from exotrial.product.assay_text import OTHER_INSTRUMENT, check_end, decode, split_rows, starts_with
from exotrial.product.entered_result import EnteredResult, check_result, make_result
from exotrial.product.toml_text import Table, read_toml

BROKEN_RESULT = ErrorCode(
    "RSL-004",
    "A table of results lacks a cell, has a row twice, or has no results.",
    "give every row the cells that the first line names; docs/how-to/read-assay-files.md has an example.",
)

FORMAT: Final = "exotrial results 1"
COLUMNS: Final = (
    "test",
    "sample",
    "method",
    "date",
    "analyst",
    "outcome",
    "value",
    "limit_of_detection",
)
_NEEDED: Final = ("test", "sample", "method", "date", "analyst")
_BEGINNING: Final = f'format = "{FORMAT}"'
_HEADING: Final = ",".join(COLUMNS)


def _read_toml(file: AssayFile) -> Reading:
    if not starts_with(file, _BEGINNING):
        raise OTHER_INSTRUMENT.refuse(f"it does not begin with {_BEGINNING}", place=file.at(1))
    document = read_toml(file)
    document.check_keys(("format", "sample", "result"))
    sample = document.text("sample")
    results = [_read_result(each, sample) for each in document.tables("result")]
    return _make_reading(file, "results_toml", results, check_end(file.data.decode("utf-8-sig"), file=file))


def _read_result(entry: Table, sample: str) -> EnteredResult:
    entry.check_keys([name for name in COLUMNS if name != "sample"])
    return make_result(
        entry.text("test"),
        sample=sample,
        method=entry.text("method"),
        day=entry.day("date"),
        analyst=entry.text("analyst"),
        outcome=entry.text("outcome", default=""),
        value=entry.text("value", default=""),
        limit_of_detection=entry.text("limit_of_detection", default=""),
        place=entry.at(
            "value" if "value" in entry.values else "outcome" if "outcome" in entry.values else "test"
        ),
    )


def _read_csv(file: AssayFile) -> Reading:
    text = decode(file, "utf-8-sig")
    rows = [row for row in split_rows(text, file=file) if any(row.cells)]
    if not rows or rows[0].cells != COLUMNS:
        raise OTHER_INSTRUMENT.refuse(
            f"its first line is not {_HEADING}",
            place=file.at(1),
            value=",".join(rows[0].cells)[:60] if rows else "",
        )
    results = []
    for row in rows[1:]:
        place = file.at(row.line)
        if len(row.cells) != len(COLUMNS):
            raise BROKEN_RESULT.refuse(
                f"the row has {len(row.cells)} cells and not {len(COLUMNS)}",
                place=place,
                value=len(row.cells),
            )
        cell = dict(zip(COLUMNS, row.cells, strict=True))
        missing = [name for name in _NEEDED if not cell[name]]
        if missing:
            raise BROKEN_RESULT.refuse(
                f"the row has no {' and no '.join(missing)}", place=place, value=missing[0]
            )
        results.append(
            make_result(
                cell["test"],
                sample=cell["sample"],
                method=cell["method"],
                day=read_date(cell["date"], place=place),
                analyst=cell["analyst"],
                outcome=cell["outcome"],
                value=cell["value"],
                limit_of_detection=cell["limit_of_detection"],
                place=place,
            )
        )
    return _make_reading(file, "results_csv", results, check_end(text, file=file))


def _make_reading(
    file: AssayFile, reader: str, results: list[EnteredResult], findings: list[Finding]
) -> Reading:
    """All results as `content`; those with a value also as printed numbers, `video` naming the sample."""
    if not results:
        raise BROKEN_RESULT.refuse("there is no result", place=file.at())
    seen: dict[tuple[object, ...], EnteredResult] = {}
    for each in results:
        key = (each.test, each.sample, each.day, each.method)
        if key in seen:
            raise BROKEN_RESULT.refuse(
                f"{each.test} of {each.sample} on {each.day} stands twice, first on line {seen[key].place.line}",
                place=each.place,
                value=each.test,
            )
        seen[key] = each
    return Reading(
        reader=reader,
        kind=AssayKind.RESULT,
        file=file.source,
        instrument="",
        version=FORMAT,
        measured_at=None,
        operator=", ".join(sorted({each.analyst for each in results})),
        sample=", ".join(sorted({each.sample for each in results})),
        printed=tuple(
            Printed(
                name=each.test,
                value=each.value.number,
                unit="" if each.value.unit == "1" else each.value.unit,
                place=each.place,
                text=str(each),
                video=each.sample,
            )
            for each in results
            if each.value is not None
        ),
        findings=(*findings, *(finding for each in results for finding in check_result(each))),
        content=tuple(results),
    )


RESULTS_TOML = AssayReader(
    name="results_toml",
    title="results entered by hand, TOML",
    kind=AssayKind.RESULT,
    suffixes=(".toml",),
    recognises=lambda file: starts_with(file, _BEGINNING),
    read=_read_toml,
    citation="exotrial's own format",
)

RESULTS_CSV = AssayReader(
    name="results_csv",
    title="results entered by hand, CSV",
    kind=AssayKind.RESULT,
    suffixes=(".csv",),
    recognises=lambda file: starts_with(file, _HEADING),
    read=_read_csv,
    citation="exotrial's own format",
)
