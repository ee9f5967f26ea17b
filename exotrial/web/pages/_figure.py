"""A figure on a page: a Vega-Lite specification as a picture made here, and for a script to make it interactive."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from exotrial.report.document import Figure
from exotrial.report.render.figures import draw_svg, in_our_look
from exotrial.web.pages._render import static

SCRIPTS = ("vendor/vega.min.js", "vendor/vega-lite.min.js", "vendor/vega-embed.min.js")


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What `parts/figure.html` needs: `words` say what is to be seen, `heads` and `rows` are the numbers."""

    spec: Mapping[str, Any]
    picture: str
    words: str
    heads: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    scripts: tuple[str, ...]


def draw_figure(
    spec: Mapping[str, Any], *, words: str, heads: Sequence[str] = (), rows: Sequence[Sequence[object]] = ()
) -> Drawn:
    """A figure in the look of the report's; the specification carries its data."""
    whole = in_our_look(spec)
    return Drawn(
        spec=whole,
        picture=_picture(json.dumps(whole, sort_keys=True)),
        words=words,
        heads=tuple(heads),
        rows=tuple(tuple(row) for row in rows),
        scripts=scripts(),
    )


def show_drawn(svg: bytes, spec: Mapping[str, Any] | None, *, words: str) -> Drawn:
    """A figure that was drawn before; without a specification it stays a picture."""
    return Drawn(spec=spec or {}, picture=_address(svg), words=words, heads=(), rows=(), scripts=scripts())


def scripts() -> tuple[str, ...]:
    """The addresses of what makes a figure interactive."""
    return tuple(static(name) for name in SCRIPTS)


@lru_cache(maxsize=64)
def _picture(spec: str) -> str:
    """The figure as the address of a picture in the page itself; drawing takes a while, so the last are kept."""
    svg = draw_svg(Figure(id="page", title="", caption="", alt="", vega_lite=json.loads(spec)))
    return _address(svg.encode())


def _address(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
