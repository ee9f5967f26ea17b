"""What a person typed into a form."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Refusals
from exotrial.study.entry import flatten, read_values, unflatten
from exotrial.study.entry_checks import check_values, compare_entries, compare_stale
from exotrial.study.items import Code, Codelist, DataType, Form, Item, ItemGroup

NOW = datetime(2021, 3, 10, 9, 0, tzinfo=UTC)
SEX = Codelist(oid="SEX", label="Sex", codes=(Code("F", "Female"), Code("M", "Male")))
FORM = Form(
    oid="F.TEST",
    label="A form",
    groups=(
        ItemGroup(
            oid="IG.DM",
            label="Person",
            items=(
                Item(oid="DM.SEX", label="Sex", data_type=DataType.CODED, codelist=SEX),
                Item(
                    oid="DM.AGE",
                    label="Age",
                    data_type=DataType.INTEGER,
                    unit="a",
                    low=18,
                    hard_low=0,
                    hard_high=120,
                ),
                Item(
                    oid="VS.TEMP",
                    label="Temperature",
                    data_type=DataType.DECIMAL,
                    unit="degC",
                    required=False,
                ),
                Item(oid="DM.NOTE", label="Note", data_type=DataType.TEXT, required=False),
                Item(oid="EX.START", label="Begun", data_type=DataType.DATETIME, required=False),
                Item(oid="SV.DATE", label="Visit", data_type=DataType.DATE, required=False),
            ),
        ),
        ItemGroup(
            oid="IG.AE",
            label="Events",
            repeating=True,
            items=(
                Item(oid="AE.TERM", label="What", data_type=DataType.TEXT),
                Item(oid="AE.START", label="From", data_type=DataType.DATE, required=False),
                Item(oid="AE.END", label="To", data_type=DataType.DATE, required=False),
            ),
        ),
    ),
)
BORN = PartialDate(year=1961)


def read(values: dict[str, Any], *, complete: bool = False) -> dict[str, Any]:
    return read_values(FORM, values, now=NOW, born=BORN, complete=complete).values


def codes(values: dict[str, Any], *, complete: bool = False) -> set[str]:
    with pytest.raises(Refusals) as refused:
        read(values, complete=complete)
    return {refusal.code.code for refusal in refused.value.refusals}


def test_a_number_keeps_its_digits_and_zeros() -> None:
    assert read({"IG.DM": {"VS.TEMP": "37.0", "DM.AGE": 40}})["IG.DM"] == {"VS.TEMP": "37.0", "DM.AGE": "40"}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"DM.SEKS": "F"}, "ENT-001"),
        ({"DM.SEX": ["F"]}, "ENT-002"),
        ({"DM.SEX": True}, "ENT-002"),
        ({"VS.TEMP": "37,0"}, "ENT-003"),
        ({"VS.TEMP": float("inf")}, "ENT-003"),
        ({"VS.TEMP": "7.66e+08"}, "ENT-003"),
        ({"VS.TEMP": "9" * 19}, "ENT-003"),
        ({"DM.AGE": "40.5"}, "ENT-003"),
        ({"VS.TEMP": {"value": "98.6", "unit": "degF"}}, "ENT-004"),
        ({"VS.TEMP": {"value": "98.6", "unit": "mg"}}, "ENT-004"),
        ({"DM.SEX": "f"}, "ENT-005"),
        ({"DM.AGE": "121"}, "ENT-006"),
        ({"DM.AGE": "-1"}, "ENT-006"),
        ({"SV.DATE": "03/04/2021"}, "ENT-007"),
        ({"SV.DATE": "2021-03"}, "ENT-007"),
        ({"EX.START": "2021-03-10T08:00"}, "ENT-007"),
        ({"EX.START": "2021-03-10T09:00:01+00:00"}, "ENT-008"),
        ({"SV.DATE": "2021-03-11"}, "ENT-008"),
        ({"SV.DATE": "1960-12-31"}, "ENT-009"),
        ({"DM.NOTE": "x" * 4001}, "ENT-010"),
        ({"DM.NOTE": "a\x00b"}, "ENT-010"),
        ({"DM.AGE": {"missing": "lost"}}, "ENT-013"),
    ],
)
def test_a_wrong_answer_is_refused_by_its_code(answers: dict[str, Any], code: str) -> None:
    assert codes({"IG.DM": answers}) == {code}


@pytest.mark.parametrize(
    "answers",
    [
        {"DM.AGE": "0"},
        {"DM.AGE": "120"},
        {"EX.START": "2021-03-10T09:00:00+00:00"},
        {"SV.DATE": "2021-03-10"},
        {"SV.DATE": "1961-01-01"},
        {"DM.NOTE": "x" * 4000},
        {"DM.AGE": {"missing": "unknown"}},
        {"VS.TEMP": {"value": "37.2", "unit": "degC"}},
        {"VS.TEMP": "-0.5"},
    ],
)
def test_what_lies_on_the_boundary_is_kept(answers: dict[str, Any]) -> None:
    assert set(read({"IG.DM": answers})["IG.DM"]) == set(answers)


def test_a_unit_that_converts_is_refused_with_the_converted_value() -> None:
    with pytest.raises(Refusals, match=r"give it in degC: that is 37"):
        read({"IG.DM": {"VS.TEMP": {"value": "98.6", "unit": "degF"}}})


def test_all_wrong_answers_are_told_together() -> None:
    assert codes({"IG.DM": {"DM.SEX": "x", "DM.AGE": "x"}, "IG.XX": {}}) == {"ENT-001", "ENT-003", "ENT-005"}


def test_a_complete_form_needs_every_required_answer_or_a_reason() -> None:
    assert codes({"IG.DM": {"DM.SEX": "F"}}, complete=True) == {"ENT-011"}
    read({"IG.DM": {"DM.SEX": "F", "DM.AGE": {"missing": "unknown"}}}, complete=True)


def test_rows_have_keys_of_their_own_and_can_be_struck_out() -> None:
    rows = [{"row": "1", "AE.TERM": "fever", "AE.START": "2021-03"}, {"row": "2", "STRUCK": "keyed twice"}]
    assert read({"IG.AE": rows}, complete=False)["IG.AE"] == rows
    assert codes({"IG.AE": [{"row": "1"}, {"row": "1"}]}) == {"ENT-012"}
    assert codes({"IG.AE": [{"AE.TERM": "fever"}]}) == {"ENT-012"}
    assert codes({"IG.AE": {"AE.TERM": "fever"}}) == {"ENT-002"}


def test_a_date_is_of_the_participants_day_which_may_be_ahead_of_utc() -> None:
    late = datetime(2021, 3, 10, 23, 0, tzinfo=UTC)
    form = FORM
    assert read_values(form, {"IG.DM": {"SV.DATE": "2021-03-11"}}, now=late, complete=False).values


def test_edit_checks_name_the_answer() -> None:
    values = read(
        {
            "IG.DM": {"DM.AGE": "17", "DM.NOTE": "call Dr. Smith", "SV.DATE": "2021-03-09"},
            "IG.AE": [{"row": "a", "AE.TERM": "fever", "AE.START": "2021-03-04", "AE.END": "2021-03-03"}],
        }
    )
    found = {finding.id for finding in check_values(FORM, values)}
    assert found == {"EDC-001:IG.DM/DM.AGE", "EDC-005:IG.DM/DM.NOTE", "EDC-002:IG.AE/a/AE.END"}
    visit = {"IG.VISIT": {"SV.DATE": "2021-03-09"}}
    window = (date(2021, 3, 10), date(2021, 3, 12))
    assert [f.rule for f in check_values(FORM, visit, window=window)] == ["EDC-003"]
    assert not check_values(FORM, {"IG.VISIT": {"SV.DATE": "2021-03-10"}}, window=window)


keys = st.text(alphabet="abc123-_", min_size=1, max_size=5)
answers = st.text(alphabet="abc 1.5é", min_size=1).map(str.strip).filter(bool)
rows = st.lists(
    st.tuples(keys, st.dictionaries(st.sampled_from(["AE.TERM"]), answers, min_size=1)),
    unique_by=lambda pair: pair[0],
    max_size=5,
)
filled = st.builds(
    lambda note, events: {
        **({"IG.DM": {"DM.NOTE": note}} if note else {}),
        **({"IG.AE": [{"row": key, **row} for key, row in events]} if events else {}),
    },
    st.none() | answers,
    rows,
)


@given(filled)
def test_flat_answers_come_back_as_they_were(values: dict[str, Any]) -> None:
    assert unflatten(FORM, flatten(values)) == values


@given(filled)
def test_canonical_values_are_read_again_as_themselves(values: dict[str, Any]) -> None:
    once = read(values)
    assert read(once) == once


@given(filled, filled, filled)
def test_a_stale_edit_loses_nothing(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    stale = compare_stale(base, mine=mine, theirs=theirs)
    differ = {difference.key for difference in compare_entries(mine, theirs)}
    assert differ == {*stale.mine, *stale.theirs, *(conflict.key for conflict in stale.conflicts)}


json_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["IG.DM", "IG.AE", "X"]), json_junk, max_size=3))
def test_junk_is_refused_and_never_crashes(values: dict[str, Any]) -> None:
    with contextlib.suppress(Refusals):
        read(values)
