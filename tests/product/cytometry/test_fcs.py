"""FCS files of five cytometers, and files whose parts disagree."""

from __future__ import annotations

import re
from datetime import datetime

import flowio
import numpy as np
import pytest

from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file, read_assay
from exotrial.product.assays.fcs import read_fcs
from exotrial.product.cytometry.events import Events
from tests.conftest import PROJECT, shared

EXAMPLE = PROJECT / "tests" / "files" / "assays" / "fcs" / "variable_int_example.fcs"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "version", "cytometer", "count"),
    [
        ("flowcal/Data001.fcs", "FCS 2.0", "FACScan", 20949),
        ("flowcal/Data002.fcs", "FCS 2.0", "FACSCantoII", 20000),
        ("flowio/3FITC_4PE_004.fcs", "FCS 2.0", "FACScan", 94569),
        ("flowio/G11.fcs", "FCS 3.1", "4486521 Attune NxT Acoustic Focusing Cytometer (Lasers: BRVY)", 5785),
    ],
)
def test_events_are_those_that_flowio_gives(file: str, version: str, cytometer: str, count: int) -> None:
    path = shared("data", "fcs", file)
    reading = read_assay(assay_file(path.read_bytes(), name=path.name))
    content = reading.content
    assert isinstance(content, Events)
    assert (reading.version, reading.instrument, len(content)) == (version, cytometer, count)
    assert np.array_equal(content.values, flowio.FlowData(str(path)).as_array(preprocess=True))


@pytest.mark.shared
def test_the_matrix_of_the_file_is_read_by_channel() -> None:
    path = shared("data", "fcs", "flowio", "B01 KC-A-W---91-US.fcs")
    reading = read_fcs(assay_file(path.read_bytes(), name=path.name))
    assert reading.content.spill.detectors[:2] == ("FL1-A", "FL2-A")
    assert np.diag(reading.content.spill.matrix).tolist() == [1.0] * 8
    assert reading.measured_at == datetime(2019, 2, 19, 21, 28, 25)  # noqa: DTZ001 - the file has no zone


@pytest.mark.shared
def test_integers_of_24_bits_are_decoded() -> None:
    path = shared("data", "fcs", "flowcal", "Data003.fcs")
    data = path.read_bytes()
    content = read_fcs(assay_file(data, name=path.name)).content
    assert len(content) == 25000
    # The first event, byte by byte: 24 bits each, the most significant byte first, time in steps of 0.1.
    head = [int.from_bytes(data[4096 + 3 * k : 4099 + 3 * k], "big") for k in range(3)]
    assert content.values[0, :3].tolist() == pytest.approx([head[0] * 0.1, head[1], head[2]])


def test_a_time_step_and_a_matrix_that_are_none_are_doubted() -> None:
    reading = read_fcs(assay_file(EXAMPLE.read_bytes(), name=EXAMPLE.name))
    assert [finding.rule for finding in reading.findings] == ["FLF-002", "FLF-003"]
    assert reading.content.spill_problem


def edited(old: bytes, new: bytes) -> bytes:
    data = EXAMPLE.read_bytes()
    assert old in data
    assert len(old) == len(new)
    return data.replace(old, new, 1)


def test_header_and_text_that_disagree_are_refused() -> None:
    begin = re.search(rb"\$BEGINDATA.(\d+)", EXAMPLE.read_bytes(), re.IGNORECASE)
    assert begin is not None
    other = str(int(begin[1]) + 52).zfill(len(begin[1])).encode()
    with pytest.raises(Refusal, match="FCS-002"):
        read_fcs(assay_file(edited(begin[0], begin[0].replace(begin[1], other)), name="edited.fcs"))


@pytest.mark.parametrize(
    ("old", "new", "code"), [(b"FCS3.0", b"FCS9.0", "FCS-001"), (b"FCS3.0", b"FCS2.1", "FCS-001")]
)
def test_another_version_is_refused(old: bytes, new: bytes, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        read_fcs(assay_file(edited(old, new), name="edited.fcs"))
