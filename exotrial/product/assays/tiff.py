"""Pictures as TIFF: of an electron microscope with a scale in the file, of a Western blot without one.

A TIFF does not say what it shows. One with a scale of a specimen is taken for electron microscopy, one without for a
blot; `--reader` names the other. Sizes of vesicles and densities of bands are measured by `electron_microscopy` and
`blot` from the picture that the reading carries.
"""

from __future__ import annotations

from exotrial.core.errors import Refusal
from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Printed, Reading
from exotrial.product.picture import Picture, compute_saturated, read_picture
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
    return _make_reading(picture, file, "blot_tiff", AssayKind.BLOT, findings=_check_blot(picture))


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


def _check_blot(picture: Picture) -> tuple[Finding, ...]:
    """An 8-bit blot (IMF-001), full pixels (IMF-002) and pixels at zero, full where bands are dark (IMF-003)."""
    found = []
    if picture.bits == 8:
        found.append(
            _find(
                "IMF-001",
                Severity.WARNING,
                "The picture has 8 bits: 256 steps of grey.",
                "A weak band and its background may fall into one step, and the export may have been adjusted.",
                "Export the picture of the imager at its full depth (16 bits).",
            )
        )
    for rule, dark, what in (("IMF-002", False, "full"), ("IMF-003", True, "at zero")):
        count = int(compute_saturated(picture, dark=dark).sum())
        if count:
            found.append(
                _find(
                    rule,
                    Severity.WARNING,
                    f"{count} pixels are {what}.",
                    "A band that holds saturated pixels has more signal than the picture tells.",
                    "Expose for a shorter time; a band with such pixels is not quantified.",
                )
            )
    return tuple(found)


def _find(rule: str, severity: Severity, says: str, why: str, settle: str) -> Finding:
    return Finding(
        rule=rule, subject="", severity=severity, kind="picture", says=says, why=why, settle=settle
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
