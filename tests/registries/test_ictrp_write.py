"""A study as ICTRP's XML: valid by the DTD, read back as it was, and what it leaves out is named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from exotrial.core.errors import Refusal
from exotrial.registries.draft import draft_study
from exotrial.registries.ictrp_words import plain_name
from exotrial.registries.ictrp_write import ICTRP_2011, ICTRP_CURRENT
from exotrial.registries.record import RegistryRecord
from exotrial.registries.registry import ProtocolWriter, find_writers, read_records, record_file
from exotrial.registries.study_leaves import derive_leaves
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT, shared

NAMES = ("irct20201202049568n3", "chictr2000030261", "mexcovid")
STUDIES = {name: read_study(PROJECT / "studies" / name / "study.toml")[0] for name in NAMES}
ARDS = STUDIES["irct20201202049568n3"]
OF_ITS_OWN = ("evidence", "documents", "id", "version", "schema_version", "synthetic")
DTDS = {ICTRP_CURRENT.name: "who_ictrp_2018_reconstructed.dtd", ICTRP_2011.name: "who_ictrp_2011.dtd"}


def read_back(study: Study, writer: ProtocolWriter = ICTRP_CURRENT) -> RegistryRecord:
    (record,) = read_records(record_file(writer.write(study).data, name="x.xml"))
    return record


def value(record: RegistryRecord, name: str) -> Any:
    found = getattr(record, name)
    return None if found is None else found.value


def losses(study: Study, writer: ProtocolWriter = ICTRP_CURRENT) -> set[str]:
    return {loss.item for loss in writer.write(study).losses}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("writer", [ICTRP_CURRENT, ICTRP_2011], ids=lambda one: one.name)
def test_each_form_is_valid_by_the_official_dtd(name: str, writer: ProtocolWriter) -> None:
    dtd = etree.DTD(str(shared("data", "schemas", DTDS[writer.name])))
    written = etree.fromstring(find_writers()[writer.name].write(STUDIES[name]).data)
    assert dtd.validate(written), dtd.error_log
    other = etree.DTD(str(shared("data", "schemas", *(set(DTDS.values()) - {DTDS[writer.name]}))))
    assert not other.validate(written)


def test_days_are_written_day_first_and_read_so() -> None:
    """Registered on 5 March 2021 (the study file): month first it would be 3 May."""
    assert b"<date_registration>05/03/2021</date_registration>" in ICTRP_CURRENT.write(ARDS).data
    assert str(value(read_back(ARDS), "registered")) == "2021-03-05"


def test_what_is_written_reads_back_as_it_was() -> None:
    record = read_back(ARDS)
    assert record.findings == ()
    expected = {
        "identifier": "IRCT20201202049568N3",
        "scientific_title": ARDS.title,
        "public_title": ARDS.public_title,
        "phase": "1-2",
        "model": "parallel",
        "allocation": "randomised",
        "purpose": "treatment",
        "masking": "double blind",
        "masked_roles": ("participant", "care provider", "investigator", "outcome assessor"),
        "placebo": True,
        "block_sizes": (2, 4, 8),
        "target_size": 72,
        "sex": "all",
        "status": "Recruitment complete",
    }
    assert {name: value(record, name) for name in expected} == expected
    assert [arm.name.value for arm in record.arms] == [arm.name for arm in ARDS.arms]
    days = {encounter.id: encounter.day for encounter in ARDS.encounters}
    murray = next(one for one in ARDS.outcomes if one.id == "murray")
    (told,) = [one for one in record.outcomes if one.name.value == murray.name]
    assert told.days == tuple(days[visit] for visit in murray.encounters)
    assert [
        value and value.value for value in (record.conditions[0].code, record.conditions[0].code_text)
    ] == [
        ARDS.conditions[0].icd10,
        ARDS.conditions[0].icd10_text,
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_of_what_was_written_is_the_study_without_its_losses(name: str) -> None:
    study = STUDIES[name]
    draft = draft_study(read_back(study)).study
    assert (draft.title, draft.public_title, draft.acronym) == (
        study.title,
        study.public_title,
        study.acronym,
    )
    assert [(one.name, one.icd10) for one in draft.conditions] == [
        (one.name, one.icd10) for one in study.conditions
    ]
    told = [one for one in study.outcomes if one.level in ("primary", "secondary")]
    assert [(one.level, one.name, one.method) for one in draft.outcomes] == [
        (one.level, one.name, one.method) for one in told
    ]
    assert [arm.name for arm in draft.arms] == [arm.name for arm in study.arms]
    assert [(one.name, one.registered_category) for one in draft.interventions] == [
        (one.name, one.registered_category) for one in study.interventions
    ]
    for field in ("intervention_model", "allocation", "purpose", "enrolled"):
        assert getattr(draft.design, field) == getattr(study.design, field)
    for field in ("age_min", "age_max", "sex"):
        assert getattr(draft.population, field) == getattr(study.population, field)
    if study.blinding is not None:
        assert draft.blinding is not None
        for field in ("label", "masked_roles", "method", "placebo"):
            assert getattr(draft.blinding, field) == getattr(study.blinding, field)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_named_and_every_writing_is_the_same(name: str) -> None:
    data = ICTRP_CURRENT.write(STUDIES[name]).data
    assert data == ICTRP_CURRENT.write(STUDIES[name]).data
    root = etree.fromstring(data)
    for part in ("firstname", "middlename", "lastname", "address", "telephone", "email", "contact_phone"):
        assert not [one.text for one in root.iter(part) if one.text]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("writer", [ICTRP_CURRENT, ICTRP_2011], ids=lambda one: one.name)
def test_every_stated_text_is_in_the_file_or_named_as_lost(name: str, writer: ProtocolWriter) -> None:
    export = writer.write(STUDIES[name])
    text = " ".join("".join(etree.fromstring(export.data).itertext()).split()).casefold()
    lost = {loss.item for loss in export.losses}
    for leaf in derive_leaves(STUDIES[name]):
        kind = leaf.kind.split(".")
        if kind[0] in OF_ITS_OWN or kind[-1] in ("id", "interventions") or ".".join(kind[:2]) in lost:
            continue
        for words in leaf.words.split("; ") if len(leaf.words) >= 25 else ():
            assert " ".join(words.split()).rstrip(".").casefold() in text, leaf


def test_results_and_ethics_are_losses_of_the_older_form() -> None:
    more = losses(ARDS, ICTRP_2011) - losses(ARDS)
    assert {"ethics.committee", "ethics.approved", "sharing.participant_data"} <= more
    assert read_back(ARDS, ICTRP_2011).ethics == ()


def test_an_exploratory_outcome_and_a_pilot_are_losses() -> None:
    first, *others = ARDS.outcomes
    changed = ARDS.model_copy(
        update={
            "outcomes": (first.model_copy(update={"level": "exploratory"}), *others),
            "design": ARDS.design.model_copy(update={"phase": "pilot"}),
        }
    )
    assert {"outcomes.level", "design.phase"} <= losses(changed)
    assert not {"outcomes.level", "design.phase"} & losses(ARDS)
    assert value(read_back(changed), "phase") is None


def test_a_name_with_a_colon_is_told_as_altered() -> None:
    arm = ARDS.arms[0].model_copy(update={"name": "Vesicles: high; twice"})
    changed = ARDS.model_copy(update={"arms": (arm, *ARDS.arms[1:])})
    assert read_back(changed).arms[0].name.value == plain_name(arm.name) == "Vesicles, high, twice"
    assert "arms.name" in losses(changed) - losses(ARDS)


def test_a_planned_day_is_anticipated_and_an_actual_one_is_actual() -> None:
    day = date(2021, 3, 4)
    for name, actual in (("planned_start", False), ("actual_start", True)):
        recruitment = type(ARDS.recruitment).model_validate({name: day})
        record = read_back(ARDS.model_copy(update={"recruitment": recruitment}))
        assert (str(value(record, "start")), record.start_actual) == ("2021-03-04", actual)


def test_a_character_that_xml_has_no_place_for_is_refused() -> None:
    with pytest.raises(Refusal, match=r"ICT-008: .*U\+0001"):
        ICTRP_CURRENT.write(ARDS.model_copy(update={"public_title": "Vesicles\x01"}))


DROPPED = (
    *("acronym", "public_title", "ethics", "sites", "contacts", "conditions", "funding", "organisations"),
    *("randomisation", "blinding", "sharing", "objectives", "secondary_ids", "interventions"),
)


@settings(max_examples=30)
@given(
    st.sampled_from(NAMES),
    st.sets(st.sampled_from(DROPPED)),
    st.sets(st.sampled_from(["age_min", "age_max", "sex"])),
    st.sampled_from([ICTRP_CURRENT, ICTRP_2011]),
)
def test_a_study_with_parts_dropped_reads_back_without_them(
    name: str, dropped: set[str], thinned: set[str], writer: ProtocolWriter
) -> None:
    study = STUDIES[name]
    update: dict[str, Any] = {part: type(study).model_fields[part].get_default() for part in dropped}
    if "organisations" in dropped:  # funding and products refer to them
        update |= {"funding": ()}
    if "interventions" in dropped:
        update["arms"] = tuple(arm.model_copy(update={"interventions": ()}) for arm in study.arms)
    update["population"] = study.population.model_copy(update=dict.fromkeys(thinned))
    study = study.model_copy(update=update)
    record = read_back(study, writer)
    results = writer is ICTRP_CURRENT
    assert record.findings == ()
    assert value(record, "identifier") == study.registrations[0].identifier
    assert value(record, "registered") is not None
    assert value(record, "registered").first == study.registrations[0].registered
    assert (value(record, "acronym"), value(record, "public_title")) == (study.acronym, study.public_title)
    assert [(one.level, one.name.value) for one in record.outcomes] == [
        (one.level, one.name)
        for level in ("primary", "secondary")
        for one in study.outcomes
        if one.level == level
    ]
    assert [one.text.value.rstrip(" .") for one in record.criteria] == [
        one.text.rstrip(" .")
        for which in ("inclusion", "exclusion")
        for one in study.population.criteria
        if one.category == which
    ]
    assert [one.name.value for one in record.arms] == [one.name for one in study.arms]
    assert [one.name.value for one in record.conditions] == [one.name for one in study.conditions]
    assert value(record, "masking") == (study.blinding.label if study.blinding else None)
    assert value(record, "placebo") == (study.blinding.placebo if study.blinding else None)
    assert value(record, "sex") == study.population.sex
    for limit in ("age_min", "age_max"):
        age = value(record, limit)
        assert (age and age.value) == getattr(study.population, limit)
    assert len(record.ethics) == (len(study.ethics) if results else 0)
    assert value(record, "actual_size") == (study.design.enrolled if results else None)
    shared_plan = results and study.sharing is not None and study.sharing.participant_data is not None
    answer = record.sharing.participant_data if record.sharing else None
    assert (answer is not None) == shared_plan
