"""`exotrial image`: Western blots and electron micrographs measured, marked by hand, shown beside their numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exotrial.cli.decision import print_findings, print_verdict, read_file, write_report
from exotrial.cli.terminal import print_rows
from exotrial.core.errors import ErrorCode, Place

if TYPE_CHECKING:
    from exotrial.product.assay import AssayFile
    from exotrial.product.picture_marks import Marks
    from exotrial.report.pictures.tables import Measured

OTHER_RESULTS = ErrorCode(
    "IMG-011",
    "A folder for results holds those of another picture, or something that is no result.",
    "give a folder of its own for each picture.",
)
MARKS_THERE = ErrorCode(
    "IMG-012",
    "The file that marks are to be begun in is there already.",
    "add marks to it, or give another name.",
)

PictureFile = Annotated[Path, typer.Argument(help="The picture, TIFF.")]
MarksFile = Annotated[
    Path, typer.Argument(help="The file of marks (TOML); `exotrial image start` begins one.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Folder for page, PDF, annotated picture (PNG, SVG), CSV, JSON and the ZIP of evidence."
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 where there are findings.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(help="Pictures: Western blots and electron micrographs, measured and shown.")
    group.command("start")(start_marks)
    group.command("blot")(show_blot)
    group.command("tem")(show_micrograph)
    group.command("agree")(show_agreement)
    app.add_typer(group, name="image")


def start_marks(
    picture: PictureFile,
    shows: Annotated[str, typer.Option("--shows", help="blot or tem.")],
    out: Annotated[Path, typer.Option("--out", help="The file of marks to begin (TOML).")],
    tone: Annotated[
        str, typer.Option("--tone", help="dark or bright: bands or vesicles against the ground.")
    ],
) -> None:
    """Begin a file of marks for a picture: its digest and how it is measured, and no mark yet."""
    from exotrial.product.assay import assay_file
    from exotrial.product.picture import read_picture
    from exotrial.product.picture_marks import Shows, Tone, begin_marks

    file = assay_file(read_file(picture), name=picture.name)
    read_picture(file)
    kinds = {"blot": Shows.BLOT, "tem": Shows.MICROGRAPH}
    if shows not in kinds:
        raise typer.BadParameter("write blot or tem.", param_hint="--shows")
    if tone not in [each.value for each in Tone]:
        raise typer.BadParameter("write dark or bright.", param_hint="--tone")
    try:
        with out.open("x", encoding="utf-8") as stream:
            stream.write(begin_marks(file.source, shows=kinds[shows], tone=Tone(tone)))
    except FileExistsError:
        raise MARKS_THERE.refuse(f"'{out}' is there", value=out) from None
    typer.echo(f"{out}: set what is written there, then measure with `exotrial image {shows}`")


def show_blot(
    picture: PictureFile, marks: MarksFile, out: Out = None, strict: Strict = False, as_json: Json = False
) -> None:
    """Measure a Western blot: lanes and bands found or marked, weights, densities, markers.

    Print the bands with who marked each, the markers and what is doubtful; `--out` writes the picture beside its
    numbers. A folder measured into before keeps its marks: one that was changed since is refused.
    """
    from exotrial.product.measured_blot import measure_blot
    from exotrial.product.picture_marks import Shows

    file, marked, read = _read(picture, marks, Shows.BLOT)
    from exotrial.product.picture import read_picture

    _finish(measure_blot(read_picture(file), read), file, marked, out=out, strict=strict, as_json=as_json)


def show_micrograph(
    picture: PictureFile, marks: MarksFile, out: Out = None, strict: Strict = False, as_json: Json = False
) -> None:
    """Measure an electron micrograph: outlines, diameters by the scale, edits by hand.

    Print sizes and vesicles with who marked each and what is doubtful; `--out` writes the picture beside its numbers.
    """
    from exotrial.product.measured_micrograph import measure_micrograph
    from exotrial.product.picture import read_picture
    from exotrial.product.picture_marks import Shows

    file, marked, read = _read(picture, marks, Shows.MICROGRAPH)
    measured = measure_micrograph(read_picture(file), read)
    _finish(measured, file, marked, out=out, strict=strict, as_json=as_json)


def _read(picture: Path, marks: Path, shows: Any) -> tuple[AssayFile, AssayFile, Marks]:
    from exotrial.product.assay import assay_file
    from exotrial.product.picture_marks import read_marks

    file = assay_file(read_file(picture), name=picture.name)
    marked = assay_file(read_file(marks), name=marks.name)
    return file, marked, read_marks(marked, picture=file.source, shows=shows)


def _finish(
    measured: Measured, file: AssayFile, marked: AssayFile, *, out: Path | None, strict: bool, as_json: bool
) -> None:
    from exotrial.product.assays.measured_picture import write_bundle
    from exotrial.report.picture_report import build_picture_report
    from exotrial.report.write import write_files

    sources = [file.source, marked.source]
    report = build_picture_report(measured, files=sources)
    if out is not None:
        _check_folder(measured, out)
    if as_json:
        from exotrial.report.render.csv_files import render_results

        digests = [{"name": each.name, "sha256": each.sha256, "bytes": each.size} for each in sources]
        typer.echo(render_results(report, versions={}, files=digests).decode(), nl=False)
    else:
        _print(measured)
    if out is not None:
        write_report(report, sources, out=out, quiet=as_json)
        name = f"{Path(file.name).stem}-with-marks.zip"
        write_files({name: write_bundle(file, marked)}, folder=out)
        if not as_json:
            typer.echo(f"{out / name}: send this as evidence of the batch")
    if strict and measured.findings:
        raise typer.Exit(1)


def _check_folder(measured: Measured, out: Path) -> None:
    """Refuse a folder of another picture (IMG-011), and marks that were changed since they were measured (IMG-006)."""
    from exotrial.product.picture_marks import check_continued
    from exotrial.report.picture_report import read_measured_marks

    path = out / "results.json"
    if not path.exists():
        return
    try:
        told = json.loads(read_file(path))
        digests = read_measured_marks(told, picture_sha256=measured.picture.file.sha256)
    except ValueError as error:
        raise OTHER_RESULTS.refuse(str(error), place=Place(file=str(path)), value=path) from None
    check_continued(measured.marks, digests)


def _print(measured: Measured) -> None:
    from exotrial.product.measured_blot import MeasuredBlot
    from exotrial.report.pictures.tables import build_numbers

    file = measured.picture.file
    typer.echo(f"{file.name}  (SHA-256 {file.sha256})")
    count = len(measured.marks.standing)
    typer.echo(f"marks by hand: {count}" if measured.marks.marks else "marks by hand: none, all is found")
    for table in build_numbers(measured):
        if table.id == "markers":
            continue
        typer.echo(f"\n{table.title}")
        keys = [column.key for column in table.columns]
        print_rows([dict(zip(keys, row, strict=True)) for row in table.rows])
    if isinstance(measured, MeasuredBlot):
        for verdict in measured.verdicts.values():
            print_verdict(verdict)
        if measured.loading_control is not None:
            print_verdict(measured.loading_control)
    print_findings(measured.findings)


def show_agreement(
    first: Annotated[
        Path, typer.Argument(help="CSV of the count held to be right: row, column, diameter_nm.")
    ],
    second: Annotated[
        Path, typer.Argument(help="CSV of the count compared with it, such as tables/vesicles.csv.")
    ],
    nm_per_pixel: Annotated[float, typer.Option("--nm-per-pixel", help="The scale of the picture.")],
    as_json: Json = False,
) -> None:
    """Compare two counts of one micrograph: which vesicles are the same, and whether diameters agree.

    Precision, recall and F1 with exact bounds, Bland and Altman's limits of agreement, Lin's concordance.
    """
    from exotrial.product.assay import assay_file
    from exotrial.product.picture_scale import Scale
    from exotrial.product.vesicle_agreement import compare_counts, derive_numbers, read_counted

    counts = [read_counted(assay_file(read_file(path), name=path.name)) for path in (first, second)]
    scale = Scale(nm_per_pixel=nm_per_pixel, read_from="the command line")
    rows = derive_numbers(compare_counts(*counts, nm_per_pixel=scale.nm_per_pixel))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        print_rows(rows)
