"""ClinicalTrials.gov: every value of the protocol section is in the record or told as unheld, and no person is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Refusal
from exotrial.registries.clinicaltrials_gov import read_clinicaltrials_gov
from exotrial.registries.ctgov_file import recognises_ctgov
from exotrial.registries.draft import draft_study
from exotrial.registries.record import Age, RegistryRecord, Stated
from exotrial.registries.registry import choose_reader, read_records, record_file
from tests.conftest import PROJECT, shared

SYNTHETIC = PROJECT / "tests" / "files" / "registries" / "clinicaltrials_gov.json"
REAL = ("NCT02552212.json", "NCT04207047.json", "NCT06171568.json")
PEOPLE = ("centralContacts", "overallOfficials", "responsibleParty", "contacts")
JOINED = (
    "startDateStruct.type",
    "enrollmentInfo.type",
    "interventionNames",
    "armGroupLabels",
    "references.pmid",
)
"""Values that stand in the record within others: as a yes or no, as names joined to arms, behind a citation."""


def read(data: bytes, name: str = "record.json") -> tuple[RegistryRecord, ...]:
    return read_clinicaltrials_gov(record_file(data, name=name))


def synthetic() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(SYNTHETIC.read_text("utf-8"))
    return value


def record_of(value: object) -> RegistryRecord:
    (record,) = read(json.dumps(value, indent=1).encode())
    return record


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
    else:
        yield path, value


def fields_of(path: str) -> str:
    return ".".join(step.partition("[")[0] for step in path.removeprefix("$.protocolSection.").split("."))


def unaccounted(value: dict[str, Any], record: RegistryRecord) -> set[str]:
    """The paths of the protocol section that are neither stated in the record nor told as lost."""
    places = {one.place.path for one in all_stated(record)}
    lost = {one.item for one in record.unheld}
    roles = "designModule.designInfo.maskingInfo.whoMasked"
    return {
        path
        for path, _ in leaves(value["protocolSection"], "$.protocolSection")
        if path not in places
        and fields_of(path) not in lost
        and not any(f".{name}[" in path or f".{name}." in path for name in PEOPLE)
        and not any(fields_of(path).endswith(name) for name in (*JOINED, roles, "designModule.phases"))
        and not (
            fields_of(path).endswith("locations.facility") and "CTV-003" in {f.rule for f in record.findings}
        )
    }


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_every_value_of_a_real_record_is_held_or_told(name: str) -> None:
    data = shared("data", "ctgov", name).read_bytes()
    value = json.loads(data)
    (record,) = read_records(record_file(data, name=name))
    assert record.reader == "clinicaltrials-gov"
    assert record.identifier.value == name.removesuffix(".json")
    assert unaccounted(value, record) == set()
    said = json.dumps([str(one.prints) for one in all_stated(record)] + [one.prints for one in record.unheld])
    for contact in record.contacts:
        for word in (contact.name, contact.telephone, contact.email):
            assert not word or word not in said


@pytest.mark.shared
def test_the_real_records_say_what_their_pages_say() -> None:
    (record,) = read(shared("data", "ctgov", "NCT02552212.json").read_bytes())
    assert record.phase is not None
    assert record.start is not None
    assert record.actual_size is not None
    assert (record.phase.value, record.actual_size.value, record.start_actual) == ("3", 317, True)
    assert record.start.value == PartialDate(year=2015, month=9)
    assert len(record.sites) == 105
    assert record.masking is not None
    assert record.masking.value in {"double blind", "quadruple blind"}


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_each_value_stands_on_the_line_it_names(name: str) -> None:
    data = shared("data", "ctgov", name).read_bytes()
    lines = data.decode().splitlines()
    (record,) = read(data)
    for one in (record.identifier, record.registered, record.sponsors[0].name, record.outcomes[-1].name):
        assert one is not None
        assert one.place.line is not None
        assert json.dumps(one.prints, ensure_ascii=False)[1:40] in lines[one.place.line - 1]


def test_a_synthetic_record_says_what_it_says() -> None:
    (record,) = read_records(record_file(SYNTHETIC.read_bytes(), name=SYNTHETIC.name))
    assert unaccounted(synthetic(), record) == set()
    assert (record.registry, record.identifier.value, record.as_of) == (
        "nct",
        "NCT09900001",
        date(2029, 4, 15),
    )
    assert [one.value for one in record.secondary_ids] == ["EV-SYN-1", "2029-000001-11"]
    assert record.phase is not None
    assert (record.phase.value, record.phase.prints) == ("1-2", "PHASE1, PHASE2")
    assert record.masked_roles is not None
    assert record.masked_roles.value == ("participant", "outcome assessor")
    assert record.target_size is not None
    assert (record.target_size.value, record.actual_size) == (24, None)
    assert [(one.name.value, one.interventions) for one in record.arms] == [
        ("Vesicles", ("Inhaled vesicles",)),
        ("Saline", ("Saline",)),
    ]
    assert [(one.level, one.days) for one in record.outcomes][1] == ("secondary", (0, 3, 7))
    assert [one.text.value for one in record.criteria] == [
        *("SpO2 <= 93 %", "Written consent", "Pregnancy", "Heart rate > 120/min")
    ]
    assert record.criteria[0].proposed is not None
    assert record.age_max is not None
    assert record.age_max.value == Age(value=75, unit="a")
    assert [one.value for one in record.publications] == [
        *("Invented A. Vesicles that were not. J Synth. 2028;1:1. PMID 99999901", "PMID 99999902")
    ]
    assert record.sharing is not None
    assert [one.value for one in record.sharing.documents] == ["protocol", "statistical analysis plan"]


def test_months_without_a_day_stay_months() -> None:
    record = record_of(synthetic())
    assert record.start is not None
    assert record.completion is not None
    assert (record.start.value.day, record.completion.value.month) == (None, 6)


def test_what_is_doubtful_is_told() -> None:
    record = record_of(synthetic())
    assert sorted(one.rule for one in record.findings) == ["CTV-003", "CTV-004", "CTV-005"]
    arm = next(one for one in record.findings if one.rule == "CTV-004")
    assert "Controls" in arm.says


def test_the_review_after_the_start_is_told_only_when_it_is_after_it() -> None:
    value = synthetic()
    status = value["protocolSection"]["statusModule"]
    status["startDateStruct"]["date"] = "2029-04-01"
    assert "CTV-005" in {one.rule for one in record_of(value).findings}
    status["startDateStruct"]["date"] = "2029-04-02"
    assert "CTV-005" not in {one.rule for one in record_of(value).findings}
    status["startDateStruct"]["date"] = "2029-02-26"
    assert "CTV-005" not in {one.rule for one in record_of(value).findings}


def test_no_person_is_in_what_the_record_says_nor_in_its_draft() -> None:
    record = record_of(synthetic())
    assert {one.name for one in record.contacts} == {*("Ada Invented", "Bela Invented", "Cleo Invented")}
    draft = draft_study(record)
    told = (
        draft.text
        + "".join(loss.prints for loss in draft.losses)
        + "".join(str(f.quotes) for f in record.findings)
    )
    for word in ("Ada", "Bela", "Cleo", "Dana", "example.org", "555-010"):
        assert word not in told
    assert record.summary is not None
    assert record.summary.value == "Vesicles are inhaled on days 1 to 5."
    assert record.sites[1].name.value == "Leiden"


@pytest.mark.parametrize(
    ("path", "word", "item"),
    [
        (("statusModule", "overallStatus"), "PAUSED", "status"),
        (("designModule", "designInfo", "allocation"), "BY_COIN", "allocation"),
        (("designModule", "phases"), ["PHASE1", "PHASE3"], "phase"),
        (("eligibilityModule", "minimumAge"), "grown", "age_min"),
        (("statusModule", "studyFirstSubmitDate"), "02/03/2029", "registered"),
    ],
)
def test_a_word_that_the_register_does_not_have_leaves_the_item_empty_and_is_told(
    path: tuple[str, ...], word: object, item: str
) -> None:
    value = synthetic()
    at = value["protocolSection"]
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = word
    record = record_of(value)
    assert getattr(record, item) is None
    assert {"CTV-001", "CTV-002"} & {one.rule for one in record.findings}
    assert unaccounted(value, record) == set()


def test_a_phase_that_does_not_apply_is_told() -> None:
    value = synthetic()
    value["protocolSection"]["designModule"]["phases"] = ["NA"]
    record = record_of(value)
    assert record.phase is None
    assert "it says that phases do not apply" in {one.why for one in record.unheld}


def test_a_size_of_which_nobody_says_whether_it_is_planned_is_neither() -> None:
    value = synthetic()
    del value["protocolSection"]["designModule"]["enrollmentInfo"]["type"]
    record = record_of(value)
    assert (record.target_size, record.actual_size) == (None, None)
    assert "designModule.enrollmentInfo.count" in {one.item for one in record.unheld}


def test_pages_lists_versions_and_lines_hold_the_same_studies() -> None:
    one, two = synthetic(), synthetic()
    two["protocolSection"]["identificationModule"]["nctId"] = "NCT09900002"
    numbers = ["NCT09900001", "NCT09900002"]
    page = json.dumps({"totalCount": 2, "studies": [one, two], "nextPageToken": "x"}).encode()
    lines = b"\n".join(json.dumps(each).encode() for each in (one, two)) + b"\n"
    for data in (page, json.dumps([one, two]).encode(), lines):
        assert [record.identifier.value for record in read(data)] == numbers
    assert read(lines)[1].identifier.place.line == 2
    (version,) = read(json.dumps({"studyVersion": 3, "study": one}).encode())
    assert version.identifier.place.path.startswith("$.study.protocolSection")


def test_two_studies_that_claim_one_number_are_told() -> None:
    one, two = synthetic(), synthetic()
    assert [f.rule for f in read(json.dumps([one, two]).encode())[1].findings].count("IMP-002") == 0
    two["protocolSection"]["designModule"]["enrollmentInfo"]["count"] = 25
    (told,) = [f for f in read(json.dumps([one, two]).encode())[1].findings if f.rule == "IMP-002"]
    assert "target size" in told.says
    assert len(told.quotes) == 2


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda text: text[: len(text) // 2], "CTG-001", "ends in the middle"),
        (lambda text: text.replace('"sex": "ALL"', '"sex": "ALL", "sex": "MALE"'), "CTG-002", "'sex'"),
        (lambda text: text.replace('"sex": "ALL"', '"sex": ["ALL"]'), "CTG-003", "a list"),
        (lambda text: text.replace('"count": 24', '"count": true'), "CTG-003", "true or false"),
        (lambda text: text.replace("NCT09900001", "NCT099"), "CTG-004", "NCT099"),
        (lambda text: text.replace('"nctId"', '"id"').replace('"EV-SYN-1"', '" "'), "CTG-004", "neither"),
        (lambda text: text.replace('"arms', '\udcff"arms', 1), "CTG-001", "no UTF-8"),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(change: Any, code: str, says: str) -> None:
    text = change(SYNTHETIC.read_text("utf-8"))
    file = record_file(text.encode("utf-8", errors="surrogateescape"), name="bad.json")
    assert choose_reader(file).name == "clinicaltrials-gov"
    with pytest.raises(Refusal) as refused:
        read_clinicaltrials_gov(file)
    assert refused.value.code.code == code
    assert says in refused.value.problem
    assert refused.value.place.file == "bad.json"


def test_a_record_that_is_yet_to_be_submitted_has_the_number_of_its_organisation() -> None:
    value = synthetic()
    del value["protocolSection"]["identificationModule"]["nctId"]
    record = record_of(value)
    assert (record.registry, record.identifier.value) == ("nct", "EV-SYN-1")
    assert [one.value for one in record.secondary_ids] == ["2029-000001-11"]
    assert record.identifier.place.path == "$.protocolSection.identificationModule.orgStudyIdInfo.id"


def test_the_refusal_of_a_wrong_kind_names_line_and_path() -> None:
    text = SYNTHETIC.read_text("utf-8").replace('"sex": "ALL"', '"sex": 3')
    with pytest.raises(Refusal) as refused:
        read(text.encode())
    line = next(n for n, one in enumerate(text.splitlines(), 1) if '"sex"' in one)
    assert refused.value.place.line == line
    assert refused.value.place.path == "$.protocolSection.eligibilityModule.sex"


@given(st.binary(max_size=200))
def test_recognising_never_raises(data: bytes) -> None:
    assert recognises_ctgov(record_file(data, name="x")) in (True, False)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_record_cut_or_edited_is_read_with_all_its_values_told_or_refused(data: st.DataObject) -> None:
    text = SYNTHETIC.read_text("utf-8")
    paths = [path for path, _ in leaves(synthetic())]
    if data.draw(st.booleans()):
        cut = data.draw(st.integers(1, len(text) - 3))
        with pytest.raises(Refusal):
            read(text[:cut].encode())
        return
    value = synthetic()
    steps = data.draw(st.sampled_from(paths)).replace("]", "").replace("[", ".").split(".")[1:]
    at: Any = value
    for step in steps[:-1]:
        at = at[int(step)] if step.isdigit() else at[step]
    last: Any = int(steps[-1]) if steps[-1].isdigit() else steps[-1]
    others = st.one_of(
        st.none(), st.text(max_size=12), st.integers(), st.booleans(), st.just({}), st.just([])
    )
    at[last] = data.draw(others)
    record = _read_or_refuse(value)
    if record is not None:
        lost = {one for path in unaccounted(value, record) if (one := _at(value, path)) is not None}
        assert not any(str(one).strip() for one in lost)


def _read_or_refuse(value: object) -> RegistryRecord | None:
    try:
        return record_of(value)
    except Refusal as refusal:
        if not refusal.code.code.startswith("CTG-"):
            raise
        return None


def _at(value: Any, path: str) -> Any:
    for step in path.replace("]", "").replace("[", ".").split(".")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


@pytest.mark.shared
def test_the_synthetic_record_is_valid_by_the_registers_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(shared("data", "schemas", "ctg_study.schema.json").read_bytes())
    jsonschema.validate(synthetic(), schema)
