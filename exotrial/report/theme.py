"""How every figure looks: one palette that colour-blind readers tell apart, one font, thin axes.

Colours: Okabe & Ito (2008), https://jfly.uni-koeln.de/color/. Shapes and labels repeat what colour says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

FONT = "Inter"
FONTS = Path(__file__).parent / "fonts"

INK = "#1b1f24"
MUTED = "#6b7280"
RULE = "#c9ced6"
BLUE = "#0072b2"
ORANGE = "#d55e00"
GREEN = "#009e73"
SKY = "#56b4e9"
YELLOW = "#e69f00"
PINK = "#cc79a7"
CATEGORIES = (BLUE, ORANGE, GREEN, PINK, YELLOW, SKY)


def vega_lite_config() -> dict[str, Any]:
    """The `config` of every Vega-Lite specification of a report."""
    text = {"labelFont": FONT, "titleFont": FONT, "labelColor": INK, "titleColor": INK}
    return {
        "font": FONT,
        "background": "white",
        "view": {"stroke": None},
        "axis": {
            **text,
            "labelFontSize": 10,
            "titleFontSize": 10.5,
            "titleFontWeight": 600,
            "domainColor": MUTED,
            "tickColor": MUTED,
            "gridColor": "#eceff3",
            "titlePadding": 8,
        },
        "legend": {
            **text,
            "labelFontSize": 10,
            "titleFontSize": 10,
            "titleFontWeight": 600,
            "symbolSize": 70,
        },
        "header": {**text, "labelFontSize": 10.5, "labelFontWeight": 600, "titleFontSize": 10.5},
        "title": {"font": FONT, "fontSize": 11.5, "fontWeight": 600, "anchor": "start", "color": INK},
        "range": {"category": list(CATEGORIES)},
    }
