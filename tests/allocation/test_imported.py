"""A list from outside: read whole, or refused with the line, the column, the value and the way out."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.allocation.imported import ImportedList, read_list
from exotrial.allocation.manifest import ListStratum
from exotrial.core.errors import Refusals

ARMS = ("exosomes", "control")
STRATA = (ListStratum(id="a", length=2), ListStratum(id="b", length=2))
HEADER = "stratum,slot,arm,block,kit"
GOOD = ["a,1,exosomes,1,K001", "a,2,control,1,K002", "b,2,exosomes,1,K003", "b,1,control,1,K004"]


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def read(data: bytes) -> ImportedList:
    return read_list(data, name="list.csv", arms=ARMS, strata=STRATA)


def refused(data: bytes) -> list[str]:
    with pytest.raises(Refusals) as error:
        read(data)
    return [str(refusal) for refusal in error.value.refusals]


def test_a_good_list_is_read_in_the_order_of_its_slots() -> None:
    found = read(table(*GOOD))
    assert found.sequences() == {"a": ("exosomes", "control"), "b": ("control", "exosomes")}
    assert [slot.kit for slot in found.slots] == ["K001", "K002", "K004", "K003"]
    assert found.slots[0].block == 1
    assert len(found.sha256) == 64


def test_block_and_kit_may_be_left_out_and_lines_may_end_as_in_windows() -> None:
    rows = [",".join(row.split(",")[:3]) for row in GOOD]
    found = read("\r\n".join(["stratum,slot,arm", *rows, ""]).encode())
    assert {slot.kit for slot in found.slots} == {None}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "a,2,contrl,1,K002",
            "SEQ-032: list.csv line 3 column 3: 'contrl' is no arm of the study; did you mean 'control'?",
        ),
        (
            "z,2,control,1,K002",
            "SEQ-032: list.csv line 3 column 1: 'z' is no stratum of the study; use one of a, b.",
        ),
        ("a,2.0,control,1,K002", "SEQ-032: list.csv line 3 column 2: '2.0' is not a whole number from 1"),
        ("a,0,control,1,K002", "SEQ-032: list.csv line 3 column 2: '0' is not a whole number from 1"),
        ("a,٢,control,1,K002", "SEQ-032: list.csv line 3 column 2: '٢' is not a whole number from 1"),
        ("a,2,control,x,K002", "SEQ-032: list.csv line 3 column 4: 'x' is not a whole number from 1"),
        ("a,2,=A1,1,K002", "SEQ-032: list.csv line 3 column 3: '=A1' begins like a formula"),
        ("a,2,control,1,@SUM(1)", "SEQ-032: list.csv line 3 column 5: '@SUM(1)' begins like a formula"),
        (
            "a,2,control ,1,K002",
            "SEQ-032: list.csv line 3 column 3: 'control ' holds blanks or control characters",
        ),
        ("a,2,,1,K002", "SEQ-032: list.csv line 3 column 3: the arm is empty"),
        ("a,2,control,1,", "SEQ-032: list.csv line 3 column 5: the kit is empty"),
        ("a,2,control", "SEQ-032: list.csv line 3: the row has 3 cells and the header 5"),
        ("a,2,control,1,K001", "SEQ-034: list.csv line 3 column 5: kit 'K001' stands in line 2 too"),
    ],
)
def test_a_bad_row_is_refused_at_its_place(row: str, said: str) -> None:
    (only,) = refused(table(GOOD[0], row, *GOOD[2:]))
    assert only.startswith(said)


def test_a_slot_given_twice_and_the_gap_it_leaves_are_both_told() -> None:
    gap, twice = refused(table(GOOD[0], "a,1,control,1,K002", *GOOD[2:]))
    assert "a has 2 slots, and 1 are missing: 2" in gap
    assert twice.startswith("SEQ-033: list.csv line 3 column 2: slot 1 of a stands in line 2 too")


def test_a_list_that_is_too_long_or_too_short_is_refused() -> None:
    (long,) = refused(table(*GOOD, "a,3,control,2,K005"))
    assert "slot 3 is beyond the 2 slots of a" in long
    (short,) = refused(table(*GOOD[:3]))
    assert "b has 2 slots, and 1 are missing: 1" in short
    (none,) = refused(table(*GOOD[:2]))
    assert "b has 2 slots, and 2 are missing: 1, 2" in none


def test_every_bad_row_is_told_at_once_in_the_order_of_the_lines() -> None:
    said = refused(table("a,1,x,1,K1", "a,y,control,1,K2", "q,1,control,1,K3"))
    assert [text.split(":")[1] for text in said] == [
        " list.csv line 2 column 3",
        " list.csv line 3 column 2",
        " list.csv line 4 column 1",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"\xef\xbb\xbf" + table(*GOOD), "line 1: the file begins with a byte order mark"),
        (table(*GOOD).decode().encode("utf-16"), "line 1: the file begins with a byte order mark"),
        (table(*GOOD).replace(b",", b";"), "line 1: the cells are separated by semicolons"),
        (table(*GOOD).replace(b",", b"\t"), "line 1: the cells are separated by tabs"),
        (
            table("a,1,exos\xf6mes,1,K".replace("\xf6", "~")).replace(b"~", b"\xf6"),
            "line 2: byte 0xf6 is not UTF-8",
        ),
        (table("a,1,\x00,1,K"), "line 2: the file holds the character NUL"),
        (table('a,1,"exosomes,1,K'), "the quotation marks do not match"),
        (table(), "there is a header and no row"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(data: bytes, said: str) -> None:
    (only,) = refused(data)
    assert only.startswith("SEQ-030: list.csv")
    assert said in only


def test_columns_are_refused_by_name() -> None:
    said = refused(table(*GOOD, header="stratum,Slot,arm,arm,kit"))
    assert "'Slot' is no column of a list; did you mean 'slot'?" in said[0]
    assert "'arm' stands twice" in said[1]
    assert "'slot' is missing" in said[2]


CELL = st.text(st.characters(codec="utf-8"), max_size=6)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=5))
def test_whatever_the_cells_hold_the_list_is_read_or_refused(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["stratum", "slot", "arm"], *rows])
    with pytest.raises(Refusals):  # no such table is a whole list of two strata
        read(written.getvalue().encode())


@given(st.binary(max_size=60))
def test_whatever_the_bytes_are_nothing_but_a_refusal_comes(data: bytes) -> None:
    with pytest.raises(Refusals):
        read(data)


@given(st.lists(st.sampled_from(ARMS), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_a_list_written_in_any_order_of_rows_is_read_back(sequence: list[str], order: object) -> None:
    rows = [f"a,{slot},{arm}" for slot, arm in enumerate(sequence, start=1)]
    order.shuffle(rows)  # type: ignore[attr-defined]
    strata = (ListStratum(id="a", length=len(sequence)),)
    data = table(*rows, header="stratum,slot,arm")
    found = read_list(data, name="list.csv", arms=ARMS, strata=strata)
    assert found.sequences() == {"a": tuple(sequence)}
