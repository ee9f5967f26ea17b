"""Pictures on the page of a batch: as measured, beside their numbers, and for nobody who is blind."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

from exotrial.operations.access import Role
from exotrial.product.assays.measured_picture import write_bundle
from exotrial.store.home import disconnect
from tests.operations.released import begin_held, send
from tests.product.batch_files import BATCH
from tests.product.images.marked import blot_file, blot_marks, micrograph_file
from tests.web.pages.visitor import Visitor, words_of


def pictures_of(page: str) -> list[str]:
    """The drawings of a page, as SVG."""
    found = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)"', page)
    return [base64.b64decode(html.unescape(one)).decode() for one in found]


def test_a_measured_blot_is_shown_beside_its_numbers_and_a_plain_picture_alone(tmp_path: Path) -> None:
    trial = begin_held(tmp_path)
    picture = blot_file()
    send(trial, "blot-with-marks.zip", write_bundle(picture, blot_marks(picture)))
    send(trial, "micrograph.tif", micrograph_file().data)
    visitor = Visitor(trial, Role.PHARMACIST)
    page = visitor.get(visitor.study(f"/product/batch/{visitor.ref(BATCH)}"))
    blot, plain = pictures_of(page.text)
    assert ">vesicles<" in blot
    assert "<text" not in plain
    words = words_of(page)
    assert "marked by QC scientist, 2026-01-12 11:06 UTC: band at 75 kDa" in words
    assert "Is CD9 present?" in words
    assert "Nothing is measured on this picture." in words
    disconnect()


def test_a_picture_of_a_batch_is_nowhere_for_the_blind(tmp_path: Path) -> None:
    trial = begin_held(tmp_path)
    picture = blot_file()
    send(trial, "blot-with-marks.zip", write_bundle(picture, blot_marks(picture)))
    for role in (Role.COORDINATOR, Role.MONITOR):
        blind = Visitor(trial, role)
        answer = blind.get(blind.study(f"/product/batch/{blind.ref(BATCH)}"))
        assert answer.status_code in (403, 404)
        assert "data:image" not in answer.text
        assert BATCH not in answer.text
    disconnect()
