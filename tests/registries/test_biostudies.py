"""BioStudies: the page at OmicsDI and PageTab in both forms, read with what is lost, written and read back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.registries.biostudies import read_biostudies
from exotrial.registries.draft import draft_study
from exotrial.registries.omicsdi import read_omicsdi, recognises_omicsdi
from exotrial.registries.pagetab_file import read_pagetab, recognises_pagetab
from exotrial.registries.record import RegistryRecord
from exotrial.registries.registry import find_writers, read_records, record_file
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT, shared
from tests.study.clean import changed

FILES = PROJECT / "tests" / "files" / "registries"
PAGE, LITERATURE = FILES / "omicsdi_synthetic.txt", FILES / "pagetab_literature.json"
NAMES = ("irct20201202049568n3", "chictr2000030261", "mexcovid")
STUDIES = {name: read_study(PROJECT / "studies" / name / "study.toml")[0] for name in NAMES} | {
    "clean": changed({})
}
FORMS = ("pagetab-json", "pagetab-tsv")


def one(data: bytes, name: str = "x.txt") -> RegistryRecord:
    (record,) = read_records(record_file(data, name=name))
    return record


def value(record: RegistryRecord, name: str) -> Any:
    found = getattr(record, name)
    return None if found is None else found.value


def test_a_page_says_what_its_abstract_says() -> None:
    record = one(PAGE.read_bytes())
    assert (record.reader, record.identifier.value, record.is_repository) == (
        "omicsdi",
        "S-EPMC0000001",
        True,
    )
    assert [number.value for number in record.secondary_ids] == ["NCT09900001", "ISRCTN00000001"]
    read = {name: value(record, name) for name in ("phase", "model", "masking", "actual_size", "target_size")}
    assert read == {
        "phase": "1b",
        "model": "single group",
        "masking": "open label",
        "actual_size": 12,
        "target_size": None,
    }
    assert [outcome.name.value for outcome in record.outcomes] == ["fever and a fall of SpO2"]
    assert record.phase is not None
    lines = PAGE.read_text("utf-8").splitlines()
    assert record.phase.place.line is not None
    assert "phase 1b" in lines[record.phase.place.line - 1]


def test_the_slips_of_a_page_are_told() -> None:
    assert [finding.rule for finding in one(PAGE.read_bytes()).findings] == ["TXT-001", "TXT-003", "TXT-008"]


@pytest.mark.shared
def test_the_page_of_the_second_trial_says_what_it_says() -> None:
    record = one(shared("seeds", "000_622ed8fc65a9335c.txt").read_bytes())
    assert [number.value for number in record.secondary_ids] == ["NCT04276987"]
    assert (value(record, "phase"), value(record, "model"), value(record, "actual_size")) == (
        "2a",
        "single group",
        7,
    )
    assert {finding.rule for finding in record.findings} == {"TXT-001", "TXT-003", "TXT-008"}
    powers = next(finding for finding in record.findings if finding.rule == "TXT-001")
    assert [quote.line for quote in powers.quotes] == [18, 22, 26]


def test_two_answers_are_none() -> None:
    text = PAGE.read_text("utf-8").replace(
        "All was well.", "Six further patients were enrolled, as in phase 2."
    )
    record = one(text.encode())
    assert (value(record, "actual_size"), value(record, "phase")) == (None, None)


def test_a_repository_registers_nothing_but_names_the_registrations() -> None:
    draft = draft_study(one(PAGE.read_bytes())).study
    assert [(known.registry, known.identifier) for known in draft.registrations] == [
        ("ClinicalTrials.gov", "NCT09900001"),
        ("ISRCTN", "ISRCTN00000001"),
    ]
    assert draft.secondary_ids == ("S-EPMC0000001",)
    assert draft.documents[0].kind == "repository record"
    assert {outcome.registered for outcome in draft.outcomes} == {None}


@pytest.mark.parametrize("path", [PAGE, LITERATURE], ids=["page", "pagetab"])
def test_nobody_is_in_what_is_told(path: Any) -> None:
    record = one(path.read_bytes())
    assert "Invented" in record.contacts[0].name
    draft = draft_study(record) if record.arms or value(record, "model") == "single group" else None
    told = "".join(loss.prints for loss in record.unheld) + (draft.text if draft else "")
    for word in ("Ada", "Bela", "Invented A", "example.org"):
        assert word not in told


@pytest.mark.parametrize("label", ["Dataset Information", "ABSTRACT", "SUBMITTER:", "PROVIDER:"])
def test_a_page_without_a_part_is_refused(label: str) -> None:
    text = PAGE.read_text("utf-8").replace(label, "")
    with pytest.raises(Refusal) as refused:
        read_omicsdi(record_file(text.encode(), name="page.txt"))
    assert refused.value.code.code == "BST-002"
    assert label in refused.value.problem


@settings(max_examples=50)
@given(st.integers(min_value=0, max_value=len(PAGE.read_bytes())))
def test_a_cut_page_is_refused_or_says_no_more_than_the_whole(cut: int) -> None:
    data = PAGE.read_bytes()[:cut]
    try:
        (record,) = read_omicsdi(record_file(data, name="page.txt"))
    except Refusal as refusal:
        assert refusal.code.code in ("BST-001", "BST-002")  # noqa: PT017
    else:
        assert record.summary == one(PAGE.read_bytes()).summary or record.summary is not None


@given(st.binary(max_size=300))
def test_recognising_never_raises(data: bytes) -> None:
    file = record_file(data, name="x")
    assert recognises_omicsdi(file) in (True, False)
    assert recognises_pagetab(file) in (True, False)


def test_a_paper_in_the_literature_collection_is_read() -> None:
    record = one(LITERATURE.read_bytes(), "x.json")
    assert (record.reader, record.identifier.value, record.as_of) == (
        "pagetab",
        "S-EPMC0000001",
        date(2029, 5, 1),
    )
    assert [number.value for number in record.secondary_ids] == ["NCT09900001"]
    read = {name: value(record, name) for name in ("phase", "model", "masking", "allocation", "actual_size")}
    assert read == {
        "phase": "2",
        "model": "parallel",
        "masking": "double blind",
        "allocation": "randomised",
        "actual_size": 40,
    }
    assert {loss.item for loss in record.unheld} == {
        *("Submission: AttachTo", "link", "file", "Link: Type", "File: Description"),
        *("Organization: Name", "Publication: Journal", "Publication: Volume"),
    }
    assert record.phase is not None
    assert record.phase.place.path == "$.section.attributes[1].value"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", STUDIES)
def test_what_is_written_reads_back_as_it_was(name: str, form: str) -> None:
    study = STUDIES[name]
    export = find_writers()[form].write(study)
    assert export.data == find_writers()[form].write(study).data
    record = one(export.data, "x")
    assert (record.reader, record.identifier.value, record.findings) == ("pagetab", study.id, ())
    draft = draft_study(record).study
    assert (draft.title, draft.public_title, draft.acronym) == (
        study.title,
        study.public_title,
        study.acronym,
    )
    told = [(known.name, known.kind, known.size, known.description) for known in study.arms]
    assert [(known.name, known.kind, known.size, known.description) for known in draft.arms] == told
    assert [known.name for known in draft.interventions] == [known.name for known in study.interventions]
    assert [(known.level, known.name, known.method) for known in draft.outcomes] == [
        (known.level, known.name, known.method) for known in study.outcomes
    ]
    assert [known.text for known in draft.population.criteria] == [
        " ".join(known.text.split()) for known in study.population.criteria
    ]
    for field in ("phase", "intervention_model", "allocation", "purpose", "planned_size", "enrolled"):
        assert getattr(draft.design, field) == getattr(study.design, field), field
    for field in ("age_min", "age_max", "sex"):
        assert getattr(draft.population, field) == getattr(study.population, field)
    assert [known.name for known in draft.sites] == [known.name for known in study.sites]
    if study.blinding is not None:
        assert draft.blinding is not None
        for field in ("label", "masked_roles", "method"):
            assert getattr(draft.blinding, field) == getattr(study.blinding, field)
    others = {loss.item for loss in record.unheld}
    assert others <= {"link", "Link: Type"}


@pytest.mark.parametrize("name", STUDIES)
def test_both_forms_say_the_same(name: str) -> None:
    texts = []
    for form in FORMS:
        draft = draft_study(one(find_writers()[form].write(STUDIES[name]).data, "x"))
        texts.append(draft.study.model_dump(exclude={"documents", "evidence"}))
    assert texts[0] == texts[1]


def test_what_biostudies_asks_for_is_told() -> None:
    items = {loss.item for loss in find_writers()["pagetab-json"].write(STUDIES["clean"]).losses}
    assert {"ReleaseDate", "Files"} <= items


WORDS = st.text(min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool)


@settings(max_examples=60, deadline=None)
@given(title=WORDS, form=st.sampled_from(FORMS))
def test_any_words_come_back(title: str, form: str) -> None:
    study: Study = STUDIES["clean"].model_copy(update={"title": title})
    try:
        data = find_writers()[form].write(study).data
    except UnicodeEncodeError:
        return  # half a surrogate pair is no text
    (record,) = read_biostudies(record_file(data, name="x"))
    assert value(record, "scientific_title") == title


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"accno": "S-1", "attributes": [], "section": ', "BST-003"),
        (b'{"accno": "S-1", "attributes": {}, "section": {}}', "BST-004"),
        (b'{"accno": "S-1", "attributes": [3], "section": {}}', "BST-004"),
        (b'{"accno": "S-1", "attributes": [{"name": "Title", "value": {}}], "section": {}}', "BST-004"),
        (b'{"accno": "S-1", "attributes": [], "section": null}', "BST-005"),
        (b"Submission\tS-1\nTitle\tx\n", "BST-005"),
        (b"Submission\tS-1\n\nStudy\ts\n\nData\td\tnobody\n", "BST-004"),
        (b"Submission\tS-1\n\nStudy\ts\n\nFiles\tType\na.csv\tdata\tmore\n", "BST-004"),
        (b"Submission\tS-1\n\nData[s]\tTitle\nd\tx\n", "BST-005"),
        (b"Submission\xff\n", "BST-003"),
    ],
)
def test_what_is_no_submission_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_pagetab(record_file(data, name="bad"))
    assert refused.value.code.code == code


def test_tables_of_sections_links_and_files_are_read() -> None:
    text = (
        "Submission\tS-1\nTitle\tx\n\nStudy\ts\nTitle\tx\n[Ontology]\tEFO\n\nArm[s]\tName\tSize\n\tA\t3\n\tB\t4\n\n"
        "Links\tType\nNCT09900001\tNCT\n\nFiles\tDescription\na.csv\tdata\n"
    )
    record = one(text.encode(), "x.tsv")
    assert [(arm.name.value, arm.size and arm.size.value) for arm in record.arms] == [("A", 3), ("B", 4)]
    assert [number.value for number in record.secondary_ids] == ["NCT09900001"]
    assert record.arms[1].name.place.line == 10


def test_a_submission_of_exotrial_is_json_that_names_no_person() -> None:
    for study in STUDIES.values():
        value_of = json.loads(find_writers()["pagetab-json"].write(study).data)
        kinds = {part["type"] for part in value_of["section"]["subsections"]}
        assert not kinds & {"Author", "Contact"}


@pytest.mark.parametrize(("end", "told"), [("\n", []), ("\r\n", []), ("", ["BSF-001"])])
def test_a_table_whose_last_line_has_no_end_may_be_cut(end: str, told: list[str]) -> None:
    text = "Submission\tS-1\nTitle\tx\n\nStudy\ts\nTitle\tx"
    assert [finding.rule for finding in one(f"{text}{end}".encode(), "x.tsv").findings] == told
