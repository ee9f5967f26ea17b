"""Labels as PDF: sheets of 24 for kits and vials, or one to a page for a label printer; each with its QR code."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import segno
import typst

from exotrial.product.kit_labels import CLINICAL_TRIAL, KitLabel, LabelFacts
from exotrial.product.labels import compute_check_character
from exotrial.report.render.typst_source import literal
from exotrial.report.theme import FONT, FONTS

Paper = Literal["sheet", "roll"]

_SHEET = (
    '#set page(paper: "a4", margin: (x: 0mm, y: 4.5mm))\n'
    "#let label(body) = box(width: 70mm, height: 36mm, inset: (x: 5mm, y: 2.5mm), clip: true, align(horizon, body))\n"
)
_ROLL = (
    "#set page(width: 70mm, height: 36mm, margin: 0mm)\n"
    "#let label(body) = box(width: 70mm, height: 36mm, inset: (x: 4mm, y: 2mm), clip: true, align(horizon, body))\n"
)


def render_kit_labels(labels: Sequence[KitLabel], facts: LabelFacts, *, paper: Paper = "sheet") -> bytes:
    """The labels in their order as PDF; every label of a kit looks like every other but for its number."""
    bodies, codes = [], []
    for label in labels:
        codes.append(label.code(facts.study))
        number = f"text(size: 13pt, weight: 700, {literal(label.number)})"
        lines = [
            _line(facts.sponsor, "size: 6pt, fill: luma(60)"),
            _line(facts.study, "size: 6.5pt"),
            f"stack(dir: ltr, spacing: 4pt, {number}, {_boxed(label.check)})",
            _line(facts.contents, "size: 6pt"),
            _line(facts.storage, "size: 6pt"),
            _line(f"Use by {facts.use_by:%Y-%m-%d}" if facts.use_by else "", "size: 6pt"),
            _line("Participant ____________", "size: 6.5pt"),
            _line(CLINICAL_TRIAL, "size: 6.5pt, weight: 700"),
        ]
        bodies.append(_body(lines, len(codes) - 1))
    return _render(bodies, codes, paper=paper)


def render_donation_labels(numbers: Sequence[str], *, paper: Paper = "sheet") -> bytes:
    """Labels of donation identification numbers with flag 00 and check character in its box. Refuses with LBL-001.

    The code holds the number as ISBT 128 writes it (data structure 001): "=", thirteen characters, two of flags.
    """
    bodies, codes = [], []
    for number in numbers:
        check = compute_check_character(number)
        codes.append(f"={number}00")
        spaced = f"{number[:5]} {number[5:7]} {number[7:]}"
        parts = (
            f"text(size: 10pt, weight: 600, {literal(spaced)})",
            "rotate(90deg, reflow: true, text(size: 7pt)[00])",
            _boxed(check),
        )
        told = f"#stack(dir: ltr, spacing: 2.5pt, {', '.join(parts)})"
        bodies.append(_grid(told, len(codes) - 1))
    return _render(bodies, codes, paper=paper)


def _line(text: str, style: str) -> str:
    return f"text({style}, {literal(text)})" if text else ""


def _boxed(check: str) -> str:
    """A check character in its box: it is no part of the number."""
    return f"box(stroke: 0.6pt, inset: 1.6pt, text(size: 9pt, {literal(check)}))"


def _body(lines: list[str], code: int) -> str:
    told = ", ".join(line for line in lines if line)
    return _grid(f"#stack(dir: ttb, spacing: 3.6pt, {told})", code)


def _grid(told: str, code: int) -> str:
    picture = f'image("{code}.svg", width: 19mm)'
    return f"#grid(columns: (1fr, 19mm), column-gutter: 2mm, align: horizon, [{told}], {picture})"


def _render(bodies: list[str], codes: list[str], *, paper: Paper) -> bytes:
    head = f'#set document(date: none)\n#set text(font: ("{FONT}", "Libertinus Serif"))\n'
    head += "#set par(spacing: 0pt, leading: 2pt)\n"
    if paper == "sheet":
        cells = ",\n".join(f"label[{body}]" for body in bodies)
        source = f"{head}{_SHEET}#grid(columns: 3, {cells})"
    else:
        source = head + _ROLL + "\n#pagebreak()\n".join(f"#label[{body}]" for body in bodies)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for position, code in enumerate(codes):
            drawn = io.BytesIO()
            segno.make(code, micro=False, error="m").save(drawn, kind="svg", border=2, scale=4)
            root.joinpath(f"{position}.svg").write_bytes(drawn.getvalue())
        root.joinpath("labels.typ").write_text(source, encoding="utf-8")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])
        return bytes(typst.compile(str(root / "labels.typ"), root=str(root), font_paths=fonts, format="pdf"))
