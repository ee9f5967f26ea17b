"""A blot with lanes, bands and ladder on it, and the profile of each lane with the ground that was taken away."""

from __future__ import annotations

from typing import Final

import numpy as np

from exotrial.product.blot import Ground, compute_flanks, compute_profile, compute_rolled
from exotrial.product.blot_lanes import Lane
from exotrial.product.measured_blot import MeasuredBand, MeasuredBlot, describe_ground
from exotrial.product.picture_marks import Kind
from exotrial.report.pictures.frame import (
    FOUND,
    MARKED,
    WIDTH,
    WITHOUT,
    draw_badge,
    draw_pixels,
    draw_text,
    finish,
    place_picture,
)
from exotrial.report.theme import BLUE, INK, MUTED, ORANGE, RULE

_MARGIN: Final = 62.0
_PANEL: Final = (WIDTH / 2 - 14, 118.0)
_GROUND_OF_PANEL: Final = 26.0


def draw_blot(blot: MeasuredBlot) -> str:
    """The drawing as SVG; bands carry the numbers of the table of bands, 1 at the top of the first lane."""
    frame = place_picture(blot.picture, left=_MARGIN, top=24)
    parts = [draw_pixels(blot.picture, frame)]
    for lane in blot.lanes:
        left, right = frame.x(lane.left), frame.x(lane.right)
        parts.append(draw_text((left + right) / 2, 14, lane.name, size=10.5, anchor="middle"))
        parts.append(f'<path d="M{left:.1f} 22v-4H{right:.1f}v4" fill="none" stroke="{INK}"/>')
    for number, band in enumerate(blot.bands, start=1):
        colour = _colour(band)
        x, y = frame.x(band.left), frame.y(band.top)
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{(band.right - band.left) * frame.scale:.1f}" '
            f'height="{(band.bottom - band.top) * frame.scale:.1f}" fill="none" stroke="{colour}" '
            f'stroke-width="1.3"{"" if band.by is None else _DASHED}/>'
        )
        parts.append(draw_badge(x, (y + frame.y(band.bottom)) / 2, str(number), colour=colour))
    for mark in blot.marks.find(Kind.LADDER):
        y = frame.y(mark.numbers["row"])
        parts.append(draw_text(_MARGIN - 8, y + 3.5, f"{mark.numbers['kda']:g} kDa", size=9.5, anchor="end"))
        parts.append(f'<path d="M{_MARGIN - 6:.1f} {y:.1f}h6" stroke="{INK}"/>')
    below = frame.top + frame.height + 22
    boxes = "Boxes: found (blue), marked by hand (orange, dashed), without a number (red)."
    lines = f"Profiles: mean signal by row (blue), ground taken away (orange): {describe_ground(blot.plan)}."
    parts.append(draw_text(0, below, boxes, size=9.5, colour=MUTED))
    parts.append(draw_text(0, below + 13, lines, size=9.5, colour=MUTED))
    below += 24
    for index, lane in enumerate(blot.lanes):
        left = (index % 2) * (WIDTH / 2 + 4)
        top = below + (index // 2) * (_PANEL[1] + 18)
        parts.append(_draw_profile(blot, lane, left, top))
    height = below + -(-len(blot.lanes) // 2) * (_PANEL[1] + 18)
    return finish(parts, height=height)


_DASHED: Final = ' stroke-dasharray="5 2"'


def _colour(band: MeasuredBand) -> str:
    if band.density is None:
        return WITHOUT
    return FOUND if band.by is None else MARKED


def _draw_profile(blot: MeasuredBlot, lane: Lane, left: float, top: float) -> str:
    wide, high = _PANEL
    dark, plan = blot.marks.dark, blot.plan
    profile = compute_profile(blot.picture, left=lane.left, right=lane.right, dark=dark)
    floor, ceiling = float(profile.min()), float(profile.max())
    inner = high - _GROUND_OF_PANEL

    def at(row: float, value: float) -> str:
        share = (value - floor) / max(ceiling - floor, 1e-9)
        return f"{left + row / max(profile.size - 1, 1) * wide:.1f} {top + 16 + inner * (1 - share):.1f}"

    points = range(0, profile.size, max(1, profile.size // 700))
    parts = [
        draw_text(left, top + 10, f"Lane {lane.name}", size=10),
        f'<path d="M{left:.1f} {top + 16 + inner:.1f}h{wide:.1f}" stroke="{RULE}"/>',
        f'<polyline points="{" ".join(at(row, float(profile[row])) for row in points)}" fill="none" stroke="{BLUE}" '
        'stroke-width="1.1"/>',
    ]
    if plan.ground is Ground.ROLLING_DISC:
        rolled = compute_rolled(profile, radius_px=plan.radius_px)
        parts.append(
            f'<polyline points="{" ".join(at(row, float(rolled[row])) for row in points)}" fill="none" '
            f'stroke="{ORANGE}" stroke-width="1.1"/>'
        )
    for number, band in enumerate(blot.bands, start=1):
        if band.lane != lane.name:
            continue
        peak = float(np.max(profile[band.top : band.bottom]))
        x, y = (float(part) for part in at(band.row, peak).split())
        parts.append(draw_text(x, max(y - 3, top + 9), str(number), size=9, anchor="middle"))
        flanks = compute_flanks(profile, top=band.top, bottom=band.bottom)
        if plan.ground is Ground.LOCAL_LINE and flanks is not None:
            rows, above, under = flanks
            ends = f"{at(band.top - rows / 2, above)} {at(band.bottom + rows / 2, under)}"
            parts.append(f'<polyline points="{ends}" fill="none" stroke="{ORANGE}" stroke-width="1.6"/>')
    parts.append(
        draw_text(left, top + high + 2, f"row 0 to {profile.size - 1}; signal {floor:.0f} to {ceiling:.0f}",
                  size=8.5, colour=MUTED)
    )  # fmt: skip
    return "".join(parts)
