"""The tables of a comparison: what is read, and that a table cut, re-ordered, re-encoded or edited is never misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.comparability_tables import read_members, read_summaries, read_values

GROUPS = (
    "file,group,sample,warning_judged\npre1.csv,before,vial 1,\npost1.csv,after,vial 1,vibration: repeated\n"
)
VALUES = (
    "attribute,group,sample,value,unit\n"
    "particle concentration,before,vial 1,7.1e11,particles/L\n"
    "median diameter,after,vial 1,0.12,um\n"
    "marker signal: CD81,after,vial 1,512,MESF\n"
)
SUMMARY = "attribute,group,mean,sd,n,unit\nmedian diameter,before,118,4,3,nm\n"


def test_values_are_converted_to_the_unit_of_their_attribute() -> None:
    found = read_values(VALUES.encode(), name="v.csv")
    assert [(each.value, each.unit) for each in found] == [
        (7.1e8, "particles/mL"),
        (120.0, "nm"),
        (512.0, "MESF"),
    ]
    assert found[1].place.line == 3


def test_groups_and_summaries_are_read_with_their_places() -> None:
    first, second = read_members(GROUPS.encode(), name="g.csv")
    assert (first.file, first.group, first.sample, first.warning_judged) == (
        "pre1.csv",
        "before",
        "vial 1",
        "",
    )
    assert (second.warning_judged, second.place.line) == ("vibration: repeated", 3)
    (one,) = read_summaries(SUMMARY.encode(), name="s.csv")
    assert (one.mean, one.sd, one.n, one.unit) == (118.0, 4.0, 3, "nm")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("7.1e11", "7.66e + 0.8", r"QTY-001: v\.csv line 2"),
        ("7.1e11", "", r"CMP-008: v\.csv line 2: value is empty"),
        ("particles/L", "", r"CMP-008: v\.csv line 2: unit is empty"),
        ("particles/L", "nm", r"QTY-004: v\.csv line 2"),
        ("7.1e11", "nan", r"QTY-001: v\.csv line 2"),
        ("512", "512,0", r"CMP-007: v\.csv line 4: the line has 6 cells"),
        ("512", "1e999", r"CMP-008: v\.csv line 4"),
        ("512", "<10", r"CMP-008: v\.csv line 4"),
        ("sample", "vial", r"CMP-007: v\.csv line 1: there is no column sample"),
        ("sample", "sample,note", r"CMP-007: v\.csv line 1"),
        (VALUES[VALUES.index("particle") :], "", r"CMP-007: v\.csv: there is no line of data"),
        (",512", ',"512', r"CMP-007: v\.csv line 4"),
    ],
)
def test_a_broken_table_of_values_is_refused_at_its_line(old: str, new: str, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        read_values(VALUES.replace(old, new, 1).encode(), name="v.csv")


@pytest.mark.parametrize("n", ["0", "2.5", "-3", "three", "", "1234567", "３"])
def test_a_number_of_samples_is_a_whole_one(n: str) -> None:
    with pytest.raises(Refusal, match=r"CMP-008: s\.csv line 2"):
        read_summaries(SUMMARY.replace(",3,", f",{n},").encode(), name="s.csv")


def test_a_file_of_two_groups_is_refused() -> None:
    with pytest.raises(Refusal, match=r"CMP-009: g\.csv line 3: pre1\.csv is named twice"):
        read_members(GROUPS.replace("post1", "pre1").encode(), name="g.csv")


def test_another_encoding_is_refused_with_its_line_and_a_mark_of_utf8_is_not() -> None:
    with pytest.raises(Refusal, match=r"CMP-007: g\.csv line 3: byte"):
        read_members(GROUPS.replace("vibration", "Erschütterung").encode("latin-1"), name="g.csv")
    assert read_members(GROUPS.encode("utf-8-sig"), name="g.csv") == read_members(
        GROUPS.encode(), name="g.csv"
    )


@given(st.permutations(range(5)))
def test_columns_may_stand_in_any_order(order: list[int]) -> None:
    shuffled = "\n".join(",".join(line.split(",")[place] for place in order) for line in VALUES.splitlines())
    assert read_values(shuffled.encode(), name="v.csv") == read_values(VALUES.encode(), name="v.csv")


@given(st.integers(0, len(VALUES)))
def test_a_table_cut_off_loses_whole_lines_at_most_or_is_refused(end: int) -> None:
    whole = read_values(VALUES.encode(), name="v.csv")
    try:
        found = read_values(VALUES[:end].encode(), name="v.csv")
    except Refusal:
        return
    # A cut within the last cell may leave another unit of a marker; every line before it is as it was.
    assert found[:-1] == whole[: len(found) - 1]
    assert found[-1].value == whole[len(found) - 1].value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (read_members, read_values, read_summaries):
        try:
            read(data, name="x.csv")
        except Refusal as refusal:
            assert "x.csv" in str(refusal)  # noqa: PT017 - a refusal is one of the two good ends
