"""`exotrial randomisation methods` and `assess`."""

from __future__ import annotations

import json

import pytest

from exotrial.allocation.sequence.method import find_sequence_methods
from exotrial.cli.app import REFUSED, main
from tests.conftest import PROJECT

IRCT = str(PROJECT / "studies" / "irct20201202049568n3")


def test_every_method_is_listed_with_its_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["randomisation", "methods", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    drawn = list(find_sequence_methods())
    assert [row["name"] for row in rows] == [*drawn, "minimisation", "imported"]
    assert all(row["source"] for row in rows if row["name"] != "imported")
    assert "weight_site" in rows[-2]["parameters"]
    assert "import_list" in rows[-1]["title"]
    assert main(["randomisation", "methods"]) == 0
    assert "block_sizes (whole numbers)" in capsys.readouterr().out


def test_the_irct_record_shows_both_weaknesses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["randomisation", "assess", IRCT]) == 0
    out = capsys.readouterr().out
    assert "phase_2, blocks of 2: whoever saw the past knows 50.0 % of all allocations" in out
    assert "SEQ-019: a block of 8 does not fit into a list of 6." in out
    assert "the difference passes 4 on the way with probability 80.8 %" in out
    assert "Simulated over 1000 lists from seed 1" in out


def test_the_seed_is_what_the_simulated_figures_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for seed in ("1", "1", "2"):
        assert main(["randomisation", "assess", IRCT, "--json", "--seed", seed]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] != shown[2]
    lists = json.loads(shown[0])["lists"]
    assert {entry["list"] for entry in lists} == {"phase_1/a", "phase_1/b", "phase_2"}


def test_a_study_without_randomisation_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["randomisation", "assess", str(PROJECT / "studies" / "mexcovid")]) == REFUSED
    assert "SEQ-050" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--seed", "-1"], ["--eta", "nan"], ["--eta", "inf"]])
def test_an_unusable_seed_or_effect_is_refused(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["randomisation", "assess", IRCT, *option]) == REFUSED
    assert "SEQ-04" in capsys.readouterr().err
