"""Labels in print: every code can be read back from the paper, and no label tells an arm."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest

from exotrial.product.kit_labels import KitLabel, LabelFacts, derive_label_facts, derive_labels
from exotrial.product.labels import read_donation_number
from exotrial.report.labels import render_donation_labels, render_kit_labels
from exotrial.study.file import parse_study
from tests.trial import IRCT, STUDIES

FACTS = LabelFacts(
    study="a-study",
    sponsor="A sponsor made up",
    contents="2 mL, for inhalation",
    storage="Store at 4 °C",
    use_by=date(2031, 6, 30),
    left_out=(),
)
DAYS = frozenset({date(2031, 6, 30)})


def _pages(pdf: bytes) -> list[Any]:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [np.asarray(page.render(scale=4).to_pil().convert("L")) for page in document]


def _codes(pdf: bytes) -> list[str]:
    """What a camera reads from each page, from the left and downwards."""
    import cv2

    found = []
    for page in _pages(pdf):
        whole, told, corners, _ = cv2.QRCodeDetector().detectAndDecodeMulti(page)
        assert whole
        places = sorted(
            zip(told, corners, strict=True), key=lambda one: (round(one[1][0][1], -2), one[1][0][0])
        )
        found += [text for text, _ in places]
    return found


def test_every_label_is_read_back_from_the_paper() -> None:
    labels = [*derive_labels("1001", 2), *derive_labels("A-7", 0)]
    assert [label.number for label in labels] == ["1001", "1001-1", "1001-2", "A-7"]
    expected = [label.code("a-study") for label in labels]
    assert sorted(_codes(render_kit_labels(labels, FACTS))) == sorted(expected)
    assert _codes(render_kit_labels(labels, FACTS, paper="roll")) == expected
    assert expected[0] == f"exotrial:a-study:1001:{labels[0].check}"


def test_a_donation_is_read_back_with_its_check_character() -> None:
    (code,) = _codes(render_donation_labels(["G151720600001"], paper="roll"))
    assert code == "=G15172060000100"
    assert read_donation_number(f"{code[1:14]}A") == "G151720600001"


def test_the_same_labels_are_the_same_bytes() -> None:
    labels = derive_labels("1001", 30)
    assert render_kit_labels(labels, FACTS) == render_kit_labels(labels, FACTS)


@pytest.mark.parametrize("text", ['"]#panic()', "#set page(width: 1mm)", "ا" * 40, "x" * 400])
def test_no_text_becomes_markup_or_another_page(text: str) -> None:
    facts = LabelFacts(study="s", sponsor=text, contents=text, storage=text, use_by=None, left_out=())
    assert len(_pages(render_kit_labels([KitLabel(kit="1")], facts, paper="roll"))) == 1


def test_a_check_character_finds_every_wrong_digit_and_two_exchanged_ones() -> None:
    right = KitLabel(kit="1234").check
    wrong = {f"{'1234'[:at]}{digit}{'1234'[at + 1 :]}" for at in range(4) for digit in "0123456789"} - {
        "1234"
    }
    exchanged = {"2134", "1324", "1243"}
    assert right not in {KitLabel(kit=number).check for number in wrong | exchanged}


def test_what_would_tell_an_arm_is_left_out_and_said() -> None:
    source = (STUDIES / IRCT / "study.toml").read_bytes()
    study = parse_study(source, name="study.toml")
    facts = derive_label_facts(study, number="n", last_days=DAYS | {date(2031, 7, 1)})
    assert facts.use_by is None
    assert any(one.startswith("Use by") for one in facts.left_out)
    assert derive_label_facts(study, number="n", last_days=DAYS).use_by == date(2031, 6, 30)
    other = source.replace(b'volume = "2 mL"', b'volume = "3 mL"', 1)
    changed = derive_label_facts(parse_study(other, name="s"), number="n", last_days=DAYS)
    assert changed.contents == ""
    assert any(one.startswith("Volume") for one in changed.left_out)


def test_the_command_prints_donations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from exotrial.cli.app import main

    out = tmp_path / "labels.pdf"
    assert main(["label", "donations", "G151720600001", "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert main(["label", "donations", "G151720600001", "--out", str(out)]) == 2
    assert "CLI-007" in capsys.readouterr().err
    assert main(["label", "donations", "G15", "--out", str(tmp_path / "no.pdf")]) == 2
    assert not (tmp_path / "no.pdf").exists()
