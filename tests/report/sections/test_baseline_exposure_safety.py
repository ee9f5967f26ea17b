"""Baseline, exposure and safety of the pilot (seed 002, Table 1, lines 149 to 179), and of studies without data."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from exotrial.datasets.groups import derive_groups
from exotrial.report.document import Paragraph, Section, SectionBuilder
from exotrial.report.inputs import ReportInput
from exotrial.report.sections import baseline, exposure, safety
from tests.report.sections.given import body_of, build_section, given_of, tables_of

PILOT = "chictr2000030261"


def texts_of(section: Section) -> str:
    return " ".join(block.text for block in section.blocks if isinstance(block, Paragraph))


def with_events(given: ReportInput, rows: list[dict[str, str | None]]) -> ReportInput:
    assert given.captured is not None
    events = pl.DataFrame(rows, schema=given.captured.adverse_events.schema)
    return replace(given, captured=replace(given.captured, adverse_events=events))


def test_baseline_counts_are_those_of_table_1() -> None:
    section, _ = build_section(baseline.SECTION, given_of(PILOT))
    rows = {(row[0] or "").strip(): row[1:] for row in body_of(tables_of(section)["baseline"])}
    assert rows["Female"] == ("3 (43 %)", "2 (40 %)", "1 (50 %)")
    assert rows["Severe"] == ("2 (29 %)", "0 (0 %)", "2 (100 %)")
    assert rows["Cough"][0] == "4 (57 %)"
    # Ages 62 53 23 61 43 19 57: mean 318/7 = 45.43, SD 17.9.
    means = [
        row[1] for row in body_of(tables_of(section)["baseline"]) if (row[0] or "").strip() == "Mean ± SD"
    ]
    assert means[0] == "45.4 ± 17.9"


def test_no_difference_is_tested_at_baseline() -> None:
    section, results = build_section(baseline.SECTION, given_of(PILOT))
    table = tables_of(section)["baseline"]
    assert not any("p value" in column.head.lower() for column in table.columns)
    assert {result.method for result in results} == {"describe"}


def test_a_small_study_is_listed_and_a_large_one_is_not() -> None:
    given = given_of(PILOT)
    section, _ = build_section(baseline.SECTION, given)
    assert [row[0] for row in body_of(tables_of(section)["participants"])] == list("1234567")
    assert given.captured is not None
    many = pl.concat(
        [given.captured.participants.with_columns(pl.col("USUBJID") + f"-{copy}") for copy in range(2)]
    )
    larger = replace(given, captured=replace(given.captured, participants=many))
    section, _ = build_section(baseline.SECTION, larger)
    assert "participants" not in tables_of(section)


def test_arms_are_columns_only_where_they_may_be_shown() -> None:
    given = given_of(PILOT)
    assert given.captured is not None
    people = given.captured.participants.with_columns(
        pl.Series("ARMCD", ["exosomes", "control"] * 3 + ["exosomes"])
    )
    captured = replace(given.captured, participants=people)
    shown = [group.name for group in derive_groups(given.study, captured, show_arms=True)]
    hidden = [group.name for group in derive_groups(given.study, captured, show_arms=False)]
    assert shown == ["All participants", "Nebulised exosomes", "control", "Common", "Severe"]
    assert hidden == ["All participants", "Common", "Severe"]


def test_a_group_of_one_is_no_column() -> None:
    given = given_of(PILOT)
    assert given.captured is not None
    people = given.captured.participants.with_columns(pl.Series("ARMCD", ["exosomes"] * 6 + ["control"]))
    captured = replace(given.captured, participants=people)
    assert "control" not in [group.name for group in derive_groups(given.study, captured, show_arms=True)]


def test_days_from_diagnosis_to_the_first_dose_are_those_of_table_1() -> None:
    section, _ = build_section(exposure.SECTION, given_of(PILOT))
    # Feb 9, Feb 9, Feb 8, Jan 31, Mar 28, Mar 27, Aug 20 to Feb 27 (four), Apr 1, Apr 4, Aug 23:
    # 18, 18, 19, 27, 4, 8 and 3 days.
    assert body_of(tables_of(section)["exposure"]) == [
        ("Diagnosis to first dose, days", "7", "18.0", "4.0 to 19.0", "3 to 27")
    ]
    assert "cannot be computed" in texts_of(section)


def test_both_readings_of_a_contradicted_total_dose_are_told() -> None:
    section, _ = build_section(exposure.SECTION, given_of("mexcovid"))
    # 2.0e8 a day on 5 days is 1.0e9; the abstract states 2.0e9 (seed 000, lines 18 and 26).
    assert "1e+09" in texts_of(section)
    assert "2 times as much" in texts_of(section)
    assert "No participant data were captured" in texts_of(section)


def test_no_event_in_seven_does_not_show_that_there_are_none() -> None:
    section, results = build_section(safety.SECTION, given_of(PILOT))
    # 1 - 0.05^(1/7) = 0.348; 1 - 0.025^(1/7) = 0.410; 0.9^7 = 0.478.
    assert "up to 34.8 %" in texts_of(section)
    assert "two-sided 41.0 %" in texts_of(section)
    assert "48 %" in texts_of(section)
    assert {result.method for result in results} == {"zero_events_one_sided", "zero_events_two_sided"}


def event_of(**changes: str) -> dict[str, str | None]:
    """One event of the first participant."""
    event: dict[str, str | None] = {
        "USUBJID": "CHICTR2000030261-1",
        "AETERM": "Bronchospasm",
        "AESEV": "3",
        "AESER": "Y",
        "AEREL": "POSSIBLE",
        "ASTDT": None,
        "AENDT": None,
        "SRC": "made up for this test",
    }
    return event | changes


def test_events_that_were_not_captured_are_not_no_events() -> None:
    given = given_of(PILOT)
    without = replace(given, files=tuple(file for file in given.files if file.name != "adverse_events.csv"))
    section, results = build_section(safety.SECTION, without)
    assert "were not captured" in texts_of(section)
    assert "No adverse event was reported" not in texts_of(section)
    assert results == ()


@pytest.mark.parametrize(
    ("judged", "participants"),
    [("RELATED", "1"), ("POSSIBLY RELATED", "1"), ("DEFINITE", "1"), ("UNLIKELY", "0"), ("NOT RELATED", "0")],
)
def test_a_related_event_counts_whichever_words_say_so(judged: str, participants: str) -> None:
    section, _ = build_section(safety.SECTION, with_events(given_of(PILOT), [event_of(AEREL=judged)]))
    rows = {row[0]: row for row in body_of(tables_of(section)["adverse-events"])}
    assert (rows["Related to the product, as judged"][1] or "").startswith(f"{participants} (")


def test_a_judgement_that_was_not_captured_is_told() -> None:
    events = [event_of(AESER="", AEREL=""), event_of()]
    section, _ = build_section(safety.SECTION, with_events(given_of(PILOT), events))
    notes = " ".join(tables_of(section)["adverse-events"].notes)
    assert "Of 1 of 2 events the seriousness is not captured" in notes
    assert "Of 1 of 2 events the relation to the product is not captured" in notes
    assert "grade" not in notes


@pytest.mark.parametrize(("serious", "shown"), [("Y", "1 (14 %); 0 to 58 %"), ("N", "0 (0 %); 0 to 41 %")])
def test_a_serious_event_is_counted_and_another_is_not(serious: str, shown: str) -> None:
    event = event_of(AESER=serious)
    section, _ = build_section(safety.SECTION, with_events(given_of(PILOT), [event, event]))
    rows = {row[0]: row[1:3] for row in body_of(tables_of(section)["adverse-events"])}
    # Clopper-Pearson, R binom.test(1, 7): 0.0036 to 0.5787; binom.test(0, 7): 0 to 0.4096.
    assert rows["Serious adverse event"] == (shown, "2" if serious == "Y" else "0")
    assert rows["Any adverse event"] == ("1 (14 %); 0 to 58 %", "2")
    assert body_of(tables_of(section)["adverse-event-terms"])[0][:2] == ("Bronchospasm", "1 (14 %)")


@pytest.mark.parametrize("section", [baseline.SECTION, safety.SECTION])
def test_without_participants_there_is_nothing_to_say(section: SectionBuilder) -> None:
    assert section.build(given_of("mexcovid")) is None
