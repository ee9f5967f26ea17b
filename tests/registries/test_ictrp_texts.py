"""The texts of an export's cells: what each can mean, on both sides of every boundary, and nothing guessed."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exotrial.registries.date_text import read_date_text
from exotrial.registries.mojibake import repair_mojibake
from exotrial.registries.phase_text import names_no_phase, read_phase
from exotrial.registries.size_text import read_size


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        *(("2020-02-01 00:00:00", "1-2"), ("2020-01-02", "1-2"), ("1-Feb", "1-2"), ("01-Feb", "1-2")),
        *(("2-Jan", "1-2"), ("Feb-01", "1-2"), ("2-Mar", "2-3"), ("3-Apr", "3-4"), ("1 February", "1-2")),
        *(("4-May", None), ("1-Mar", None), ("5-Feb", None), ("2020-03-01", None), ("2020-12-25", None)),
        *(("Phase 1/Phase 2", "1-2"), ("I/II", "1-2"), ("PHASE2, PHASE3", "2-3"), ("2a", "2a"), ("0", "0")),
        *(("Early Phase 1", "0"), ("Pilot clinical trial", "pilot"), ("Retrospective study", None)),
        *(("N/A", None), ("Phase 1, Phase 2, Phase 3", None), ("44228", None), ("2-Foo", "2")),
    ],
)
def test_a_phase_is_read_also_where_a_spreadsheet_made_a_day_of_it(text: str, phase: str | None) -> None:
    found = read_phase(text)
    assert (found.phase if found else None) == phase


@given(
    st.sampled_from(["1-2", "2-3", "3-4"]),
    st.booleans(),
    st.sampled_from(["{d}-{m}", "{m}-{d}", "{d:02}-{m}"]),
)
def test_no_spreadsheets_day_of_a_phase_reads_as_another_phase(
    phase: str, month_first: bool, form: str
) -> None:
    """Excel prints `1-2` as 1-Feb or 2-Jan, by the country it is set to."""
    names = ["", "Jan", "Feb", "Mar", "Apr"]
    first, second = (int(part) for part in phase.split("-"))
    day, month = (second, first) if month_first else (first, second)
    found = read_phase(form.format(d=day, m=names[month]))
    assert found is not None
    assert (found.phase, found.was_date) == (phase, True)


def test_saying_that_there_is_no_phase_is_not_saying_something_else() -> None:
    assert names_no_phase(" N/A ")
    assert not names_no_phase("New Treatment Measure Clinical Study")


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("Exocrine group:13;Control group:13;", 26),  # ChiCTR2000030261
        ("Case group 1:20;Case group 2:25;", 45),
        *(("1:30;2:30;", 60), ("Group 1:30;", 30), ("Experimental group：20；", 20), ("1,200", 1200)),
        *(("1:1", None), ("1:1;", None), ("Ratio 1:1", None), ("Allocation ratio 2:1;", None)),
        *(
            ("A:;B:13;", None),
            ("13.0", None),
            ("20 + 20", None),
            ("9" * 9, 999_999_999),
            ("9" * 5000, None),
            ("-5", None),
            ("1,2", None),
            ("", None),
        ),
    ],
)
def test_a_size_is_a_number_or_a_number_for_every_arm(text: str, total: int | None) -> None:
    found = read_size(text)
    assert (found.total if found else None) == total


@given(
    st.lists(
        st.tuples(st.text("abc αγ", min_size=1).filter(str.strip), st.integers(0, 99_999)),
        min_size=1,
        max_size=6,
    )
)
def test_sizes_by_arm_are_found_again_and_add_up(arms: list[tuple[str, int]]) -> None:
    found = read_size("".join(f"{name}:{size};" for name, size in arms))
    assert found is not None
    assert found.arms == tuple((name.strip(), size) for name, size in arms)
    assert found.total == sum(size for _, size in arms)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        *(
            ("1399/12/15", "2021-03-05"),
            ("1399-12-15", "2021-03-05"),
        ),  # IRCT20201202049568N3 prints both calendars
        *(("1939-12-31", ""), ("1940-01-01", "1940-01-01"), ("2099-12-31", "2099-12-31"), ("2100-01-01", "")),
        *(("2599-06-14", ""), ("2641-06-14", "2020-03-24"), ("01/03/1399", ""), ("25/03/1399", "")),
        *(("12/12/2020", "2020-12-12"), ("12/13/2020", "2020-12-13"), ("1/2/2020", "2020-01-02 2020-02-01")),
        *(("44228", "2021-02-01"), ("10000", ""), ("2020-02-30", ""), ("Sept 3, 2020", "2020-09-03")),
    ],
)
def test_a_date_gives_every_day_that_it_can_mean(text: str, days: str) -> None:
    found = read_date_text(text)
    assert " ".join(map(str, found.days) if found else ()) == days


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        *(("√ü", "ß"), ("37 ¬∞C", "37 °C"), ("‚â•18", "≥18"), ("‚Äì", "–"), ("Œ±", "α")),  # read as MacRoman
        *(
            ("â‰¥18", "≥18"),
            ("Ã©", "é"),
            ("Â°C", "°C"),
            ("Î±", "α"),
            ("Ø¹Ù„ÛŒ", "علی"),
        ),  # read as Windows-1252
    ],
)
def test_letters_of_the_wrong_encoding_are_mended(wrong: str, meant: str) -> None:
    assert repair_mojibake(wrong) == meant
    assert repair_mojibake(meant) == meant


@pytest.mark.parametrize(
    "text",
    [
        "“≥18”",
        "–≥3",
        "≈±5",
        "Ø±1",
        "“Äpfel”",
        "“Österreich”",
        "CAFÉ”",
        "Maß”",
        "≥ 93 %",
        "µm",
        "naïve",
        "São",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    """`“≥` are the bytes of ҳ, `É”` those of ɔ: a sign of a threshold would be lost."""
    assert repair_mojibake(text) == text


@given(
    st.text(st.sampled_from("≥≤±°µαβγéüößñ–“”…×"), min_size=1, max_size=8),
    st.sampled_from(["mac_roman", "cp1252"]),
)
def test_a_mended_text_is_never_mended_into_something_else(text: str, encoding: str) -> None:
    """Whatever is mended is what was meant, or the text as it stood."""
    try:
        wrong = text.encode().decode(encoding)
    except UnicodeDecodeError:
        assume(False)
    assert repair_mojibake(wrong) in (text, wrong)
