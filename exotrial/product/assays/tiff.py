"""Pictures as TIFF: of an electron microscope with a scale in the file, of a Western blot without one.

A TIFF does not say what it shows. One with a scale of a specimen is taken for electron microscopy, one without for a
blot; `--reader` names the other. Sizes of vesicles and densities of bands are measured by `electron_microscopy` and
`blot` from the picture that the reading carries.
"""

from __future__ import annotations

from exotrial.core.errors import Refusal
from exotrial.core.findings import Finding
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Printed, Reading
from exotrial.product.picture import Picture, read_picture
from exotrial.product.picture_findings import check_blot_picture
from exotrial.product.picture_scale import NO_SCALE


def _read_tem(file: AssayFile) -> Reading:
    picture = read_picture(file)
    if picture.scale is None:
        raise NO_SCALE.refuse("it carries no scale of the specimen", place=file.at())
    printed = Printed(
        name="pixel width",
        value=picture.scale.nm_per_pixel,
        unit="nm",
        place=file.at(path=picture.scale.read_from),
        text=f"{picture.scale.nm_per_pixel:.6g} nm",
    )
    return _make_reading(picture, file, "tem_tiff", AssayKind.ELECTRON_MICROSCOPY, printed=(printed,))


def _read_blot(file: AssayFile) -> Reading:
    picture = read_picture(file)
    return _make_reading(
        picture, file, "blot_tiff", AssayKind.BLOT, findings=check_blot_picture(picture, tones=(False, True))
    )


def _make_reading(
    picture: Picture,
    file: AssayFile,
    reader: str,
    kind: AssayKind,
    *,
    printed: tuple[Printed, ...] = (),
    findings: tuple[Finding, ...] = (),
) -> Reading:
    rows, columns = picture.pixels.shape
    counts = {"rows": rows, "columns": columns, "bits": picture.bits}
    return Reading(
        reader=reader,
        kind=kind,
        file=file.source,
        instrument="",
        version=picture.software,
        measured_at=None,
        printed=printed
        + tuple(
            Printed(name=name, value=float(value), unit="", place=file.at(), text=str(value))
            for name, value in counts.items()
        ),
        findings=findings,
        content=picture,
    )


def _has_scale(file: AssayFile) -> bool | None:
    """Whether a picture carries a scale; None where it is no picture that can be read."""
    try:
        return read_picture(file).scale is not None
    except Refusal:
        return None


TEM_TIFF = AssayReader(
    name="tem_tiff",
    title="Electron microscopy, TIFF with a scale",
    kind=AssayKind.ELECTRON_MICROSCOPY,
    suffixes=(".tif", ".tiff"),
    recognises=lambda file: _has_scale(file) is True,
    read=_read_tem,
    citation="TIFF 6.0; ImageJ unit and XResolution; FEI/Thermo Fisher Scan metadata",
)

BLOT_TIFF = AssayReader(
    name="blot_tiff",
    title="Western blot, TIFF",
    kind=AssayKind.BLOT,
    suffixes=(".tif", ".tiff"),
    recognises=lambda file: _has_scale(file) is False,
    read=_read_blot,
    citation="TIFF 6.0, one grey page of 8 or 16 bits",
)
