"""Micrographs measured as marks say, bundles that are measured when read, and counts that are compared."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.assay import AssayFile, AssayKind, assay_file, read_assay
from exotrial.product.assays.measured_picture import open_bundle, write_bundle
from exotrial.product.evidence import derive_shown, read_evidence, vial_of
from exotrial.product.measured_micrograph import MeasuredMicrograph, measure_micrograph
from exotrial.product.picture import read_picture
from exotrial.product.picture_marks import read_marks
from tests.product.images.marked import (
    DISCS,
    blot_file,
    blot_marks,
    mark,
    micrograph_file,
    micrograph_marks,
)


def measure(*marks: str, scaled: bool = True) -> MeasuredMicrograph:
    picture = micrograph_file(scaled=scaled)
    read = read_marks(micrograph_marks(picture, *marks), picture=picture.source)
    return measure_micrograph(read_picture(picture), read)


REMOVED = mark(1, "remove", row=62, column=58, why="a salt crystal")
ADDED = mark(2, "add", row=100, column=200, diameter_nm=50, why="too faint to be found")


def test_vesicles_are_measured_and_outlined_where_they_were_drawn() -> None:
    found = measure()
    assert found.findings == ()
    drawn = sorted(2 * diameter for _, _, diameter in DISCS)
    assert sorted(each.diameter_nm for each in found.counted.vesicles) == pytest.approx(drawn, rel=0.03)
    for vesicle in found.counted.vesicles:
        around = np.array(vesicle.outline) - [vesicle.row, vesicle.column]
        radii = np.hypot(around[:, 0], around[:, 1])
        assert radii == pytest.approx(vesicle.diameter_nm / 4, abs=1.5)


def test_marks_remove_and_add_and_the_result_says_so() -> None:
    found = measure(REMOVED, ADDED)
    assert [round(each.row) for each in found.counted.removed] == [60]
    (added,) = [each for each in found.counted.vesicles if each.mark is not None]
    assert (added.row, added.column, added.diameter_nm) == (100, 200, 50)
    assert found.findings[0].rule == "IMF-008"
    assert "2 marks by hand" in found.sizes.flags
    withdrawn = measure(REMOVED, mark(2, "withdraw", replaces=1, why="it is a vesicle"))
    assert len(withdrawn.counted.vesicles) == 4


def test_a_mark_on_nothing_is_refused() -> None:
    with pytest.raises(Refusal, match=r"TEM-002: marks.toml line \d+.*no vesicle is there"):
        measure(mark(1, "remove", row=120, column=20))


def test_without_a_scale_one_is_stated_by_a_mark_and_told() -> None:
    with pytest.raises(Refusal, match="IMG-003"):
        measure(scaled=False)
    scale = mark(1, "scale", nm_per_pixel=2.0, read_from="scale bar, 100 nm = 50 px")
    found = measure(scale, scaled=False)
    assert found.counted.scale.read_from == "scale bar, 100 nm = 50 px (stated by QC scientist)"
    assert [finding.rule for finding in found.findings] == ["IMF-009"]
    with pytest.raises(Refusal, match=r"IMG-005.*two scales stand"):
        measure(scale, mark(2, "scale", nm_per_pixel=2.1, read_from="again"), scaled=False)


def bundle(picture: AssayFile, marks: AssayFile) -> AssayFile:
    return assay_file(write_bundle(picture, marks), name="picture-with-marks.zip")


def test_a_bundle_is_evidence_of_its_sample_measured_when_it_is_read() -> None:
    picture = blot_file()
    file = bundle(picture, blot_marks(picture))
    evidence = read_evidence(file)
    assert evidence.reading is not None
    assert evidence.reading.kind is AssayKind.BLOT
    assert vial_of(evidence.reading.sample, batch="CORD-7") == "3"
    assert str(evidence.measured_on) == "2026-01-12"
    shown = {one.measures: one for one in derive_shown(evidence)}
    volume = shown["CD9 net volume"].value
    assert volume is not None
    assert float(volume.value) == pytest.approx(4e5, rel=0.04)
    over = shown["CD9 net volume over critical level"].value
    assert over is not None
    assert over.value > 1
    assert "calnexin net volume" in shown
    assert "found" in str(shown["CD9 net volume"].place)
    assert "marked by QC scientist" in str(shown["calnexin net volume"].place)


def test_a_bundle_of_a_micrograph_gives_sizes() -> None:
    picture = micrograph_file()
    reading = read_assay(bundle(picture, micrograph_marks(picture, REMOVED, ADDED)))
    assert reading.kind is AssayKind.ELECTRON_MICROSCOPY
    assert reading.distributions[0].videos[0].values.sum() == 4
    numbers = {each.name: each.value for each in reading.printed}
    assert (numbers["vesicles removed by hand"], numbers["vesicles added by hand"]) == (1, 1)


def test_a_bundle_is_the_same_bytes_again_and_gives_back_its_files() -> None:
    picture = micrograph_file()
    marks = micrograph_marks(picture)
    assert write_bundle(picture, marks) == write_bundle(picture, marks)
    again, told = open_bundle(bundle(picture, marks))
    assert (again.data, told.data) == (picture.data, marks.data)


def test_a_bundle_is_not_read_as_the_other_kind() -> None:
    picture = micrograph_file()
    with pytest.raises(Refusal, match=r"IMG-010: .*it shows an electron micrograph"):
        read_assay(bundle(picture, micrograph_marks(picture)), reader="measured_blot")
    blot = blot_file()
    with pytest.raises(Refusal, match=r"IMG-010: .*it shows a blot"):
        read_assay(bundle(blot, blot_marks(blot)), reader="measured_micrograph")


def test_a_zip_with_something_else_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("a.tif", b"x")
    file = assay_file(stream.getvalue(), name="a.zip")
    with pytest.raises(Refusal, match="ASY-001"):
        read_assay(file)
    with pytest.raises(Refusal, match=r"IMG-010: a.zip: it holds a.tif"):
        read_assay(file, reader="measured_blot")


PICTURE = micrograph_file()
ZIP = bundle(PICTURE, micrograph_marks(PICTURE)).data


@given(st.integers(0, len(ZIP) - 1), st.binary(min_size=1, max_size=3), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_damaged_bundle_is_refused_or_holds_what_it_held(at: int, put: bytes, cut: bool) -> None:
    data = ZIP[:at] if cut else ZIP[:at] + put + ZIP[at + len(put) :]
    try:
        picture, _ = open_bundle(assay_file(data, name="b.zip"))
    except Refusal as refused:
        code = refused.code.code
    else:
        code = "IMG-010" if picture.data == PICTURE.data else "changed"
    assert code == "IMG-010"
