"""Marks are of their picture, in order, and never changed after they were measured."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.assay import assay_file
from exotrial.product.picture_marks import Kind, Marks, Shows, Tone, begin_marks, check_continued, read_marks
from tests.product.images.marked import CALNEXIN, LADDER_MARKS, blot_file, blot_marks, mark, micrograph_file

PICTURE = blot_file()


def read(*marks: str) -> Marks:
    return read_marks(blot_marks(PICTURE, marks=list(marks)), picture=PICTURE.source)


def test_marks_say_who_when_why_and_what_they_replaced() -> None:
    marks = read(
        mark(1, "lane", name="vesicles", left=80, right=120, why="wider than found"),
        mark(2, "lane", name="vesicles", left=78, right=122, why="the edge was cut", replaces=1),
        mark(3, "withdraw", replaces=2, why="the found lane is right"),
    )
    assert marks.standing == ()
    assert marks.marks[1].mark.who == "QC scientist"
    assert marks.replaced_by(marks.marks[1]) == "mark 1: lane vesicles, left 80, right 120"
    assert [each.kind for each in marks.marks] == [Kind.LANE, Kind.LANE, Kind.WITHDRAW]


@pytest.mark.parametrize(
    ("marks", "refused"),
    [
        ([mark(2, "ladder", row=1, kda=5)], "mark 1 is numbered 2"),
        ([mark(1, "ladder", row=1, kda=5), mark(1, "ladder", row=9, kda=4)], "mark 2 is numbered 1"),
        ([mark(1, "ladder", row=1, kda=5, minute=9), mark(2, "ladder", row=9, kda=4)], "before mark 1"),
        ([mark(1, "ladder", row=1, kda=5, replaces=1)], "no earlier mark"),
        ([mark(1, "withdraw")], "withdraws nothing"),
        (
            [mark(1, "ladder", row=1, kda=5), mark(2, "lane", name="a", left=1, right=9, replaces=1)],
            "its kind",
        ),
        (
            [
                mark(1, "ladder", row=1, kda=5),
                mark(2, "withdraw", replaces=1),
                mark(3, "withdraw", replaces=1),
            ],
            "replaced already",
        ),
        (
            [
                mark(1, "ladder", row=1, kda=5),
                mark(2, "withdraw", replaces=1),
                mark(3, "withdraw", replaces=2),
            ],
            "no earlier mark of its kind",
        ),
    ],
)
def test_marks_out_of_order_are_refused(marks: list[str], refused: str) -> None:
    with pytest.raises(Refusal, match=rf"IMG-005: marks.toml line \d+.*{refused}"):
        read(*marks)


def test_marks_of_the_same_minute_are_in_order() -> None:
    marks = read(mark(1, "ladder", row=1, kda=5, minute=3), mark(2, "ladder", row=9, kda=4, minute=3))
    assert len(marks.marks) == 2


def test_marks_of_another_picture_or_kind_are_refused() -> None:
    with pytest.raises(Refusal, match="IMG-004"):
        read_marks(blot_marks(blot_file(seed=2)), picture=PICTURE.source)
    with pytest.raises(Refusal, match=r"IMG-004.*of a blot"):
        read_marks(blot_marks(PICTURE), picture=PICTURE.source, shows=Shows.MICROGRAPH)


def test_a_mark_without_zone_or_with_a_key_misspelt_is_refused() -> None:
    for changed, code in (("11:01:00Z", "TML-003"), ("kda = 100.0", "TML-002")):
        assert changed in LADDER_MARKS[0]
        wrong = LADDER_MARKS[0].replace(changed, changed.rstrip("Z").replace("kda", "kd"))
        with pytest.raises(Refusal, match=rf"{code}: marks.toml line \d+"):
            read(wrong)


def test_marks_may_be_added_and_not_changed_or_taken_away() -> None:
    before = read(*LADDER_MARKS).digests
    check_continued(read(*LADDER_MARKS, *CALNEXIN), before)
    check_continued(read(*LADDER_MARKS), before)
    changed = [LADDER_MARKS[0].replace("sheet", "leaflet"), *LADDER_MARKS[1:]]
    with pytest.raises(Refusal, match=r"IMG-006: marks.toml line \d+.*mark 1 is not what was measured"):
        check_continued(read(*changed), before)
    with pytest.raises(Refusal, match=r"IMG-006.*4 marks were measured before and 3 are left"):
        check_continued(read(*LADDER_MARKS[:3]), before)


def test_the_digests_of_marks_depend_on_the_picture() -> None:
    other = blot_file(seed=2)
    there = read_marks(blot_marks(other, marks=LADDER_MARKS), picture=other.source)
    assert not {*there.digests} & {*read(*LADDER_MARKS).digests}


@pytest.mark.parametrize("shows", list(Shows))
def test_marks_that_are_begun_can_be_read(shows: Shows) -> None:
    picture = micrograph_file()
    text = begin_marks(picture.source, shows=shows, tone=Tone.DARK)
    marks = read_marks(assay_file(text.encode(), name="new.toml"), picture=picture.source, shows=shows)
    assert marks.dark
    assert marks.marks == ()


WHOLE = blot_marks(PICTURE).data


@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=4), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_a_hand_edited_file_of_marks_is_read_or_refused(at: int, put: bytes, gone: int) -> None:
    data = WHOLE[:at] + put + WHOLE[at + gone :]
    try:
        marks = read_marks(assay_file(data, name="marks.toml"), picture=PICTURE.source)
    except Refusal:
        return
    assert [each.number for each in marks.marks] == list(range(1, len(marks.marks) + 1))
