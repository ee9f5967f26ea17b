"""Scales as microscopes and programs write them into TIFF, and files that lie or are damaged."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.assay import AssayFile, assay_file, read_assay
from exotrial.product.picture import read_picture
from tests.product.images.simulated import write_scaled, write_tiff

GREY = np.arange(600, dtype=np.uint16).reshape(20, 30)


def gatan(wide: float, high: float, unit: str = "nm") -> AssayFile:
    """The tags that DigitalMicrograph writes: units as UTF-16 in bytes, widths as doubles."""
    text = (unit + "\0").encode("utf-16-le")
    tags: list[Any] = [(code, "B", len(text), text, True) for code in (65003, 65004)]
    tags += [(65009, "d", 1, wide, True), (65010, "d", 1, high, True)]
    return write_tiff(GREY, extratags=tags, metadata=None)


def ome(size: float, unit: str | None, *, high: float | None = None) -> AssayFile:
    told: dict[str, Any] = {"axes": "YX", "PhysicalSizeX": size, "PhysicalSizeY": high or size}
    if unit is not None:
        told |= {"PhysicalSizeXUnit": unit, "PhysicalSizeYUnit": unit}
    return write_tiff(GREY, ome=True, metadata=told)


def fei(wide: float, high: float) -> AssayFile:
    text = f"[User]\r\nDate=01/12/2026\r\n\r\n[Scan]\r\nPixelWidth={wide}\r\nPixelHeight={high}\r\n\0"
    return write_tiff(GREY, extratags=[(34682, "s", len(text), text, True)], metadata=None)


def sis(size: float, exponent: int) -> AssayFile:
    """An Olympus SIS block: a header, one entry that points at the pixel size and its power of ten."""
    blank = write_tiff(GREY, extratags=[(33560, "I", 1, 0, True)], metadata=None).data
    at = len(blank)
    header = struct.pack("<4s6xhhhhh6x32sH", b"SIS0", 30, 10, 12, 0, 126, b"tem", 1)
    body = struct.pack("<10xhdd8xd2x34s32s", exponent, size, size, 20000.0, b"Veleta", b"TEM")
    entry = struct.pack("<hhI", 1, 1, at + len(header) + 8)
    tag = struct.pack("<HHII", 33560, 4, 1, 0)
    assert blank.count(tag) == 1
    return assay_file(
        blank.replace(tag, struct.pack("<HHII", 33560, 4, 1, at)) + header + entry + body, name="sis.tif"
    )


@pytest.mark.parametrize(
    ("file", "nm", "read_from"),
    [
        (gatan(0.42, 0.42), 0.42, "Gatan"),
        (gatan(0.00042, 0.00042, "µm"), 0.42, "Gatan"),
        (ome(0.42, "nm"), 0.42, "OME"),
        (ome(0.00042, None), 0.42, "OME"),
        (ome(4.2, "Å"), 0.42, "OME"),
        (fei(4.2e-10, 4.2e-10), 0.42, "FEI"),
        (sis(0.42, -9), 0.42, "Olympus"),
    ],
)
def test_the_scale_is_read_in_nanometres(file: AssayFile, nm: float, read_from: str) -> None:
    scale = read_picture(file).scale
    assert scale is not None
    assert scale.nm_per_pixel == pytest.approx(nm, rel=1e-6)
    assert read_from in scale.read_from


@pytest.mark.parametrize("file", [gatan(0.42, 0.42, ""), gatan(0.42, 0.42, "1/nm"), ome(0.42, "pixel")])
def test_what_is_no_length_is_no_scale(file: AssayFile) -> None:
    assert read_picture(file).scale is None
    with pytest.raises(Refusal, match=r"IMG-003.*state nm per pixel and where it is read from"):
        read_assay(file, reader="tem_tiff")


@pytest.mark.parametrize(
    "file", [gatan(0.42, 0.43), ome(0.42, "nm", high=0.5), fei(0.0, 0.0), gatan(float("nan"), 0.4)]
)
def test_a_scale_that_is_not_square_or_not_above_zero_is_refused(file: AssayFile) -> None:
    with pytest.raises(Refusal, match=r"IMG-003"):
        read_picture(file)


@pytest.mark.parametrize(("second", "refused"), [(0.42 * 1.0009, False), (0.42 * 1.0011, True)])
def test_two_scales_of_one_file_have_to_agree(second: float, refused: bool) -> None:
    text = f"[Scan]\r\nPixelWidth={second * 1e-9}\r\nPixelHeight={second * 1e-9}\r\n\0"
    file = write_tiff(
        GREY,
        imagej=True,
        resolution=(1 / 0.42, 1 / 0.42),
        metadata={"unit": "nm"},
        extratags=[(34682, "s", len(text), text, True)],
    )
    if refused:
        with pytest.raises(Refusal, match=r"IMG-003.*FEI.*and ImageJ"):
            read_picture(file)
    else:
        assert read_picture(file).scale is not None


@pytest.mark.parametrize("predictor", [False, True])
def test_a_deflated_picture_is_read_as_it_was(predictor: bool) -> None:
    file = write_tiff(GREY, compression="zlib", rowsperstrip=7, predictor=predictor)
    assert np.array_equal(read_picture(file).pixels, GREY)


def test_a_deflated_strip_with_too_few_or_too_many_bytes_is_refused() -> None:
    whole = zlib.compress(GREY.tobytes())
    for wrong in (zlib.compress(GREY.tobytes()[:-2]), zlib.compress(GREY.tobytes() + b"\0")):
        good = write_tiff(GREY, compression="zlib", rowsperstrip=20).data
        start = good.index(whole[:2])
        end = start + len(zlib.compress(GREY.tobytes(), 6))
        assert zlib.decompress(good[start:end]) == GREY.tobytes()
        changed = good[:start] + wrong.ljust(end - start, b"\0")[: end - start] + good[end:]
        with pytest.raises(Refusal, match="IMG-001"):
            read_picture(assay_file(changed, name="p.tif"))


def test_a_compression_that_is_not_read_is_named_with_the_way_out() -> None:
    with pytest.raises(Refusal, match=r"IMG-002: .*compressed \(LZMA\).*uncompressed or deflated"):
        read_picture(write_tiff(GREY, compression="lzma"))


DEFLATED = write_tiff(GREY, compression="zlib", rowsperstrip=7).data
SCALED = write_scaled(GREY, nm_per_pixel=0.8).data


@given(st.sampled_from([DEFLATED, SCALED]), st.data())
@settings(max_examples=150, deadline=None)
def test_a_picture_with_bytes_changed_is_read_or_refused(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data) - 1))
    put = draw.draw(st.binary(min_size=1, max_size=4))
    changed = data[:at] + put + data[at + len(put) :]
    try:
        picture = read_picture(assay_file(changed, name="p.tif"))
    except Refusal:
        return
    assert picture.pixels.ndim == 2
    assert picture.scale is None or picture.scale.nm_per_pixel > 0


@given(st.sampled_from([DEFLATED, SCALED, gatan(0.4, 0.4).data]), st.floats(0, 1, exclude_max=True))
@settings(max_examples=60, deadline=None)
def test_a_picture_that_is_cut_off_is_refused(data: bytes, share: float) -> None:
    end = int(share * len(data))
    try:
        picture = read_picture(assay_file(data[:end], name="p.tif"))
    except Refusal:
        return
    assert np.array_equal(picture.pixels, GREY)  # only what comes after the pixels is gone
