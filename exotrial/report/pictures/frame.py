"""The picture itself inside a drawing: its grey values stretched for the eye, at a size that a page can hold."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass
from typing import Final

import numpy as np

from exotrial.product.picture import Picture
from exotrial.report.theme import FONT, INK

WIDTH: Final = 700.0
"""Width of a drawing in CSS pixels."""
TALLEST: Final = 900.0
MOST_COLUMNS: Final = 1400
"""Columns kept of a larger picture; measured is always the whole one."""
FOUND, MARKED, WITHOUT, REMOVED = "#00c2ff", "#ff9d00", "#ff4d4d", "#ff4d4d"
"""Colours on grey: found by the profile or the threshold, drawn by hand, without a number, removed by hand."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where the picture lies in the drawing: `scale` CSS px for one of its own, from (`left`, `top`)."""

    left: float
    top: float
    scale: float
    width: float
    height: float

    def x(self, column: float) -> float:
        return self.left + column * self.scale

    def y(self, row: float) -> float:
        return self.top + row * self.scale


def place_picture(picture: Picture, *, left: float, top: float) -> Frame:
    """As wide as the drawing leaves, and no higher than a page."""
    rows, columns = picture.pixels.shape
    scale = min((WIDTH - left) / columns, TALLEST / rows)
    return Frame(left=left, top=top, scale=scale, width=columns * scale, height=rows * scale)


def draw_pixels(picture: Picture, frame: Frame) -> str:
    """The picture as an SVG image; black and white lie at its 0.1st and 99.9th percentile, for the eye only."""
    import cv2

    low, high = (float(level) for level in np.percentile(picture.pixels, (0.1, 99.9)))
    stretched = np.clip((picture.pixels - low) / max(high - low, 1.0), 0, 1)
    grey = np.rint(255 * stretched).astype(np.uint8)
    rows, columns = grey.shape
    if columns > MOST_COLUMNS:
        size = (MOST_COLUMNS, max(1, round(rows * MOST_COLUMNS / columns)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    _, encoded = cv2.imencode(".png", grey)
    data = base64.b64encode(encoded.tobytes()).decode()
    return (
        f'<image x="{frame.left:.1f}" y="{frame.top:.1f}" width="{frame.width:.1f}" height="{frame.height:.1f}" '
        f'preserveAspectRatio="none" href="data:image/png;base64,{data}" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="data:image/png;base64,{data}"/>'
    )


def draw_text(
    x: float, y: float, text: str, *, size: float = 10.5, anchor: str = "start", colour: str = INK
) -> str:
    """One line of text at its baseline."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">'
        f"{html.escape(text)}</text>"
    )


def draw_badge(x: float, y: float, text: str, *, colour: str) -> str:
    """A number on a dark plate, centred on a point, readable on any grey."""
    wide = 5.0 + 6.2 * len(text)
    return (
        f'<rect x="{x - wide / 2:.1f}" y="{y - 6.5:.1f}" width="{wide:.1f}" height="13" rx="2" fill="#101418" '
        f'fill-opacity="0.8"/>{draw_text(x, y + 3.7, text, size=10, anchor="middle", colour=colour)}'
    )


def finish(parts: list[str], *, height: float) -> str:
    """The whole SVG document on white."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH:.0f} {height:.0f}" font-family="{FONT}, Helvetica, Arial, sans-serif">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>'
    )


def draw_plain(picture: Picture) -> str:
    """The picture alone, as SVG: nothing was measured on it."""
    frame = place_picture(picture, left=0, top=0)
    return finish([draw_pixels(picture, frame)], height=frame.height)
