"""`exotrial dose` and `exotrial nebulise` on the studies of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotrial.cli.app import REFUSED, main

STUDIES = Path(__file__).parents[2] / "studies"
IRCT = str(STUDIES / "irct20201202049568n3")
VIAL = ["--vial", "5", "--graduation", "0.1"]
SPRAY = [
    "--fill",
    "5",
    "--output",
    "0.39",
    "--minutes",
    "10",
    "--mmad",
    "4",
    "--gsd",
    "2.2",
    "--inhaled",
    "0.7",
    "--survival",
    "0.9",
]


def test_what_the_protocol_leaves_open_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dose", IRCT, "--weight", "70"]) == 1
    assert "dose.weight_basis" in capsys.readouterr().out
    assert main(["dose", IRCT, "--weight", "70", "--basis", "actual"]) == 0
    shown = capsys.readouterr().out
    assert "Assumed, since the study file does not say it: actual body weight." in shown
    assert "Needed: 3.5e+09 particles/mL or more." in shown


def test_a_dose_is_planned_or_refused_with_what_would_help(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["dose", IRCT, "--weight", "70", "--basis", "actual", *VIAL, "--concentration"]
    assert main([*asked, "5e9 particles/mL", "--uncertainty", "0.08"]) == 0
    assert "Draw 1.4 mL, add 0.6 mL of diluent" in capsys.readouterr().out
    assert main([*asked, "1e9 particles/mL"]) == 1
    shown = capsys.readouterr().out
    assert "The dose cannot be made." in shown
    assert "a concentration of at least 3.5e+09 particles/mL" in shown


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--weight", "700"], "ANT-001"),
        (["--basis", "ideal"], "DSE-004"),
        (["--sex", "X"], "DSE-004"),
        (["--intervention", "saline"], "DSE-003"),
        (["--concentration", "5e9 particles/mL"], "DSE-002"),
        (["--concentration", "7.66e + 0.8", *VIAL], "QTY-001"),
    ],
)
def test_what_cannot_be_is_refused(more: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dose", IRCT, *more]) == REFUSED
    assert code in capsys.readouterr().err


def test_another_weight_than_the_study_file_says_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dose", str(STUDIES / "chictr2000030261"), "--basis", "actual"]) == REFUSED
    assert "the study file says predicted" in capsys.readouterr().err


def test_the_nebuliser_says_that_ten_minutes_are_too_few(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nebulise", "7.66e8 particles/mL", *SPRAY]) == 0
    shown = capsys.readouterr().out
    assert "The device is not empty after 10 minutes: 3.9 of 5 mL. It takes 12.8 minutes." in shown
    assert "97.5% hold none" in shown
    assert main(["nebulise", "7.66e + 0.8", *SPRAY]) == REFUSED
