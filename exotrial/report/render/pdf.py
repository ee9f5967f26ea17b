"""A report as PDF, set by typst with the fonts that the package carries; no clock enters the file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typst

from exotrial.report.document import Block, Bullets, Figure, Missing, Paragraph, Report, Subheading, Table
from exotrial.report.render.figures import draw_svg, svg_size
from exotrial.report.render.typst_source import literal, table_source
from exotrial.report.theme import FONT, FONTS

_PAGE_PX = 640.0
"""Width of the type area in CSS pixels (A4 less margins); a figure wider than this is scaled down."""


def render_pdf(report: Report, drawings: dict[str, str] | None = None) -> bytes:
    """The whole report as PDF. `drawings` are SVGs by figure id that were drawn already."""
    drawn = dict(drawings or {})
    parts = [_head(report)]
    for section in report.sections:
        parts.append(f"= {_inline(section.title)} <{_label(section.id)}>")
        parts += [_block(block, drawn) for block in section.blocks]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, svg in drawn.items():
            root.joinpath(f"{_label(name)}.svg").write_text(svg, encoding="utf-8")
        source = root / "report.typ"
        source.write_text("\n\n".join(parts), encoding="utf-8")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])
        return bytes(typst.compile(str(source), root=str(root), font_paths=fonts, format="pdf"))


def _head(report: Report) -> str:
    facts = "".join(f"text(fill: luma(90), {literal(a)}), text({literal(b)})," for a, b in report.facts)
    notices = "\n".join(
        f'#block(fill: rgb("#fff6df"), inset: 8pt, radius: 3pt, width: 100%, text(size: 9pt, {literal(notice)}))'
        for notice in report.notices
    )
    running = f"text(size: 7.5pt, fill: luma(100), {literal(report.id + ' · ' + report.dated)})"
    return f"""#set document(title: {literal(report.title)}, date: none)
#set page(paper: "a4", margin: (x: 20mm, top: 20mm, bottom: 18mm),
  footer: context [#{running} #h(1fr) #text(size: 7.5pt, fill: luma(100), counter(page).display("1 / 1", both: true))])
#set text(font: ("{FONT}", "Libertinus Serif"), size: 9.5pt, lang: "en")
#set par(justify: false, leading: 0.62em, spacing: 0.9em)
#set heading(numbering: {_NUMBERING[report.layout]})
#show heading.where(level: 1): set block(above: 22pt, below: 10pt)
#show heading.where(level: 1): set text(size: 14pt, weight: 600)
#show heading.where(level: 2): set text(size: 10.5pt, weight: 600)
#show heading.where(level: 2): set block(above: 14pt, below: 7pt)
{_ABOVE_TITLE[report.layout]}
#block(below: 9pt, text(size: 19pt, weight: 600, {literal(report.title)}))
#block(below: 12pt, text(size: 10.5pt, fill: luma(80), {literal(report.subtitle)}))
{notices}
#table(columns: (44mm, 1fr), stroke: none, inset: (x: 0pt, y: 2.5pt), {facts})
{_CONTENTS[report.layout]}"""


_NUMBERING = {"report": '"1.1"', "protocol": "none"}
_ABOVE_TITLE = {"report": "", "protocol": "#v(45mm)"}
_CONTENTS = {
    "report": "#v(6pt)\n#outline(depth: 1, title: none, indent: 0pt)",
    "protocol": "#pagebreak()\n#text(size: 14pt, weight: 600)[Contents]\n"
    "#set text(size: 8.5pt)\n#set par(leading: 0.5em)\n"
    "#show outline.entry.where(level: 1): set block(above: 7.4pt)\n"
    "#show outline.entry.where(level: 2): set block(above: 4.2pt)\n"
    "#show outline.entry.where(level: 1): set text(weight: 600)\n"
    "#set outline.entry(fill: repeat[#h(2pt).#h(2pt)])\n"
    "#outline(depth: 2, title: none, indent: 10pt)\n#pagebreak()\n#set text(size: 9.5pt)\n#set par(leading: 0.62em)",
}
"""A protocol opens with a page of its title and one of its contents, down to the items."""


def _block(block: Block, drawn: dict[str, str]) -> str:
    match block:
        case Paragraph(text=text):
            return f"#par({_content(text)})"
        case Subheading(text=text):
            return f"== {_inline(text)}"
        case Missing(text=text):
            return (
                '#block(fill: rgb("#fff6df"), inset: (x: 7pt, y: 5pt), radius: 2pt, width: 100%)'
                f'[#text(weight: 600, "Missing: ")#text({literal(text)})]'
            )
        case Bullets(items=items):
            return "\n".join(f"- {_inline(item)}" for item in items)
        case Figure():
            return _figure(block, drawn)
        case Table():
            return f"#page(flipped: true)[{table_source(block)}]" if block.landscape else table_source(block)


def _figure(figure: Figure, drawn: dict[str, str]) -> str:
    svg = drawn.get(figure.id) or draw_svg(figure)
    drawn[figure.id] = svg
    width = min(100.0, svg_size(svg)[0] / _PAGE_PX * 100)
    caption = f"#text(weight: 600, {literal(figure.title + '. ')})#text({literal(figure.caption)})"
    image = f'#image("{_label(figure.id)}.svg", width: {width:.1f}%, alt: {literal(figure.alt)})'
    body = f"#block(breakable: false, above: 14pt, below: 14pt)[#block(below: 6pt)[{caption}]\n{image}]"
    return f"#page(flipped: true)[{body}]" if figure.landscape else body


def _content(text: str) -> str:
    return f"text({literal(text)})"


def _inline(text: str) -> str:
    return f"#text({literal(text)})"


def _label(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name)
