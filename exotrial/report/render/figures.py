"""Draws figures: Vega-Lite to SVG by vl-convert, SVG to PNG, with the fonts that the package carries."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import vl_convert

from exotrial.report.document import Figure
from exotrial.report.theme import FONT, FONTS, vega_lite_config


@cache
def _fonts_registered() -> bool:
    vl_convert.register_font_directory(str(FONTS))
    return True


def draw_svg(figure: Figure) -> str:
    """The figure as an SVG document."""
    if figure.svg is not None:
        return figure.svg
    assert figure.vega_lite is not None
    _fonts_registered()
    svg = str(vl_convert.vegalite_to_svg(in_our_look(figure.vega_lite)))
    # A page shown where the font is not installed falls back to one of its kind.
    return svg.replace(f'font-family="{FONT}"', f'font-family="{FONT}, Helvetica, Arial, sans-serif"')


def in_our_look(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A Vega-Lite specification with the look of the report where it says nothing of its own."""
    return {**spec, "config": {**vega_lite_config(), **spec.get("config", {})}}


def draw_png(svg: str, *, scale: float = 2.5) -> bytes:
    """An SVG as PNG, `scale` times its nominal size."""
    _fonts_registered()
    return bytes(vl_convert.svg_to_png(svg, scale=scale))


def svg_size(svg: str) -> tuple[float, float]:
    """Width and height of an SVG in CSS pixels, from its root element."""
    head = svg[: svg.index(">")]
    return _attribute(head, "width"), _attribute(head, "height")


def _attribute(head: str, name: str) -> float:
    start = head.index(f' {name}="') + len(name) + 3
    return float(head[start : head.index('"', start)].removesuffix("px"))
