"""The drawings of measured pictures: everything measured is on them, texts are escaped, bars are round."""

from __future__ import annotations

import pytest
from lxml import etree

from exotrial.product.assay import AssayFile
from exotrial.product.assays.measured_picture import measure_picture
from exotrial.product.measured_blot import MeasuredBlot
from exotrial.product.measured_micrograph import MeasuredMicrograph
from exotrial.report.pictures.blot_picture import draw_blot
from exotrial.report.pictures.frame import WIDTH
from exotrial.report.pictures.micrograph_picture import choose_bar, draw_micrograph
from exotrial.report.render.figures import draw_png, svg_size
from tests.product.images.marked import (
    SETTINGS,
    blot_file,
    blot_marks,
    mark,
    micrograph_file,
    micrograph_marks,
)


def texts(svg: str) -> list[str]:
    return [str(text) for text in etree.fromstring(svg.encode()).xpath("//*[local-name()='text']/text()")]


def measured_blot(background: str, extra: str) -> MeasuredBlot:
    picture = blot_file()
    found = measure_picture(picture, blot_marks(picture, background=background, extra=extra))
    assert isinstance(found, MeasuredBlot)
    return found


def measured_micrograph(picture: AssayFile, *marks: str) -> MeasuredMicrograph:
    found = measure_picture(picture, micrograph_marks(picture, *marks))
    assert isinstance(found, MeasuredMicrograph)
    return found


@pytest.mark.parametrize("background", ["local line", "rolling disc"])
def test_a_blot_shows_lanes_ladder_and_numbered_bands(background: str) -> None:
    blot = measured_blot(background, "radius_px = 40\n" if background == "rolling disc" else "")
    svg = draw_blot(blot)
    shown = texts(svg)
    assert {"ladder", "vesicles", "cells", "25 kDa"} <= {*shown}
    assert {str(number) for number in range(1, len(blot.bands) + 1)} <= {*shown}
    assert svg_size(svg)[0] == WIDTH
    assert draw_blot(blot) == svg
    assert any(f"(orange): {background}" in text for text in shown)


def test_names_are_escaped() -> None:
    evil = SETTINGS.replace('"vesicles"', '"<script>&"')
    evil = evil.replace('"cells"', '"c"')
    picture = blot_file()
    found = measure_picture(picture, blot_marks(picture, settings=evil, marks=[]))
    assert isinstance(found, MeasuredBlot)
    svg = draw_blot(found)
    assert "<script>" not in svg
    assert "<script>&" in texts(svg)


def test_a_micrograph_shows_every_outline_and_its_scale_bar() -> None:
    removed = mark(1, "remove", row=62, column=58, why="salt")
    added = mark(2, "add", row=100, column=200, diameter_nm=50, why="faint")
    found = measured_micrograph(micrograph_file(), removed, added)
    svg = draw_micrograph(found)
    root = etree.fromstring(svg.encode())
    assert len(root.xpath("//*[local-name()='polygon']")) == 4
    assert len(root.xpath("//*[local-name()='circle']")) == 1
    assert "100 nm" in texts(svg)
    assert draw_png(svg, scale=0.5).startswith(b"\x89PNG")


@pytest.mark.parametrize(("width", "bar"), [(512, 100), (454.5, 50), (454.6, 100), (2048, 200), (22.8, 5)])
def test_a_scale_bar_is_a_round_length(width: float, bar: float) -> None:
    assert choose_bar(width) == bar
