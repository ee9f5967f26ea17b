"""Accounts of records and study files: dose, limits, outcomes; what differs, what agrees, what is silent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exotrial.core.errors import Place
from exotrial.core.findings import Finding
from exotrial.core.provenance import compute_source
from exotrial.registries.compare import compare_accounts
from exotrial.registries.compare_accounts import Account, account_of_record, account_of_study
from exotrial.registries.record import (
    Level,
    RecordedArm,
    RecordedCriterion,
    RecordedOutcome,
    RegistryRecord,
    Stated,
)
from exotrial.registries.rule_text import propose_rule
from exotrial.study.rules import Rule
from tests.study.clean import changed

HERE = Place(file="made_up.json", line=3)


def said(value: Any) -> Stated[Any]:
    return Stated(value=value, prints=str(value), place=HERE)


def record(**fields: Any) -> RegistryRecord:
    return RegistryRecord(
        registry="nct",
        identifier=said("NCT00000000"),
        reader="made up",
        source=compute_source(b"made up", name="made_up.json"),
        **fields,
    )


def arm(description: str) -> tuple[RecordedArm, ...]:
    return (RecordedArm(name=said("Vesicles"), description=said(description)),)


def criterion(text: str) -> RecordedCriterion:
    return RecordedCriterion(category="inclusion", text=said(text), proposed=propose_rule(text))


def compare(first: RegistryRecord | Account, second: RegistryRecord | Account) -> list[Finding]:
    accounts = [account_of_record(one) if isinstance(one, RegistryRecord) else one for one in (first, second)]
    return list(compare_accounts(*accounts))


def rules(first: RegistryRecord | Account, second: RegistryRecord | Account) -> list[str]:
    return [one.rule for one in compare(first, second)]


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ("2.0 × 10^8 vesicles daily", "200 million vesicles daily", False),
        ("2.0 × 10^8 vesicles daily", "2.0 × 10^9 vesicles daily", True),
        ("2.0 × 10^8 vesicles daily", "2.0 × 10^8 a day, 1e9 vesicles in all", True),
        ("2.0 × 10^8 vesicles daily", "2.0 × 10^8 vesicles a day, 1e9 vesicles in all", False),
        ("2.0 × 10^8 vesicles daily", "1e6 cells/kg", False),
        ("2.0 × 10^8 vesicles daily", "inhaled twice a day", False),
    ],
)
def test_a_dose_differs_where_both_tell_one_in_one_unit(first: str, second: str, differ: bool) -> None:
    found = compare(record(arms=arm(first)), record(arms=arm(second)))
    assert [one.rule for one in found] == (["SBS-022"] if differ else [])
    for one in found:
        assert len(one.quotes) == 2
        assert "2e8 particles" in one.says


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ("SpO2 <= 93 %", "SpO2 ≤ 93%", False),
        ("SpO2 <= 93 %", "SpO2 < 93 %", True),
        ("SpO2 <= 93 %", "SpO2 <= 94 %", True),
        ("SpO2 <= 93 %", "SpO2 = 93 %", False),
        ("SpO2 <= 93 %", "PaO2/FiO2 ≤ 300 mmHg", False),
    ],
)
def test_a_limit_differs_where_both_limit_one_value_in_one_unit(
    first: str, second: str, differ: bool
) -> None:
    found = compare(record(criteria=(criterion(first),)), record(criteria=(criterion(second),)))
    assert [one.id for one in found if one.rule == "SBS-023"] == (
        ["SBS-023:inclusion.spo2"] if differ else []
    )


def test_a_value_that_one_list_limits_twice_is_not_compared() -> None:
    twice = (criterion("SpO2 <= 93 %"), criterion("SpO2 <= 90 %"))
    assert "SBS-023" not in rules(record(criteria=twice), record(criteria=(criterion("SpO2 <= 94 %"),)))


def test_a_study_files_dose_and_limits_are_its_own() -> None:
    account = account_of_study(changed({}), file="study.toml")
    assert str(account.items["dose"].value)
    category, item = next(iter(account.limits))
    limits, text = account.limits[category, item]
    assert text.place.path.startswith("population.criteria.")
    other = replace(limits, limits=(("≥", -1.0),))
    moved = replace(account, limits={(category, item): (other, text)})
    assert rules(account, account) == []
    assert rules(account, moved) == ["SBS-023"]


def test_a_rule_of_several_items_sets_no_limit() -> None:
    joined = Rule(any_of=(Rule(item="spo2", at_most=93), Rule(item="pf_ratio", at_most=300)))
    one = RecordedCriterion(category="inclusion", text=said("severe"), proposed=joined)
    assert account_of_record(record(criteria=(one,))).limits == {}


def outcome(name: str, level: Level = "primary") -> RecordedOutcome:
    return RecordedOutcome(level=level, name=said(name))


def test_subscripts_are_plain_figures() -> None:
    assert rules(record(outcomes=(outcome("PaO₂/FiO₂"),)), record(outcomes=(outcome("PaO2/FiO2"),))) == []


def test_an_outcome_that_an_abstract_leaves_out_was_not_dropped() -> None:
    plan = record(outcomes=(outcome("Murray score"), outcome("Mortality", "secondary")))
    abstract = record(outcomes=(outcome("Murray score", "secondary"),), is_repository=True)
    assert rules(plan, abstract) == ["SBS-033"]
    assert rules(abstract, plan) == ["SBS-032"]


def test_findings_of_one_name_are_told_apart() -> None:
    twice = record(outcomes=(outcome("Death"), outcome("Death")))
    found = [one.id for one in compare(twice, record(outcomes=(outcome("Fever"),)))]
    assert sorted(found) == ["SBS-030:Fever", "SBS-031:Death", "SBS-031:Death (2)"]


def test_time_frames_in_the_same_words_are_one_whatever_days_are_counted() -> None:
    frame = said("Days 1, 3 and 7")
    one = replace(outcome("Score"), time_frame=frame, days=(1, 3, 7))
    assert rules(record(outcomes=(one,)), record(outcomes=(replace(one, days=(0, 3, 7)),))) == []
    other = replace(one, time_frame=said("Days 1 and 3"), days=(1, 3))
    assert rules(record(outcomes=(one,)), record(outcomes=(other,))) == ["SBS-035"]
