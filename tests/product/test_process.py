"""A batch's record against the process of the study file: every doubt is told; a whole record has none."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.cli.app import main
from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file
from exotrial.product.process import check_process, find_process
from exotrial.product.process_record import ProcessRecord, read_process_record
from exotrial.study.definition.intervention import Product
from exotrial.study.file import read_study

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "chictr2000030261"
RECORD = ROOT / "tests" / "files" / "process" / "cord-7.toml"
TEXT = RECORD.read_text(encoding="utf-8")
BRING = "Bring it to the laboratory in a cooled box on ice"


@lru_cache(maxsize=1)
def _product() -> Product:
    return read_study(STUDY)[0].products[0]


@pytest.fixture
def product() -> Product:
    return _product()


def _read(text: str) -> ProcessRecord:
    return read_process_record(assay_file(text.encode(), name="record.toml"))


def _rules(product: Product, text: str) -> list[str]:
    return [finding.rule for finding in check_process(product, _read(text))]


def _step(name: str) -> str:
    """The text of one step of the record."""
    return next(part for part in re.split(r"(?=\[\[step\]\])", TEXT) if f'name = "{name}"' in part)


def test_a_whole_record_raises_no_doubt(product: Product) -> None:
    assert check_process(product, _read(TEXT)) == ()


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ('name = "Spin the next day"', 'name = "Spin later"', ["PRF-001", "PRF-002"]),
        ('by = "QC-1"\nrepeats = 3', "repeats = 3", ["PRF-004"]),
        ('pore = "0.22 um"\n', "", ["PRF-005"]),
        ('pore = "0.22 um"', 'pore = "0.45 um"', ["PRF-010"]),
        ('pore = "0.22 um"', 'pore = "220 nm"', []),
        ('force = "100000 g"', 'force = "110000 g"', ["PRF-010"]),
        ('density = "1.3e4 cells/cm2"', 'density = "1.4e4 cells/cm2"', []),
        ('density = "1.3e4 cells/cm2"', 'density = "1.41e4 cells/cm2"', ["PRF-006"]),
        ('density = "1.3e4 cells/cm2"', 'density = "1.19e4 cells/cm2"', ["PRF-006"]),
        ("repeats = 3\n", "repeats = 2\n", ["PRF-010", "PRF-010"]),
    ],
)
def test_each_doubt_is_told(product: Product, old: str, new: str, rules: list[str]) -> None:
    assert old in TEXT
    assert _rules(product, TEXT.replace(old, new)) == rules


@pytest.mark.parametrize(("minutes", "rules"), [(240, []), (241, ["PRF-006", "PRF-008"])])
def test_a_cord_is_in_the_laboratory_within_four_hours(
    product: Product, minutes: int, rules: list[str]
) -> None:
    bring = _step(BRING)
    collect = _step("Collect the cord aseptically")
    at = "2026-01-05T08:20:00+08:00"
    ended = f"2026-01-05T{8 + (20 + minutes) // 60:02}:{(20 + minutes) % 60:02}:00+08:00"
    later = re.sub(r"ended = .*", f"ended = {ended}", re.sub(r"begun = .*", f"begun = {at}", bring))
    moved = re.sub(r"ended = .*", f"ended = {at}", collect)
    text = TEXT.replace(bring, later).replace(collect, moved)
    # What follows begins later too, so that only the way itself is doubted.
    rest = [rule for rule in _rules(product, text) if rule != "PRF-007"]
    assert rest == rules


def test_steps_out_of_order_done_twice_or_held_too_long_are_told(product: Product) -> None:
    spin = _step("Spin the next day")
    assert _rules(product, TEXT + "\n" + spin) == ["PRF-003"]
    early = re.sub(r"begun = .*", "begun = 2026-01-01T08:00:00+08:00", spin)
    assert _rules(product, TEXT.replace(spin, early)) == ["PRF-007"]
    dilute = _step("Dilute for the atomiser")
    late = re.sub(r"(begun|ended) = .*", r"\1 = 2026-06-01T08:00:00+08:00", dilute)
    assert "PRF-008" in _rules(product, TEXT.replace(dilute, late))
    assert "PRF-009" in _rules(product, TEXT.replace(dilute, ""))


def test_a_deviation_in_words_is_repeated_and_does_not_hide_the_doubt(product: Product) -> None:
    text = TEXT.replace(
        'pore = "0.22 um"', 'pore = "0.45 um"\ndeviation = "the other filter was out of stock"'
    )
    (finding,) = check_process(product, _read(text))
    assert (finding.rule, finding.severity) == ("PRF-010", "info")
    assert "out of stock" in finding.why
    assert re.search(r"record\.toml line \d+", finding.says)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('format = "exotrial process record 1"', 'format = "another"', "PRC-001"),
        ("begun = 2026-01-05T08:20:00+08:00", "begun = 2026-01-05T08:20:00", "TML-003"),
        ("ended = 2026-01-05T08:50:00+08:00", "ended = 2026-01-05T08:10:00+08:00", "PRC-002"),
        ('pore = "0.22 um"', "pore = 0.22", "TML-003"),
        ('pore = "0.22 um"', 'pore = "0.22 mL"', "QTY-004"),
        ('force = "3000 g"', 'force = "3000 rpm"', "QTY-00"),
        ('by = "QC-1"', 'buy = "QC-1"', "TML-002"),
        ('batch = "CORD-7"', "", "TML-002"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused(old: str, new: str, code: str) -> None:
    assert old in TEXT
    with pytest.raises(Refusal, match=code):
        _read(TEXT.replace(old, new, 1))


def test_a_product_without_a_process_is_refused(product: Product) -> None:
    with pytest.raises(Refusal, match="PRC-003"):
        find_process((product,), "another")
    with pytest.raises(Refusal, match="PRC-003"):
        find_process((product.model_copy(update={"process": ()}),), product.id)


@given(at=st.integers(0, len(TEXT)), length=st.integers(0, 40), put=st.text(max_size=12))
def test_a_record_that_was_edited_is_read_or_refused(at: int, length: int, put: str) -> None:
    try:
        record = _read(TEXT[:at] + put + TEXT[at + length :])
    except Refusal:
        return
    check_process(_product(), record)


def test_the_commands_show_and_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["process", "show", str(STUDY)]) == 0
    assert "100000 × g; 1 h; 3 times" in capsys.readouterr().out
    assert main(["process", "check", str(STUDY), str(RECORD), "--strict"]) == 0
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(TEXT.replace('pore = "0.22 um"\n', ""), encoding="utf-8")
    assert main(["process", "check", str(STUDY), str(wrong), "--strict"]) == 1
    assert "PRF-005" in capsys.readouterr().out
    wrong.write_text("no toml", encoding="utf-8")
    assert main(["process", "check", str(STUDY), str(wrong)]) == 2
    assert main(["process", "check", str(STUDY), str(tmp_path / "none.toml")]) == 2


def test_a_stated_duration_has_room_between_the_times_with_a_minute_for_reading(product: Product) -> None:
    spun = _step("Spin the next day")  # 20 min
    for minutes, rules in ((19, []), (18, ["PRF-011"])):
        ended = f"ended = 2026-02-13T13:{20 + minutes}:00+08:00"
        changed = spun.replace("ended = 2026-02-13T13:50:00+08:00", ended)
        assert changed != spun
        assert _rules(product, TEXT.replace(spun, changed)) == rules


def test_a_repeated_step_needs_its_time_as_often(product: Product) -> None:
    spun = _step("Spin at high speed")  # 1 h, three times
    changed = spun.replace("ended = 2026-02-13T18:38:00", "ended = 2026-02-13T18:18:00")
    assert _rules(product, TEXT.replace(spun, changed)) == ["PRF-011"]


def test_a_hold_time_without_the_end_of_its_step_cannot_be_told(product: Product) -> None:
    brought = _step(BRING)
    changed = brought.replace("ended = 2026-01-05T11:30:00+08:00\n", 'duration = "2 h"\n')
    assert changed != brought
    assert _rules(product, TEXT.replace(brought, changed)) == ["PRF-009"]
