"""The picture of a blot or of an electron microscope: one grey TIFF page, its depth, and its scale if it carries one.

The scale is taken from ImageJ's description (unit and XResolution, as the ImageJ TIFF encoder writes them) or from
FEI/Thermo Fisher metadata (Scan, PixelWidth in metres). The resolution of plain TIFF 6.0 (section 8, XResolution in
inches or centimetres) says how large a picture is printed and is never taken for the scale of a specimen.
"""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode
from exotrial.core.provenance import SourceFile
from exotrial.product.size_distribution import Floats

if TYPE_CHECKING:
    from exotrial.product.assay import AssayFile

NO_PICTURE = ErrorCode(
    "IMG-001",
    "The file is no TIFF that can be read, is damaged, or is cut off.",
    "export the picture again from the instrument's software as an uncompressed TIFF.",
)
OTHER_PICTURE = ErrorCode(
    "IMG-002",
    "The TIFF is not one grey picture of 8 or 16 bits.",
    "export one page in grey, 8 or 16 bits without sign, uncompressed.",
)
NO_SCALE = ErrorCode(
    "IMG-003",
    "A picture of an electron microscope has no scale that can be used.",
    "state nm per pixel and where it is read from.",
)

LARGEST_PIXELS: Final = 400_000_000
DEPTHS: Final = (8, 10, 12, 14, 16)
"""Bits of the cameras in use: one of 12 bits writes into 16 and is full at 4095."""

_NM: Final = {
    "nm": 1.0,
    "um": 1e3,
    "µm": 1e3,
    "μm": 1e3,
    "\\u00B5m": 1e3,
    "micron": 1e3,
    "microns": 1e3,
}
_BROKEN: Final = (
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    AssertionError,
    RuntimeError,
    EOFError,
    OSError,
    MemoryError,
    struct.error,
)
"""What tifffile raises on bytes that are no TIFF, damaged or cut off."""


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


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """Pixels (rows, columns) as stored, larger is brighter; `bits` 8 or 16; `scale` None where the file has none."""

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    bits: int
    scale: Scale | None
    software: str
    file: SourceFile

    @property
    def full(self) -> int:
        """The value of a full pixel: of the camera's depth where the brightest pixel is just that, else the file's."""
        brightest = int(self.pixels.max())
        depths = [depth for depth in DEPTHS if depth <= self.bits and brightest == (1 << depth) - 1]
        return (1 << (depths[0] if depths else self.bits)) - 1


def read_picture(file: AssayFile) -> Picture:
    """Read one grey page (IMG-001 for no TIFF or a damaged one, IMG-002 for another kind of picture)."""
    import tifffile

    if file.data[:4] not in (b"II*\x00", b"MM\x00*"):
        raise NO_PICTURE.refuse("it does not begin as a TIFF does", place=file.at())
    try:
        with tifffile.TiffFile(io.BytesIO(file.data)) as tiff:
            pages = len(tiff.pages)
            page: Any = tiff.pages[0]
            _check_page(file, page, pages)
            pixels = np.asarray(page.asarray())
            inverted = int(page.photometric) == 0  # WhiteIsZero (TIFF 6.0, PhotometricInterpretation)
            software = str(page.software or "")
            scale = _read_scale(file, tiff, page)
    except _BROKEN as error:
        raise NO_PICTURE.refuse(f"it cannot be read ({error})", place=file.at()) from error
    if inverted:
        pixels = np.iinfo(pixels.dtype).max - pixels
    return Picture(
        pixels=pixels, bits=pixels.dtype.itemsize * 8, scale=scale, software=software, file=file.source
    )


def _check_page(file: AssayFile, page: Any, pages: int) -> None:
    if pages != 1:
        raise OTHER_PICTURE.refuse(f"it has {pages} pages", place=file.at(), value=pages)
    if int(page.compression) != 1:
        raise OTHER_PICTURE.refuse(
            f"it is compressed ({page.compression.name})", place=file.at(), value=page.compression.name
        )
    if len(page.shape) != 2 or page.dtype not in (np.dtype("uint8"), np.dtype("uint16")):
        raise OTHER_PICTURE.refuse(
            f"it has shape {page.shape} of {page.dtype}", place=file.at(), value=page.shape
        )
    rows, columns = page.shape
    if not 0 < rows * columns <= LARGEST_PIXELS:
        raise OTHER_PICTURE.refuse(f"it has {rows} x {columns} pixels", place=file.at(), value=page.shape)
    ends = [start + size for start, size in zip(page.dataoffsets, page.databytecounts, strict=True)]
    needed = rows * columns * page.dtype.itemsize
    if not ends or max(ends) > len(file.data) or sum(page.databytecounts) < needed:
        raise NO_PICTURE.refuse("its pixels are cut off", place=file.at())


def _read_scale(file: AssayFile, tiff: Any, page: Any) -> Scale | None:
    described = tiff.fei_metadata
    if isinstance(described, dict) and "PixelWidth" in described.get("Scan", {}):
        scan = described["Scan"]
        return _square(
            file, float(scan["PixelWidth"]) * 1e9, float(scan["PixelHeight"]) * 1e9, "FEI Scan PixelWidth"
        )
    described = tiff.imagej_metadata
    if isinstance(described, dict) and str(described.get("unit", "")) in _NM:
        unit = _NM[str(described["unit"])]
        (across, per_x), (down, per_y) = page.tags["XResolution"].value, page.tags["YResolution"].value
        return _square(file, unit * per_x / across, unit * per_y / down, "ImageJ unit and XResolution")
    return None


def _square(file: AssayFile, wide: float, high: float, read_from: str) -> Scale:
    if not (math.isfinite(wide) and math.isfinite(high) and wide > 0 and high > 0):
        raise NO_SCALE.refuse(f"{read_from} gives {wide} by {high} nm", place=file.at(), value=wide)
    if abs(wide - high) > 0.001 * wide:
        raise NO_SCALE.refuse(
            f"{read_from} gives pixels of {wide:.6g} by {high:.6g} nm, which are not square", place=file.at()
        )
    return Scale(nm_per_pixel=wide, read_from=read_from)


def compute_saturated(picture: Picture, *, dark: bool) -> NDArray[np.bool_]:
    """Which pixels are full (rows, columns): at the camera's greatest value, or at zero where bands are dark."""
    full: NDArray[np.bool_] = picture.pixels == (0 if dark else picture.full)
    return full


def compute_signal(picture: Picture, *, dark: bool) -> Floats:
    """The signal (rows, columns): the pixels, or what they lack to full where bands are dark."""
    pixels: Floats = picture.pixels.astype(np.float64)
    return picture.full - pixels if dark else pixels
