"""A blot and a micrograph of known truth with files of marks for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exotrial.product.assay import AssayFile, assay_file
from tests.product.images.simulated import simulate_blot, simulate_micrograph, write_scaled, write_tiff

LADDER = {60: 100.0, 130: 50.0, 200: 25.0, 270: 12.5}
"""Rows and kDa: a weight halves every 70 rows."""
VOLUMES = {(0, 60): 6e5, (0, 130): 6e5, (0, 200): 6e5, (0, 270): 6e5}
VOLUMES |= {(1, 195): 4e5, (1, 130): 2e5, (2, 90): 5e5, (2, 195): 3e5}
SETTINGS = """lane_names = ["ladder", "vesicles", "cells"]
sample_lane = "vesicles"
control_lane = "cells"
ladder_lane = "ladder"
present = ["CD9", "CD81"]
absent = ["calnexin"]
loading_control = "GAPDH"
sample = "CORD-7 vial 3"
measured_at = 2026-01-12T10:30:00

[[expected]]
marker = "CD9"
from_kda = 22
to_kda = 30
"""


def mark(number: int, kind: str, *, minute: int | None = None, **told: Any) -> str:
    """One mark as TOML."""
    values = {"number": number, "kind": kind, "who": "QC scientist", "why": "the ladder's sheet"} | told
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    at = f"at = 2026-01-12T11:{number if minute is None else minute:02}:00Z"
    return "\n".join(["[[marks]]", *lines, at, ""])


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


LADDER_MARKS = [
    mark(number, "ladder", row=row, kda=kda) for number, (row, kda) in enumerate(LADDER.items(), start=1)
]
CALNEXIN = [
    mark(5, "band", marker="calnexin", lane="vesicles", top=78, bottom=103, why="nothing seen at 75 kDa"),
    mark(6, "band", marker="calnexin", lane="cells", top=78, bottom=103, why="band at 75 kDa"),
]


def blot_file(*, seed: int = 1, change: NDArray[np.uint16] | None = None) -> AssayFile:
    """Three lanes: a ladder, vesicles with CD9 near 26 kDa, cells with a band near 74 kDa; bright bands."""
    pixels = simulate_blot(VOLUMES, seed=seed, rows=330) if change is None else change
    return write_tiff(pixels, name="blot.tif")


def blot_marks(
    picture: AssayFile,
    *,
    settings: str = SETTINGS,
    marks: list[str] | None = None,
    background: str = "local line",
    extra: str = "",
) -> AssayFile:
    head = f'shows = "blot"\npicture = "blot.tif"\nsha256 = "{picture.source.sha256}"\nbands = "bright"\n'
    told = [*LADDER_MARKS, *CALNEXIN] if marks is None else marks
    text = head + f'background = "{background}"\n{extra}{settings}' + "\n".join(told)
    return assay_file(text.encode(), name="marks.toml")


DISCS = [(60.0, 60.0, 40.0), (60.0, 160.0, 30.0), (150.0, 90.0, 50.0), (180.0, 190.0, 36.0)]


def micrograph_file(*, scaled: bool = True) -> AssayFile:
    """Four dark discs of 60 to 100 nm at 2 nm per pixel."""
    pixels = simulate_micrograph(DISCS, seed=1, side=256)
    return write_scaled(pixels, nm_per_pixel=2.0) if scaled else write_tiff(pixels)


def micrograph_marks(picture: AssayFile, *marks: str) -> AssayFile:
    head = f'shows = "electron micrograph"\npicture = "p.tif"\nsha256 = "{picture.source.sha256}"\n'
    text = head + 'vesicles = "dark"\nsmallest_nm = 30\nlargest_nm = 200\nbin_nm = 10\n' + "\n".join(marks)
    return assay_file(text.encode(), name="marks.toml")
