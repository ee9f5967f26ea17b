"""Pictures with a known truth: a blot of Gaussian bands, a micrograph of dark discs."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from exotrial.product.assay import AssayFile, assay_file


def write_tiff(pixels: NDArray[Any], *, name: str = "picture.tif", **options: Any) -> AssayFile:
    """A TIFF of these pixels, as tifffile writes it with these options."""
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, **options)
    return assay_file(stream.getvalue(), name=name)


def write_scaled(
    pixels: NDArray[Any], *, nm_per_pixel: float, unit: str = "nm", per: float = 1.0
) -> AssayFile:
    """A TIFF with ImageJ's scale: `per` is how many nm the unit has."""
    resolution = (per / nm_per_pixel, per / nm_per_pixel)
    return write_tiff(pixels, imagej=True, resolution=resolution, metadata={"unit": unit})


def simulate_blot(bands: dict[tuple[int, int], float], *, seed: int, rows: int = 400) -> NDArray[np.uint16]:
    """Bright bands on a sloping ground: at (lane, row) the volume given; lanes are 40 px wide, 60 px apart."""
    generator = np.random.default_rng(seed)
    lanes = 1 + max(lane for lane, _ in bands)
    ground = 2000 + 2.0 * np.arange(rows)[:, None] + np.zeros((rows, 60 * lanes + 20))
    place = np.arange(rows)
    for (lane, row), volume in bands.items():
        shape = np.exp(-0.5 * ((place - row) / 3.0) ** 2) / (3.0 * np.sqrt(2 * np.pi))
        ground[:, 20 + 60 * lane : 60 + 60 * lane] += volume / 40 * shape[:, None]
    return np.clip(np.rint(ground + generator.normal(0, 60, ground.shape)), 0, 65535).astype(np.uint16)


def simulate_micrograph(
    discs: list[tuple[float, float, float]], *, seed: int, side: int = 512, contrast: float = 60.0
) -> NDArray[np.uint8]:
    """Dark discs (row, column, diameter, px) on a sloping bright ground with noise."""
    generator = np.random.default_rng(seed)
    row, column = np.mgrid[:side, :side]
    ground = 170.0 + 20.0 * column / side
    for centre_row, centre_column, diameter in discs:
        distance = np.hypot(row - centre_row, column - centre_column)
        ground -= contrast * np.clip(diameter / 2 - distance + 0.5, 0, 1)
    pixels: NDArray[np.uint8] = np.clip(
        np.rint(ground + generator.normal(0, 8, ground.shape)), 0, 255
    ).astype(np.uint8)
    return pixels
