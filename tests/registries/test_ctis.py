"""CTIS: what its JSON says is in the record or told, people are in neither, and no code is guessed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Refusal
from exotrial.core.identifiers import guess_registry
from exotrial.registries import ctis_words
from exotrial.registries.abstract_text import Line, find_numbers
from exotrial.registries.ctis import read_ctis
from exotrial.registries.ctis_file import recognises_ctis
from exotrial.registries.draft import draft_study
from exotrial.registries.phase_text import read_phase
from exotrial.registries.record import RegistryRecord, Stated
from exotrial.registries.registry import choose_reader, read_records, record_file
from tests.conftest import PROJECT

SYNTHETIC = PROJECT / "tests" / "files" / "registries" / "ctis.json"
NUMBER = "2029-599999-11-00"
PART_I = "$.authorizedApplication.authorizedPartI"
INFORMATION = f"{PART_I}.trialDetails.trialInformation"
READ_BY_CTRDATA = {
    "scientific_title": f"{PART_I}.trialDetails.clinicalTrialIdentifiers.fullTitle",
    "summary": f"{INFORMATION}.trialObjective.mainObjective",
    "status": "$.ctPublicStatusCode",
    "phase": f"{INFORMATION}.trialCategory.trialPhase",
    "purpose": f"{INFORMATION}.trialObjective.trialScopes[0].code",
    "placebo": f"{PART_I}.productRoleGroupInfos[1].productRoleName",
    "healthy_volunteers": f"{INFORMATION}.populationOfTrialSubjects.clinicalTrialGroups[0].name",
    "target_size": "$.authorizedApplication.authorizedPartsII[0].recruitmentSubjectCount",
}
"""Where ctrdata finds what it calculates of a trial (as f.trialTitle(), f.sampleSize() and others print)."""
PEOPLE = ("publicContacts", "scientificContacts", "personInfo")
PERSONAL = ("functionalName", "telephone", "phone", "phoneNumber", "email", "addressLine1", "postcode")
JOINED = (
    *(
        "sponsors.primary",
        "medicalConditions.medicalCondition",
        "mscInfo.mscName",
        "memberStatesConcerned.mscName",
    ),
    *("principalInclusionCriteria.number", "principalExclusionCriteria.number", "primaryEndPoints.number"),
    *("primaryEndPoints.isPrimary", "secondaryEndPoints.number", "secondaryEndPoints.isPrimary"),
    *(
        "populationOfTrialSubjects.isMaleSubjects",
        "recruitmentSubjectCount",
        "productDictionaryInfo.prodName",
    ),
    *("activeTrialRecruitmentPeriod.recruitmentStartDate", "armDetails.title"),
)
"""Values that stand in the record within others: as a role, a sum, or the same words once more."""


def read(data: bytes, name: str = "record.json") -> tuple[RegistryRecord, ...]:
    return read_ctis(record_file(data, name=name))


def synthetic() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(SYNTHETIC.read_text("utf-8"))
    return value


def record_of(value: object) -> RegistryRecord:
    (record,) = read(json.dumps(value, indent=1).encode())
    return record


def part_i(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = value["authorizedApplication"]["authorizedPartI"]
    return found


def information(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = part_i(value)["trialDetails"]["trialInformation"]
    return found


def states(value: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = value["authorizedApplication"]["authorizedPartsII"]
    return found


def recruits(state: dict[str, Any], start: object, end: object = None) -> None:
    """Let a member state recruit in one period."""
    period = {"recruitmentStartDate": start, "recruitmentEndDate": end}
    state["mscInfo"]["trialRecruitmentPeriod"] = [period]
    state["mscInfo"]["activeTrialRecruitmentPeriod"] = None


def all_stated(value: object) -> Iterator[Stated[Any]]:
    if isinstance(value, Stated):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from all_stated(one)
    elif is_dataclass(value):
        for one in fields(value):
            yield from all_stated(getattr(value, one.name))


def leaves(value: object, path: str = "$") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, f"{path}.{key}")
    elif isinstance(value, list):
        for position, one in enumerate(value):
            yield from leaves(one, f"{path}[{position}]")
    elif value is not None:
        yield path, value


def fields_of(path: str) -> str:
    around = ("$", "authorizedApplication", "authorizedPartI", "trialDetails", "trialInformation")
    return ".".join(step for one in path.split(".") if (step := one.partition("[")[0]) not in around)


def unaccounted(value: dict[str, Any], record: RegistryRecord) -> set[str]:
    """The paths that are neither stated in the record nor told as lost."""
    places = {one.place.path for one in all_stated(record)}
    lost = {one.item for one in record.unheld}
    once_more = part_i(value).get("products") == part_i(value)["productRoleGroupInfos"][0].get("products")
    keys = {
        "id",
        "uuid",
        "businessKey",
        "isBusinessKeyValidated",
        "typeCode",
        "organClass",
        "active",
        "language",
    }
    keys |= {
        "mscId",
        "clinicalTrialId",
        "addressId",
        "countryOrganisationId",
        "termId",
        "trialScopeId",
        "country",
    }
    keys |= {
        "trialCategoryId",
        "reportingStatusCode",
        "applicationStatusCode",
        "ctRegistryCode",
        "trialRegionCode",
    }
    return {
        path
        for path, _ in leaves(value)
        if path not in places
        and fields_of(path) not in lost
        and fields_of(path).split(".")[0] not in {"events", "results", "documents", "correctiveMeasures"}
        and not any(f".{name}[" in path or f".{name}." in path for name in PEOPLE)
        and fields_of(path).split(".")[-1] not in {*keys, *PERSONAL}
        and not any(fields_of(path).endswith(name) for name in JOINED)
        and not (once_more and fields_of(path).startswith("products."))
        and not (
            fields_of(path).endswith("organisation.name") and "CTV-003" in {f.rule for f in record.findings}
        )
    }


def test_a_synthetic_trial_says_what_it_says() -> None:
    (record,) = read_records(record_file(SYNTHETIC.read_bytes(), name=SYNTHETIC.name))
    assert unaccounted(synthetic(), record) == set()
    assert (record.reader, record.registry, record.identifier.value) == ("ctis", "ctis", NUMBER)
    assert [one.value for one in record.secondary_ids] == [
        *("NCT09900001", "U1999-9999-9999", "ABC-1", "2029-000001-11")
    ]
    assert record.start is not None
    assert (record.start.value, record.start_actual) == (PartialDate(year=2029, month=3, day=1), True)
    assert record.target_size is not None
    assert (record.target_size.value, record.target_size.prints) == (24, "16 + 8")
    assert [(one.name.value, one.role) for one in record.sponsors] == [
        ("Example Vesicle Institute", "sponsor"),
        ("Second Vesicle Institute", "collaborator"),
        ("Example Science Fund", "funder"),
    ]
    assert [one.value for one in record.countries] == ["Italy", "Spain"]
    assert [(one.name.value, one.kind.value if one.kind else None) for one in record.interventions] == [
        ("Inhaled vesicles", "Test")
    ]
    assert [one.name.value for one in record.arms] == ["Vesicles", "Saline"]
    assert [(one.level, one.name.value, one.days) for one in record.outcomes] == [
        ("primary", "Serious adverse events until day 28", ()),
        ("secondary", "PaO2/FiO2 on day 7", ()),
    ]
    assert [(one.category, one.text.value) for one in record.criteria][::2] == [
        ("inclusion", "SpO2 <= 93 %"),
        ("exclusion", "Heart rate > 120/min"),
    ]
    assert record.criteria[0].proposed is not None
    (condition,) = record.conditions
    assert condition.code is not None
    assert condition.code.value == "10035664"


@pytest.mark.parametrize("field", sorted(READ_BY_CTRDATA))
def test_a_field_comes_from_where_ctrdata_finds_it(field: str) -> None:
    stated = getattr(record_of(synthetic()), field)
    assert stated.place.path == READ_BY_CTRDATA[field]


def test_each_value_stands_on_the_line_it_names() -> None:
    lines = SYNTHETIC.read_text("utf-8").splitlines()
    (record,) = read(SYNTHETIC.read_bytes())
    for one in (record.identifier, record.public_title, record.outcomes[1].name, record.criteria[2].text):
        assert one is not None
        assert one.place.line is not None
        assert json.dumps(one.prints, ensure_ascii=False) in lines[one.place.line - 1]


def test_the_status_is_that_of_the_trial_and_not_that_of_its_application() -> None:
    value = synthetic()
    for code, status in (("5", "Ongoing, recruitment ended"), (12, "Cancelled")):
        value["ctPublicStatusCode"] = code
        record = record_of(value)
        assert record.status is not None
        assert record.status.value == status
    del value["ctPublicStatusCode"]
    record = record_of(value)
    assert record.status is None
    assert ("ctStatus", "Authorised") in {(one.item, one.prints) for one in record.unheld}


@pytest.mark.parametrize("code", [0, 13, "4a", "04"])
def test_a_code_that_the_list_does_not_have_leaves_the_status_empty_and_is_told(code: object) -> None:
    record = record_of({**synthetic(), "ctPublicStatusCode": code})
    assert record.status is None
    assert "CTV-001" in {one.rule for one in record.findings}
    assert "ctPublicStatusCode" in {one.item for one in record.unheld}


def test_phases_are_those_that_their_words_name() -> None:
    value = synthetic()
    phases = [*["1"] * 3, "2", "3", "4", *["1-2"] * 3, "2-3", "3-4"]
    expected = {str(code): phase for code, phase in enumerate(phases, 1)}
    assert set(ctis_words.PHASES) == set(expected)
    for code, phase in expected.items():
        information(value)["trialCategory"]["trialPhase"] = code
        found = record_of(value).phase
        assert found is not None
        assert found.value == phase
        again = read_phase(found.prints)
        assert again is not None
        assert again.phase == phase


def test_groups_of_ages_are_no_age_limits() -> None:
    record = record_of(synthetic())
    assert (record.age_min, record.age_max) == (None, None)
    assert {one.why for one in record.unheld if "ageRange" in one.item} == {
        "a group of ages, which is no age limit"
    }


def test_no_day_is_called_that_of_registration() -> None:
    record = record_of(synthetic())
    assert (record.registered, record.updated, record.as_of) == (None, None, None)
    assert {"decisionDate", "publishDate"} <= {one.item for one in record.unheld}


def test_codes_without_a_published_list_are_told() -> None:
    record = record_of(synthetic())
    assert (record.masking, record.allocation, record.masked_roles) == (None, None, None)
    told = {one.item for one in record.unheld if one.why == "a code whose list CTIS does not publish"}
    assert {one.rpartition(".")[2] for one in told} == {"blindingMethodCode", "allocationMethod"}


@pytest.mark.parametrize(
    ("female", "male", "sex"),
    [
        (True, True, "all"),
        (True, False, "female"),
        (False, True, "male"),
        (False, False, None),
        (True, None, None),
    ],
)
def test_the_sexes(female: object, male: object, sex: str | None) -> None:
    value = synthetic()
    information(value)["populationOfTrialSubjects"] |= {"isFemaleSubjects": female, "isMaleSubjects": male}
    record = record_of(value)
    assert (record.sex.value if record.sex else None) == sex
    assert ("EUF-002" in {one.rule for one in record.findings}) == (female is False and male is False)


def test_healthy_volunteers_are_denied_only_where_every_group_is_known() -> None:
    value = synthetic()
    for names, healthy in (
        (["Patients"], False),
        (["Patients", "Healthy volunteers"], True),
        (["Healthy volunteers", "Relatives"], True),
        (["Patients", "Relatives"], None),
        ([], None),
    ):
        information(value)["populationOfTrialSubjects"]["clinicalTrialGroups"] = [
            {"name": one} for one in names
        ]
        found = record_of(value).healthy_volunteers
        assert (found.value if found else None) is healthy


def test_the_size_is_of_all_countries_or_of_none() -> None:
    value = synthetic()
    part_i(value)["rowSubjectCount"] = 100
    found = record_of(value).target_size
    assert found is not None
    assert found.value == 124
    part_i(value).update(rowSubjectCount=None, rowCountriesInfo=[{"name": "Brazil"}])
    record = record_of(value)
    assert record.target_size is None
    assert "16" in {one.prints for one in record.unheld}
    value = synthetic()
    states(value)[1]["recruitmentSubjectCount"] = None
    record = record_of(value)
    assert record.target_size is None
    assert "recruitmentSubjectCount" in {one.item.rpartition(".")[2] for one in record.unheld}


@pytest.mark.parametrize("count", ["-4", "some", "1.5"])
def test_a_size_that_is_no_number_of_people_is_told(count: str) -> None:
    value = synthetic()
    states(value)[0]["recruitmentSubjectCount"] = count
    record = record_of(value)
    assert record.target_size is None
    assert "CTV-002" in {one.rule for one in record.findings}


def test_before_recruitment_the_start_is_the_planned_one() -> None:
    value = synthetic()
    for state in states(value):
        recruits(state, None)
    record = record_of(value)
    assert record.start is not None
    assert (record.start.prints, record.start_actual) == ("2029-02-01", False)


def test_a_start_that_cannot_be_read_leaves_the_first_enrolment_open() -> None:
    value = synthetic()
    recruits(states(value)[0], "01/02/2029")
    record = record_of(value)
    assert (record.start, record.start_actual) == (None, None)
    assert "CTV-002" in {one.rule for one in record.findings}
    assert {"2029-02-01", "2029-03-01"} <= {one.prints for one in record.unheld}


def test_a_time_of_day_is_left_off_and_a_zone_is_not_guessed() -> None:
    value = synthetic()
    recruits(states(value)[0], "2029-02-11T23:30:00.000")
    start = record_of(value).start
    assert start is not None
    assert start.value == PartialDate(year=2029, month=2, day=11)
    recruits(states(value)[0], "2029-02-11T23:30:00Z")
    assert record_of(value).start is None


def test_recruitment_has_ended_when_it_has_everywhere() -> None:
    value = synthetic()
    recruits(states(value)[0], "2029-03-04", "2029-09-30")
    assert record_of(value).recruitment_end is None
    recruits(states(value)[1], "2029-03-01", "2029-10-02")
    end = record_of(value).recruitment_end
    assert end is not None
    assert end.prints == "2029-10-02"
    states(value)[0]["mscInfo"]["trialRecruitmentPeriod"] = []
    assert record_of(value).recruitment_end is None


def test_a_trial_that_recruits_outside_the_member_states_may_have_begun_and_end_there() -> None:
    value = synthetic()
    assert "EUF-001" not in {one.rule for one in record_of(value).findings}
    part_i(value)["rowCountriesInfo"] = [{"name": "Brazil"}]
    recruits(states(value)[0], "2029-03-04", "2029-09-30")
    recruits(states(value)[1], "2029-03-01", "2029-10-02")
    record = record_of(value)
    assert "EUF-001" in {one.rule for one in record.findings}
    assert [one.value for one in record.countries] == ["Italy", "Spain", "Brazil"]
    assert (record.recruitment_end, record.completion) == (None, None)
    information(value)["trialDuration"]["estimatedGlobalEndDate"] = "2031-01-01"
    completion = record_of(value).completion
    assert completion is not None
    assert completion.prints == "2031-01-01"


def test_an_end_that_was_reached_goes_before_the_planned_one() -> None:
    value = {**synthetic(), "endDateEU": "2030-02-03"}
    completion = record_of(value).completion
    assert completion is not None
    assert completion.prints == "2030-02-03"
    value["events"]["trialGlobalEndDate"] = "2030-02-05"
    completion = record_of(value).completion
    assert completion is not None
    assert completion.prints == "2030-02-05"


def test_an_endpoint_that_is_said_to_be_of_the_other_kind_is_told() -> None:
    value = synthetic()
    information(value)["endPoint"]["secondaryEndPoints"][0]["isPrimary"] = True
    told = {one.item: one.why for one in record_of(value).unheld}
    assert told["endPoint.secondaryEndPoints.isPrimary"] == "the endpoint stands among the secondary ones"


def test_terms_of_several_conditions_are_not_joined_to_them() -> None:
    value = synthetic()
    information(value)["medicalCondition"]["partIMedicalConditions"].append({"medicalCondition": "Sepsis"})
    record = record_of(value)
    assert [one.name.value for one in record.conditions] == ["Synthetic pneumonia", "Sepsis"]
    assert {one.code for one in record.conditions} == {None}
    assert unaccounted(value, record) == set()


def test_no_person_is_in_what_the_record_says_nor_in_its_draft() -> None:
    record = record_of(synthetic())
    assert {one.name for one in record.contacts} == {
        *("Clinical Trials Information", "Ada Invented", "Bela Invented", "Cleo Invented")
    }
    draft = draft_study(record)
    told = "".join(loss.prints for loss in (*draft.losses, *record.unheld))
    told += draft.text + "".join(str(one.quotes) for one in record.findings)
    for word in ("Ada", "Bela", "Cleo", "@", "555 010", "Invented Street"):
        assert word not in told
    assert record.summary is not None
    assert record.summary.value == "To learn whether inhaled vesicles are safe."
    assert [one.name.value for one in record.sites] == ["Ospedale Esempio", "Leon"]


def test_the_name_of_an_office_takes_no_criterion_with_it() -> None:
    assert "Clinical Trials Information" in record_of(synthetic()).criteria[1].text.value


def test_lists_and_lines_hold_the_same_trials() -> None:
    one, two = synthetic(), {**synthetic(), "ctNumber": "2029-599998-11-00"}
    lines = b"\n".join(json.dumps(each).encode() for each in (one, two)) + b"\n"
    for data in (json.dumps([one, two]).encode(), lines):
        assert [record.identifier.value for record in read(data)] == [NUMBER, "2029-599998-11-00"]
    assert read(lines)[1].identifier.place.line == 2


def test_two_trials_that_claim_one_number_are_told() -> None:
    two = synthetic()
    states(two)[0]["recruitmentSubjectCount"] = 17
    (told,) = [f for f in read(json.dumps([synthetic(), two]).encode())[1].findings if f.rule == "IMP-002"]
    assert "target size" in told.says


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda text: text[: len(text) // 2], "EUC-001", "ends in the middle"),
        (lambda text: text.replace('"trialPhase"', '"trialCategory"'), "EUC-002", "'trialCategory'"),
        (
            lambda text: text.replace('"ctPublicStatusCode": 4', '"ctPublicStatusCode": [4]'),
            "EUC-003",
            "a list",
        ),
        (
            lambda text: text.replace('"endPoint": "PaO2', '"endPoint": 3, "was": "PaO2'),
            "EUC-003",
            "a number",
        ),
        (lambda text: text.replace(NUMBER, "2029-599999-11"), "EUC-004", "no EU CT number"),
        (
            lambda text: text.replace('"authorizedApplication"', '"application"'),
            "EUC-005",
            "authorizedApplication",
        ),
        (lambda text: text.replace("Ospedale", "Osped\udcffale"), "EUC-001", "no UTF-8"),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(
    change: Callable[[str], str], code: str, says: str
) -> None:
    text = change(SYNTHETIC.read_text("utf-8"))
    file = record_file(text.encode("utf-8", errors="surrogateescape"), name="bad.json")
    assert choose_reader(file).name == "ctis"
    with pytest.raises(Refusal) as refused:
        read_ctis(file)
    assert refused.value.code.code == code
    assert says in refused.value.problem
    assert refused.value.place.file == "bad.json"


def test_the_answer_to_an_unknown_number_and_the_rows_of_a_search_are_refused() -> None:
    with pytest.raises(Refusal, match="EUC-004"):
        read(b"{}")
    search = json.dumps(
        {"pagination": {}, "data": [{"ctNumber": NUMBER, "ctTitle": "x", "ctStatus": 4}]}
    ).encode()
    assert choose_reader(record_file(search, name="search.json")).name == "ctis"
    with pytest.raises(Refusal, match="EUC-005"):
        read(search)


def test_an_eu_ct_number_is_no_eudract_number() -> None:
    text = f"EU CT {NUMBER}, before EudraCT 2029-000001-11 (2029-000001-11-IT)."
    line = Line(text=text, place=record_file(b"", name="x").at(1))
    found = [one.value for one in find_numbers([line])]
    assert found == [NUMBER, "2029-000001-11"]
    assert [guess_registry(one) for one in found] == ["ctis", "eudract"]


@given(st.binary(max_size=200))
def test_recognising_never_raises(data: bytes) -> None:
    assert recognises_ctis(record_file(data, name="x")) in (True, False)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_record_cut_or_edited_is_read_with_all_its_values_told_or_refused(data: st.DataObject) -> None:
    text = SYNTHETIC.read_text("utf-8")
    if data.draw(st.booleans()):
        with pytest.raises(Refusal):
            read(text[: data.draw(st.integers(1, len(text) - 3))].encode())
        return
    value = synthetic()
    path = data.draw(st.sampled_from([path for path, _ in leaves(value)]))
    steps = path.replace("]", "").replace("[", ".").split(".")[1:]
    at: Any = value
    for step in steps[:-1]:
        at = at[int(step)] if isinstance(at, list) else at[step]
    last: Any = int(steps[-1]) if isinstance(at, list) else steps[-1]
    at[last] = data.draw(
        st.sampled_from([None, "", "x", "2029-13-01", "<b>", -1, 7, 2.5, True, [], ["x"], {"a": "b"}])
    )
    record = _read_or_refuse(value)
    if record is not None and str(at[last]).strip():
        assert not any(one.startswith(path) for one in unaccounted(value, record))


def _read_or_refuse(value: object) -> RegistryRecord | None:
    try:
        return record_of(value)
    except Refusal as refusal:
        if not refusal.code.code.startswith("EUC-"):
            raise
        return None
