"""What the reader takes from CDISC's own pilot protocol, and from a study that exotrial wrote."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

import pytest

from exotrial.core.dates import PartialDate
from exotrial.registries.record import Age, RegistryRecord
from exotrial.registries.registry import read_records, record_file
from exotrial.registries.usdm.document import _references
from exotrial.registries.usdm.reader import read_usdm
from exotrial.registries.usdm.write import write_usdm
from exotrial.study.definition import Study
from tests.conftest import shared
from tests.registries.usdm.examples import as_file, clean_bytes, study_of
from tests.study.clean import CLEAN


@cache
def pilot() -> RegistryRecord:
    path = shared("data", "usdm", "CDISC_Pilot_Study.json")
    (record,) = read_records(record_file(path.read_bytes(), name=path.name))
    return record


@cache
def clean() -> RegistryRecord:
    (record,) = read_usdm(as_file(clean_bytes()))
    return record


def value(stated: Any) -> Any:
    return None if stated is None else stated.value


def test_the_pilot_is_known_by_its_register_and_by_its_sponsor() -> None:
    record = pilot()
    assert (record.registry, record.identifier.value) == ("nct", "NCT12345678")
    assert [one.value for one in record.secondary_ids] == ["H2Q-MC-LZZT"]
    assert [(one.name.value, one.role) for one in record.sponsors] == [("Eli Lilly", "sponsor")]
    assert value(record.acronym) == "LZZT"


def test_every_value_of_the_pilot_has_its_line_and_path() -> None:
    size = pilot().target_size
    assert size is not None
    assert size.place.path == "$.study.versions[0].studyDesigns[0].population.plannedEnrollmentNumber.value"
    text = shared("data", "usdm", "CDISC_Pilot_Study.json").read_text(encoding="utf-8").split("\n")
    assert size.place.line is not None
    assert '"value": 300.0' in text[size.place.line - 1]


def test_the_design_of_the_pilot() -> None:
    record = pilot()
    assert value(record.study_type) == "interventional"
    assert (value(record.phase), record.phase and record.phase.prints) == ("2", "Phase II Trial")
    assert value(record.model) == "parallel"
    assert value(record.masking) == "double blind"
    assert value(record.allocation) is None  # three arms, and the file does not say that they are randomised
    assert value(record.target_size) == 300
    assert value(record.age_min) == Age(value=50, unit="a")
    assert value(record.age_max) == Age(value=100, unit="a")
    assert value(record.sex) == "all"
    assert value(record.healthy_volunteers) is False
    assert [arm.name.value for arm in record.arms] == [
        "Placebo",
        "Xanomeline Low Dose",
        "Xanomeline High Dose",
    ]


def test_the_conditions_of_the_pilot_have_their_icd_code() -> None:
    code = pilot().conditions[0].code
    assert code is not None
    assert code.value == "G30.9"  # ICD-10-CM: Alzheimer's disease, unspecified


def test_the_tags_of_the_criteria_are_filled_in_and_the_text_is_kept() -> None:
    first = pilot().criteria[0]
    assert first.text.value == "Males and postmenopausal females at least 50 years of age."
    assert first.text.prints == "Males and postmenopausal females at least [min_age] years of age."


def test_the_criteria_and_endpoints_of_the_pilot_are_all_read() -> None:
    record = pilot()
    counted = [one.category for one in record.criteria]
    assert (counted.count("inclusion"), counted.count("exclusion")) == (
        8,
        23,
    )  # C25532 and C25370 in the file
    assert len(record.outcomes_of("primary")) == 5  # C94496 in the file
    assert len(record.outcomes_of("secondary")) == 6  # C139173 in the file


def test_placeholders_of_the_pilot_are_doubted() -> None:
    assert [finding.id for finding in pilot().findings] == [
        f"UDM-002:Endpoint_{number}" for number in (9, 10, 11)
    ]


def test_what_the_record_cannot_hold_is_counted_by_class() -> None:
    unheld = {loss.item: loss.prints for loss in pilot().unheld}
    # Counted with jq: [.. | objects | .instanceType] | group_by(.)
    for kind, count in {"Encounter": 12, "Activity": 36, "BiomedicalConcept": 32}.items():
        assert unheld[kind] == f"{count} in the file"
    assert "ResponseCode" not in unheld  # a part of a biomedical concept, which is told
    assert len(pilot().unheld) < 30


def _changed(path: list[str | int], new: object) -> RegistryRecord:
    document = json.loads(clean_bytes())
    here = document["study"]["versions"][0]
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = new
    (record,) = read_usdm(as_file(document))
    return record


def test_a_tag_that_stands_for_nothing_is_doubted_and_stays_visible() -> None:
    record = _changed(["eligibilityCriterionItems", 0, "text"], 'Age from <usdm:tag name="low"/> years')
    assert record.criteria[0].text.value == "Age from [low] years"
    assert [finding.rule for finding in record.findings] == ["UDM-001"]


def test_a_code_that_is_decoded_as_another_is_doubted() -> None:
    record = _changed(["studyDesigns", 0, "model", "decode"], "Crossover Study")
    (finding,) = record.findings
    assert finding.rule == "UDM-003"
    assert "Parallel Study" in finding.says


@pytest.mark.parametrize(("number", "size"), [(0, 0), (300.0, 300), (-1, None), (12.5, None)])
def test_a_size_is_a_whole_number(number: float, size: int | None) -> None:
    population: list[str | int] = ["studyDesigns", 0, "population", "plannedEnrollmentNumber", "value"]
    assert value(_changed(population, number).target_size) == size


def test_people_are_read_only_to_be_left_out() -> None:
    person = {
        "id": "AssignedPerson_1",
        "name": "pi",
        "personName": {"id": "PersonName_1", "text": "Dr A. Example", "instanceType": "PersonName"},
        "jobTitle": "Professor",
        "instanceType": "AssignedPerson",
    }
    record = _changed(["roles", 0, "assignedPersons"], [person])
    assert [contact.name for contact in record.contacts] == ["Dr A. Example"]
    assert "Dr A. Example" not in repr(record)


def test_a_study_that_exotrial_wrote_is_read_with_its_days_and_methods() -> None:
    outcome = clean().outcomes[0]
    assert outcome.name.value == "PaO2/FiO2 ratio"
    assert value(outcome.time_frame) == "Baseline, Day 7, Day 28"
    assert outcome.days == (-1, 7, 28)
    assert value(outcome.method) == _study().outcomes[0].method


def test_a_study_that_exotrial_wrote_is_read_with_its_registration_and_conduct() -> None:
    record = clean()
    assert value(record.registered) == PartialDate(year=2024, month=2, day=1)
    assert value(record.timing_label) == "prospective"
    assert value(record.start) == PartialDate(year=2024, month=3, day=1)
    assert record.start_actual is True
    assert value(record.block_sizes) == (4,)
    assert [value(arm.size) for arm in record.arms] == [16, 16]
    assert [arm.interventions for arm in record.arms] == [
        ("Nebulised vesicles", "Usual care"),
        ("Nebulised vehicle", "Usual care"),
    ]


def _study() -> Study:
    return study_of(CLEAN)


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("non-randomised", "non-randomised"),
        ("not applicable", "not applicable"),
        ("not stated", "not applicable"),  # CDISC's map to ClinicalTrials.gov, of a design with one arm
        ("randomised", "randomised"),
    ],
)
def test_what_exotrial_wrote_of_allocation_is_heard_before_the_number_of_arms(stated: str, read: str) -> None:
    study = study_of(CLEAN)
    design = study.design.model_copy(update={"allocation": stated})
    single = study.model_copy(update={"design": design, "arms": study.arms[:1]})
    assert value(read_usdm(as_file(write_usdm(single).data))[0].allocation) == read


def test_time_points_are_read_from_the_text_of_an_endpoint() -> None:
    outcomes = pilot().outcomes
    assert outcomes[0].name.value.endswith("at Week 24")
    assert outcomes[0].days == (24 * 7,)
    assert outcomes[5].name.value.endswith("at Weeks 8 and 16")
    assert outcomes[5].days == (8 * 7, 16 * 7)
    assert (outcomes[2].name.value, outcomes[2].days) == ("Adverse events", ())


def test_a_record_is_as_of_the_date_of_its_version() -> None:
    assert pilot().as_of == date(2006, 6, 1)  # D_APPROVE, "Design approval date"
    assert clean().as_of is None  # an ethics committee's approval is no date of the version


def test_every_version_of_a_study_is_a_record() -> None:
    document = json.loads(clean_bytes())
    later = json.loads(clean_bytes().replace(b'"id": "', b'"id": "later_'))
    (version,) = later["study"]["versions"]
    for path, name, _ in list(_references(version)):
        here = version
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = f"later_{name}"
    version["titles"][0]["text"] = "A later title"
    document["study"]["versions"].append(version)
    records = read_usdm(as_file(document))
    assert [value(record.scientific_title) for record in records] == [_study().title, "A later title"]
