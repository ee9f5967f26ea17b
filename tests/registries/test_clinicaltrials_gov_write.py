"""A study as ClinicalTrials.gov's JSON: valid by the register's schema, read back as it was, losses named."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # its stubs are not installed
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.registries.clinicaltrials_gov_write import write_clinicaltrials_gov
from exotrial.registries.draft import draft_study
from exotrial.registries.record import RegistryRecord
from exotrial.registries.registry import read_records, record_file
from exotrial.registries.study_leaves import derive_leaves
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT, shared
from tests.study.clean import changed

NAMES = ("irct20201202049568n3", "chictr2000030261", "mexcovid")
STUDIES = {name: read_study(PROJECT / "studies" / name / "study.toml")[0] for name in NAMES}
STUDIES["clean"] = changed({})
OF_ITS_OWN = ("evidence", "documents", "version", "schema_version", "synthetic")


def section(study: Study) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(write_clinicaltrials_gov(study).data)["protocolSection"]
    return value


def losses(study: Study) -> dict[str, str]:
    return {loss.item: loss.why for loss in write_clinicaltrials_gov(study).losses}


def read_back(study: Study) -> RegistryRecord:
    (record,) = read_records(record_file(write_clinicaltrials_gov(study).data, name="x.json"))
    assert record.reader == "clinicaltrials-gov"
    return record


def plain(text: str) -> str:
    return " ".join(text.replace("\\", "").split()).casefold()


@pytest.mark.shared
@pytest.mark.parametrize("name", STUDIES)
def test_what_is_written_is_valid_by_the_registers_schema(name: str) -> None:
    schema = json.loads(shared("data", "schemas", "ctg_study.schema.json").read_bytes())
    jsonschema.validate(json.loads(write_clinicaltrials_gov(STUDIES[name]).data), schema)


def test_no_key_is_one_that_the_schema_does_not_have() -> None:
    """The schema allows keys that it does not name; a slip of the pen in one would pass it."""
    definitions = json.loads(shared("data", "schemas", "ctg_study.schema.json").read_bytes())["$defs"]

    def walk(value: Any, shape: dict[str, Any], path: str) -> None:
        while "$ref" in shape:
            shape = definitions[shape["$ref"].rpartition("/")[2]]
        if isinstance(value, dict):
            for key, one in value.items():
                assert key in shape["properties"], f"{path}.{key}"
                walk(one, shape["properties"][key], f"{path}.{key}")
        elif isinstance(value, list):
            for one in value:
                walk(one, shape["items"], path)

    for study in STUDIES.values():
        walk(section(study), definitions["ProtocolSection"], "$")


@pytest.mark.parametrize("name", STUDIES)
def test_a_draft_of_what_was_written_is_the_study_without_its_losses(name: str) -> None:
    study = STUDIES[name]
    record = read_back(study)
    assert {one.rule for one in record.findings} <= {"CTV-004"}
    draft = draft_study(record).study
    assert (draft.title, draft.public_title, draft.acronym) == (
        study.title,
        study.public_title,
        study.acronym,
    )
    assert [one.name for one in draft.conditions] == [one.name for one in study.conditions]
    levels = {"safety": "exploratory"}
    assert sorted((one.level, one.name, one.method or "") for one in draft.outcomes) == sorted(
        (levels.get(one.level, one.level), one.name, one.method or "") for one in study.outcomes
    )
    assert [(one.name, one.description) for one in draft.arms] == [
        (one.name, one.description) for one in study.arms
    ]
    given = {one.id: one.name for one in study.interventions}
    drafted = {one.id: one.name for one in draft.interventions}
    assert [[drafted[i] for i in arm.interventions] for arm in draft.arms] == [
        [given[i] for i in arm.interventions] for arm in study.arms
    ]
    for field in ("intervention_model", "allocation", "purpose", "enrolled"):
        assert getattr(draft.design, field) == getattr(study.design, field)
    for field in ("age_min", "age_max", "sex"):
        assert getattr(draft.population, field) == getattr(study.population, field)
    told = [" ".join(one.text.split()) for one in study.population.criteria]
    assert [plain(one.text).rstrip(".;,") for one in draft.population.criteria] == [
        plain(one).rstrip(".;,") for one in sorted(told, key=lambda text: _category(study, text))
    ]
    if study.blinding is not None:
        assert draft.blinding is not None
        assert draft.blinding.label == study.blinding.label
        assert set(draft.blinding.masked_roles) == set(study.blinding.masked_roles) - {"data analyst"}


def _category(study: Study, text: str) -> int:
    found = next(one for one in study.population.criteria if " ".join(one.text.split()) == text)
    return 0 if found.category == "inclusion" else 1


@pytest.mark.parametrize("name", STUDIES)
def test_every_stated_value_is_in_the_file_or_named_as_lost(name: str) -> None:
    study = STUDIES[name]
    export = write_clinicaltrials_gov(study)
    text = plain(export.data.decode().replace("\\n", " ").replace('\\"', '"'))
    lost = {loss.item for loss in export.losses}
    elsewhere = (
        *("arms.interventions", "outcomes.encounters", "outcomes.horizon", "outcomes.level"),
        *("design.allocation", "design.intervention_model", "design.purpose", "design.phase"),
        *("blinding.label", "blinding.masked_roles", "recruitment.status", "registrations.status"),
        *("arms.kind", "interventions.kind", "interventions.registered_category"),
        *("population.criteria.category", "registrations.registry"),
    )
    for leaf in derive_leaves(study):
        kind = leaf.kind.split(".")
        if kind[0] in OF_ITS_OWN or kind[-1] == "id" or leaf.kind in elsewhere or ".".join(kind[:2]) in lost:
            continue
        if leaf.words in ("True", "False"):
            continue
        for part in leaf.words.split("; "):
            assert plain(part) in text, leaf.path


@pytest.mark.parametrize("name", STUDIES)
def test_nobody_is_named_and_every_writing_is_the_same(name: str) -> None:
    data = write_clinicaltrials_gov(STUDIES[name]).data
    assert data == write_clinicaltrials_gov(STUDIES[name]).data
    assert not re.search(rb"[\w.]+@[\w.]+|centralContacts|overallOfficials", data)


def test_the_studies_say_what_the_register_would_print() -> None:
    mexcovid, ards = section(STUDIES["mexcovid"]), section(STUDIES["irct20201202049568n3"])
    assert mexcovid["identificationModule"]["nctId"] == "NCT04276987"
    assert mexcovid["designModule"]["phases"] == ["PHASE2"]
    assert mexcovid["designModule"]["designInfo"]["maskingInfo"] == {"masking": "NONE"}
    assert mexcovid["designModule"]["enrollmentInfo"] == {"count": 7, "type": "ACTUAL"}
    assert "nctId" not in ards["identificationModule"]
    assert ards["designModule"]["phases"] == ["PHASE1", "PHASE2"]
    assert ards["designModule"]["enrollmentInfo"] == {"count": 72, "type": "ESTIMATED"}
    assert {one["domain"] for one in ards["identificationModule"]["secondaryIdInfos"]} == {"IRCT"}
    assert len(ards["designModule"]["designInfo"]["maskingInfo"]["whoMasked"]) == 4


def test_the_letter_of_a_phase_is_dropped_and_named() -> None:
    assert losses(STUDIES["mexcovid"])["design.phase"] == "ClinicalTrials.gov has no field for it"


def test_a_label_that_the_register_would_count_otherwise_is_named() -> None:
    assert losses(STUDIES["irct20201202049568n3"])["blinding.label"].endswith("here 4")


@pytest.mark.parametrize(("length", "told"), [(300, False), (301, True)])
def test_what_is_longer_than_the_register_takes_is_written_whole_and_named(length: int, told: bool) -> None:
    study = changed({"public_title": "x" * length})
    assert section(study)["identificationModule"]["briefTitle"] == "x" * length
    assert ("identificationModule.briefTitle" in losses(study)) is told


def test_what_the_register_asks_for_and_the_study_lacks_is_named() -> None:
    study = STUDIES["mexcovid"]
    assert "does not state it" in losses(study)["statusModule.overallStatus"]
    assert "enter it there" in losses(study)["contactsLocationsModule.centralContacts"]


PARTS = (
    "public_title",
    "acronym",
    "conditions",
    "blinding",
    "sharing",
    "sites",
    "randomisation",
    "safety",
    "ethics",
)


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(sorted(STUDIES)), dropped=st.sets(st.sampled_from(PARTS)))
def test_a_study_with_parts_dropped_reads_back_without_them(name: str, dropped: set[str]) -> None:
    study = STUDIES[name]
    empty = {part: type(study).model_fields[part].get_default(call_default_factory=True) for part in dropped}
    less = study.model_copy(update=empty)
    object.__setattr__(less, "__pydantic_fields_set__", study.model_fields_set - dropped)
    record = read_back(less)
    assert (record.public_title is None) == (less.public_title is None)
    assert (record.masking is None) == (less.blinding is None)
    assert [one.name.value for one in record.conditions] == [one.name for one in less.conditions]
    assert [one.name.value for one in record.sites] == [one.name for one in less.sites]
    assert len(record.outcomes) == len(less.outcomes)
    assert not {loss.item.split(".")[0] for loss in write_clinicaltrials_gov(less).losses} & dropped


@given(st.text(alphabet="ab <>*_~[]\\≥%", min_size=1).filter(lambda text: text.strip(" ")))
def test_signs_of_markdown_come_back_as_they_were(text: str) -> None:
    words = " ".join(f"a{text}a".split())
    study = STUDIES["clean"]
    arm = study.arms[0].model_copy(update={"description": words})
    record = read_back(study.model_copy(update={"arms": (arm, *study.arms[1:])}))
    assert record.arms[0].description is not None
    assert record.arms[0].description.value == words
