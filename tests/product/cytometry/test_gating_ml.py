"""Gating-ML 2.0 against the ISAC compliance set, event by event, and files that are none."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.cli.app import REFUSED, main
from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file
from exotrial.product.assays.fcs import read_fcs
from exotrial.product.cytometry.events import Events
from exotrial.product.cytometry.gates import apply_gates
from exotrial.product.cytometry.gating_ml import read_gating_ml
from tests.conftest import shared

COUNTS = {
    "Rectangle1": 252,
    "Rectangle3": 6446,
    "Polygon1": 1582,
    "Polygon3NS": 1325,
    "Ellipse1": 203,
    "And1": 561,
    "Or1": 1983,
    "Not1": 13164,
    "FL2P-FL4P": 620,
    "ScaleRange4c": 1873,
    "ScaleRect1": 809,
}
"""ev_cases GATINGML: events of 13,367 in the gates of the compliance set."""

HEAD = (
    '<gating:Gating-ML xmlns:gating="http://www.isac-net.org/std/Gating-ML/v2.0/gating" '
    'xmlns:transforms="http://www.isac-net.org/std/Gating-ML/v2.0/transformations" '
    'xmlns:data-type="http://www.isac-net.org/std/Gating-ML/v2.0/datatypes">\n'
)
DIMENSION = (
    '<gating:dimension gating:compensation-ref="uncompensated" gating:min="1">'
    '<data-type:fcs-dimension data-type:name="FSC-H"/></gating:dimension>'
)


@pytest.fixture(scope="module")
def folder() -> Path:
    return shared("data", "fcs", "gatingml")


@pytest.fixture(scope="module")
def events(folder: Path) -> Events:
    content = read_fcs(assay_file((folder / "data1.fcs").read_bytes(), name="data1.fcs")).content
    assert isinstance(content, Events)
    return content


@pytest.mark.shared
def test_every_event_of_every_truth_file_is_where_the_standard_puts_it(folder: Path, events: Events) -> None:
    whole = (folder / "gml" / "gml_all_gates.xml").read_bytes()
    inside = apply_gates(read_gating_ml(whole, name="gml_all_gates.xml"), events)
    parted = (folder / "gml" / "gml_parent_quadrant_rect_gate.xml").read_bytes()
    by_parent = apply_gates(read_gating_ml(parted, name="gml_parent_quadrant_rect_gate.xml"), events)
    inside["ParQuadRect"] = by_parent["ParRectangle1"]
    truths = sorted((folder / "truth").glob("Results_*.txt"))
    assert len(truths) == 26
    for path in truths:
        truth = np.loadtxt(path).astype(bool)
        name = path.stem.removeprefix("Results_")
        assert np.array_equal(inside[name], truth), name
    assert {name: int(inside[name].sum()) for name in COUNTS} == COUNTS


@pytest.mark.shared
def test_one_gate_a_file_says_what_all_in_one_file_say(folder: Path, events: Events) -> None:
    whole = (folder / "gml" / "gml_all_gates.xml").read_bytes()
    inside = apply_gates(read_gating_ml(whole, name="all"), events)
    for path in sorted((folder / "gml").glob("gml_*_gate.xml")):
        if "parent" in path.name or "attr_testing" in path.name:
            continue
        for name, flags in apply_gates(read_gating_ml(path.read_bytes(), name=path.name), events).items():
            if name in inside and "quadrant" not in path.name:
                assert np.array_equal(flags, inside[name]), f"{path.name} {name}"


@pytest.mark.shared
def test_a_covariance_that_is_none_is_applied_and_doubted(folder: Path, events: Events) -> None:
    path = folder / "gml" / "gml_ellipsoid3d_gate.xml"
    gating = read_gating_ml(path.read_bytes(), name=path.name)
    assert [finding.rule for finding in gating.findings] == ["FLF-010"]
    (flags,) = apply_gates(gating, events).values()
    assert flags.sum() == 4191  # ev_cases GATINGML, Ellipsoid3D


@pytest.mark.shared
def test_the_command_counts_and_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gates = str(folder / "gml" / "gml_all_gates.xml")
    assert main(["gate", str(folder / "data1.fcs"), gates]) == 0
    shown = capsys.readouterr().out
    assert "13367 events of data1.fcs" in shown
    assert main(["gate", gates, gates]) == REFUSED
    assert "FLO-008" in capsys.readouterr().err


def gate(inner: str, *, name: str = "G", more: str = "") -> bytes:
    one = f'<gating:RectangleGate gating:id="{name}">{inner}</gating:RectangleGate>'
    return f"{HEAD}{more}{one}\n</gating:Gating-ML>".encode()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"<a", "GML-001"),
        (b"", "GML-001"),
        (b"<a/>", "GML-002"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "GML-005"),
        (gate(""), "GML-003"),
        (gate(DIMENSION.replace('"1"', '"one"')), "GML-003"),
        (gate(DIMENSION.replace('gating:compensation-ref="uncompensated"', "")), "GML-003"),
        (
            gate(DIMENSION.replace("gating:min", 'gating:transformation-ref="none" gating:min')),
            "GML-003",
        ),
        (
            gate(DIMENSION, more=f'<gating:RectangleGate gating:id="G">{DIMENSION}</gating:RectangleGate>'),
            "GML-004",
        ),
        (gate(DIMENSION).replace(b"RectangleGate", b"SpiralGate"), "GML-003"),
    ],
    ids=[
        "cut",
        "empty",
        "other",
        "entities",
        "no axis",
        "no number",
        "no matrix",
        "no scale",
        "twice",
        "spiral",
    ],
)
def test_what_is_not_understood_is_refused(text: bytes, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        read_gating_ml(text, name="gates.xml")


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(Refusal, match=r"gates.xml line 2"):
        read_gating_ml(gate(""), name="gates.xml")


def _events(*, names: tuple[str, ...] = ("FSC-H",)) -> Events:
    from exotrial.core.errors import Place
    from exotrial.product.cytometry.events import Channel

    values = np.arange(5.0 * len(names)).reshape(5, len(names))
    channels = tuple(Channel(name=name, stain="", largest=1024) for name in names)
    return Events(channels=channels, values=values, spill=None, place=Place(file="made up"))


def test_a_lower_bound_is_inside_and_an_upper_one_is_not() -> None:
    both = DIMENSION.replace('gating:min="1"', 'gating:min="1" gating:max="3"')
    flags = apply_gates(read_gating_ml(gate(both), name="gates.xml"), _events())["G"]
    assert flags.tolist() == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (
            '<gating:BooleanGate gating:id="B"><gating:not><gating:gateReference gating:ref="X"/></gating:not>'
            "</gating:BooleanGate>",
            "FLO-004",
        ),
        (
            '<gating:BooleanGate gating:id="B"><gating:not><gating:gateReference gating:ref="B"/></gating:not>'
            "</gating:BooleanGate>",
            "FLO-005",
        ),
    ],
)
def test_gates_that_lead_nowhere_or_in_a_circle_are_refused(more: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        apply_gates(read_gating_ml(gate(DIMENSION, more=more), name="gates.xml"), _events())


def test_a_channel_and_a_matrix_that_are_not_there_are_refused() -> None:
    with pytest.raises(Refusal, match="FLO-001"):
        apply_gates(read_gating_ml(gate(DIMENSION), name="gates.xml"), _events(names=("SSC-H",)))
    other = DIMENSION.replace('"uncompensated"', '"Mine"')
    with pytest.raises(Refusal, match="FLO-007"):
        apply_gates(read_gating_ml(gate(other), name="gates.xml"), _events())


@given(st.binary(max_size=200), st.integers(0, 400))
def test_a_damaged_file_is_refused_or_read_and_never_crashes(noise: bytes, at: int) -> None:
    whole = gate(DIMENSION)
    damaged = whole[:at] + noise + whole[at + len(noise) :]
    with suppress(Refusal):
        read_gating_ml(damaged, name="gates.xml")
