"""The dose in pictures: the concentration that body weights need, fills as printed, and where droplets of a size go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exotrial.product.dose_statements import Fill, NeededDose
from exotrial.product.nebuliser import compute_deposition
from exotrial.report.document import Column, Figure, Table
from exotrial.report.format import format_power
from exotrial.report.theme import BLUE, GREEN, INK, ORANGE

WIDTH, HEIGHT = 430.0, 200.0
_REGIONS = (("head", BLUE), ("tracheobronchial", ORANGE), ("alveolar", GREEN))
_SIZES_UM = tuple(0.5 * 1.05**step for step in range(66))


def draw_needed(needed: Sequence[NeededDose], *, id: str, volume_ml: float, assumed: str) -> Figure:  # noqa: A002
    """The particles/mL that a dose by body weight needs in a fixed volume, over the weight in kg."""
    points = [
        {"weight": one.weight_kg, "concentration": one.concentration}
        for one in needed
        if one.weight_kg is not None and one.concentration is not None
    ]
    taken = f" Taken is {assumed}, which the study file does not say." if assumed else ""
    encoding: dict[str, Any] = {
        "x": {
            "field": "weight",
            "type": "quantitative",
            "title": "Body weight (kg)",
            "scale": {"domain": [points[0]["weight"] - 5, points[-1]["weight"] + 5], "nice": False},
        },
        "y": {
            "field": "concentration",
            "type": "quantitative",
            "title": "Needed (particles/mL)",
            "axis": {"format": ".1~e"},
        },
    }
    first, last = points[0], points[-1]
    return Figure(
        id=f"{id}-needed",
        title=f"Concentration that the dose needs in {volume_ml:g} mL",
        caption=f"A product of a lower concentration cannot give the dose in this volume.{taken}",
        alt=f"A line from {first['concentration']:.3g} particles/mL at {first['weight']:g} kg to "
        f"{last['concentration']:.3g} at {last['weight']:g} kg.",
        vega_lite={
            "width": WIDTH,
            "height": HEIGHT,
            "data": {"values": points},
            "encoding": encoding,
            "layer": [
                {"mark": {"type": "line", "color": BLUE, "strokeWidth": 1.6}},
                {"mark": {"type": "point", "filled": True, "color": BLUE, "size": 50, "opacity": 1}},
                {
                    "mark": {"type": "text", "dy": -11, "color": INK},
                    "encoding": {"text": {"field": "concentration", "format": ".2~e"}},
                },
            ],
        },
    )


def draw_fills(fills: Sequence[Fill], *, id: str, volume_ml: float) -> Figure:  # noqa: A002
    """The particles in one fill at each printed concentration, on a logarithmic axis."""
    rows = [
        {"name": f"{format_power(one.concentration)} particles/mL", "particles": one.particles}
        for one in fills
    ]
    most, least = max(one.particles for one in fills), min(one.particles for one in fills)
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 200}}
    x = {
        "field": "particles",
        "type": "quantitative",
        "title": f"Particles in {volume_ml:g} mL",
        "scale": {"type": "log", "domain": [least / 3, most * 3]},
        "axis": {"format": ".0~e", "tickCount": 4},
    }
    return Figure(
        id=f"{id}-fills",
        title="Particles in one fill, at each printed concentration",
        caption=f"Both are called the same dose; they differ by a factor of {most / least:.3g}. Logarithmic axis.",
        alt="; ".join(f"{row['name']}: {row['particles']:.3g} particles" for row in rows) + ".",
        vega_lite={
            "width": WIDTH - 90,
            "height": 36.0 * len(rows),
            "data": {"values": rows},
            "encoding": {"x": x, "y": y},
            "layer": [
                {"mark": {"type": "point", "filled": True, "color": BLUE, "size": 80, "opacity": 1}},
                {
                    "mark": {"type": "text", "dy": -12, "color": INK},
                    "encoding": {"text": {"field": "particles", "format": ".3~e"}},
                },
            ],
        },
    )


def draw_deposition(*, id: str) -> Figure:  # noqa: A002
    """Shares of what is inhaled that deposit in each region, over the droplet's size (Hinds 1999, eq. 11.1 to 11.4)."""
    rows: list[dict[str, Any]] = []
    for size in _SIZES_UM:
        where = compute_deposition(size)
        rows += [
            {"size": size, "region": region, "share": 100 * getattr(where, region) / where.inhalable}
            for region, _ in _REGIONS
        ]
    alveolar = [(row["share"], row["size"]) for row in rows if row["region"] == "alveolar"]
    best, at = max(alveolar)
    least, least_at = min(alveolar)
    return Figure(
        id=f"{id}-deposition",
        title="Where droplets of one size deposit",
        caption=(
            "Shares of the inhaled particles, by the fits of Hinds (1999, eq. 11.1 to 11.4) to ICRP Publication 66: "
            "nose breathing, an average of women and men. Without the droplet size, the dose of the alveoli is "
            "not known within the height of the green curve."
        ),
        alt=f"Three curves over droplet size. The alveolar share is highest, {best:.0f} %, at {at:.2g} um and lowest, "
        f"{least:.1f} %, at {least_at:.2g} um.",
        vega_lite={
            "width": WIDTH,
            "height": HEIGHT,
            "data": {"values": rows},
            "mark": {"type": "line", "strokeWidth": 1.8},
            "encoding": {
                "x": {
                    "field": "size",
                    "type": "quantitative",
                    "title": "Droplet, aerodynamic diameter (µm)",
                    "scale": {"type": "log", "nice": False},
                    "axis": {"values": [0.5, 1, 2, 3, 5, 10], "format": "~g"},
                },
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "title": "Deposited share (%)",
                    "scale": {"domain": [0, 100]},
                },
                "color": {
                    "field": "region",
                    "type": "nominal",
                    "scale": {
                        "domain": [name for name, _ in _REGIONS],
                        "range": [one for _, one in _REGIONS],
                    },
                    "legend": {"title": None, "orient": "top"},
                },
                "strokeDash": {
                    "field": "region",
                    "type": "nominal",
                    "scale": {"domain": [name for name, _ in _REGIONS], "range": [[1, 0], [6, 3], [2, 2]]},
                    "legend": {"title": None, "orient": "top"},
                },
            },
        },
        data=Table(
            id=f"{id}-deposition-data",
            title="Where droplets of one size deposit",
            columns=(
                Column(key="size_um", head="Diameter, µm", align="right"),
                *(Column(key=region, head=f"{region}, %", align="right") for region, _ in _REGIONS),
            ),
            rows=tuple(
                (f"{size:.3g}", *(f"{row['share']:.2f}" for row in rows if row["size"] == size))
                for size in _SIZES_UM
            ),
        ),
    )
