"""The measure and its answers: a new one is seven lines, and what cannot be is refused by name."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

import exotrial.outcomes.measures
from exotrial.core.errors import Refusal
from exotrial.core.quantities import read_quantity
from exotrial.outcomes.measure import (
    Computed,
    Direction,
    Measure,
    choice,
    compute_measure,
    find_measure,
    find_measures,
    number,
    yes_no,
)
from exotrial.outcomes.values import Missing, Side, Value

SEVEN_LINES = """\
from exotrial.outcomes.measure import Direction, Measure, WorkedExample

FERRITIN = Measure(
    paramcd="FERRITIN", param="Ferritin", unit="ug/L", low=0, high=100000,
    direction=Direction.HIGHER_IS_WORSE, citation="WHO guideline on ferritin, 2020",
    examples=(WorkedExample(inputs={"ferritin": "30 ng/mL"}, expected=30.0, source="1 ng/mL is 1 ug/L"),),
)
"""


def test_a_new_measure_is_one_file_of_seven_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ferritin.py").write_text(SEVEN_LINES)
    search = [*exotrial.outcomes.measures.__path__, str(tmp_path)]
    monkeypatch.setattr(exotrial.outcomes.measures, "__path__", search)
    try:
        ferritin = find_measures()["FERRITIN"]
        assert find_measure("ferritin") is ferritin
        assert [item.oid for item in ferritin.items] == ["ferritin"]
        assert ferritin.examples[0].is_met_by(compute_measure(ferritin, ferritin.examples[0].inputs))
    finally:
        sys.modules.pop("exotrial.outcomes.measures.ferritin", None)


def test_a_direction_that_is_none_is_refused_where_the_measure_is_declared() -> None:
    with pytest.raises(ValueError, match="more is better"):
        replace(find_measure("CRP"), direction=cast(Direction, "more is better"))


def test_a_strangers_package_brings_a_measure_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "strangers_ferritin.py").write_text(SEVEN_LINES)
    metadata = tmp_path / "strangers_ferritin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers-ferritin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[exotrial.measures]\nferritin = strangers_ferritin\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        assert find_measure("Ferritin").unit == "ug/L"
    finally:
        sys.modules.pop("strangers_ferritin", None)


@pytest.mark.parametrize(
    ("name", "paramcd"),
    [
        ("CRP", "CRP"),
        ("c-reactive protein", "CRP"),
        ("PaO₂/FiO₂", "PFRATIO"),
        ("IFN-γ", "IFNG"),
        ("TNFα", "TNFA"),
        ("murray_lung_injury_score", "MURRAY"),
        ("length of stay", "LOSNIGHT"),
    ],
)
def test_a_measure_is_found_as_a_protocol_calls_it(name: str, paramcd: str) -> None:
    assert find_measure(name).paramcd == paramcd


def test_an_unknown_measure_is_answered_with_the_nearest() -> None:
    with pytest.raises(Refusal, match=r"MSR-001.*MURRAY"):
        find_measure("Murry score")
    with pytest.raises(Refusal, match="exotrial measures"):
        find_measure("zzzzzzzz")


@pytest.mark.parametrize("paramcd", ["", "crp", "TOOLONGNAME", "1CRP", "C_RP"])
def test_a_paramcd_has_at_most_eight_capitals_and_digits(paramcd: str) -> None:
    # ADaMIG 1.3, 3.3.4: PARAMCD is at most 8 characters and does not begin with a digit
    with pytest.raises(ValueError, match="PARAMCD"):
        Measure(
            paramcd=paramcd, param="x", unit="", low=0, high=1, direction=Direction.NEITHER, citation="none"
        )


CRP = find_measure("CRP")
PF = find_measure("PFRATIO")


def test_an_answer_below_the_limit_keeps_its_side() -> None:
    computed = compute_measure(CRP, {"crp": "<0.5 mg/L"})
    assert (computed.value, computed.side) == (0.5, Side.BELOW)


def test_a_limit_is_no_number_to_compute_with() -> None:
    computed = compute_measure(PF, {"pao2": "<60", "fio2": 0.4})
    assert computed.missing is Missing.NOT_COMPUTABLE
    assert computed.notes == ("pao2: known only as <60 mmHg",)


@pytest.mark.parametrize("missing", [Missing.NOT_DONE, Missing.NO_DATA])
def test_the_reason_for_a_missing_value_is_kept(missing: Missing) -> None:
    assert compute_measure(CRP, {"crp": missing.value}).missing is missing
    assert compute_measure(CRP, {"crp": Value(missing=missing)}).missing is missing


def test_an_answer_may_come_as_number_text_value_or_quantity() -> None:
    given = (12, "12", "1.2 mg/dL", Value(number=12.0, unit="mg/L"))
    assert {compute_measure(CRP, {"crp": answer}).value for answer in given} == {12.0}
    quantity = read_quantity("1.2 mg/dL", dimension="mass concentration")
    assert compute_measure(CRP, {"crp": quantity}).value == 12.0


def test_an_implausible_value_is_kept_with_a_note() -> None:
    at, above = compute_measure(CRP, {"crp": 700}), compute_measure(CRP, {"crp": 700.1})
    assert at.notes == ()
    assert above.value == 700.1
    assert "outside the plausible range" in above.notes[0]


def test_an_impossible_value_is_refused_with_what_is_possible() -> None:
    with pytest.raises(Refusal, match="MSR-004"):
        compute_measure(CRP, {"crp": -0.1})
    assert compute_measure(CRP, {"crp": 0}).value == 0
    with pytest.raises(Refusal, match=r"possible is 0.2 to 1"):
        compute_measure(PF, {"pao2": 60, "fio2": 40})  # a percentage without its sign
    with pytest.raises(Refusal, match="MSR-004"):
        compute_measure(find_measure("OXYSAT"), {"oxysat": 100.5})


@pytest.mark.parametrize(
    ("answer", "code"),
    [(True, "MSR-003"), ("high", "MSR-006"), (float("nan"), "MSR-006"), ("5 kg", "QTY-004")],
)
def test_an_answer_that_is_no_number_is_refused(answer: str | bool | float, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        compute_measure(CRP, {"crp": answer})


def test_rows_where_there_are_none_are_refused() -> None:
    with pytest.raises(Refusal, match="MSR-002"):
        compute_measure(CRP, {"crp": 1, "rows": [{"crp": 1}]})
    with pytest.raises(Refusal, match="MSR-003"):
        compute_measure(find_measure("INHEVTN"), {"rows": "two"})


def test_answers_are_checked_by_the_kind_of_their_item() -> None:
    kinds = Measure(
        paramcd="KINDS",
        param="Kinds",
        unit="",
        low=0,
        high=1,
        direction=Direction.NEITHER,
        citation="this test",
        items=(
            yes_no("flag", "Flag"),
            choice("colour", "Colour", {"r": "red", "g": "green"}),
            number("whole", "Whole", whole=True),
        ),
        compute=lambda answers: Computed(value=float(answers.flag("flag") is True)),
    )
    good: dict[str, str | int | float] = {"flag": "yes", "colour": "r", "whole": 3}
    assert compute_measure(kinds, good).value == 1
    wrong: list[tuple[str, str | float]] = [("flag", "perhaps"), ("colour", "b"), ("whole", 3.5)]
    for oid, answer in wrong:
        with pytest.raises(Refusal, match="MSR-003"):
            compute_measure(kinds, {**good, oid: answer})


@pytest.mark.parametrize("when", ["2020-03-01", "2020-03-01T08:00+01:00", "yesterday"])
def test_a_swab_needs_a_local_date_and_time(when: str) -> None:
    measure = find_measure("TTVCLEAR")
    with pytest.raises(Refusal, match="MSR-003"):
        compute_measure(
            measure, {"index_date": "2020-03-01", "rows": [{"sampled_at": when, "pcr_result": "positive"}]}
        )
    taken = datetime(2020, 3, 1, 8, 0)  # noqa: DTZ001 - the site's local time is what is meant
    row: dict[str, str | datetime] = {"sampled_at": taken, "pcr_result": "positive"}
    assert compute_measure(measure, {"index_date": "2020-03-01", "rows": [row]}).event is False


def test_a_result_is_never_nan_and_never_both_there_and_missing() -> None:
    with pytest.raises(ValueError, match="nan"):
        Computed(value=float("nan"))
    with pytest.raises(ValueError, match="missing"):
        Computed()
    with pytest.raises(ValueError, match="missing"):
        Computed(value=1.0, missing=Missing.NOT_DONE)
