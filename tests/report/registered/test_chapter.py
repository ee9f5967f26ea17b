"""The chapter “Registered, planned, done, reported”: words, table, figure, and what it does not show."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from exotrial.registries.record import Stated, Timing
from exotrial.registries.registry import read_records, record_file
from exotrial.report.build import build_report, read_report_input
from exotrial.report.document import Bullets
from exotrial.report.registered.table import NOT_STATED, NOT_TO_HAND
from exotrial.report.sections.registered import SECTION, build
from exotrial.report.write import render_report
from tests.conftest import PROJECT, shared
from tests.registries.clean_records import day, first_version, latest, says
from tests.report.registered.made_up import chapter, column, figures, given, table, words
from tests.report.sections.given import STUDIES, given_of
from tests.report.synthetic_trial import captured_from
from tests.study.clean import ABSENT, changed

SNAPSHOTS = ("data", "ictrp", "seed_trials_ictrp_snapshots_2020.json")
PROSPECTIVE: Stated[Timing] = says("prospective")
MADE_UP = PROJECT / "tests" / "files" / "registries" / "irct_synthetic.txt"


def test_a_study_that_is_registered_nowhere_says_so_in_one_sentence_and_draws_nothing() -> None:
    study = changed({"registrations": [], "evidence": [], "design.enrolled": ABSENT, "recruitment": {}})
    section = chapter(given(study=study))
    assert [type(block).__name__ for block in section.blocks] == ["Paragraph"]
    assert words(section).count(".") == 1
    assert "names no registration" in words(section)


def test_an_unregistered_study_with_data_still_has_its_plan_held_against_them() -> None:
    study = changed({"registrations": [], "evidence": [], "blinding": ABSENT})
    section = chapter(given(study=study, captured=captured_from([("P1", "vesicles"), ("P2", "vehicle")])))
    assert figures(section) == []
    cells = table(section)
    assert set(column(cells, "registered").values()) == {NOT_TO_HAND}
    assert "enrolled 2" in column(cells, "done")["Size"]


@pytest.mark.parametrize("study", STUDIES)
def test_every_row_has_six_cells_whose_widths_make_a_whole_and_no_cell_is_silent(study: str) -> None:
    section = chapter(given_of(study))
    cells = table(section)
    assert sum(one.width or 0 for one in cells.columns) == pytest.approx(1)
    for side in ("registered", "planned", "done", "reported"):
        assert all(column(cells, side).values())
    timing = table(section, "registered-timing")
    assert sum(one.width or 0 for one in timing.columns) == pytest.approx(1)


@pytest.mark.parametrize("study", STUDIES)
def test_the_same_input_makes_the_same_chapter(study: str) -> None:
    again = read_report_input(PROJECT / "studies" / study)
    assert build(again) == build(given_of(study))


def test_the_irct_study_has_no_paper_and_the_chapter_says_that_none_is_to_hand() -> None:
    section = chapter(given_of("irct20201202049568n3"))
    assert set(column(table(section), "reported").values()) == {NOT_TO_HAND}
    assert "No source of what was reported is to hand" in words(section)


def test_the_paper_of_seven_differs_from_its_registration_as_printed() -> None:
    """Registered: parallel, 26, lung CT (ICTRP). Paper, lines 6, 62 and 67: seven, from 26 February, CRP and SpO2."""
    section = chapter(given_of("chictr2000030261"))
    cells = table(section)
    registered, reported, differs = (column(cells, key) for key in ("registered", "reported", "differs"))
    assert registered["Design"].startswith("parallel")
    assert reported["Design"].startswith("single group")
    assert "paper, line 6" in reported["Design"]
    assert differs["Design"].startswith("Error SBS-001")
    assert "CONSORT 2025 item 9" in differs["Design"]
    assert registered["Size"].startswith("target 26")
    assert reported["Size"].startswith("enrolled 7")
    assert differs["Size"].startswith("Warning SBS-019")
    assert reported["C-reactive protein in plasma"].startswith("primary")
    assert registered["C-reactive protein in plasma"] == NOT_STATED
    assert "ICMJE" in differs["C-reactive protein in plasma"]
    assert registered["Lung CT"].startswith("primary: Lung CT")
    assert differs["Lung CT"].startswith("Error SBS-033: demoted")
    assert "values of 7 of 7 participants" in column(cells, "done")["C-reactive protein in plasma"]


def test_the_reported_side_counts_the_claims_on_the_rows_of_the_paper_s_tables() -> None:
    """The paper's p of 0.770 for lymphocytes stands under “Lymphoma count”, which names no outcome of the study."""
    reported = column(table(chapter(given_of("chictr2000030261"))), "reported")
    assert (
        "1 claim on “Respiratory rate”, 1 of them not as printed (claims.toml)"
        in reported["Respiratory rate"]
    )
    assert "on “C-reactive protein”" in reported["C-reactive protein in plasma"]
    assert "claim" not in reported["Lymphocyte count"]
    assert not [cell for cell in reported.values() if "Lymphoma" in cell]


def test_the_label_of_the_paper_is_held_against_the_dates() -> None:
    """Registered 2020-02-26, first enrolment by the register 2020-03-01, by the paper 2020-02-26: one day decides."""
    timing = table(chapter(given_of("chictr2000030261")), "registered-timing")
    by_dates, label = column(timing, "by_dates"), column(timing, "label")
    told = "ChiCTR2000030261: registration, as the study file tells it"
    assert by_dates[told] == "prospective"
    assert label[told] == "“retrospective” (paper): Error: contradicted by the dates."
    done = "ChiCTR2000030261: enrolment as it was done"
    assert by_dates[done] == "open: prospective or while recruiting"
    assert "may stand" in label[done]


@pytest.mark.parametrize(
    ("registered", "by_dates", "stands"),
    [
        ("2024-02-29", "prospective", "stands"),
        ("2024-03-01", "open: prospective or while recruiting", "may stand; the dates leave it open"),
        ("2024-03-02", "while recruiting", "Error: contradicted by the dates"),
        ("2024-12-20", "while recruiting", "Error: contradicted by the dates"),
        ("2024-12-21", "retrospective", "Error: contradicted by the dates"),
    ],
)
def test_the_verdict_turns_on_the_days_of_first_and_last_enrolment(
    registered: str, by_dates: str, stands: str
) -> None:
    record = replace(
        latest(),
        registered=day(registered),
        start=day("2024-03-01"),
        recruitment_end=day("2024-12-20"),
        timing_label=PROSPECTIVE,
    )
    timing = table(chapter(given(record)), "registered-timing")
    found = column(timing, "by_dates")["NCT00000000: registry record of 2025-06-30"]
    assert found == by_dates
    label = column(timing, "label")["NCT00000000: registry record of 2025-06-30"]
    assert label == f"“prospective” (record): {stands}."


def test_a_flag_of_an_export_is_a_warning_and_no_error() -> None:
    record = replace(
        latest(),
        registered=day("2024-03-09"),
        start=day("2024-03-01"),
        timing_label=replace(PROSPECTIVE, prints="Yes"),
    )
    timing = table(chapter(given(record)), "registered-timing")
    label = column(timing, "label")["NCT00000000: registry record of 2025-06-30"]
    assert label == "“prospective” (flag of the export, “Yes”): Warning: contradicted by the dates."


def test_what_changed_in_the_record_is_told_between_its_dates() -> None:
    section = chapter(given(first_version(), replace(latest(), target_size=says(40))))
    bullets = [item for block in section.blocks if isinstance(block, Bullets) for item in block.items]
    assert bullets[0].startswith("NCT00000000: 2 dated exports, 2024-02-01 to 2025-06-30")
    assert bullets[1].startswith("Between 2024-02-01 and 2025-06-30: target size: 32")
    assert "versions of the record" in column(table(section), "differs")["Size"]


def test_a_blinded_trial_shows_no_arm_of_what_was_done() -> None:
    captured = captured_from([("P1", "vesicles"), ("P2", "vehicle"), ("P3", "vehicle")])
    hidden = given(study=changed({}), captured=captured)
    assert hidden.arms_are_hidden
    cells = table(chapter(hidden))
    done = column(cells, "done")
    assert done["Arms"] == done["Sizes of the arms"] == NOT_STATED
    assert "vehicle: 2" not in json.dumps(cells.rows)
    shown = table(chapter(given(study=changed({"blinding": ABSENT}), captured=captured)))
    assert "vehicle: 2" in column(shown, "done")["Arms"]
    assert column(shown, "done")["Sizes of the arms"].startswith("2 + 1")


def test_a_quotation_that_is_missing_does_not_say_that_a_paper_dropped_an_outcome() -> None:
    differs = column(table(chapter(given_of("mexcovid"))), "differs")
    assert "SBS-033" in differs["Time to clinical improvement (TTIC)"]
    assert "reported, not" not in differs["Time to clinical improvement (TTIC)"]
    assert "not reported" not in " ".join(differs.values())


def test_a_file_of_another_trial_is_named_and_left_out(tmp_path: Path) -> None:
    read = read_report_input(PROJECT / "studies" / "mexcovid", beside=[MADE_UP])
    assert "irct_synthetic.txt holds no record of this trial" in words(chapter(read))
    assert "XSR-001" in {finding.rule for finding in read.findings}


def test_every_format_carries_the_chapter_in_the_same_bytes_and_nobody_s_name() -> None:
    record = read_records(record_file(MADE_UP.read_bytes(), name=MADE_UP.name))[0]
    assert any(contact.email for contact in record.contacts)
    of = given(record, study=changed({"registrations.0.identifier": record.identifier.value}))
    report = build_report(of)
    report = replace(report, sections=tuple(one for one in report.sections if one.id == "registered"))
    files, again = (render_report(report, files=of.files) for _ in range(2))
    assert files == again
    assert "tables/registered-planned-done-reported.csv" in files
    assert "figures/registered-dates.svg" in files
    text = b"\n".join(files[name] for name in files if name.endswith((".html", ".csv", ".json", ".svg")))
    for contact in record.contacts:
        for private in (contact.name, contact.email, contact.telephone, contact.address):
            assert not private or private.encode() not in text
    assert SECTION.order < 80, "what was registered is read before what does not follow from the data"


@pytest.mark.shared
def test_sixteen_real_exports_are_laid_beside_their_study() -> None:
    """WHO ICTRP, 25 March to 6 July 2020: 13 + 13, parallel, lung CT; its text was cut until 1 April."""
    of = read_report_input(PROJECT / "studies" / "chictr2000030261", beside=[shared(*SNAPSHOTS)])
    section = chapter(of)
    cells = table(section)
    assert column(cells, "registered")["Sizes of the arms"].startswith("13 + 13")
    assert column(cells, "registered")["Arms"].startswith("2")
    assert "Error SBS-005" in column(cells, "differs")["Arms"]
    (figure,) = figures(section)
    assert "Record as exported: 16 days, 2020-03-25 to 2020-07-06" in figure.alt
    bullets = [item for block in section.blocks if isinstance(block, Bullets) for item in block.items]
    assert bullets[0] == "ChiCTR2000030261: 16 dated exports, 2020-03-25 to 2020-07-06; 1 change seen."
    assert of.files[-1].name == SNAPSHOTS[-1]


def test_no_date_of_a_record_is_before_the_trial_can_know_it() -> None:
    """The newest version by its day is shown, in whatever order the files come."""
    newest = replace(latest(), as_of=date(2025, 7, 1), target_size=says(33))
    one, other = (chapter(given(*records)) for records in ((newest, latest()), (latest(), newest)))
    assert one == other
    assert column(table(one), "registered")["Size"].startswith("target 33")
