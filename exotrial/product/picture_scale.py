"""The scale of a specimen as the file of a picture tells it, in nm per pixel; nothing is guessed.

Read are: FEI/Thermo Fisher metadata (Scan, PixelWidth in metres), Olympus SIS metadata (metres), the tags that Gatan
DigitalMicrograph writes into a TIFF (65003 and 65004 the units, 65009 and 65010 the widths), OME-XML (Pixels,
PhysicalSizeX, in micrometres unless PhysicalSizeXUnit says another unit; OME schema 2016-06) and ImageJ's description
(unit, with the TIFF's XResolution). The resolution of plain TIFF 6.0 (section 8, in inches or centimetres) says how
large a picture is printed and is never taken for a scale. JEOL's own metadata do not tell the unit of their pixel
width in any public description, so theirs is stated by a person. Two scales in one file have to agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from exotrial.core.errors import ErrorCode

if TYPE_CHECKING:
    from exotrial.product.assay import AssayFile

NO_SCALE = ErrorCode(
    "IMG-003",
    "A picture of an electron microscope has no scale that can be used.",
    "state nm per pixel and where it is read from.",
)

TOLERANCE: Final = 0.001
"""By what share the width and height of a pixel, or two scales of one file, may differ."""

_NM: Final = {
    "pm": 1e-3,
    "Å": 0.1,
    "nm": 1.0,
    "um": 1e3,
    "µm": 1e3,
    "μm": 1e3,
    "\\u00B5m": 1e3,
    "micron": 1e3,
    "microns": 1e3,
    "mm": 1e6,
    "m": 1e9,
}
_GATAN_UNITS: Final = (65003, 65004)
_GATAN_WIDTHS: Final = (65009, 65010)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Width of a pixel in the specimen, nm, and where that is read from."""

    nm_per_pixel: float
    read_from: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.nm_per_pixel) and self.nm_per_pixel > 0):
            raise NO_SCALE.refuse(
                f"{self.nm_per_pixel} nm per pixel is not above zero", value=self.nm_per_pixel
            )
        if not self.read_from.strip():
            raise NO_SCALE.refuse("it is not said where the scale is read from")


def read_scale(file: AssayFile, tiff: Any, page: Any) -> Scale | None:
    """The scale of an open TIFF's page, None where it tells none; refuses scales that contradict (IMG-003)."""
    told = [
        _square(file, *widths, read_from)
        for read_from, widths in (
            ("FEI Scan PixelWidth", _read_fei(tiff)),
            ("Olympus SIS pixel size", _read_sis(page)),
            ("Gatan DigitalMicrograph tags 65009 and 65010", _read_gatan(page)),
            ("OME-XML PhysicalSizeX", _read_ome(tiff)),
            ("ImageJ unit and XResolution", _read_imagej(tiff, page)),
        )
        if widths is not None
    ]
    for other in told[1:]:
        if abs(other.nm_per_pixel - told[0].nm_per_pixel) > TOLERANCE * told[0].nm_per_pixel:
            raise NO_SCALE.refuse(
                f"{told[0].read_from} gives {told[0].nm_per_pixel:.6g} nm and {other.read_from} "
                f"{other.nm_per_pixel:.6g} nm per pixel",
                place=file.at(),
                value=other.nm_per_pixel,
                remedy="export the picture again, with the one scale that is right.",
            )
    return told[0] if told else None


def _read_fei(tiff: Any) -> tuple[float, float] | None:
    told = tiff.fei_metadata
    scan = told.get("Scan", {}) if isinstance(told, dict) else {}
    if "PixelWidth" not in scan:
        return None
    return float(scan["PixelWidth"]) * 1e9, float(scan["PixelHeight"]) * 1e9


def _read_sis(page: Any) -> tuple[float, float] | None:
    tag = page.tags.get("OlympusSIS")
    told = tag.value if tag is not None else None
    if not isinstance(told, dict) or "pixelsizex" not in told:
        return None
    return float(told["pixelsizex"]) * 1e9, float(told["pixelsizey"]) * 1e9


def _read_gatan(page: Any) -> tuple[float, float] | None:
    """Both widths with units of length; a picture without calibration has none ("" or "pixel") and no scale."""
    units = [_text(page.tags.get(code)) for code in _GATAN_UNITS]
    widths = [page.tags.get(code) for code in _GATAN_WIDTHS]
    if any(width is None for width in widths) or any(unit not in _NM for unit in units):
        return None
    across, down = (
        float(width.value) * _NM[unit] for width, unit in zip(widths, units, strict=True) if width is not None
    )
    return across, down


def _text(tag: Any) -> str:
    """What a tag of text says; DigitalMicrograph writes UTF-16 as bytes or as numbers of 16 bits."""
    if tag is None:
        return ""
    value = tag.value
    if isinstance(value, tuple):
        value = "".join(chr(code) for code in value if isinstance(code, int) and 0 < code < 0xD800)
    if isinstance(value, bytes):
        value = value.decode("utf-16-le" if b"\x00" in value[:2] else "latin-1", errors="replace")
    return str(value).replace("\x00", "").strip()


def _read_ome(tiff: Any) -> tuple[float, float] | None:
    told = tiff.ome_metadata
    if not isinstance(told, str):
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    pixels = etree.fromstring(told.encode(), parser).find(".//{*}Pixels")
    if pixels is None or "PhysicalSizeX" not in pixels.attrib:
        return None
    sizes = []
    for axis in "XY":
        unit = str(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
        if unit not in _NM:
            return None
        sizes.append(float(pixels.attrib[f"PhysicalSize{axis}"]) * _NM[unit])
    return sizes[0], sizes[1]


def _read_imagej(tiff: Any, page: Any) -> tuple[float, float] | None:
    told = tiff.imagej_metadata
    if not isinstance(told, dict) or str(told.get("unit", "")) not in _NM:
        return None
    unit = _NM[str(told["unit"])]
    (across, per_x), (down, per_y) = page.tags["XResolution"].value, page.tags["YResolution"].value
    return unit * per_x / across, unit * per_y / down


def _square(file: AssayFile, wide: float, high: float, read_from: str) -> Scale:
    if not (math.isfinite(wide) and math.isfinite(high) and wide > 0 and high > 0):
        raise NO_SCALE.refuse(f"{read_from} gives {wide} by {high} nm", place=file.at(), value=wide)
    if abs(wide - high) > TOLERANCE * wide:
        raise NO_SCALE.refuse(
            f"{read_from} gives pixels of {wide:.6g} by {high:.6g} nm, which are not square", place=file.at()
        )
    return Scale(nm_per_pixel=wide, read_from=read_from)
