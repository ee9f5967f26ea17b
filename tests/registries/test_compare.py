"""Comparison of accounts: what is told, what is silent, and what is refused, on made-up records and a real one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from exotrial.cli.app import build_app
from exotrial.core.dates import PartialDate, read_partial_date
from exotrial.core.errors import Place, Refusal
from exotrial.core.findings import Severity
from exotrial.core.provenance import compute_source
from exotrial.registries.compare import compare_accounts
from exotrial.registries.compare_accounts import Account, account_of_record
from exotrial.registries.compare_outcomes import NamedOutcome, compute_likeness, match_outcomes
from exotrial.registries.history import derive_histories
from exotrial.registries.record import (
    Level,
    RecordedCriterion,
    RecordedOutcome,
    RegistryRecord,
    Stated,
    Timing,
)
from exotrial.registries.timing import decide_timing
from tests.conftest import PROJECT, shared

HERE = Place(file="made_up.csv", line=2)


def outcome(name: str, level: Level = "primary", days: tuple[int, ...] = ()) -> RecordedOutcome:
    return RecordedOutcome(level=level, name=Stated(value=name, prints=name, place=HERE), days=days)


def record(
    *outcomes: RecordedOutcome, number: str = "NCT00000001", as_of: date | None = None, size: int = 20
) -> RegistryRecord:
    return RegistryRecord(
        registry="nct",
        identifier=Stated(value=number, prints=number, place=HERE),
        reader="made up",
        source=compute_source(b"made up", name="made_up.csv"),
        as_of=as_of,
        target_size=Stated(value=size, prints=str(size), place=HERE),
        outcomes=outcomes,
    )


def told(first: RegistryRecord, second: RegistryRecord) -> list[str]:
    return [one.rule for one in compare_accounts(account_of_record(first), account_of_record(second))]


@pytest.mark.parametrize(
    ("first", "second", "rules"),
    [
        ([outcome("CRP")], [outcome("C-reactive protein")], []),
        ([outcome("PaO₂/FiO₂")], [outcome("PaO2/FiO2")], []),
        ([outcome("Mortality, all-cause")], [outcome("All-cause mortality")], []),
        ([outcome("CRP")], [outcome("CRP", "secondary")], ["SBS-033"]),
        ([outcome("CRP", "secondary")], [outcome("CRP")], ["SBS-032"]),
        ([outcome("CRP", days=(7,))], [outcome("CRP", days=(14,))], ["SBS-035"]),
        ([outcome("CRP", days=(7,))], [outcome("CRP")], []),
        ([outcome("CRP")], [outcome("Fever")], ["SBS-030", "SBS-031"]),
        ([outcome("CRP"), outcome("Fever")], [outcome("Fever"), outcome("CRP")], []),
    ],
)
def test_outcomes_are_aligned_by_what_they_measure(
    first: list[RecordedOutcome], second: list[RecordedOutcome], rules: list[str]
) -> None:
    assert told(record(*first), record(*second)) == rules


def test_two_outcomes_of_one_name_are_paired_by_their_days() -> None:
    early, late = outcome("CRP", days=(7,)), outcome("CRP", days=(14,))
    assert told(record(early, late), record(late, early)) == []


def test_a_record_of_another_trial_is_refused() -> None:
    with pytest.raises(Refusal, match="CMR-001"):
        told(record(), record(number="NCT00000002"))


def test_a_source_without_a_number_is_refused() -> None:
    with pytest.raises(Refusal, match="CMR-001"):
        compare_accounts(Account(who="paper", identifiers=()), account_of_record(record()))


def test_an_item_that_one_side_does_not_state_is_no_difference() -> None:
    assert told(record(), replace(record(), target_size=None)) == []
    assert told(record(), record(size=21)) == ["SBS-007"]


def with_inclusion(text: str) -> RegistryRecord:
    said = Stated(value=text, prints=text, place=HERE)
    return replace(record(), criteria=(RecordedCriterion(category="inclusion", text=said),))


def test_line_breaks_and_numbering_of_criteria_are_no_change_and_a_threshold_is() -> None:
    assert told(with_inclusion("Adults. SpO2 < 93 %"), with_inclusion("1. Adults\n2. SpO2 < 93 %")) == []
    assert told(with_inclusion("SpO2 < 93 %"), with_inclusion("SpO2 = 93 %")) == ["SBS-020"]


def test_a_text_that_an_export_cut_is_told_as_cut() -> None:
    first, second = (
        account_of_record(with_inclusion(text)) for text in ("Adults with fe", "Adults with fever")
    )
    (found,) = compare_accounts(first, second)
    assert "cut short" in found.says
    assert found.severity is Severity.INFO


def test_a_month_does_not_contradict_a_day_in_it() -> None:
    def begun(text: str) -> RegistryRecord:
        return replace(record(), start=Stated(value=read_partial_date(text), prints=text, place=HERE))

    assert told(begun("2020-03"), begun("2020-03-31")) == []
    assert told(begun("2020-03"), begun("2020-04-01")) == ["SBS-015"]


names = st.text(alphabet="abcde 0-", max_size=12)


@given(st.lists(names, max_size=6), st.lists(names, max_size=6))
def test_every_outcome_is_told_once(first: list[str], second: list[str]) -> None:
    mine = [NamedOutcome(outcome=outcome(name)) for name in first]
    theirs = [NamedOutcome(outcome=outcome(name)) for name in second]
    pairs = match_outcomes(mine, theirs)
    assert [pair.first for pair in pairs if pair.first] == mine
    assert sorted(pair.second.outcome.name.value for pair in pairs if pair.second) == sorted(second)


@given(names, names)
def test_likeness_is_symmetric_and_at_most_one(first: str, second: str) -> None:
    assert compute_likeness(first, second) == compute_likeness(second, first) <= 1


# Each expectation is the definition itself: ICMJE asks for registration at or before the first enrolment.
@pytest.mark.parametrize(
    ("registered", "start", "end", "possible"),
    [
        ("2020-02-26", "2020-02-27", None, {"prospective"}),
        ("2020-02-27", "2020-02-27", None, {"prospective", "registered while recruiting"}),
        ("2020-02-28", "2020-02-27", None, {"registered while recruiting", "retrospective"}),
        ("2020-02-28", "2020-02-27", "2020-03-01", {"registered while recruiting"}),
        ("2020-03-02", "2020-02-27", "2020-03-01", {"retrospective"}),
        ("2020-02", "2020-03", None, {"prospective"}),
        ("2020-02-15", "2020-02", None, {"prospective", "registered while recruiting", "retrospective"}),
    ],
)
def test_timing_is_what_the_dates_allow(
    registered: str, start: str, end: str | None, possible: set[Timing]
) -> None:
    timing = decide_timing(
        registered=read_partial_date(registered),
        start=read_partial_date(start),
        recruitment_end=read_partial_date(end) if end else None,
    )
    assert set(timing.possible) == possible


def test_a_label_is_contradicted_only_where_no_date_allows_it() -> None:
    day, next_day = PartialDate(year=2020, month=2, day=1), PartialDate(year=2020, month=2, day=2)
    late = decide_timing(registered=next_day, start=day)
    assert late.agrees_with("prospective") is False
    assert late.agrees_with("retrospective") is True
    assert late.agrees_with("registered while recruiting") is None


def test_a_history_tells_each_change_once_whatever_the_order_of_the_exports() -> None:
    days = [date(2020, 3, 1), date(2020, 3, 8), date(2020, 3, 15)]
    exports = [record(as_of=day, size=size) for day, size in zip(days, (20, 20, 30), strict=True)]
    (history,) = derive_histories(exports[::-1])
    assert history.days == tuple(days)
    assert [(one.before, one.seen) for one in history.changes] == [(days[1], days[2])]


def test_an_undated_export_and_two_of_one_day_that_differ_are_refused() -> None:
    with pytest.raises(Refusal, match="CMR-002"):
        derive_histories([record()])
    day = date(2020, 3, 1)
    with pytest.raises(Refusal, match="CMR-003"):
        derive_histories([record(as_of=day), record(as_of=day, size=21)])
    assert derive_histories([record(as_of=day), record(as_of=day)])[0].changes == ()


SNAPSHOTS = "data/ictrp/seed_trials_ictrp_snapshots_2020.json"


def test_the_record_and_the_paper_of_chictr2000030261_disagree() -> None:
    # The record: rows of ICTRP's export. The paper: the evidence of the study file.
    study = PROJECT / "studies" / "chictr2000030261"
    run = CliRunner().invoke(build_app(), ["compare", str(shared(SNAPSHOTS)), str(study), "--json"])
    assert run.exit_code == 1
    found = json.loads(run.stdout)["comparisons"][0]["differences"]
    says = {one["id"]: one["says"] for one in found}
    assert "parallel" in says["SBS-001:model"]
    assert "single group" in says["SBS-001:model"]
    assert "13 + 13" in says["SBS-006:arm_sizes"]
    assert "7 in the study file" in says["SBS-006:arm_sizes"]
    assert "primary outcome added" in says["SBS-030:C-reactive protein in plasma"]
    assert "primary outcome added" in says["SBS-030:Oxygen saturation"]
    assert "demoted" in says["SBS-033:Lung CT"]


def test_the_command_refuses_one_source() -> None:
    run = CliRunner().invoke(build_app(), ["compare", str(PROJECT / "studies" / "mexcovid")])
    assert isinstance(run.exception, Refusal)
    assert run.exception.code.code == "CMR-004"
