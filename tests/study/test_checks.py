"""Each rule fires on one small change of a clean study, and is silent on the clean study itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from exotrial.study.checks.check import Check, check_study, find_checks
from exotrial.study.definition import Study
from tests.study.clean import ABSENT, changed

DOSE = "interventions.nebulised_vesicles.dose"
PRODUCT = "products.vesicles_product"


def said(prints: str, *, path: str = "outcomes.crp", states: object = None) -> dict[str, Any]:
    """A piece of evidence, as the file holds it."""
    entry: dict[str, Any] = {"path": path, "source": "record", "line": 9, "prints": prints}
    return entry if states is None else entry | {"states": states}


def told(path: str, *states: object) -> dict[str, object]:
    """Changes that add one piece of evidence for each thing that is stated of a path."""
    return {
        f"evidence.{position}": said(f"words {position}", path=path, states=state)
        for position, state in enumerate(states)
    }


MUTATIONS: dict[str, list[Mapping[str, object]]] = {
    "ARM-002": [
        {f"{DOSE}.measured_by": ABSENT},
        {
            "interventions.nebulised_vesicles.schedule.interval": ABSENT,
            "interventions.nebulised_vesicles.schedule.times_per_day": 2,
        },
        {f"{DOSE}.amount": "1e8 particles/kg", f"{DOSE}.total": ABSENT},
    ],
    "ARM-003": [
        {
            f"{DOSE}.amount": "1e8 particles/kg",
            f"{DOSE}.weight_basis": "actual",
            f"{DOSE}.total": ABSENT,
            f"{DOSE}.concentrations": [],
        }
    ],
    "ARM-005": [
        {"interventions.usual_care.prohibited": ABSENT},
        {"interventions.usual_care.role": "comparator"},
    ],
    "ARM-006": [{"design.discontinuation_criteria": ABSENT}],
    "ARM-007": [{"interventions.nebulised_vesicles.registered_category": "Treatment - Other"}],
    "BLD-001": [{"blinding.label": "triple blind"}],
    "BLD-002": [told("blinding.masked_roles", ["participant"], ["participant", "outcome assessor"])],
    "BLD-003": [
        {"arms.vehicle.interventions": ["usual_care"]},
        told("arms.vehicle.interventions", "usual care", "placebo and usual care"),
    ],
    "BLD-004": [{"blinding.method": ABSENT}],
    "BLD-005": [{"blinding.unblinding.record": ABSENT}, {"blinding.unblinding": ABSENT}],
    "BLD-006": [{"blinding.unblinding.actor_blind": True}],
    "BLD-007": [{"conduct.registration_in_past_tense": True}],
    "CND-001": [{"conditions.0.icd10": "U07.1"}],
    "DSG-101": [
        {"design.intervention_model": "not stated"},
        {"design.allocation": "not stated"},
        {"arms.vehicle.kind": "not stated"},
    ],
    "CND-002": [
        {"conditions.0.severity_scheme": ABSENT},
        told("conditions.0.severity_terms", ["mild"], ["moderate"]),
    ],
    "DAT-005": [
        {"arms.vehicle.size": 15, "stages": []},
        {"stages.first.arms.0.size": 7},
        {"stages.first.stratum_size": 4},
        {"cohorts.older.size": 13, "cohorts.older.participants": ABSENT},
        {"cohorts.older.participants": ["S01"]},
        {"design.planned_size": 33},
    ],
    "DAT-006": [{"evidence.0": said("TH19 rose")}],
    "DAT-007": [{"evidence.0": said("Lymphoma count")}],
    "DAT-008": [
        {
            "conduct.virus_negative_before_first_dose": True,
            "outcomes.crp.name": "Viral load",
            "outcomes.crp.unit": ABSENT,
            "outcomes.crp.abbreviation": ABSENT,
        }
    ],
    "DAT-101": [{"evidence.0": said("genomic DNA of the virus")}],
    "DOS-001": [
        {f"{DOSE}.total": "2.0e10 particles"},
        {f"{DOSE}.per": "day", f"{DOSE}.amount": "1.0e9 particles"},
    ],
    "DOS-003": [
        {f"{DOSE}.concentrations": ["4.0e8 particles/mL", "8.0e8 particles/mL"]},
        told(f"{DOSE}.same_for_all", "one dose", "several doses"),
    ],
    "DOS-004": [{"evidence.0": said("7.66e + 0.8 particles/ml")}],
    "DOS-005": [
        {f"{DOSE}.concentrations": ["8e8 particles/mL", "4e8 particles/mL"], f"{DOSE}.same_for_all": False}
    ],
    "DOS-006": [{f"{DOSE}.cell_equivalent": True}],
    "DOS-007": [{f"{DOSE}.weight_basis": "predicted", "conduct.height_recorded": False}],
    "ELG-002": [
        {"population.criteria.malignancy.topic": "inflammatory disease"},
    ],
    "ELG-003": [{"population.criteria.malignancy.topic": "ards"}],
    "ELG-005": [{"population.age_max": 70}, {"population.age_min": 16}],
    "ELG-008": [{"registrations.0.exclusion_count": 1}],
    "ELG-009": [{"population.criteria.pregnancy.text": "Pregnancy"}],
    "ELG-010": [{"registrations.0.case_definition": "confirmed or suspected"}],
    "ELG-101": [{"population.criteria.malignancy.judgement": ABSENT}],
    "IPD-001": [{"sharing.data_dictionary": False}],
    "IPD-002": [{"sharing.analytic_code": False}],
    "IPD-003": [{"sharing.restricted_to": "physicians"}],
    "IPD-004": [{"sharing.ends": ABSENT}, {"sharing.starts": ABSENT}],
    "IPD-005": [{"sharing.risk_threshold": ABSENT}],
    "IPD-006": [{"sharing.repository_identifier": ABSENT}],
    "IPD-007": [{"sharing.gatekeeper_is_sponsor": True}],
    "IPD-008": [{"sharing.data_files": 0}],
    "IPD-009": [
        {
            "conduct.case_table_published": True,
            "conduct.case_table_identifiers": ["age", "sex", "dates"],
            "design.enrolled": 10,
            "design.size_shortfall_reason": "Stopped by the safety board",
            "cohorts": [],
        }
    ],
    "IPD-101": [{"sharing": ABSENT}, {"sharing.participant_data": ABSENT}],
    "OUT-001": [told("outcomes", ["oxygenation"], ["oxygenation", "survival"])],
    "OUT-002": [
        {
            "outcomes.respiratory_rate.name": "Time to clinical improvement",
            "outcomes.respiratory_rate.unit": ABSENT,
            "outcomes.respiratory_rate.abbreviation": "TTIC",
        }
    ],
    "OUT-003": [{"safety.terms": ["severe adverse event"]}],
    "OUT-004": [{"safety.coding": ABSENT}],
    "OUT-006": [{"outcomes.crp.method": "C-reactive protein."}],
    "OUT-009": [{"outcomes.pf_ratio.unavailable_in": ["noninvasive"]}],
    "OUT-010": [{"outcomes.pf_ratio.intercurrent_rule": ABSENT}],
    "OUT-011": [{"outcomes.pf_ratio.direction": ABSENT}],
    "OUT-012": [{"outcomes.pf_ratio.registered": False}, {"outcomes.crp.registered": True}],
    "OUT-013": [{"outcomes.mortality.name": "Length of stay"}],
    "PRD-001": [{f"{PRODUCT}.process.0.serum_ev_depleted": ABSENT}],
    "PRD-002": [{f"{PRODUCT}.release_tests": ABSENT}, {f"{PRODUCT}.release_tests.0.limit": ABSENT}],
    "PRD-003": [{f"{PRODUCT}.markers.1.role": "loading control"}],
    "PRD-004": [
        {f"{PRODUCT}.isolation_method": "precipitation"},
        {f"{PRODUCT}.process.1.force": "40000 g"},
        told(f"{PRODUCT}.isolation_method", "ultracentrifugation", "precipitation"),
    ],
    "PRD-005": [{f"{PRODUCT}.device_claim_has_numbers": False}],
    "PRD-006": [{f"{PRODUCT}.storage.stability_data": False}],
    "PRD-007": [{f"{PRODUCT}.process.0.ingredients.0.concentration": "4500 mg/mL"}],
    "PRD-101": [{f"{PRODUCT}.source_tissue": ABSENT}],
    "REG-005": [
        {
            "registrations.0.status": "Recruitment complete",
            "registrations.0.completion": ABSENT,
            "registrations.0.recruitment_end": ABSENT,
        }
    ],
    "REG-007": [
        {"evidence.0": said("2024-02-02, 1402/11/12")},
        {"evidence.0": said("2024-02-02, 1402/13/12")},
    ],
    "REG-008": [{"ethics.0.approved": date(2024, 2, 2)}],
    "REG-011": [{"registrations.0.completion": date(2025, 1, 27)}],
    "REG-012": [{"secondary_ids": ABSENT}],
    "REG-013": [{"acronym": ABSENT}, {"registrations.0.reason_for_update": ABSENT}],
    "REG-015": [{"registrations.0.timing_label": "retrospective"}],
    "REG-016": [{"recruitment.actual_start": date(2024, 2, 29)}],
    "REG-018": [{"registrations.0.phase": "2020-02-01 00:00:00"}],
    "REG-101": [{"ethics": []}, {"ethics.0.reference": ABSENT}],
    "REG-102": [{"recruitment.actual_end": date(2024, 2, 1)}],
    "REG-103": [{"registrations.0.identifier": "NCT0000000"}],
    "RND-001": [{"randomisation.block_sizes": [16]}],
    "RND-002": [{"randomisation.block_sizes": [4, 6]}],
    "RND-003": [{"randomisation.block_sizes": [2]}],
    "RND-004": [{"randomisation.block_choice": "by expected enrolment"}],
    "RND-005": [{"randomisation.assignment_order": "chosen by participant"}],
    "RND-006": [told("randomisation.method", "blocks", "completely random")],
    "RND-008": [
        {"randomisation.factor_levels.+": "nasal cannula"},
        {"randomisation.strata.invasive.levels.+": "non-invasive ventilation"},
    ],
    "RND-009": [{"randomisation.strata.noninvasive.levels.+": "nasal cannula"}],
    "RND-010": [{"randomisation.enrolled_by": ABSENT}, {"randomisation.assigned_by": "investigator"}],
    "RND-012": [told("randomisation", "a table", "blocks")],
    "SAF-001": [{"safety.stopping_rules": ABSENT}, {"safety.monitoring_committee": ABSENT}],
    "SAF-101": [{"safety.collection_window": ABSENT}],
    "SIZ-003": [
        {"arms.vehicle.name": "Invasive support and vehicle"},
        {"evidence.0": said("in the Invasive support group", path="arms.vehicle")},
    ],
    "SIZ-005": [{"registrations.0.target_size": 41}],
    "SIZ-006": [{"arms.vehicle.description_carries_sizes": True}],
    "SIZ-007": [{"design.progression_criteria": ABSENT}],
    "SPN-001": [{"funding.+": {"origin": "domestic"}}],
    "SPN-002": [{"organisations.maker.kind": "Other"}],
    "SPN-005": [{"contacts.0.organisation": ABSENT}],
    "SPN-006": [{"ethics.0.address_population": "paediatric"}, {"sites.hospital.population": "paediatric"}],
    "SPN-007": [{"organisations.university.role_statement": ABSENT}],
    "SPN-008": [
        {"registrations.0.sites": ["Another Hospital"]},
        {"registrations.0.sponsor": "Another University"},
    ],
    "SPN-101": [
        {"organisations.university.roles": ["funder"], "registrations.0.sponsor": "Example Hospital"},
        {"funding": []},
    ],
    "SRC-101": [told("design.phase", "2a", "1")],
    "STA-001": [{"analyses.primary.missing_data": ABSENT}, {"analyses": []}],
    "STA-002": [{"analyses.crp_change.method_is_paired": False}],
    "STA-006": [{"analyses.primary.group_sizes_given": False}],
    "STA-008": [{"evidence.0": said("(p 0.05)")}],
    "STA-009": [
        {"outcomes.pf_ratio.selection_consistent": False},
        told("outcomes.pf_ratio.selection_consistent", "first value", "last value"),
    ],
    "STA-010": [
        {
            "evidence.0": said("can reduce the CRP level", path="conduct"),
            "design.intervention_model": "single group",
        },
    ],
    "STA-011": [{"design.groups_defined_by": "treatment timing"}],
    "STA-101": [{"statistical_design": ABSENT}, {"statistical_design.size_rationale": ABSENT}],
    "STA-102": [{"design.comparator": "other patients", "design.comparator_group_defined": False}],
    "TIM-002": [
        {
            "encounters.+": {"id": "day_14", "name": "Day 14", "epoch": "follow_up", "day": 14},
            "outcomes.crp.encounters.+": "day_14",
        }
    ],
    "TIM-003": [{"design.time_origin": "not stated"}, told("design.time_origin", "dose", "enrolment")],
    "TIM-004": [{"outcomes.mortality.horizon": ABSENT}],
    "TIM-006": [{"conduct.median_onset_to_treatment": "29 d"}],
    "TXT-001": [{"evidence.0": said("2.0 × 108 particles")}],
    "TXT-003": [{"evidence.0": said("<h4>Background</h4>")}],
    "TXT-004": [{"evidence.0": said("**72**")}],
    "TXT-011": [{"evidence.0": said("interferone √ü-1a")}],
    "TXT-101": [{"evidence.0": said("hospita;")}],
    "UNI-001": [{"outcomes.crp.unit": "mg/mL"}],
    "UNI-002": [{"evidence.0": said("168 µ/l")}],
    "UNI-004": [{"evidence.0": said("alveolar oxygen partial pressure")}],
    "UNI-005": [
        {
            "outcomes.crp.name": "White blood cell count",
            "outcomes.crp.unit": "10*9/L",
            "outcomes.crp.abbreviation": ABSENT,
        }
    ],
}
"""For each rule, changes of the clean study that it must see; values at dotted paths."""

SILENT: dict[str, list[Mapping[str, object]]] = {
    # The other side of each limit, and what looks like a slip and is none.
    "ARM-002": [
        {"interventions.nebulised_vesicles.schedule.interval": ABSENT}
    ],  # once a day needs no interval
    "ARM-003": [
        {f"{DOSE}.amount": "1e8 particles/kg", f"{DOSE}.weight_basis": "actual", f"{DOSE}.total": ABSENT}
    ],
    "BLD-003": [{"blinding.placebo": False, "arms.vehicle.interventions": ["usual_care"]}],
    "BLD-004": [{"blinding.label": "open label", "blinding.masked_roles": [], "blinding.method": ABSENT}],
    "CND-001": [
        {"conditions.0.icd10": "X99", "conditions.0.icd10_text": "Something else"}
    ],  # a code not listed
    "DAT-006": [{"evidence.0": said("CD19 and Th17")}],
    "DAT-007": [{"evidence.0": said("Lymphocyte count")}],
    "DOS-001": [
        {f"{DOSE}.amount": "2.0e3 ug", f"{DOSE}.total": "10 mg"},  # 5 times 2000 µg is 10 mg
        {f"{DOSE}.per": "course", f"{DOSE}.total": "2.0e9 particles"},
        {f"{DOSE}.total": "10 mg"},  # particles and mass do not compare
    ],
    "DOS-003": [{f"{DOSE}.concentrations": ["4.0e8 particles/mL", "4.0e11 particles/L"]}],
    "DOS-004": [{"evidence.0": said("7.66e8 and 7.66E+08 particles/mL")}],
    "ELG-003": [{"population.criteria.malignancy.topic": "age"}],  # an upper and a lower limit in two lists
    "IPD-009": [
        {"conduct.case_table_published": True, "conduct.case_table_identifiers": ["age", "sex", "dates"]}
    ],
    "OUT-010": [{"outcomes.pf_ratio.intercurrent_rule": ABSENT, "outcomes.pf_ratio.encounters": ["day_7"]}],
    "OUT-013": [
        {"conditions.0.name": "Knee pain", "conditions.0.icd10": ABSENT, "outcomes.mortality.name": "Pain"}
    ],
    "PRD-004": [{f"{PRODUCT}.process.1.force": "50000 g"}],
    "PRD-007": [{f"{PRODUCT}.process.0.ingredients.0.concentration": "10000 mg/L"}],
    "REG-005": [{"registrations.0.status": "Recruitment complete"}],
    "REG-007": [{"evidence.0": said("2021-03-05, 1399/12/15")}],
    "REG-008": [{"ethics.0.approved": date(2024, 2, 1)}],
    "REG-011": [{"registrations.0.completion": date(2025, 1, 28)}],  # 31 December and 28 days
    "REG-015": [{"registrations.0.registered": date(2024, 3, 1)}],  # on the day of the first enrolment
    "REG-016": [{"recruitment.actual_start": date(2024, 3, 1)}],
    "REG-018": [{"registrations.0.phase": "1-2"}],
    "RND-001": [{"randomisation.block_sizes": [8]}],
    "RND-002": [{"randomisation.block_sizes": [8]}, {"randomisation.block_sizes": [2]}],
    "RND-003": [{"randomisation.block_sizes": [4], "randomisation.ratio": []}],
    "SIZ-003": [
        {
            "randomisation.strata.invasive.name": "A",
            "evidence.0": said("A syringe of 5 mL", path="arms.vehicle"),
        }
    ],
    "SIZ-005": [{"registrations.0.target_size": 40}],  # 32 is four fifths of it
    "STA-008": [{"evidence.0": said("(p = 0.05), p < 0.01, p>0.05")}],
    "STA-010": [
        {"evidence.0": said("can reduce the CRP level", path="conduct")},  # there is a control group
        {"evidence.0": said("Time to clinical improvement"), "design.intervention_model": "single group"},
    ],
    "TIM-002": [
        {  # a day of treatment needs no second outcome
            "encounters.+": {"id": "day_3", "name": "Day 3", "epoch": "treatment", "day": 3},
            "outcomes.crp.encounters.+": "day_3",
        }
    ],
    "TIM-006": [{"conduct.median_onset_to_treatment": "28 d"}],
    "TXT-001": [{"evidence.0": said("2.0 × 10⁸, 10 × 10 cm and 12 x 10 mL")}],
    "TXT-003": [{"evidence.0": said("p < 0.05 and n > 3")}],
    "UNI-001": [
        {"outcomes.respiratory_rate.unit": "/min"},
        {"outcomes.crp.unit": "µg/mL"},
        {
            "outcomes.crp.name": "White cells",
            "outcomes.crp.abbreviation": ABSENT,
            "outcomes.crp.unit": "10^9/L",
        },
    ],
    "UNI-002": [{"evidence.0": said("168 U/L, 5 µg/L")}],
    "UNI-004": [{"evidence.0": said("arterial oxygen; alveolar macrophages")}],
}
"""For some rules, changes of the clean study about which they have nothing to say."""

ALSO = {
    ("RND-001", 0): {"RND-002"},  # a block that is too large is no way to reach the size either
}
"""Rules that may fire beside the one asked, because they are true as well."""


def _cases() -> list[tuple[str, int]]:
    return [(rule, position) for rule, changes in MUTATIONS.items() for position in range(len(changes))]


def _rules(study: Study) -> set[str]:
    return {finding.rule for finding in check_study(study)}


def test_the_clean_study_has_no_finding() -> None:
    assert [finding.id for finding in check_study(changed({}))] == []


SINGLE_ARM: Mapping[str, object] = {
    "design.intervention_model": "single group",
    "design.allocation": "not applicable",
    "design.planned_size": 16,
    "design.enrolled": 16,
    "registrations.0.target_size": 16,
    "registrations.0.intervention_model": "single group",
    "stages": [],
    "cohorts": [],
    "arms.vehicle": ABSENT,
    "interventions.nebulised_vehicle": ABSENT,
    "randomisation": ABSENT,
    "blinding": {"label": "open label"},
    "analyses.primary.comparison": "before and after",
    "analyses.primary.data_are_paired": True,
    "analyses.primary.method_is_paired": True,
}


def test_a_clean_study_of_one_arm_has_no_finding_either() -> None:
    assert [finding.id for finding in check_study(changed(SINGLE_ARM))] == []


def test_every_rule_has_a_change_that_it_must_see() -> None:
    assert set(find_checks()) == set(MUTATIONS)


@pytest.mark.parametrize(("rule", "position"), _cases())
def test_a_rule_fires_on_its_change_and_no_other_does(rule: str, position: int) -> None:
    found = _rules(changed(MUTATIONS[rule][position]))
    assert rule in found
    assert found - {rule} <= ALSO.get((rule, position), set())


@pytest.mark.parametrize(
    ("rule", "position"), [(rule, n) for rule, changes in SILENT.items() for n in range(len(changes))]
)
def test_a_rule_is_silent_on_the_other_side_of_its_limit(rule: str, position: int) -> None:
    assert rule not in _rules(changed(SILENT[rule][position]))


@pytest.mark.parametrize("rule", sorted(MUTATIONS))
def test_a_finding_has_a_subject_that_stands_in_the_file_and_words_for_people(rule: str) -> None:
    for changes in MUTATIONS[rule]:
        found = [finding for finding in check_study(changed(changes)) if finding.rule == rule]
        for finding in found:
            assert finding.subject.split(".")[0] in Study.model_fields
            assert not finding.says.endswith(".")
            assert "None" not in finding.says
        assert len({finding.id for finding in found}) == len(found)


@pytest.mark.parametrize("check", find_checks().values(), ids=lambda check: check.id)
def test_a_rule_says_what_it_asks_why_and_what_would_settle_it(check: Check) -> None:
    assert check.statement.endswith(".")
    assert check.why.endswith(".")
    assert check.settle
    assert check.standards or check.id == "DOS-005"  # the order of a range follows from no standard


def test_an_end_of_recruitment_on_the_last_day_of_the_calendar_breaks_no_check() -> None:
    study = changed({"registrations.0.recruitment_end": date(9999, 12, 31)})
    assert "REG-011" not in {finding.rule for finding in check_study(study)}
