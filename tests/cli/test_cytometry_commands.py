"""`exotrial gate` with limits, and `exotrial cytometry`, as they are used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from exotrial.cli.app import REFUSED, main
from tests.product.cytometry.fcs_files import write_fcs
from tests.product.cytometry.test_calibration import BEADS, SCATTER
from tests.product.cytometry.test_controls import toml_of

GATES = """<?xml version="1.0" encoding="UTF-8"?>
<gating:Gating-ML xmlns:gating="http://www.isac-net.org/std/Gating-ML/v2.0/gating"
 xmlns:data-type="http://www.isac-net.org/std/Gating-ML/v2.0/datatypes">
 <gating:RectangleGate gating:id="CD105">
  <gating:dimension gating:compensation-ref="uncompensated" gating:min="100">
   <data-type:fcs-dimension data-type:name="FL1-A"/>
  </gating:dimension>
 </gating:RectangleGate>
</gating:Gating-ML>
"""


@pytest.fixture
def cells(tmp_path: Path) -> tuple[str, str]:
    """200 cells, 192 of them bright."""
    values = np.column_stack([np.ones(200), np.where(np.arange(200) < 192, 500.0, 1.0)])
    (tmp_path / "cells.fcs").write_bytes(write_fcs(values, ("FSC-A", "FL1-A")))
    (tmp_path / "gates.xml").write_text(GATES, encoding="utf-8")
    return str(tmp_path / "cells.fcs"), str(tmp_path / "gates.xml")


def test_192_of_200_do_not_show_95_percent(
    cells: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """scipy.stats.beta.ppf(0.05, 192, 9) is 0.928986."""
    assert main(["gate", *cells, "--at-least", "CD105=95"]) == 0
    printed = capsys.readouterr().out
    assert "192" in printed
    assert "no: at least 92.90% with 95% confidence, asked 95.00%" in printed
    assert main(["gate", *cells, "--at-least", "CD105=92.8", "--at-most", "CD105=99"]) == 0
    printed = capsys.readouterr().out
    assert "yes: at least 92.90%" in printed
    assert "yes: at most" in printed


@pytest.mark.parametrize("limit", ["CD90=95", "CD105", "CD105=", "CD105=101", "CD105=-1", "CD105=nan", "=95"])
def test_a_limit_that_cannot_be_read_is_refused(
    cells: tuple[str, str], limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gate", *cells, "--at-least", limit]) == REFUSED
    assert capsys.readouterr().err.startswith("FCT-004: --at-least:")


def test_mesf_prints_both_slopes_and_what_lies_beyond(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "beads.toml").write_text(BEADS, encoding="utf-8")
    assert main(["cytometry", "mesf", str(tmp_path / "beads.toml")]) == 0
    printed = capsys.readouterr().out
    assert "free slope 0.9978" in printed
    assert "FCF-001: the signal of isotype, 99, lies below the beads" in printed
    assert main(["cytometry", "mesf", str(tmp_path / "beads.toml"), "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)[1]["beyond the beads"] == "below"
    assert "FCF-001" in shown.err


def test_scatter_prints_a_diameter_for_each_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "scatter.toml").write_text(SCATTER, encoding="utf-8")
    assert main(["cytometry", "scatter", str(tmp_path / "scatter.toml"), "--json"]) == 0
    low, high = json.loads(capsys.readouterr().out)
    assert float(low["diameter (nm)"]) > float(high["diameter (nm)"])


def test_controls_are_read_beside_their_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "controls.toml").write_text(toml_of(("sample", 10), ("buffer", 1)), encoding="utf-8")
    bright = np.column_stack([np.ones(400), np.linspace(200, 300, 400)])
    (tmp_path / "0.fcs").write_bytes(write_fcs(bright, ("FSC-A", "FL1-A")))
    command = ["cytometry", "controls", str(tmp_path / "controls.toml")]
    assert main(command) == REFUSED
    assert "FCT-005: controls.toml line 16" in capsys.readouterr().err
    # Buffer in which nothing was seen is the best there is.
    (tmp_path / "1.fcs").write_bytes(write_fcs(np.empty((0, 2)), ("FSC-A", "FL1-A")))
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "FCF-021" not in printed
    assert "FCF-020: there is no control of the kind: detergent" in printed
    # The sample without an event is refused.
    (tmp_path / "0.fcs").write_bytes(write_fcs(np.empty((0, 2)), ("FSC-A", "FL1-B")))
    assert main(command) == REFUSED
    assert "FCS-003" in capsys.readouterr().err
