"""A picture with its marks in one ZIP file, as `exotrial image` writes it, measured again when read.

The ZIP holds one TIFF and one file of marks, and no number: whoever reads it measures the picture as the marks say.
What is in the lane of the sample is printed as the batch's; other lanes stand under their own names.
"""

from __future__ import annotations

import io
import tomllib
import zipfile
import zlib
from dataclasses import replace
from functools import lru_cache
from typing import Final

from exotrial.core.errors import ErrorCode, Refusal
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Printed, Reading, assay_file
from exotrial.product.measured_blot import MeasuredBlot, measure_blot
from exotrial.product.measured_micrograph import MeasuredMicrograph, measure_micrograph
from exotrial.product.picture import read_picture
from exotrial.product.picture_marks import BlotPlan, Shows, read_marks

BAD_BUNDLE = ErrorCode(
    "IMG-010",
    "A ZIP file is not one picture with its marks.",
    "send the ZIP that `exotrial image blot` or `exotrial image tem` wrote, as it is.",
)

LARGEST: Final = {".tif": 60_000_000, ".tiff": 60_000_000, ".toml": 2_000_000}
"""Bytes that a file in the ZIP may have, by its ending."""
MOST_PIXELS: Final = 10_000_000
"""Pixels of a picture that is measured when it is read: while it is sent, nobody else can write."""
_KEPT: Final = 8
"""Measured pictures that are kept: a batch's page is read more often than a picture is measured."""


def measure_picture(picture: AssayFile, marks: AssayFile) -> MeasuredBlot | MeasuredMicrograph:
    """Read and measure a picture as its marks say, whichever kind it is (IMG-010 for one that is too large)."""
    read = read_marks(marks, picture=picture.source)
    measure = measure_blot if isinstance(read.plan, BlotPlan) else measure_micrograph
    opened = read_picture(picture)
    if opened.pixels.size > MOST_PIXELS:
        raise BAD_BUNDLE.refuse(
            f"{picture.name} has {opened.pixels.size} pixels, at most {MOST_PIXELS} are measured here",
            place=picture.at(),
            value=opened.pixels.size,
        )
    return measure(opened, read)


def write_bundle(picture: AssayFile, marks: AssayFile) -> bytes:
    """The ZIP of a picture and its marks; the same bytes for the same two files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for file in (picture, marks):
            entry = zipfile.ZipInfo(file.name, date_time=(1980, 1, 1, 0, 0, 0))
            made.writestr(entry, file.data, compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def open_bundle(file: AssayFile) -> tuple[AssayFile, AssayFile]:
    """The picture and the marks of a ZIP (IMG-010)."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as bundle:
            entries = bundle.infolist()
            names = sorted((_ending(entry.filename), entry) for entry in entries if not entry.is_dir())[:3]
            if [ending for ending, _ in names] not in ([".tif", ".toml"], [".tiff", ".toml"]):
                raise BAD_BUNDLE.refuse(
                    f"it holds {', '.join(entry.filename for entry in entries[:4]) or 'nothing'}",
                    place=file.at(),
                )
            picture, marks = (_open(file, bundle, entry, LARGEST[ending]) for ending, entry in names)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OSError,
        RuntimeError,
    ) as error:
        raise BAD_BUNDLE.refuse(f"it cannot be opened ({error})", place=file.at()) from None
    return picture, marks


def _ending(name: str) -> str:
    return "." + name.rpartition(".")[2].lower()


def _open(file: AssayFile, bundle: zipfile.ZipFile, entry: zipfile.ZipInfo, largest: int) -> AssayFile:
    with bundle.open(entry) as stream:
        data = stream.read(largest + 1)
    if len(data) > largest:
        raise BAD_BUNDLE.refuse(f"{entry.filename} has more than {largest} bytes", place=file.at())
    return assay_file(data, name=entry.filename.rpartition("/")[2])


@lru_cache(maxsize=_KEPT)
def _measure(data: bytes, name: str) -> MeasuredBlot | MeasuredMicrograph:
    return measure_picture(*open_bundle(assay_file(data, name=name)))


def _read_blot(file: AssayFile) -> Reading:
    blot = _measure(file.data, file.name)
    if not isinstance(blot, MeasuredBlot):
        raise BAD_BUNDLE.refuse("it shows an electron micrograph", place=file.at())
    return Reading(
        reader="measured_blot",
        kind=AssayKind.BLOT,
        file=file.source,
        instrument="",
        version=blot.picture.software,
        measured_at=blot.marks.measured_at,
        sample=blot.marks.sample,
        printed=_print_blot(file, blot),
        findings=blot.findings,
        content=blot,
    )


def _read_micrograph(file: AssayFile) -> Reading:
    micrograph = _measure(file.data, file.name)
    if not isinstance(micrograph, MeasuredMicrograph):
        raise BAD_BUNDLE.refuse("it shows a blot", place=file.at())
    return Reading(
        reader="measured_micrograph",
        kind=AssayKind.ELECTRON_MICROSCOPY,
        file=file.source,
        instrument="",
        version=micrograph.picture.software,
        measured_at=micrograph.marks.measured_at,
        sample=micrograph.marks.sample,
        printed=_print_counts(file, micrograph),
        distributions=(replace(micrograph.sizes, place=file.at(path=micrograph.picture.file.name)),),
        findings=micrograph.findings,
        content=micrograph,
    )


def _print_blot(file: AssayFile, blot: MeasuredBlot) -> tuple[Printed, ...]:
    found = []
    for band in blot.bands:
        density = band.density
        if density is None:
            continue
        video = "" if band.lane == blot.plan.sample_lane else f"lane {band.lane}"
        by = "found" if band.by is None else f"marked by {band.by.who}"
        numbers = {
            "net volume": density.volume,
            "net volume over critical level": density.volume / density.critical,
        }
        found += [
            Printed(name=f"{band.marker} {name}", value=value, unit="", video=video, text=f"{value:.6g}",
                    place=file.at(path=f"lane {band.lane}, rows {band.top} to {band.bottom}, {by}"))
            for name, value in numbers.items()
        ]  # fmt: skip
    return tuple(found)


def _print_counts(file: AssayFile, micrograph: MeasuredMicrograph) -> tuple[Printed, ...]:
    counted = micrograph.counted
    numbers = {
        "vesicles counted": (len(counted.vesicles), ""),
        "vesicles cut by the edge": (counted.cut, ""),
        "vesicles removed by hand": (len(counted.removed), ""),
        "vesicles added by hand": (sum(edit.added is not None for edit in counted.edits), ""),
        "pixel width": (counted.scale.nm_per_pixel, "nm"),
    }
    return tuple(
        Printed(
            name=name,
            value=float(value),
            unit=unit,
            text=f"{value:.6g}",
            place=file.at(path=counted.scale.read_from if unit else ""),
        )
        for name, (value, unit) in numbers.items()
    )


def _shows(file: AssayFile) -> str:
    """What the marks of a ZIP say that its picture shows; "" where it is none of ours."""
    if not file.data.startswith(b"PK\x03\x04"):
        return ""
    try:
        _, marks = open_bundle(file)
        return str(tomllib.loads(marks.data.decode("utf-8-sig")).get("shows", ""))
    except (Refusal, ValueError):
        return ""


_CITATION: Final = "written by exotrial image; the methods are cited in docs/how-to/measure-images.md"

MEASURED_BLOT = AssayReader(
    name="measured_blot",
    title="Western blot with its marks (ZIP), measured when read",
    kind=AssayKind.BLOT,
    suffixes=(".zip",),
    recognises=lambda file: _shows(file) == Shows.BLOT,
    read=_read_blot,
    citation=_CITATION,
)

MEASURED_MICROGRAPH = AssayReader(
    name="measured_micrograph",
    title="Electron micrograph with its marks (ZIP), measured when read",
    kind=AssayKind.ELECTRON_MICROSCOPY,
    suffixes=(".zip",),
    recognises=lambda file: _shows(file) == Shows.MICROGRAPH,
    read=_read_micrograph,
    citation=_CITATION,
)
