"""TIFF pictures are read with their depth and scale, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file, read_assay
from exotrial.product.picture import compute_saturated, compute_signal, read_picture
from exotrial.product.picture_scale import Scale
from tests.product.images.simulated import write_scaled, write_tiff

GREY = np.arange(600, dtype=np.uint16).reshape(20, 30)


@pytest.mark.parametrize(("unit", "per"), [("nm", 1.0), ("um", 1e3), ("micron", 1e3)])
def test_the_scale_of_imagej_is_read_in_its_unit(unit: str, per: float) -> None:
    picture = read_picture(write_scaled(GREY, nm_per_pixel=0.8, unit=unit, per=per))
    assert picture.scale is not None
    assert picture.scale.nm_per_pixel == pytest.approx(0.8, rel=1e-6)
    assert np.array_equal(picture.pixels, GREY)


@pytest.mark.parametrize("unit", ["inch", "pixel", ""])
def test_a_printing_resolution_is_no_scale(unit: str) -> None:
    file = write_scaled(GREY, nm_per_pixel=0.8, unit=unit)
    assert read_picture(file).scale is None
    with pytest.raises(Refusal, match=r"IMG-003.*state nm per pixel and where it is read from"):
        read_assay(file, reader="tem_tiff")


def test_pixels_that_are_not_square_are_refused() -> None:
    file = write_tiff(GREY, imagej=True, resolution=(1.0, 1.01), metadata={"unit": "nm"})
    with pytest.raises(Refusal, match=r"IMG-003.*not square"):
        read_picture(file)


@pytest.mark.parametrize("nm_per_pixel", [0.0, -1.0, float("nan"), float("inf")])
def test_a_stated_scale_must_be_above_zero(nm_per_pixel: float) -> None:
    with pytest.raises(Refusal, match=r"IMG-003"):
        Scale(nm_per_pixel=nm_per_pixel, read_from="scale bar")


def test_a_stated_scale_says_where_it_is_read_from() -> None:
    with pytest.raises(Refusal, match=r"IMG-003"):
        Scale(nm_per_pixel=1.0, read_from=" ")


@pytest.mark.parametrize(
    "file",
    [
        write_tiff(np.zeros((20, 30, 3), np.uint8), photometric="rgb"),
        write_tiff(np.zeros((2, 20, 30), np.uint8), photometric="minisblack"),
        write_tiff(np.zeros((20, 30), np.float32)),
        write_tiff(GREY, compression="lzma"),
    ],
)
def test_what_is_no_plain_grey_picture_is_refused(file: object) -> None:
    with pytest.raises(Refusal, match=r"IMG-002"):
        read_picture(file)  # type: ignore[arg-type]


def test_a_picture_cut_anywhere_is_refused() -> None:
    data = write_tiff(GREY).data
    for length in range(0, len(data), 7):
        with pytest.raises(Refusal, match=r"IMG-00[12]"):
            read_picture(assay_file(data[:length], name="cut.tif"))


def test_white_is_zero_is_turned() -> None:
    assert read_picture(write_tiff(GREY, photometric="miniswhite")).pixels[0, 0] == 65535


@pytest.mark.parametrize(("brightest", "full"), [(4095, 4095), (4094, 65535), (4096, 65535), (65535, 65535)])
def test_a_camera_of_twelve_bits_is_full_at_4095(brightest: int, full: int) -> None:
    pixels = np.zeros((20, 30), np.uint16)
    pixels[3, 4] = brightest
    picture = read_picture(write_tiff(pixels))
    assert picture.full == full
    assert bool(compute_saturated(picture, dark=False).any()) is (brightest == full)
    assert compute_signal(picture, dark=True)[3, 4] == full - brightest


def test_a_blot_of_eight_bits_with_full_pixels_has_findings() -> None:
    pixels = np.full((20, 30), 100, np.uint8)
    pixels[0, 0] = 255
    found = read_assay(write_tiff(pixels)).findings
    assert [finding.rule for finding in found] == ["IMF-001", "IMF-002"]
