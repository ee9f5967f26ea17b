"""A study as a ResearchStudy of FHIR R5: HL7's own rules hold, and what it leaves out is named.

References: the models of fhir.resources, generated from HL7's structure definitions 5.0.0; and the code systems of
hl7.fhir.r5.core 5.0.0 (CC0) in tests/files/fhir_r5_codes.csv.
"""

from __future__ import annotations

import csv
import json
from datetime import date
from functools import cache
from typing import Any

import pytest
from fhir.resources.researchstudy import ResearchStudy
from hypothesis import given, settings

from exotrial.core.errors import Refusal
from exotrial.registries.fhir.terms import read_fhir_terms
from exotrial.registries.fhir.write import FHIR_R5, write_fhir
from exotrial.registries.study_leaves import derive_leaves
from exotrial.study.definition import Study
from tests.conftest import PROJECT
from tests.registries.usdm.examples import FILES, studies, study_of
from tests.study.clean import CLEAN

ARDS = study_of(PROJECT / "studies" / "irct20201202049568n3" / "study.toml")
SYNTHETIC = study_of(CLEAN)


def written(study: Study) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(write_fhir(study).data)
    return document


def losses(study: Study) -> set[str]:
    return {loss.item for loss in write_fhir(study).losses}


def changed(part: Any, **values: Any) -> Any:
    return part.model_copy(update=values)


@cache
def official_codes() -> set[tuple[str, str, str]]:
    with (PROJECT / "tests" / "files" / "fhir_r5_codes.csv").open(encoding="utf-8", newline="") as file:
        return {(row["system"], row["code"], row["display"]) for row in csv.DictReader(file)}


def codings(value: Any) -> list[dict[str, str]]:
    if isinstance(value, dict):
        own = [value] if {"system", "code"} <= value.keys() and "value" not in value else []
        return own + [one for entry in value.values() for one in codings(entry)]
    return [one for entry in value for one in codings(entry)] if isinstance(value, list) else []


def check_rules(document: dict[str, Any]) -> None:
    """The invariants of FHIR R5 that models do not hold: dom-2, dom-3, per-1, and no empty element."""
    ResearchStudy.model_validate(document)
    contained = [one["id"] for one in document.get("contained", [])]
    assert len(set(contained)) == len(contained)
    text = json.dumps({name: value for name, value in document.items() if name != "contained"})
    for name in contained:  # dom-3: whatever is contained is referred to
        assert f'"reference": "#{name}"' in text
    for reference in references(document):
        assert reference.removeprefix("#") in contained
    for value in values(document):
        assert value not in ("", [], {}, None)
        if isinstance(value, dict) and {"start", "end"} <= value.keys():
            assert value["start"] <= value["end"]


def values(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(one for entry in inner for one in values(entry))]


def references(document: dict[str, Any]) -> list[str]:
    return [
        value["reference"]
        for value in values(document)
        if isinstance(value, dict) and isinstance(value.get("reference"), str)
    ]


def test_every_code_is_one_of_hl7s_with_its_display() -> None:
    assert {(term.system, term.code, term.display) for term in read_fhir_terms()} <= official_codes()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_a_study_keeps_to_the_rules_of_fhir(path: Any) -> None:
    study = study_of(path)
    document = written(study)
    check_rules(document)
    for coding in codings(document):
        if coding["system"].startswith("http://hl7.org/fhir/") and "sid/icd" not in coding["system"]:
            assert (coding["system"], coding["code"], coding["display"]) in official_codes()
    assert write_fhir(study).data == FHIR_R5.write(study_of(path)).data


@settings(max_examples=10, deadline=None)
@given(studies())
def test_a_study_with_a_value_changed_keeps_to_the_rules_of_fhir(study: Study) -> None:
    check_rules(written(study))


def test_the_resource_says_what_the_study_file_says() -> None:
    document = written(ARDS)
    assert document["title"] == ARDS.title
    assert [(one["value"], one["assigner"]["display"]) for one in document["identifier"]] == [
        ("IRCT20201202049568N3", "IRCT")
    ]
    assert document["identifier"][0]["period"] == {"start": "2021-03-05"}
    assert document["recruitment"]["targetNumber"] == 72
    assert "actualNumber" not in document["recruitment"]
    assert document["phase"]["coding"][0]["code"] == "phase-1-phase-2"
    assert [one["name"] for one in document["comparisonGroup"]] == [arm.name for arm in ARDS.arms]
    assert [one["type"]["coding"][0]["code"] for one in document["comparisonGroup"]] == [
        "experimental",
        "placebo-comparator",
    ]
    assert [(one["name"], one["type"][0]["text"]) for one in document["outcomeMeasure"]] == [
        (one.name, one.level) for one in ARDS.outcomes
    ]
    assert {coding["code"] for one in document["studyDesign"] for coding in one.get("coding", [])} == {
        *("SEVCO:01001", "SEVCO:01003", "SEVCO:01007", "SEVCO:01008", "SEVCO:01011"),
        *("SEVCO:01060", "SEVCO:01061", "SEVCO:01062"),
    }
    assert document["region"] == [
        {
            "coding": [{"system": "urn:iso:std:iso:3166", "code": "IRN"}],
            "text": "Iran (Islamic Republic of)",
        }
    ]


def test_an_exclusion_is_a_trait_that_members_do_not_have() -> None:
    (group,) = (one for one in written(ARDS)["contained"] if one["resourceType"] == "Group")
    ages, *criteria = group["characteristic"]
    assert (ages["valueRange"]["low"]["value"], ages["valueRange"]["high"]["value"]) == (18, 65)
    assert [(one["code"]["text"], one["exclude"]) for one in criteria] == [
        (one.text, one.category == "exclusion") for one in ARDS.population.criteria
    ]


@pytest.mark.parametrize(("low", "high"), [(18, None), (None, 65), (0, 120)])
def test_an_age_limit_that_is_not_stated_is_left_out(low: int | None, high: int | None) -> None:
    population = changed(ARDS.population, age_min=low, age_max=high)
    (group,) = (
        one
        for one in written(changed(ARDS, population=population))["contained"]
        if one["id"] == "eligibility"
    )
    limits = group["characteristic"][0]["valueRange"]
    assert {name: limit["value"] for name, limit in limits.items()} == {
        name: age for name, age in (("low", low), ("high", high)) if age is not None
    }


def test_a_population_without_limits_has_no_group() -> None:
    bare = changed(ARDS.population, age_min=None, age_max=None, criteria=())
    document = written(changed(ARDS, population=bare))
    assert "eligibility" not in document["recruitment"]
    assert all(one["resourceType"] != "Group" for one in document["contained"])


def test_sex_is_a_trait_where_only_one_may_take_part() -> None:
    women = changed(ARDS, population=changed(ARDS.population, sex="female"))
    traits = written(women)["contained"][0]["characteristic"]
    assert [
        one["valueCodeableConcept"]["coding"][0]["code"] for one in traits if one["code"]["text"] == "Sex"
    ] == ["female"]
    assert "population.sex" not in losses(women)
    assert "population.sex" in losses(ARDS)


def test_a_word_without_a_code_stands_as_text_and_what_is_not_stated_is_left_out() -> None:
    single = changed(ARDS.design, intervention_model="single group", phase="pilot", allocation="not stated")
    document = written(changed(ARDS, design=single))
    assert document["phase"] == {"text": "pilot"}
    assert {"text": "model: single group"} in document["studyDesign"]
    assert not any("allocation" in one["text"] for one in document["studyDesign"])
    assert "phase" not in written(changed(ARDS, design=changed(ARDS.design, phase="not stated")))


def test_a_planned_date_is_estimated_and_an_actual_one_known() -> None:
    dates = changed(
        ARDS.recruitment,
        planned_start=date(2021, 3, 5),
        planned_end=None,
        actual_start=date(2021, 3, 9),
        actual_end=date(2021, 6, 1),
        completion=date(2021, 8, 1),
        status="Terminated",
    )
    states = {
        (one["state"]["text"], one.get("actual")): one.get("period")
        for one in written(changed(ARDS, recruitment=dates))["progressStatus"]
    }
    assert states["recruiting", False] == {"start": "2021-03-05"}
    assert states["recruiting", True] == {"start": "2021-03-09", "end": "2021-06-01"}
    assert states["completed", None] == {"start": "2021-08-01"}
    assert ("Terminated", None) in states


@pytest.mark.parametrize(
    ("end", "periods"),
    [
        (date(2021, 3, 5), [{"start": "2021-03-05", "end": "2021-03-05"}]),
        (date(2021, 3, 4), [{"start": "2021-03-05"}, {"end": "2021-03-04"}]),
    ],
)
def test_an_end_before_its_start_stands_apart(end: date, periods: list[dict[str, str]]) -> None:
    dates = changed(ARDS.recruitment, planned_start=date(2021, 3, 5), planned_end=end)
    document = written(changed(ARDS, recruitment=dates))
    assert [
        one["period"] for one in document["progressStatus"] if one["state"]["text"] == "recruiting"
    ] == periods


def test_every_stated_value_is_in_the_resource_or_named_as_lost() -> None:
    for study in (ARDS, SYNTHETIC):
        lost = losses(study)
        text = " ".join(json.dumps(written(study), ensure_ascii=False).replace("\\n", " ").split())
        for leaf in derive_leaves(study):
            own = leaf.kind.split(".")[0] in {"evidence", "documents"} or leaf.kind.endswith(".id")
            if own or ".".join(leaf.kind.split(".")[:2]) in lost or len(leaf.words) < 15:
                continue
            if leaf.kind in ("arms.interventions", "funding.organisation", "outcomes.encounters"):
                continue  # ids of parts that stand there by their names and days
            for words in leaf.words.split("; "):
                assert json.dumps(" ".join(words.split()), ensure_ascii=False)[1:-1] in text, leaf


def test_an_intervention_that_nothing_refers_to_is_a_loss() -> None:
    spare = changed(ARDS.interventions[0], id="spare", name="Rescue medicine", role="background")
    study = changed(ARDS, interventions=(*ARDS.interventions, spare))
    assert "Rescue medicine" not in write_fhir(study).data.decode()
    assert "interventions.name" in losses(study)
    assert "interventions.name" not in losses(ARDS)


def test_made_up_participants_are_told() -> None:
    told = changed(SYNTHETIC, synthetic=True)
    assert written(told)["note"][0] == {"text": "The participants of this study are made up."}
    assert "made up" not in json.dumps(written(changed(SYNTHETIC, synthetic=False))["note"])


@pytest.mark.parametrize(("sign", "fine"), [("\t", True), ("\x1f", False), ("\x00", False), (" ", True)])
def test_a_control_character_is_refused_with_a_way_out(sign: str, fine: bool) -> None:
    study = changed(ARDS, title=f"A{sign}title")
    if fine:
        assert written(study)["title"] == study.title
        return
    with pytest.raises(Refusal, match=r"FHR-001.*take the control character out"):
        write_fhir(study)


@pytest.mark.parametrize(("length", "kept"), [(64, True), (65, False)])
def test_an_id_is_at_most_64_long(length: int, kept: bool) -> None:
    document = written(changed(ARDS, id="a" * length))
    assert ("id" in document) is kept
    assert document["name"] == "a" * length


def test_nobody_is_named() -> None:
    assert not {"telecom", "Practitioner"} & set(json.dumps(written(ARDS)).split('"'))


@pytest.mark.parametrize(("code", "written"), [(" ", None), (" U07.1 ", "U07.1"), ("U07  1", "U07 1")])
def test_a_code_is_written_without_needless_blanks(code: str, written: str | None) -> None:
    study = study_of(CLEAN)
    blank = study.conditions[0].model_copy(update={"icd10": code})
    value = json.loads(write_fhir(study.model_copy(update={"conditions": (blank,)})).data)
    codings = value["condition"][0].get("coding", [{"code": None}])
    assert [coding["code"] for coding in codings] == [written]
