"""A micrograph with the outline of every vesicle counted, those removed or added by hand, and a scale bar."""

from __future__ import annotations

import math
from typing import Final

from exotrial.product.electron_microscopy import Vesicle
from exotrial.product.measured_micrograph import MeasuredMicrograph
from exotrial.report.pictures.frame import (
    FOUND,
    MARKED,
    REMOVED,
    WIDTH,
    Frame,
    draw_badge,
    draw_pixels,
    draw_text,
    finish,
    place_picture,
)
from exotrial.report.theme import BLUE, INK, MUTED

MOST_NUMBERED: Final = 150
"""Vesicles that carry their number in the drawing; more would hide them."""
_ROOM: Final = 12.0
"""Radius in CSS pixels that holds a number."""
_BAR_SHARE: Final = 0.22
_BARS_HIGH: Final = 90.0


def draw_micrograph(micrograph: MeasuredMicrograph) -> str:
    """The drawing as SVG; vesicles carry the numbers of the table of vesicles."""
    counted = micrograph.counted
    frame = place_picture(micrograph.picture, left=0, top=4)
    parts = [draw_pixels(micrograph.picture, frame)]
    nm = counted.scale.nm_per_pixel
    parts += [
        _outline(vesicle, frame, nm, FOUND if vesicle.mark is None else MARKED)
        for vesicle in counted.vesicles
    ]
    parts += [_outline(vesicle, frame, nm, REMOVED, dashed=True) for vesicle in counted.removed]
    if len(counted.vesicles) <= MOST_NUMBERED:
        parts += [_number(vesicle, frame, nm) for vesicle in counted.vesicles]
    parts.append(_scale_bar(frame, nm))
    below = frame.top + frame.height + 38
    parts.append(
        draw_text(0, below, "Outlines: found (blue), added by hand (orange), removed by hand (red, dashed). Scale: "
                  f"{nm:.4g} nm per pixel, {counted.scale.read_from}.", size=9.5, colour=MUTED)
    )  # fmt: skip
    parts.append(_histogram(micrograph, below + 14))
    return finish(parts, height=below + 14 + _BARS_HIGH + 34)


def _number(vesicle: Vesicle, frame: Frame, nm: float) -> str:
    """In the middle of a large vesicle, beside a small one."""
    radius = vesicle.diameter_nm / nm / 2 * frame.scale
    x, y = frame.x(vesicle.column + 0.5), frame.y(vesicle.row + 0.5)
    if radius < _ROOM:
        x += (radius + _ROOM) * (1 if x < frame.left + frame.width - 3 * _ROOM else -1)
    colour = FOUND if vesicle.mark is None else MARKED
    return draw_badge(x, y, str(vesicle.number), colour=colour)


def _outline(vesicle: Vesicle, frame: Frame, nm: float, colour: str, *, dashed: bool = False) -> str:
    style = f'fill="none" stroke="{colour}" stroke-width="1.3"' + (
        ' stroke-dasharray="4 2"' if dashed else ""
    )
    if vesicle.outline:
        points = " ".join(
            f"{frame.x(column + 0.5):.1f},{frame.y(row + 0.5):.1f}" for row, column in vesicle.outline
        )
        return f'<polygon points="{points}" {style}/>'
    radius = vesicle.diameter_nm / nm / 2 * frame.scale
    return (
        f'<circle cx="{frame.x(vesicle.column + 0.5):.1f}" cy="{frame.y(vesicle.row + 0.5):.1f}" '
        f'r="{radius:.1f}" {style}/>'
    )


def choose_bar(width_nm: float) -> float:
    """The length of a scale bar: 1, 2 or 5 times a power of ten, at most about a fifth of the picture's width."""
    most = _BAR_SHARE * width_nm
    power: float = 10.0 ** math.floor(math.log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most)


def _scale_bar(frame: Frame, nm: float) -> str:
    """Below the picture, so that it hides nothing."""
    length = choose_bar(frame.width / frame.scale * nm)
    wide = length / nm * frame.scale
    right, top = frame.left + frame.width, frame.top + frame.height + 6
    return (
        f'<rect x="{right - wide:.1f}" y="{top:.1f}" width="{wide:.1f}" height="4" fill="{INK}"/>'
        f"{draw_text(right, top + 16, f'{length:g} nm', size=11, anchor='end')}"
    )


def _histogram(micrograph: MeasuredMicrograph, top: float) -> str:
    edges, values = micrograph.sizes.edges_nm, micrograph.sizes.videos[0].values
    first, last = float(edges[0]), float(edges[-1])
    most = float(values.max())
    parts = []
    for low, high, count in zip(edges[:-1], edges[1:], values, strict=True):
        x = 30 + (low - first) / (last - first) * (WIDTH - 60)
        wide = (high - low) / (last - first) * (WIDTH - 60)
        tall = count / most * _BARS_HIGH
        parts.append(
            f'<rect x="{x:.1f}" y="{top + _BARS_HIGH - tall:.1f}" width="{max(wide - 0.6, 0.5):.1f}" '
            f'height="{tall:.1f}" fill="{BLUE}"/>'
        )
    parts.append(draw_text(26, top + 8, f"{most:g}", size=9, anchor="end"))
    parts.append(draw_text(26, top + _BARS_HIGH, "0", size=9, anchor="end"))
    base = top + _BARS_HIGH + 13
    parts.append(draw_text(30, base, f"{first:g} nm", size=9.5))
    parts.append(draw_text(WIDTH - 30, base, f"{last:g} nm", size=9.5, anchor="end"))
    parts.append(draw_text(WIDTH / 2, base, "Vesicles by diameter of equal area", size=9.5, anchor="middle"))
    return "".join(parts)
