"""Amendments: what a new version changes, told as a protocol tells it, and what a running trial cannot take."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.core.findings import Severity
from exotrial.outcomes.in_study import ask, find_measures_of
from exotrial.study.amendments import Change, check_running, compare_versions
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from exotrial.study.forms import Asked
from tests.conftest import PROJECT
from tests.study.clean import ABSENT, CLEAN, changed

FILES = [CLEAN, *sorted(PROJECT.glob("studies/*/study.toml"))]
OLD = changed({})
SWAPPED = {"added": "removed", "removed": "added", "changed": "changed"}

AMENDED: dict[str, object] = {
    "acronym": ABSENT,
    "population.criteria.age.rule.at_most": 70,
    "population.age_max": 70,
    "population.criteria.+": {"id": "asthma", "category": "exclusion", "text": "Asthma"},
    "randomisation.block_sizes": [4, 6],
    "randomisation.ratio": [2, 1],
    "consent.versions": ["2.0"],
    "outcomes.crp.encounters": ["baseline", "day_7"],
    "encounters.day_7.window_after": 2,
    "encounters.day_7.name": "Week 1",
    "sharing": ABSENT,
    "safety.prespecified_events": ["Bronchospasm"],
    "statistical_design.power": 0.8,
}


def asks_of(study: Study) -> dict[str, Asked]:
    return {name: ask(measure) for name, measure in find_measures_of(study).items()}


def told(changes: tuple[Change, ...]) -> list[str]:
    return [change.says for change in changes]


def the_change(path: str, value: object, *, at: str | None = None) -> Change:
    changes = compare_versions(OLD, changed({path: value}))
    return next(change for change in changes if change.path == (at or path))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_a_study_does_not_differ_from_itself(file: Path) -> None:
    study = read_study(file)[0]
    assert compare_versions(study, study, asks=asks_of(study)) == ()


def test_a_limit_of_a_criterion_is_told_with_both_numbers() -> None:
    change = the_change("population.criteria.age.rule.at_most", 70)
    assert change.says == "Criterion age: upper limit 65 → 70"
    assert (change.part, change.kind, change.old, change.new) == ("population", "changed", "65", "70")
    assert change.reconsent == "eligibility changes"


def test_an_encounter_of_an_outcome_is_told_by_its_name() -> None:
    fewer = changed({"outcomes.crp.encounters": ["baseline", "day_7"]})
    assert told(compare_versions(fewer, OLD)) == ["Outcome C-reactive protein: encounter Day 28 added"]
    assert told(compare_versions(OLD, fewer)) == ["Outcome C-reactive protein: encounter Day 28 removed"]


def test_what_the_file_does_not_say_is_not_stated() -> None:
    change = the_change("acronym", ABSENT)
    assert (change.says, change.kind, change.new) == ("Acronym: SYNTH → not stated", "removed", "not stated")


def test_the_numbers_of_a_ratio_are_told_whole_because_they_repeat() -> None:
    assert the_change("randomisation.ratio", [2, 1]).says == "Randomisation: ratio 1, 1 → 2, 1"


def test_a_block_size_is_added() -> None:
    assert the_change("randomisation.block_sizes", [4, 6]).says == "Randomisation: block size 6 added"


def test_a_list_in_another_order_differs() -> None:
    turned = the_change("outcomes.crp.encounters", ["day_28", "baseline", "day_7"])
    assert turned.kind == "changed"
    assert turned.says.startswith("Outcome C-reactive protein: encounter, their order")
    criteria = OLD.population.criteria[::-1]
    other = OLD.model_copy(update={"population": OLD.population.model_copy(update={"criteria": criteria})})
    assert "population.criteria" in {change.path for change in compare_versions(OLD, other)}


def test_a_criterion_added_is_told_and_asks_on_the_form() -> None:
    asthma = {"id": "asthma", "category": "exclusion", "text": "Asthma", "judgement": "history of asthma"}
    changes = compare_versions(OLD, changed({"population.criteria.+": asthma}))
    assert told(changes) == ["Criterion asthma added", "Form Eligibility: item IE.ASTHMA added"]
    assert [change.forms for change in changes] == [("F.ELIGIBILITY",), ("F.ELIGIBILITY",)]


def test_a_new_age_limit_changes_the_plausible_range_of_the_form() -> None:
    changes = compare_versions(OLD, changed({"population.age_max": 70}))
    assert told(changes) == [
        "Population: upper age limit 65 → 70",
        "Form Demographics: item DM.AGE, high 65 → 70",
    ]
    assert changes[0].forms == ("F.DEMOGRAPHICS",)


def test_a_measure_taken_from_a_study_takes_its_items_from_the_forms() -> None:
    new = changed({"outcomes.crp.measure": ABSENT})
    changes = compare_versions(OLD, new, asks=asks_of(OLD) | asks_of(new))
    outcome = next(change for change in changes if change.path == "outcomes.crp.measure")
    assert outcome.says == "Outcome C-reactive protein: measure CRP → not stated"
    without_asks = compare_versions(OLD, new)
    assert [change.part for change in without_asks] == ["outcomes"]


def test_items_keyed_twice_are_a_change_of_their_own_and_need_no_measures() -> None:
    new = changed({"data_entry.double_entry": ["pao2"]})
    assert "Data entry: item keyed twice pao2 added" in told(compare_versions(OLD, new))


@pytest.mark.parametrize(
    ("path", "value", "asked_again"),
    [
        ("population.age_max", 70, True),
        ("interventions.vesicles.description", "Warmed", True),
        ("encounters.day_7.window_after", 2, True),
        ("safety.prespecified_events", ["Bronchospasm"], True),
        ("sharing", ABSENT, True),
        ("consent.languages", ["en", "fa"], True),
        ("acronym", ABSENT, False),
        ("statistical_design.power", 0.85, False),
        ("randomisation.block_sizes", [4, 6], False),
    ],
)
def test_participants_are_asked_again_where_what_they_agreed_to_changes(
    path: str, value: object, asked_again: bool
) -> None:
    if path.startswith("interventions."):
        path = path.replace("vesicles", OLD.interventions[0].id)
    changes = compare_versions(OLD, changed({path: value}))
    assert changes
    assert any(change.reconsent for change in changes) is asked_again


def test_the_version_label_alone_is_no_difference() -> None:
    assert compare_versions(OLD, changed({"version": "2.0"})) == ()


def test_another_study_is_no_new_version() -> None:
    with pytest.raises(Refusal, match="AMD-001: id: the study is 'clean-study'"):
        compare_versions(OLD, changed({"id": "other-study"}))


@pytest.mark.parametrize(
    ("path", "value", "refusable"),
    [
        ("randomisation.ratio", [2, 1], True),
        ("randomisation.strata.invasive.levels", ["invasive ventilation", "ECMO"], True),
        ("randomisation.generated_by", "Another statistician", False),
        ("arms.0.name", "Another name", False),
        ("population.age_max", 70, False),
    ],
)
def test_what_a_sealed_list_is_made_from_cannot_change(path: str, value: object, refusable: bool) -> None:
    changes = compare_versions(OLD, changed({path: value}))
    assert changes
    sealed = check_running(changes, list_sealed=True, enrolled=0)
    assert [(f.rule, f.severity) for f in sealed] == [("AMC-101", Severity.ERROR)] * refusable
    assert check_running(changes, list_sealed=False, enrolled=0) == ()


def test_an_outcome_changed_once_participants_are_in_is_to_be_explained() -> None:
    changes = compare_versions(OLD, changed({"outcomes.crp.encounters": ["baseline"]}))
    assert len(changes) == 2
    assert check_running(changes, list_sealed=True, enrolled=0) == ()
    (finding,) = check_running(changes, list_sealed=True, enrolled=1)
    assert finding.id == "AMC-102:outcomes.crp.encounters"
    assert "Day 7 removed; " in finding.says


@given(st.sets(st.sampled_from(sorted(AMENDED))))
def test_backwards_the_same_differences_are_told_with_added_and_removed_changed_over(paths: set[str]) -> None:
    new = changed({path: AMENDED[path] for path in AMENDED if path in paths})
    forth, back = compare_versions(OLD, new), compare_versions(new, OLD)
    assert {(c.path, c.kind, c.old, c.new) for c in forth} == {
        (c.path, SWAPPED[c.kind], c.new, c.old) for c in back
    }


@given(st.sampled_from(FILES), st.sampled_from(FILES))
def test_any_two_studies_can_be_told_apart_without_a_fault(one: Path, other: Path) -> None:
    old, new = read_study(one)[0], read_study(other)[0]
    new = new.model_copy(update={"id": old.id})
    changes = compare_versions(old, new, asks=asks_of(old) | asks_of(new))
    assert bool(changes) is (one != other)
    assert all(change.says and "None" not in change.says for change in changes)
    findings = check_running(changes, list_sealed=True, enrolled=1)
    assert len({finding.id for finding in findings}) == len(findings)
