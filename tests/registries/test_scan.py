"""A scan of many records: what is counted, what is refused, and that no value in it is made up."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.registry_rows import Truth, make_export
from exotrial.core.dates import read_partial_date
from exotrial.core.errors import Refusal, Refusals
from exotrial.registries.registry import record_file
from exotrial.registries.scan import (
    TIMINGS,
    Scanned,
    compute_timing,
    latest_of_each,
    open_records,
    scan_record,
)
from exotrial.registries.scan_summary import (
    summarise_scan,
    write_findings_csv,
    write_records_csv,
)
from tests.conftest import shared
from tests.registries.clean_records import day, latest, outcome, says

ROWS = 600
"""Enough for one torn row."""


def scanned_of(data: bytes, name: str = "export.csv") -> tuple[list[Scanned], list[Refusal]]:
    _, records = open_records(record_file(data, name=name))
    found = list(records)
    return [scan_record(r) for r in found if not isinstance(r, Refusal)], [
        r for r in found if isinstance(r, Refusal)
    ]


@pytest.fixture(scope="module")
def made() -> tuple[bytes, list[Truth]]:
    return make_export(ROWS, seed=11)


@pytest.fixture(scope="module")
def scanned(made: tuple[bytes, list[Truth]]) -> tuple[list[Scanned], list[Refusal]]:
    return scanned_of(made[0])


def test_no_value_that_is_read_is_wrong(
    made: tuple[bytes, list[Truth]], scanned: tuple[list[Scanned], list[Refusal]]
) -> None:
    """The rows are made from known dates and sizes; what cannot be told is left open."""
    by_number = {one.identifier: one for one in scanned[0]}
    assert set(by_number) == {truth.identifier for truth in made[1]}
    for truth in made[1]:
        one = by_number[truth.identifier]
        assert truth.registered.isoformat() == one.registered
        assert one.start is None or truth.start.isoformat().startswith(one.start)
        assert one.target_size in (None, truth.size)


def test_the_timing_of_each_trial_is_that_of_its_true_dates(
    made: tuple[bytes, list[Truth]], scanned: tuple[list[Scanned], list[Refusal]]
) -> None:
    by_number = {one.identifier: one for one in scanned[0]}
    for truth in made[1]:
        timing = by_number[truth.identifier].timing
        if timing == "before enrolment":
            assert truth.registered < truth.start
        elif timing == "on the day":
            assert truth.registered == truth.start
        else:
            assert timing in ("after enrolment began", "not known")
            assert timing == "not known" or truth.registered > truth.start


def test_a_torn_row_is_refused_with_its_line_and_the_rest_is_read(
    scanned: tuple[list[Scanned], list[Refusal]],
) -> None:
    assert [(r.code.code, r.place.line) for r in scanned[1]] == [("ICT-002", 501)]
    assert len(scanned[0]) == ROWS - 1


def test_the_flag_of_the_export_agrees_with_the_dates_when_it_is_read_the_right_way_round(
    scanned: tuple[list[Scanned], list[Refusal]],
) -> None:
    assert "REG-015" not in {found.rule for one in scanned[0] for found in one.findings}


@pytest.mark.parametrize(
    ("registered", "start", "end", "timing"),
    [
        ("2024-02-29", "2024-03-01", None, "before enrolment"),
        ("2024-03-01", "2024-03-01", None, "on the day"),
        ("2024-03-02", "2024-03-01", None, "after enrolment began"),
        ("2024-03-02", "2024-03-01", "2024-03-02", "while recruiting"),
        ("2024-03-03", "2024-03-01", "2024-03-02", "after recruitment"),
        ("2024-03-15", "2024-03-01", "2024-03", "after enrolment began"),
        ("2024-02-29", "2024-03", None, "before enrolment"),
        ("2024-03-01", "2024-03", None, "not known"),
        ("2024-03-31", "2024-03", None, "not known"),
        ("2024-04-01", "2024-03", None, "after enrolment began"),
        ("2024", "2024", None, "not known"),
    ],
)
def test_timing_is_told_by_dates_and_only_where_they_decide(
    registered: str, start: str, end: str | None, timing: str
) -> None:
    record = replace(
        latest(),
        registered=day(registered),
        start=day(start),
        recruitment_end=None if end is None else day(end),
        completion=None,
    )
    assert compute_timing(record) == timing


@pytest.mark.parametrize(
    ("registered", "timing"), [("2024-06-30", "after enrolment began"), ("2024-07-01", "after recruitment")]
)
def test_a_completion_alone_says_when_recruitment_was_over_and_never_that_it_went_on(
    registered: str, timing: str
) -> None:
    """Follow-up comes between the last enrolment and the completion."""
    record = replace(
        latest(),
        registered=day(registered),
        start=day("2024-03-01"),
        recruitment_end=None,
        completion=day("2024-06-30"),
    )
    assert compute_timing(record) == timing


@given(*(st.dates(date(2015, 1, 1), date(2025, 12, 28)) for _ in range(3)), st.sampled_from([4, 7, 10]))
def test_a_coarser_start_never_tells_more_than_the_day(
    registered: date, start: date, end: date, digits: int
) -> None:
    whole = replace(
        latest(),
        registered=day(registered.isoformat()),
        start=day(start.isoformat()),
        recruitment_end=day(max(start, end).isoformat()),
    )
    coarse = replace(whole, start=says(read_partial_date(start.isoformat()[:digits])))
    assert compute_timing(coarse) in ("not known", compute_timing(whole))


def test_the_same_doubts_that_a_study_check_has_are_told_of_a_single_record() -> None:
    record = replace(
        latest(),
        timing_label=says("retrospective"),
        masked_roles=says(("participant",)),
        target_size=None,
        actual_size=None,
        outcomes=(outcome("primary", "Mortality"), outcome("secondary", "CRP")),
    )
    assert [f.rule for f in scan_record(record).findings] == ["REG-015", "BLD-001", "XSR-601"]
    assert [f.rule for f in scan_record(replace(record, outcomes=())).findings][-1] == "XSR-602"
    assert scan_record(latest()).findings == ()


def test_an_outcome_without_a_time_point_is_told_where_the_others_have_one() -> None:
    timed = replace(outcome("primary", "Mortality"), time_frame=says("28 days"))
    bare = outcome("primary", "Oxygen saturation")
    rules = [f.rule for f in scan_record(replace(latest(), outcomes=(timed, bare))).findings]
    assert rules == ["TIM-004"]
    assert scan_record(replace(latest(), outcomes=(bare, bare))).findings == ()


def test_what_is_understood_is_of_outcomes_with_a_time_frame_and_never_more_than_all() -> None:
    """A form may hold days without words that name them."""
    worded = replace(outcome("primary", "Mortality"), time_frame=says("28 days"), days=(28,))
    scanned = scan_record(replace(latest(), outcomes=(worded, replace(worded, time_frame=None))))
    assert (scanned.outcomes, scanned.with_time_frame, scanned.with_days) == (2, 1, 1)


def test_the_number_enrolled_stands_for_a_target_that_the_register_has_replaced() -> None:
    done = scan_record(replace(latest(), target_size=None, actual_size=says(31)))
    assert "XSR-601" not in {found.rule for found in done.findings}
    assert summarise_scan([done], []).registries[0].size_read == 1
    assert (done.target_size, done.actual_size) == (None, 31)


def test_a_repository_registers_no_trial() -> None:
    data_set = replace(latest(), is_repository=True, registry="biostudies", target_size=None, outcomes=())
    held = scan_record(data_set)
    assert held.findings == ()
    summary = summarise_scan([held, scan_record(replace(latest(), identifier=says("NCT00000001")))], [])
    assert (summary.records, summary.repositories, summary.trials) == (2, 1, 1)
    assert [counts.trials for counts in summary.registries] == [1, 1]


def test_labels_are_judged_of_trials_that_have_one() -> None:
    late = replace(latest(), registered=day("2025-01-01"), identifier=says("NCT00000001"))
    summary = summarise_scan(
        [
            scan_record(replace(late, timing_label=says("prospective"))),
            scan_record(replace(latest(), timing_label=None)),
        ],
        [],
    )
    assert (summary.registries[-1].labelled, summary.registries[-1].label_disagrees) == (1, 1)


def test_a_trial_in_several_exports_counts_once_by_its_newest_record() -> None:
    old = scan_record(replace(latest(), as_of=date(2024, 1, 1), target_size=says(1)))
    new = scan_record(replace(latest(), as_of=date(2025, 1, 1), target_size=says(2)))
    for order in ([old, new], [new, old]):
        assert [one.target_size for one in latest_of_each(order)] == [2]
        summary = summarise_scan(order, [])
        assert (summary.records, summary.trials) == (2, 1)


def test_the_parts_of_a_summary_add_up(scanned: tuple[list[Scanned], list[Refusal]]) -> None:
    summary = summarise_scan(*scanned)
    *each, everything = summary.registries
    assert everything.trials == summary.trials == ROWS - 1
    for counts in summary.registries:
        assert sum(counts.timing.values()) == counts.trials
        assert counts.with_days <= counts.with_time_frame <= counts.outcomes
    for name in TIMINGS:
        assert sum(counts.timing[name] for counts in each) == everything.timing[name]
    direct = Counter(one.timing for one in scanned[0])
    assert everything.timing == {name: direct[name] for name in TIMINGS}


def test_the_csv_files_hold_every_record_and_every_finding_and_no_person(
    scanned: tuple[list[Scanned], list[Refusal]],
) -> None:
    records = list(csv.DictReader(io.StringIO(write_records_csv(scanned[0]).decode("utf-8"), newline="")))
    assert [row["identifier"] for row in records] == [one.identifier for one in scanned[0]]
    written = write_findings_csv(*scanned).decode("utf-8")
    found = list(csv.DictReader(io.StringIO(written, newline="")))
    assert len(found) == len(scanned[1]) + sum(int(row["findings"]) for row in records)
    assert "nobody@example.org" not in written


def test_a_name_in_a_contact_cell_is_quoted_nowhere(made: tuple[bytes, list[Truth]]) -> None:
    data = made[0].replace(b",Made,", ",JosÃ©,".encode())
    one, refused = scanned_of(data)
    assert "TXT-011" in {found.rule for each in one for found in each.findings}
    assert "Jos" not in write_findings_csv(one, refused).decode("utf-8")


def test_words_that_a_spreadsheet_would_run_are_made_harmless() -> None:
    record = replace(latest(), identifier=says("=HYPERLINK(1)"))
    assert b"'=HYPERLINK" in write_records_csv([scan_record(record)])


@settings(max_examples=40)
@given(st.data())
def test_an_export_that_is_cut_anywhere_is_refused_or_read_and_never_breaks(data: st.DataObject) -> None:
    whole = make_export(6, seed=3)[0]
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    if b"TrialID" not in cut:
        return
    try:
        one, refused = scanned_of(cut)
    except (Refusal, Refusals):
        return
    assert len(one) + len(refused) <= 6
    full = {scan.identifier: scan for scan in scanned_of(whole)[0]}
    for scan in one[:-1]:  # the last row may end inside a cell
        assert (scan.registered, scan.target_size) == (
            full[scan.identifier].registered,
            full[scan.identifier].target_size,
        )


def test_the_real_rows_of_irct_are_read_and_their_flags_agree_with_their_dates() -> None:
    """60 real rows: the only flag against its dates is of a row whose start had been converted twice (year 2641)."""
    path = shared("data", "ictrp", "ictrp_irct_60_2020-07-07.json")
    one, refused = scanned_of(path.read_bytes(), path.name)
    assert (len(one), refused) == (60, [])
    assert all(each.target_size is not None and each.masking is not None for each in one)
    assert all(each.timing != "not known" for each in one)
    against = [each for each in one if "REG-015" in {found.rule for found in each.findings}]
    assert [(each.identifier, each.start) for each in against] == [("IRCT20200310046736N1", "2020-03-24")]
