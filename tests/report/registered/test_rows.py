"""The rows: what differs is marked with its rule, and what nobody can be blamed for is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from exotrial.core.findings import Severity
from exotrial.registries.record import Level, RegistryRecord
from tests.registries.clean_records import SECOND, arm, day, first_version, latest, outcome, says
from tests.report.registered.made_up import given, rows_of, rules
from tests.report.synthetic_trial import captured_from
from tests.study.clean import ABSENT, changed


def with_outcomes(*outcomes: tuple[Level, str]) -> RegistryRecord:
    return replace(latest(), outcomes=tuple(outcome(level, name, 0, 7, 28) for level, name in outcomes))


AS_PLANNED: tuple[tuple[Level, str], ...] = (
    ("primary", "PaO2/FiO2 ratio"),
    ("secondary", "C-reactive protein"),
    ("secondary", "Respiratory rate"),
    ("secondary", "Mortality, all-cause"),
)


def clean_record() -> RegistryRecord:
    return with_outcomes(*AS_PLANNED)


def test_a_clean_study_and_its_clean_records_differ_in_no_row() -> None:
    for records in (
        (),
        (clean_record(),),
        (replace(first_version(), outcomes=clean_record().outcomes), clean_record()),
    ):
        rows = rows_of(given(*records))
        assert {label: rules(row) for label, row in rows.items() if row.differences} == {}


def test_a_trial_in_two_registers_of_which_one_holds_less_differs_in_no_row() -> None:
    second = replace(
        clean_record(),
        registry="isrctn",
        identifier=says(SECOND),
        secondary_ids=(says("NCT00000000"),),
        outcomes=(outcome("primary", "PaO2/FiO2 ratio", 0, 7, 28),),
    )
    rows = rows_of(given(clean_record(), second, study=changed({"secondary_ids": [SECOND]})))
    assert not [label for label, row in rows.items() if row.differences]


def test_primary_outcomes_stand_first() -> None:
    rows = list(rows_of(given(clean_record())).values())
    levels = [row.cells[0].level for row in rows if row.group.startswith("Outcomes")]
    assert levels == ["primary", "secondary", "secondary", "secondary", "safety"]


def test_an_outcome_that_was_never_registered_and_one_that_was_not_planned_are_told() -> None:
    record = with_outcomes(("primary", "Days in hospital"), *AS_PLANNED[1:])
    rows = rows_of(given(record))
    assert rules(rows["PaO2/FiO2 ratio"]) == ["SBS-030"]
    assert rules(rows["Days in hospital"]) == ["SBS-031"]
    assert rows["Days in hospital"].severity is Severity.ERROR
    assert "ICMJE" in rows["Days in hospital"].differences[0].finding.standards


def test_a_registered_secondary_that_the_plan_calls_primary_is_told_and_safety_among_secondaries_is_not() -> (
    None
):
    record = with_outcomes(("secondary", "PaO2/FiO2 ratio"), *AS_PLANNED[1:], ("secondary", "Adverse events"))
    rows = rows_of(given(record))
    assert rules(rows["PaO2/FiO2 ratio"]) == ["SBS-032"]
    assert rules(rows["Adverse events"]) == []


def test_a_study_file_that_tells_primary_outcomes_only_accuses_no_secondary() -> None:
    study = changed({"registrations.0.secondary_outcomes": ABSENT})
    assert not [label for label, row in rows_of(given(study=study)).items() if row.differences]
    other = changed(
        {"registrations.0.secondary_outcomes": ABSENT, "registrations.0.primary_outcomes": ["Death"]}
    )
    assert rules(rows_of(given(study=other))["PaO2/FiO2 ratio"]) == ["SBS-030"]


@pytest.mark.parametrize(
    ("days", "told"), [((0, 7, 28), []), ((0, 7), ["SBS-035"]), ((0, 1, 7, 28), ["SBS-035"])]
)
def test_the_baseline_is_day_0_of_a_register_wherever_the_plan_counts_it(
    days: tuple[int, ...], told: list[str]
) -> None:
    record = replace(
        clean_record(), outcomes=(outcome("primary", "PaO2/FiO2 ratio", *days), *clean_record().outcomes[1:])
    )
    assert rules(rows_of(given(record))["PaO2/FiO2 ratio"]) == told


@pytest.mark.parametrize(("updated", "told"), [("2024-12-19", []), ("2024-12-20", ["SBS-016"])])
def test_a_date_foreseen_is_held_against_what_came_only_by_a_record_that_could_know_it(
    updated: str, told: list[str]
) -> None:
    record = replace(clean_record(), updated=day(updated), recruitment_end=day("2024-12-31"))
    assert rules(rows_of(given(record))["End of recruitment"]) == told


def test_a_month_is_no_contradiction_of_a_day_in_it() -> None:
    rows = rows_of(given(replace(clean_record(), start=day("2024-03"))))
    assert rules(rows["First enrolment"]) == []
    rows = rows_of(given(replace(clean_record(), start=day("2024-02"))))
    assert rules(rows["First enrolment"]) == ["SBS-015"]


def test_a_pilot_may_be_phase_0_or_1_and_not_2() -> None:
    study = changed({"design.phase": "pilot", "registrations.0.phase": ABSENT})
    for phase, told in (("0", []), ("1", []), ("2", ["SBS-004"])):
        assert (
            rules(rows_of(given(replace(clean_record(), phase=says(phase)), study=study))["design: Phase"])
            == told
        )


def test_design_arms_masking_and_size_of_a_record_are_held_against_the_plan() -> None:
    record = replace(
        clean_record(),
        model=says("crossover"),
        masking=says("open label"),
        target_size=says(60),
        actual_size=None,
        arms=(arm("Vesicles", 30), arm("Vehicle", 15), arm("None", 15)),
    )
    rows = rows_of(given(record))
    assert rules(rows["design: Design"]) == ["SBS-001"]
    assert rules(rows["design: Masking"]) == ["SBS-003"]
    assert rules(rows["Arms"]) == ["SBS-005"]
    assert rules(rows["Sizes of the arms"]) == ["SBS-006"]
    assert rules(rows["Size"]) == ["SBS-007", "SBS-019"]


def test_the_size_is_held_against_the_plan_once_enrolment_has_ended() -> None:
    study = changed({"design.enrolled": ABSENT})
    captured = captured_from([(f"P{n}", "vesicles") for n in range(5)])
    record = replace(clean_record(), actual_size=None)
    going_on = rows_of(given(record, study=study, captured=captured), ended=False)
    assert rules(going_on["Size"]) == []
    assert rules(rows_of(given(record, study=study, captured=captured))["Size"]) == ["SBS-019"]


def test_what_changed_in_the_record_is_told_apart_from_what_its_newest_version_says() -> None:
    rows = rows_of(
        given(replace(clean_record(), as_of=date(2024, 2, 1), target_size=says(20)), clean_record())
    )
    assert [one.kind for one in rows["Size"].differences] == ["versions"]
