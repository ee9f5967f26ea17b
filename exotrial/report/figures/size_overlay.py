"""Two size distributions on one axis, each with the band that a bootstrap over videos gives it."""

from __future__ import annotations

from typing import Any

import numpy as np

from exotrial.product.distance import Band, Distance
from exotrial.report.document import Column, Figure, Table
from exotrial.report.theme import BLUE, ORANGE

WIDTH, HEIGHT = 460.0, 220.0


def draw_size_overlay(
    found: Distance,
    *,
    reference: str,
    test: str,
    id: str,  # noqa: A002 - the name that every figure's identifier has
    title: str,
) -> Figure:
    """The distributions of `found` as lines of equal area with pointwise bands; colour and dash tell them apart."""
    groups = ((reference, found.reference), (test, found.test))
    rows = [row for name, band in groups for row in _rows(name, band)]
    banded = any(band.lower is not None for _, band in groups)
    colour = {
        "field": "group",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": [reference, test], "range": [BLUE, ORANGE]},
        "legend": {
            "title": None,
            "orient": "top",
            "symbolType": "stroke",
            "symbolStrokeWidth": 2.5,
            "symbolOpacity": 1,
        },
    }
    dash = {
        "field": "group",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": [reference, test], "range": [[1, 0], [6, 3]]},
        "legend": {"title": None, "orient": "top"},
    }
    first, last = (float(found.reference.edges_nm[0]), float(found.reference.edges_nm[-1]))
    x = {
        "field": "nm",
        "type": "quantitative",
        "title": "Diameter (nm)",
        "scale": {"domain": [first, last], "nice": False},
    }
    y = {"type": "quantitative", "title": "Particles per nm (% of all)", "scale": {"zero": True}}
    layers: list[dict[str, Any]] = [
        {
            "transform": [{"filter": "isValid(datum.low)"}],
            "mark": {"type": "area", "opacity": 0.22},
            "encoding": {
                "x": x,
                "y": {**y, "field": "low"},
                "y2": {"field": "high"},
                "color": colour,
            },
        },
        {
            "mark": {"type": "line", "strokeWidth": 1.8},
            "encoding": {"x": x, "y": {**y, "field": "share"}, "color": colour, "strokeDash": dash},
        },
    ]
    repeats = (
        ""
        if found.repeat_w1_nm is None
        else f" Two repeats of {reference} alone differ by more than {found.repeat_w1_nm:.1f} nm once in twenty times."
    )
    drawn = (
        f"Bands hold {100 * found.level:g} % of {found.resamples:,} bootstrap draws of whole videos "
        f"({found.videos[0]} and {found.videos[1]}; seed {found.seed})."
        if banded
        else "There is one video in each group, so that no band can be drawn."
    )
    distance = (
        f"Wasserstein-1 distance {_told(found.w1_nm.value, found.w1_nm.lower, found.w1_nm.upper, 1)} nm, "
    )
    ks = f"Kolmogorov-Smirnov {_told(found.ks.value, found.ks.lower, found.ks.upper, 3)}."
    return Figure(
        id=id,
        title=title,
        caption=f"{drawn} {distance}{ks}{repeats}",
        alt=(
            f"Size distributions of {reference}, most frequent near {_peak(found.reference):.0f} nm, and of {test}, "
            f"near {_peak(found.test):.0f} nm. {distance}{ks}"
        ),
        vega_lite={"data": {"values": rows}, "width": WIDTH, "height": HEIGHT, "layer": layers},
        data=Table(
            id=f"{id}-data",
            title=title,
            columns=(
                Column(key="group", head="Group"),
                Column(key="from_nm", head="From (nm)", align="right"),
                Column(key="to_nm", head="To (nm)", align="right"),
                Column(key="percent_per_nm", head="% per nm", align="right"),
                Column(key="lower", head="Lower", align="right"),
                Column(key="upper", head="Upper", align="right"),
            ),
            rows=tuple(row for name, band in groups for row in _cells(name, band)),
        ),
    )


def _rows(name: str, band: Band) -> list[dict[str, str | float | None]]:
    middles = (band.edges_nm[:-1] + band.edges_nm[1:]) / 2
    return [
        {
            "group": name,
            "nm": round(float(middle), 3),
            "share": float(100 * share),
            "low": None if band.lower is None else float(100 * band.lower[place]),
            "high": None if band.upper is None else float(100 * band.upper[place]),
        }
        for place, (middle, share) in enumerate(zip(middles, band.density, strict=True))
    ]


def _cells(name: str, band: Band) -> list[tuple[str | None, ...]]:
    return [
        (
            name,
            f"{band.edges_nm[place]:.6g}",
            f"{band.edges_nm[place + 1]:.6g}",
            f"{100 * share:.6g}",
            None if band.lower is None else f"{100 * band.lower[place]:.6g}",
            None if band.upper is None else f"{100 * band.upper[place]:.6g}",
        )
        for place, share in enumerate(band.density)
    ]


def _peak(band: Band) -> float:
    place = int(np.argmax(band.density))
    return float(band.edges_nm[place] + band.edges_nm[place + 1]) / 2


def _told(value: float, lower: float | None, upper: float | None, decimals: int) -> str:
    if lower is None or upper is None:
        return f"{value:.{decimals}f}"
    return f"{value:.{decimals}f} ({lower:.{decimals}f} to {upper:.{decimals}f})"
