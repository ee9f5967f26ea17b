"""The picture of a blot or of an electron microscope: one grey TIFF page, its depth, and its scale if it carries one.

The scale is what `picture_scale` finds. Pixels may be deflated (zlib; Adobe Photoshop TIFF Technical Notes, 2002),
which loses nothing; every strip has to give just the bytes that its rows need. Other compressions are refused by
name: those that lose something change densities, and the rest need libraries whose wheels carry parts under other
licences.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode
from exotrial.core.provenance import SourceFile
from exotrial.product.picture_scale import Scale, read_scale
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

LARGEST_PIXELS: Final = 400_000_000
DEPTHS: Final = (8, 10, 12, 14, 16)
"""Bits of the cameras in use: one of 12 bits writes into 16 and is full at 4095."""

LARGEST_DEFLATED: Final = 100_000_000
"""Pixels of a deflated picture: a few bytes may claim to be many."""
DEFLATED: Final = (8, 32946)
"""Compression by zlib: Adobe's number and the older one of the same method."""

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
    zlib.error,
    etree.XMLSyntaxError,
)
"""What tifffile raises on bytes that are no TIFF, damaged or cut off."""


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
            scale = read_scale(file, tiff, page)
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
    if int(page.compression) not in (1, *DEFLATED):
        name = getattr(page.compression, "name", str(page.compression))
        raise OTHER_PICTURE.refuse(
            f"it is compressed ({name})",
            place=file.at(),
            value=name,
            remedy="export it from the instrument uncompressed or deflated (ZIP); what JPEG lost does not come back.",
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
    deflated = int(page.compression) in DEFLATED
    if deflated and (page.is_tiled or rows * columns > LARGEST_DEFLATED):
        raise OTHER_PICTURE.refuse(
            f"it is deflated, in tiles or with more than {LARGEST_DEFLATED} pixels", place=file.at()
        )
    if not ends or max(ends) > len(file.data) or (not deflated and sum(page.databytecounts) < needed):
        raise NO_PICTURE.refuse("its pixels are cut off", place=file.at())
    if deflated:
        _check_strips(file, page)


def _check_strips(file: AssayFile, page: Any) -> None:
    """Refuse a strip that inflates to fewer or more bytes than its rows have (IMG-001)."""
    rows, columns = page.shape
    left = rows
    for start, size in zip(page.dataoffsets, page.databytecounts, strict=True):
        height = min(int(page.rowsperstrip), left)
        needed = height * columns * page.dtype.itemsize
        inflate = zlib.decompressobj()
        got = len(inflate.decompress(file.data[start : start + size], needed + 1))
        if height <= 0 or got != needed or not inflate.eof:
            raise NO_PICTURE.refuse(f"a strip inflates to {got} bytes and needs {needed}", place=file.at())
        left -= height
    if left:
        raise NO_PICTURE.refuse(f"{left} rows of its pixels are missing", place=file.at())


def compute_saturated(picture: Picture, *, dark: bool) -> NDArray[np.bool_]:
    """Which pixels are full (rows, columns): at the camera's greatest value, or at zero where bands are dark."""
    full: NDArray[np.bool_] = picture.pixels == (0 if dark else picture.full)
    return full


def compute_signal(picture: Picture, *, dark: bool) -> Floats:
    """The signal (rows, columns): the pixels, or what they lack to full where bands are dark."""
    pixels: Floats = picture.pixels.astype(np.float64)
    return picture.full - pixels if dark else pixels
