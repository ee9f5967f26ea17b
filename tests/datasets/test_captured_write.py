"""Captured tables are written so that they are read back equal, and no cell runs in a spreadsheet."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusals
from exotrial.datasets.captured import EVENTS, read_captured
from exotrial.datasets.captured_write import is_like_a_formula, write_captured
from exotrial.datasets.record_values import FormRecord
from exotrial.datasets.records import CapturedTables, DatedEvent, ParticipantRow
from tests.datasets.records_given import a_record, derived, visit

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1))
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12).filter(
    lambda text: not is_like_a_formula(text.strip())
)
NUMBERS = st.one_of(
    st.integers(0, 700),
    st.floats(0, 700, allow_nan=False),
    st.decimals(0, 700, places=2).map(str),
    st.just({"missing": "not done"}),
    TEXTS.map(lambda text: {"missing": f"because {text}"}),
)
CODES = ("IRCT-1", "IRCT-2")


@st.composite
def records(draw: st.DrawFn) -> list[FormRecord]:
    made = []
    for who in CODES:
        for encounter in ("day_5", "day_10", "day_20"):
            if draw(st.booleans()):
                values = visit(draw(DAYS).isoformat(), CRP={"crp": draw(NUMBERS)})
                made.append(a_record("F.VISIT.DAY_5", values, encounter=encounter, participant=who))
        event: dict[str, object] = {
            "row": 1,
            "AE.TERM": draw(TEXTS),
            "AE.START": draw(DAYS).isoformat(),
            "AE.REL": draw(st.sampled_from(("NOT", "POSSIBLE", "PROBABLE", "DEFINITE"))),
        }
        made.append(a_record("F.AE", {"IG.AE": [event]}, participant=who))
    return made


@given(
    records(),
    st.lists(
        st.builds(
            DatedEvent,
            participant=st.sampled_from(CODES),
            event=st.sampled_from(EVENTS),
            on=DAYS,
            source=TEXTS,
        ),
        max_size=6,
    ),
    st.one_of(st.none(), st.integers(0, 130)),
)
def test_what_is_written_is_read_back_equal(
    made: list[FormRecord], events: list[DatedEvent], age: int | None
) -> None:
    people = tuple(ParticipantRow(code=code, site="1", age=age, status="enrolled") for code in CODES)
    derived_tables: CapturedTables = derived(*made, people=people, events=tuple(events))
    with TemporaryDirectory() as folder:
        write_captured(Path(folder), derived_tables.tables)
        captured = read_captured(Path(folder))
    for name, table in derived_tables.tables.items():
        back: pl.DataFrame = getattr(captured, name)
        assert back.select(table.columns).equals(table), name


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-rash", "@SUM", "-", "--1"])
def test_a_text_that_a_spreadsheet_would_run_is_refused(text: str, tmp_path: Path) -> None:
    made = derived(a_record("F.AE", {"IG.AE": [{"row": 1, "AE.TERM": text}]}))
    with pytest.raises(Refusals, match="REC-009"):
        write_captured(tmp_path / "data", made.tables)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("text", ["-1.5", "+2", "-.5e-3", "1-2", "a=b", "a@b", ""])
def test_a_number_with_a_sign_is_no_formula(text: str) -> None:
    assert not is_like_a_formula(text)


def test_a_text_that_would_not_be_read_back_is_refused(tmp_path: Path) -> None:
    table = pl.DataFrame({"USUBJID": [" 1"]})
    with pytest.raises(Refusals, match="REC-010"):
        write_captured(tmp_path, {"participants": table})


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    tables = derived(a_record("F.CM", {})).tables
    first, second = (
        [path.read_bytes() for path in write_captured(tmp_path / name, tables)] for name in ("a", "b")
    )
    assert first == second


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nb", 'a "b", c', "a,b", "‏۱۲"])
def test_a_text_with_marks_of_csv_is_read_back_as_it_is(text: str, tmp_path: Path) -> None:
    made = derived(a_record("F.AE", {"IG.AE": [{"row": 1, "AE.TERM": text}]}))
    write_captured(tmp_path, made.tables)
    assert read_captured(tmp_path).adverse_events["AETERM"].to_list() == [text]
