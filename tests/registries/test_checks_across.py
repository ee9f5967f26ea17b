"""Each rule across sources fires on one small change, and is silent where study file and records agree."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Place
from exotrial.core.findings import Finding, Severity
from exotrial.registries.checks.across import check_across, merge_findings
from exotrial.registries.checks.check import find_record_checks
from exotrial.registries.record import Age, RecordedEthics, RecordedSponsor, RegistryRecord, Stated
from exotrial.study.definition import Study
from tests.registries.clean_records import (
    arm,
    day,
    first_version,
    in_second_register,
    in_two_registers,
    latest,
    outcome,
    says,
)
from tests.study.clean import ABSENT, changed

CLEAN = changed({})
ALL = (first_version(), latest(), in_second_register())

AMENDED = date(2024, 6, 1)
"""A day on which participants had been enrolled for three months."""


def record(**changes: Any) -> tuple[Study, tuple[RegistryRecord, ...]]:
    """The clean study beside its latest record with changes."""
    return CLEAN, (replace(latest(), **changes),)


def first(**changes: Any) -> tuple[Study, tuple[RegistryRecord, ...]]:
    """The clean study beside the version of which it tells, with changes, and the latest record."""
    return CLEAN, (replace(first_version(), **changes), latest())


def conduct(**changes: object) -> tuple[Study, tuple[RegistryRecord, ...]]:
    """The clean study with changes (`design__enrolled`) beside its latest record."""
    return changed({path.replace("__", "."): value for path, value in changes.items()}), (latest(),)


def amended(**changes: Any) -> tuple[Study, tuple[RegistryRecord, ...]]:
    """The clean study beside its record's first version and one with changes, dated after enrolment began."""
    later = replace(first_version(), as_of=AMENDED, updated=day("2024-06-01"), status=says("Recruiting"))
    return CLEAN, (first_version(), replace(later, **changes), latest())


def second(**changes: Any) -> tuple[Study, tuple[RegistryRecord, ...]]:
    """The study in two registers, of which the second differs."""
    return in_two_registers(), (latest(), replace(in_second_register(), **changes))


PRIMARY = outcome("primary", "PaO2/FiO2 ratio", 0, 7, 28)
OTHERS = latest().outcomes[1:]
LUNGS = outcome("primary", "Lung CT")

MUTATIONS: dict[str, list[tuple[Study, tuple[RegistryRecord, ...]]]] = {
    "XSR-001": [record(identifier=says("NCT00000001")), record(identifier=says("NCT0000000"))],
    "XSR-002": [(CLEAN, (latest(), replace(latest(), target_size=says(40))))],
    "XSR-003": [record(secondary_ids=(says("ChiCTR2000000000"),)), (CLEAN, (in_second_register(),))],
    "XSR-004": [
        record(registered=day("2024-02-02")),
        first(target_size=says(33)),
        first(phase=says("3")),
        first(model=says("crossover")),
        first(completion=day("2025-04-01")),
        first(sponsors=(RecordedSponsor(name=says("Another University"), role="sponsor"),)),
    ],
    "XSR-101": [record(target_size=says(31)), conduct(design__planned_size=34)],
    "XSR-102": [record(arms=(arm("Vesicles"),)), record(arms=(*latest().arms, arm("Untreated")))],
    "XSR-103": [
        record(model=says("single group")),
        record(allocation=says("non-randomised")),
        record(purpose=says("prevention")),
    ],
    "XSR-104": [
        record(masking=says("triple blind"), masked_roles=None),
        record(masked_roles=says(("participant",))),
        record(placebo=says(False)),
    ],
    "XSR-105": [record(phase=says("3")), record(phase=says("1-2"))],
    "XSR-106": [
        record(age_min=says(Age(value=17, unit="a"))),
        record(age_max=says(Age(value=792, unit="mo"))),
        record(sex=says("female")),
    ],
    "XSR-107": [record(block_sizes=says((4, 6)))],
    "XSR-201": [
        record(outcomes=(outcome("secondary", "PaO2/FiO2"), outcome("primary", "All-cause mortality"))),
    ],
    "XSR-202": [
        record(outcomes=(LUNGS,)),
        record(outcomes=(PRIMARY, LUNGS, *OTHERS)),
    ],
    "XSR-203": [
        record(outcomes=(outcome("primary", "PaO2/FiO2 ratio", 0, 7, 14), *OTHERS)),
        record(outcomes=(PRIMARY, outcome("secondary", "All-cause mortality", horizon=60))),
    ],
    "XSR-301": [
        record(start=day("2024-02-29")),
        record(recruitment_end=day("2024-12-19")),
        record(completion=day("2025-04-01")),
        (CLEAN, (replace(first_version(), recruitment_end=day("2025-01-01")),)),
    ],
    "XSR-302": [record(status=says("Recruiting")), record(status=says("Not yet recruiting"))],
    "XSR-303": [
        record(start=day("2024-12-21"), start_actual=None),
        record(completion=day("2024-12-19"), primary_completion=None),
        record(updated=day("2024-01-31")),
        record(start=day("2645-12-11"), recruitment_end=None, completion=None),
        record(updated=day("2024-12-19")),
    ],
    "XSR-304": [
        record(updated=day("2024-12-19"), status=says("Active")),
        record(updated=day("2024-12-21"), status=says("Active"), as_of=date(2025, 12, 23)),
    ],
    "XSR-305": [record(as_of=date(2026, 4, 2))],
    "XSR-306": [record(actual_size=says(31))],
    "XSR-307": [record(ethics=(RecordedEthics(approved=day("2024-04-01")),))],
    "XSR-308": [
        record(registered=day("2024-03-02")),
        (changed({"recruitment.actual_start": ABSENT}), (replace(latest(), registered=day("2024-04-01")),)),
    ],
    "XSR-401": [amended(outcomes=(LUNGS, *OTHERS)), amended(outcomes=(PRIMARY, LUNGS, *OTHERS))],
    "XSR-402": [amended(target_size=says(24))],
    "XSR-403": [
        (
            CLEAN,
            (replace(first_version(), start=day("2024-01-31")), replace(latest(), start=day("2024-02-01"))),
        )
    ],
    "XSR-404": [amended(masking=says("open label")), amended(age_max=says(Age(value=75, unit="a")))],
    "XSR-501": [
        second(target_size=says(40)),
        second(start=day("2024-04")),
        second(phase=says("1")),
        second(outcomes=(LUNGS,)),
    ],
}

AGAIN: dict[str, tuple[Study, tuple[RegistryRecord, ...]]] = {
    "REG-005": conduct(registrations__0={"registry": "CT.gov", "identifier": "NCT00000000"}),
    "REG-015": record(timing_label=says("retrospective")),
    "REG-018": record(phase=says("2020-02-01")),
    "SIZ-005": record(target_size=says(41)),
    "SPN-008": record(sponsors=(RecordedSponsor(name=says("Another University"), role="sponsor"),)),
}
AGAIN["REG-005"] = (AGAIN["REG-005"][0], (replace(latest(), completion=None),))


def rules(found: list[Finding]) -> set[str]:
    return {finding.rule for finding in found}


@pytest.mark.parametrize(
    ("study", "records"),
    [
        (CLEAN, ()),
        (CLEAN, (latest(),)),
        (CLEAN, (first_version(),)),
        (CLEAN, (latest(), first_version())),
        (CLEAN, (latest(), latest())),
        (in_two_registers(), ALL),
    ],
)
def test_a_study_that_agrees_with_its_records_has_no_finding(study: Study, records: Any) -> None:
    assert check_across(study, records) == []


@pytest.mark.parametrize(
    ("rule", "study", "records"),
    [(rule, *mutation) for rule, mutations in MUTATIONS.items() for mutation in mutations],
)
def test_a_rule_fires_on_a_small_change(rule: str, study: Study, records: Any) -> None:
    found = [finding for finding in check_across(study, records) if finding.rule == rule]
    assert found
    for finding in found:
        assert finding.quotes
        assert finding.why.endswith(".")
        assert finding.settle.endswith(".")
        assert finding.standards


def test_every_rule_can_fire() -> None:
    assert set(MUTATIONS) == set(find_record_checks())


@pytest.mark.parametrize("rule", sorted(AGAIN))
def test_a_rule_of_registrations_is_asked_again_of_the_record(rule: str) -> None:
    study, records = AGAIN[rule]
    assert rule not in rules(check_across(study, ())), "the study file alone gives no cause"
    found = [finding for finding in check_across(study, records) if finding.rule == rule]
    assert [finding.quotes[-1].source for finding in found] == ["records.json"]


def test_one_doubt_of_study_file_and_record_is_told_once_with_both_quotes() -> None:
    study = changed({"registrations.0.target_size": 41})
    found = [
        f for f in check_across(study, (replace(latest(), target_size=says(41)),)) if f.rule == "SIZ-005"
    ]
    assert len(found) == 1
    assert "records.json" in {quote.source for quote in found[0].quotes}


@pytest.mark.parametrize(
    ("prints", "fires"), [("Yes", False), ("no", False), ("Retrospectively registered", True)]
)
def test_a_bare_flag_is_no_label_of_the_trial(prints: str, fires: bool) -> None:
    label = Stated(value="retrospective", prints=prints, place=Place(file="records.json"))
    study, records = record(timing_label=label)
    assert ("REG-015" in rules(check_across(study, records))) is fires


@pytest.mark.parametrize(("registered", "fires"), [("2024-03-01", False), ("2024-03-02", True)])
def test_registration_on_the_day_of_the_first_enrolment_is_in_time(registered: str, fires: bool) -> None:
    study, records = record(registered=day(registered))
    assert ("XSR-308" in rules(check_across(study, records))) is fires


def test_what_the_study_file_alone_tells_is_not_told_again() -> None:
    told = {"path": "design.phase", "source": "record", "line": 9}
    study = changed({f"evidence.{n}": told | {"prints": p, "states": p} for n, p in enumerate(("1", "2a"))})
    found = check_across(study, (replace(latest(), phase=says("1")),))
    assert rules(found) == {"SRC-101"}
    assert "records.json" in {quote.source for quote in found[0].quotes}


def test_other_trials_of_a_file_that_holds_this_one_are_left_out() -> None:
    other = replace(latest(), identifier=says("NCT00000001"), target_size=says(999))
    assert check_across(CLEAN, (other, latest())) == []


def test_a_number_is_found_whatever_its_letter_case() -> None:
    assert check_across(CLEAN, (replace(latest(), identifier=says("nct00000000")),)) == []


def test_the_newest_record_is_the_one_that_is_compared_whatever_the_order_of_files() -> None:
    old = replace(first_version(), target_size=says(40))
    for records in ((old, latest()), (latest(), old)):
        found = check_across(CLEAN, records)
        assert "XSR-101" not in rules(found)
        assert [f.severity for f in found if f.rule == "XSR-402"] == [Severity.ERROR]


def test_a_change_before_enrolment_began_is_no_finding() -> None:
    before = replace(first_version(), as_of=date(2024, 1, 1), updated=day("2024-02-01"), target_size=says(40))
    assert check_across(CLEAN, (before, first_version(), latest())) == []


def test_primary_outcomes_in_another_order_are_no_change() -> None:
    study = changed({"outcomes.crp.level": "primary", "analyses.+": _analysis()})
    crp = outcome("primary", "C-reactive protein (CRP)")
    study_and = [
        replace(r, outcomes=o) for r, o in ((first_version(), (PRIMARY, crp)), (latest(), (crp, PRIMARY)))
    ]
    assert {"XSR-401", "XSR-201", "XSR-202"} & rules(check_across(study, study_and)) == set()


def _analysis() -> dict[str, object]:
    return {"id": "another", "variable": "crp", "comparison": "between arms"}


@pytest.mark.parametrize(("told", "fires"), [(date(2025, 1, 19), False), (date(2025, 1, 20), True)])
def test_a_status_may_lag_by_thirty_days(told: date, fires: bool) -> None:
    study = CLEAN  # recruitment ended on 2024-12-20
    lagging = replace(latest(), status=says("Recruiting"), as_of=told, updated=day("2025-01-10"))
    assert ("XSR-302" in rules(check_across(study, (lagging,)))) is fires


@pytest.mark.parametrize(("told", "fires"), [(date(2026, 4, 1), False), (date(2026, 4, 2), True)])
def test_results_are_due_within_a_year_and_a_day(told: date, fires: bool) -> None:
    assert ("XSR-305" in rules(check_across(CLEAN, (replace(latest(), as_of=told),)))) is fires


_KEPT = {"registry", "identifier", "reader", "source", "as_of", "updated"}
_EMPTY: dict[str, Any] = {
    field.name: () if isinstance(getattr(latest(), field.name), tuple) else None
    for field in fields(RegistryRecord)
    if field.name not in _KEPT
}


@given(st.sets(st.sampled_from(sorted(_EMPTY))))
def test_a_record_that_says_less_accuses_of_nothing(left_out: set[str]) -> None:
    less = replace(latest(), **{name: _EMPTY[name] for name in left_out})
    assert check_across(CLEAN, (less,)) == []


@given(st.permutations([*ALL, replace(latest(), identifier=says("NCT00000001"))]))
def test_the_order_of_records_changes_no_finding(records: list[RegistryRecord]) -> None:
    assert check_across(in_two_registers(), records) == []


_ODD: dict[str, st.SearchStrategy[Any]] = {
    **{
        name: st.sampled_from(
            [None, *(day(text) for text in ("0001", "1999-12", "2024-03-01", "2645", "9999-12-31"))]
        )
        for name in ("registered", "updated", "start", "recruitment_end", "primary_completion", "completion")
    },
    **{
        name: st.one_of(st.none(), st.text(max_size=12).map(says))
        for name in ("status", "phase", "model", "allocation", "purpose", "masking")
    },
    "as_of": st.one_of(st.none(), st.dates()),
    "target_size": st.one_of(st.none(), st.integers(0, 10**6).map(says)),
    "masked_roles": st.sampled_from([None, says(()), says(("participant",))]),
    "block_sizes": st.sampled_from([None, says(()), says((2,))]),
    "age_min": st.sampled_from([None, says(Age(value=0.0, unit="d")), says(Age(value=999, unit="wk"))]),
    "arms": st.lists(st.text(max_size=8).map(arm), max_size=3).map(tuple),
    "outcomes": st.lists(st.text(max_size=30).map(lambda name: outcome("primary", name)), max_size=4).map(
        tuple
    ),
    "sponsors": st.lists(
        st.text(max_size=9).map(lambda name: RecordedSponsor(name=says(name), role="sponsor")), max_size=2
    ).map(tuple),
}


@settings(max_examples=200)
@given(st.lists(st.fixed_dictionaries(_ODD), min_size=1, max_size=3))
def test_odd_records_are_doubted_and_never_break_a_rule(odd: list[dict[str, Any]]) -> None:
    found = check_across(CLEAN, [replace(latest(), **values) for values in odd])
    assert len({finding.id for finding in found}) == len(found)
    assert all(finding.says and finding.why for finding in found)


def test_findings_of_one_id_become_one() -> None:
    one = check_across(*record(target_size=says(31)))
    assert merge_findings([*one, *one]) == one
