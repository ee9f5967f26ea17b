"""Results entered by hand: what a laboratory writes, and what is refused with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.assay import Reading, assay_file, read_assay
from tests.conftest import PROJECT

FILES = PROJECT / "tests" / "files" / "assays"
TOML = (FILES / "results_toml" / "batch7.toml").read_text(encoding="utf-8")
CSV = (FILES / "results_csv" / "batch7.csv").read_text(encoding="utf-8")


def read(text: str, *, reader: str = "") -> Reading:
    return read_assay(assay_file(text.encode(), name="results.txt"), reader=reader)


def test_outcomes_and_quantities_are_read_with_who_when_and_how() -> None:
    results = {each.test: each for each in read(TOML).content}
    assert results["sterility"].outcome == "no growth"
    assert results["sterility"].day == date(2026, 1, 28)
    endotoxin = results["endotoxin"]
    assert endotoxin.below
    assert str(endotoxin) == "< 0.05 IU/mL"
    assert endotoxin.analyst == "alice"
    assert endotoxin.place.line == 23
    assert str(results["residual bovine serum albumin"].value) == "3.1 ng/mL"


def test_a_table_says_the_same_as_a_toml_file() -> None:
    tables = {each.test: str(each) for each in read(CSV).content}
    tomls = {each.test: str(each) for each in read(TOML).content}
    assert {test: tables[test] for test in ("sterility", "endotoxin", "protein")}.items() <= tomls.items()


def test_a_number_broken_by_blanks_is_refused_with_line_and_remedy() -> None:
    broken = CSV.replace("7.66e8", "7.66e + 0.8")
    with pytest.raises(Refusal) as refused:
        read(broken)
    assert str(refused.value) == (
        "QTY-001: results.txt line 5: '7.66e + 0.8 particles/mL' is not a number; "
        "write 7.66e8 if that is meant: no spaces or point in the power."
    )
    with pytest.raises(Refusal, match=r"QTY-001: results.txt line 31 \[result\[3\]\.value\]"):
        read(TOML.replace("412 ug/mL", "4.12e + 2 ug/mL"))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('outcome = "no growth"', 'outcome = "negative"', "RSL-002"),
        ('outcome = "no growth"', 'value = "0 IU/mL"', "RSL-002"),
        ('outcome = "no growth"\n', "", "RSL-001"),
        ('outcome = "no growth"\n', 'outcome = "no growth"\nvalue = "3 mL"\n', "RSL-001"),
        ('value = "412 ug/mL"', 'outcome = "low"', "RSL-001"),
        ('"3.1 ng/mL"', '"3.1 mL"', "RSL-003"),
        ('"412 ug/mL"', '"412 particles/mL"', "QTY-004"),
        ('"412 ug/mL"', '"412"', "QTY-002"),
        ('"0.5 ng/mL"', '"0.5 IU/mL"', "RSL-003"),
        ('"412 ug/mL"', "412", "TML-003"),
        ('"412 ug/mL"', "4.12e + 2", "TML-001"),
        ("date = 2026-01-28", 'date = "28/01/2026"', "DAY-002"),
        ("date = 2026-01-28", "date = 2026-01-28T10:00:00", "TML-003"),
        ('analyst = "alice"\n', "", "TML-002"),
        ('analyst = "alice"', 'analist = "alice"', "TML-002"),
        ('analyst = "alice"', 'analyst = " "', "TML-003"),
        ('test = "protein"', 'test = "sterility"', "RSL-002"),
    ],
)
def test_a_toml_result_that_means_nothing_is_refused_with_its_line(old: str, new: str, code: str) -> None:
    assert old in TOML
    with pytest.raises(Refusal, match=code) as refused:
        read(TOML.replace(old, new, 1))
    assert refused.value.place.line is not None


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (",bob,,412", ",bob,412", "RSL-004"),
        (",bob,,412", ",,,412", "RSL-004"),
        ("2026-01-28", "28.01.2026", "DAY-002"),
        ("no growth,,", "no growth,1 mL,", "RSL-001"),
        (
            "\nprotein",
            "\nprotein,batch7,bicinchoninic acid assay,2026-01-14,alice,,411 ug/mL,\nprotein",
            "RSL-004",
        ),
    ],
)
def test_a_row_that_means_nothing_is_refused_with_its_line(old: str, new: str, code: str) -> None:
    assert old in CSV
    with pytest.raises(Refusal, match=code) as refused:
        read(CSV.replace(old, new, 1))
    assert refused.value.place.line is not None


def test_a_value_below_its_limit_of_detection_is_found_and_one_at_it_is_not() -> None:
    assert [finding.rule for finding in read(TOML.replace('"412 ug/mL"', '"19.9 ug/mL"')).findings] == [
        "ASF-031"
    ]
    assert read(TOML.replace('"412 ug/mL"', '"0.0199 mg/mL"')).findings[0].rule == "ASF-031"
    assert read(TOML.replace('"412 ug/mL"', '"20 ug/mL"')).findings == ()


def test_a_quantity_without_a_limit_of_detection_is_found() -> None:
    reading = read(TOML.replace('limit_of_detection = "20 ug/mL"\n', ""))
    assert [finding.rule for finding in reading.findings] == ["ASF-030"]


def test_a_test_that_is_not_known_may_have_any_unit_or_outcome() -> None:
    changed = TOML.replace('"protein"', '"viability"').replace("412 ug/mL", "97 %").replace("20 ug/mL", "1 %")
    assert next(str(each) for each in read(changed).content if each.test == "viability") == "97 %"


@given(st.text(max_size=40))
def test_any_text_as_a_value_is_read_or_refused(tmp_value: str) -> None:
    escaped = tmp_value.replace("\\", "\\\\").replace('"', '\\"')
    try:
        reading = read(TOML.replace("412 ug/mL", escaped), reader="results_toml")
    except Refusal:
        return
    protein = next(each for each in reading.content if each.test == "protein")
    assert protein.value is not None
    assert protein.value.unit.endswith("L")


def test_the_examples_are_the_ones_shown_in_the_guide() -> None:
    guide = (PROJECT / "docs" / "how-to" / "read-assay-files.md").read_text(encoding="utf-8")
    for line in Path(FILES / "results_csv" / "batch7.csv").read_text(encoding="utf-8").splitlines()[:2]:
        assert line in guide
