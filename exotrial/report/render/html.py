"""A report as one HTML file that needs no network: styles inline, figures as data URIs."""

from __future__ import annotations

import base64
from importlib.resources import files
from itertools import groupby

import jinja2

from exotrial.report.document import Block, Bullets, Figure, Missing, Paragraph, Report, Subheading, Table
from exotrial.report.render.figures import draw_svg


def render_html(report: Report, drawings: dict[str, str] | None = None) -> bytes:
    """The whole report. `drawings` are SVGs by figure id that were drawn already."""
    drawn = drawings or {}
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["kind"] = _kind
    environment.filters["data_uri"] = lambda figure: _data_uri(drawn.get(figure.id) or draw_svg(figure))
    environment.filters["groups"] = _groups
    templates = files("exotrial.report").joinpath("templates")
    template = environment.from_string(templates.joinpath("report.html").read_text(encoding="utf-8"))
    style = templates.joinpath("report.css").read_text(encoding="utf-8")
    return template.render(report=report, style=style).encode("utf-8")


def _kind(block: Block) -> str:
    kinds: dict[type, str] = {
        Paragraph: "paragraph",
        Bullets: "bullets",
        Missing: "missing",
        Subheading: "subheading",
        Table: "table",
        Figure: "figure",
    }
    return kinds[type(block)]


def _data_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode('utf-8')).decode('ascii')}"


def _groups(table: Table) -> list[tuple[str, int]]:
    """Column groups and how many columns each spans; empty where no column has a group."""
    if not any(column.group for column in table.columns):
        return []
    return [(group, len(list(columns))) for group, columns in groupby(table.columns, key=lambda c: c.group)]
