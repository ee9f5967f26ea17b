"""Pictures among the files of a batch, drawn with what was measured on them, beside their numbers.

Only for pages of those who know arms: a picture names lanes and samples. Each picture is asked for as a file of the
batch, and that reading is kept in the trail like any other.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from exotrial.product.assay import assay_file, read_assay
from exotrial.product.measured_blot import MeasuredBlot
from exotrial.product.measured_micrograph import MeasuredMicrograph
from exotrial.report.document import Table
from exotrial.web.pages._page import Visit

READERS: Final = ("measured_blot", "measured_micrograph", "tem_tiff", "blot_tiff")
"""The readers whose files are pictures; the first two are measured, the others are shown as they came."""


@dataclass(frozen=True, kw_only=True)
class PictureShown:
    """A drawing as an address of its own content, what it shows in words, and the tables of its numbers."""

    address: str
    words: str
    tables: tuple[Table, ...]


def draw_pictures(visit: Visit, code: str, files: Iterable[Any]) -> dict[int, PictureShown]:
    """The pictures among the files of a batch, by the number of the file; a file that cannot be read has none."""
    found = {}
    for one in files:
        if one.reader in READERS and not one.problem:
            told = visit.ask("show_evidence_file", code=code, evidence=one.evidence)
            found[one.evidence] = _draw(base64.b64decode(told.content), told.name, one.reader)
    return found


@lru_cache(maxsize=8)
def _draw(data: bytes, name: str, reader: str) -> PictureShown:
    from exotrial.report.picture_report import build_figure
    from exotrial.report.pictures.frame import draw_plain
    from exotrial.report.pictures.tables import build_hand_marks, build_numbers
    from exotrial.report.render.figures import draw_svg

    content = read_assay(assay_file(data, name=name), reader=reader).content
    if not isinstance(content, MeasuredBlot | MeasuredMicrograph):
        return PictureShown(address=_address(draw_plain(content)), words=name, tables=())
    figure = build_figure(content)
    marks = (build_hand_marks(content.marks),) if content.marks.marks else ()
    return PictureShown(
        address=_address(draw_svg(figure)), words=figure.alt, tables=(*build_numbers(content), *marks)
    )


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
