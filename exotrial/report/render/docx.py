"""A report as DOCX by python-docx, with every time stamp of the archive fixed."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from itertools import groupby

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

from exotrial.report.document import Block, Bullets, Figure, Missing, Paragraph, Report, Subheading, Table
from exotrial.report.render.figures import draw_png, draw_svg, svg_size
from exotrial.report.render.widths import compute_shares

_FIXED = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP archive can hold: the file must not tell when it was made."""
_CONTENT_MM = 170.0
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "decimal": WD_ALIGN_PARAGRAPH.RIGHT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
}


def render_docx(report: Report, drawings: dict[str, str] | None = None) -> bytes:
    """The whole report as DOCX. `drawings` are SVGs by figure id that were drawn already."""
    drawn = drawings or {}
    document = Document()
    _set_up(document, report)
    document.add_heading(report.title, level=0)
    document.add_paragraph(report.subtitle)
    for notice in report.notices:
        document.add_paragraph(notice, style="Intense Quote")
    for label, value in report.facts:
        line = document.add_paragraph()
        line.paragraph_format.space_after = Pt(1)
        line.add_run(f"{label}: ").bold = True
        line.add_run(value)
    if report.layout == "protocol":
        _add_contents(document, report)
    for number, section in enumerate(report.sections, start=1):
        numbered = section.title if report.layout == "protocol" else f"{number}  {section.title}"
        document.add_heading(numbered, level=1)
        for block in section.blocks:
            _add(document, block, drawn)
    out = io.BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


def _set_up(document, report: Report) -> None:  # type: ignore[no-untyped-def]  # python-docx is untyped
    properties = document.core_properties
    properties.title, properties.author, properties.comments = report.title, "exotrial", ""
    properties.created = properties.modified = datetime(*_FIXED)  # noqa: DTZ001 - OOXML takes it as UTC
    page = document.sections[0]
    page.page_width, page.page_height, page.orientation = Mm(210), Mm(297), WD_ORIENT.PORTRAIT
    page.left_margin = page.right_margin = Mm(20)
    page.top_margin = page.bottom_margin = Mm(18)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(10)
    for name, size in (("Title", 20), ("Heading 1", 14), ("Heading 2", 11)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.bold = "Arial", Pt(size), True
        style.font.color.rgb = RGBColor(0x1B, 0x1F, 0x24)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)


def _add_contents(document, report: Report) -> None:  # type: ignore[no-untyped-def]
    """A page of contents without page numbers: only a word processor knows on which page a heading falls."""
    document.add_page_break()
    document.add_paragraph().add_run("Contents").bold = True
    for section in report.sections:
        line = document.add_paragraph()
        line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(2), Pt(0)
        title = line.add_run(section.title)
        title.bold, title.font.size = True, Pt(8)
        for block in section.blocks:
            if isinstance(block, Subheading):
                entry = document.add_paragraph()
                entry.paragraph_format.left_indent, entry.paragraph_format.space_after = Mm(6), Pt(0)
                entry.paragraph_format.line_spacing = 1
                entry.add_run(block.text).font.size = Pt(8)
    document.add_page_break()


def _add_missing(document, text: str) -> None:  # type: ignore[no-untyped-def]
    paragraph = document.add_paragraph()
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:fill"), "FFF6DF")
    paragraph._p.get_or_add_pPr().append(shading)
    paragraph.add_run("Missing: ").bold = True
    paragraph.add_run(text)


def _add(document, block: Block, drawn: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    match block:
        case Paragraph(text=text):
            document.add_paragraph(text)
        case Subheading(text=text):
            document.add_heading(text, level=2)
        case Missing(text=text):
            _add_missing(document, text)
        case Bullets(items=items):
            for item in items:
                document.add_paragraph(item, style="List Bullet")
        case Figure():
            _add_figure(document, block, drawn)
        case Table():
            _add_table(document, block)


def _add_figure(document, figure: Figure, drawn: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    caption = document.add_paragraph()
    caption.paragraph_format.keep_with_next = True
    caption.add_run(f"{figure.title}. ").bold = True
    caption.add_run(figure.caption)
    svg = drawn.get(figure.id) or draw_svg(figure)
    width_mm = min(_CONTENT_MM, svg_size(svg)[0] * 25.4 / 96)
    picture = document.add_picture(io.BytesIO(draw_png(svg)), width=Emu(int(width_mm * 36000)))
    picture._inline.docPr.set("descr", figure.alt)


def _add_table(document, table: Table) -> None:  # type: ignore[no-untyped-def]
    title = document.add_paragraph()
    title.paragraph_format.keep_with_next = True
    title.add_run(table.title).bold = True
    grouped = any(column.group for column in table.columns)
    heads = 2 if grouped else 1
    drawn = document.add_table(rows=heads + len(table.rows), cols=len(table.columns))
    drawn.autofit = False
    for column, share in zip(drawn.columns, compute_shares(table), strict=True):
        width = Emu(int(share * _CONTENT_MM * 36000))
        column.width = width
        for cell in column.cells:
            cell.width = width
    _narrow_margins(drawn)
    rows = drawn._tbl.tr_lst
    lines = list(drawn.rows)  # python-docx lists all rows again for each that is asked for
    if grouped:
        cells, position = lines[0].cells, 0
        for group, columns in groupby(table.columns, key=lambda column: column.group):
            span = len(list(columns))
            cell = cells[position] if span == 1 else cells[position].merge(cells[position + span - 1])
            _write(cell, group, "center", bold=True)
            position += span
    for cell, column in zip(lines[heads - 1].cells, table.columns, strict=True):
        _write(cell, column.head, column.align, bold=True)
    for index, row in enumerate(table.rows):
        cells = lines[heads + index].cells
        if index in table.stub_rows:
            _write(cells[0].merge(cells[-1]), row[0] or "", "left", bold=True)
            continue
        for cell, text, column in zip(cells, row, table.columns, strict=True):
            _write(cell, text or "", column.align, bold=False)
    for position in range(heads):
        properties = rows[position].get_or_add_trPr()
        properties.append(OxmlElement("w:tblHeader"))
    for line in rows:
        line.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    _rule(rows[0], "top", 12)
    _rule(rows[heads - 1], "bottom", 6)
    _rule(rows[-1], "bottom", 12)
    for note in table.notes:
        line = document.add_paragraph()
        line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(3), Pt(0)
        run = line.add_run(note)
        run.font.size, run.font.color.rgb = Pt(8), RGBColor(0x59, 0x61, 0x6B)
    document.add_paragraph()


def _write(cell, text: str, align: str, *, bold: bool) -> None:  # type: ignore[no-untyped-def]
    paragraph = cell.paragraphs[0]
    paragraph.alignment = _ALIGN[align]
    paragraph.paragraph_format.space_after = Pt(1)
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(8), bold


def _narrow_margins(drawn) -> None:  # type: ignore[no-untyped-def]
    """Cell margins of 0.8 mm at the sides, so that ten columns of numbers fit a page."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "45")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    drawn._tbl.tblPr.append(margins)


def _rule(row, side: str, eighths: int) -> None:  # type: ignore[no-untyped-def]
    for cell in row.tc_lst:
        properties = cell.get_or_add_tcPr()
        borders = properties.find(qn("w:tcBorders"))
        if borders is None:
            borders = OxmlElement("w:tcBorders")
            properties.append(borders)
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(eighths)), ("color", "1B1F24")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)


def _without_times(data: bytes) -> bytes:
    """The same archive with every member at one fixed time, in a fixed order."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in sorted(source.namelist()):
            info = zipfile.ZipInfo(name, date_time=_FIXED)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            target.writestr(info, source.read(name))
    return out.getvalue()
