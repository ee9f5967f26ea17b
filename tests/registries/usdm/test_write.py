"""What is written is valid by CDISC's schema and holds together; what was written gives the study back."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # its stubs are not installed
import pytest
from hypothesis import given, settings

from exotrial.cli.app import main
from exotrial.core.errors import Refusal, Refusals
from exotrial.registries.draft import draft_study
from exotrial.registries.registry import find_writers, record_file
from exotrial.registries.usdm.document import read_document, walk
from exotrial.registries.usdm.reader import read_usdm
from exotrial.registries.usdm.restore import read_study_from_usdm
from exotrial.registries.usdm.write import write_usdm
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import shared
from tests.registries.usdm.examples import FILES, as_file, clean_bytes, edited_documents, studies, study_of
from tests.study.clean import ABSENT, CLEAN, changed


@cache
def _schema() -> Any:
    path = shared("data", "schemas", "usdm-4-0.core.schema.json")
    schema = json.loads(path.read_bytes())
    return jsonschema.validators.validator_for(schema)(schema)


def _version(study: Study) -> dict[str, Any]:
    version: dict[str, Any] = json.loads(write_usdm(study).data)["study"]["versions"][0]
    return version


def _design(study: Study) -> dict[str, Any]:
    design: dict[str, Any] = _version(study)["studyDesigns"][0]
    return design


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_a_study_is_valid_by_the_schema_of_cdisc(path: Path) -> None:
    document = json.loads(write_usdm(study_of(path)).data)
    assert [error.json_path for error in _schema().iter_errors(document)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_a_study_comes_back_whole(path: Path) -> None:
    study = study_of(path)
    assert read_study_from_usdm(as_file(write_usdm(study).data)) == (study, ())


@given(studies())
@settings(max_examples=25)
def test_any_study_is_written_whole_and_comes_back(study: Study) -> None:
    data = write_usdm(study).data
    read_document(as_file(data))  # every id once, every reference to a part of the right class
    assert read_study_from_usdm(as_file(data)) == (study, ())
    assert write_usdm(study).data == data


@given(studies())
@settings(max_examples=8)
def test_any_study_is_valid_by_the_schema_of_cdisc(study: Study) -> None:
    assert list(_schema().iter_errors(json.loads(write_usdm(study).data))) == []


def test_a_study_that_names_little_is_valid_too() -> None:
    gone = ("registrations", "secondary_ids", "epochs", "encounters", "activities", "objectives", "analyses")
    bare = dict.fromkeys(
        (*gone, "samples", "evidence", "analysis_populations", "organisations", "funding"), ABSENT
    )
    study = changed(
        bare | {"population.criteria": ABSENT, "products": ABSENT, "interventions": ABSENT} | _LOOSE
    )
    document = json.loads(write_usdm(study).data)
    assert list(_schema().iter_errors(document)) == []
    assert read_study_from_usdm(as_file(document)) == (study, ())


_LOOSE = {
    **{f"arms.{number}.interventions": ABSENT for number in (0, 1)},
    **{f"outcomes.{number}.encounters": ABSENT for number in (0, 1, 2)},
}


def test_the_pilot_is_written_again_as_it_was_read() -> None:
    pilot = record_file(shared("data", "usdm", "CDISC_Pilot_Study.json").read_bytes(), name="pilot.json")
    again = json.dumps(read_document(pilot).value, ensure_ascii=False, indent=2).encode()
    assert list(_schema().iter_errors(json.loads(again))) == []
    (before,) = read_usdm(pilot)
    (after,) = read_usdm(record_file(again, name="pilot.json"))
    assert replace(after, source=before.source) == before


def test_a_document_that_no_study_file_is_behind_is_not_restored() -> None:
    pilot = record_file(shared("data", "usdm", "CDISC_Pilot_Study.json").read_bytes(), name="pilot.json")
    with pytest.raises(Refusal, match="USD-007"):
        read_study_from_usdm(pilot)


def test_a_change_that_the_study_file_holds_is_taken_over() -> None:
    document = json.loads(clean_bytes())
    document["study"]["versions"][0]["studyDesigns"][0]["arms"][0]["label"] = "Another name"
    study, losses = read_study_from_usdm(as_file(document))
    assert study.arms[0].name == "Another name"
    assert [loss.item for loss in losses if ".arms[0]" in loss.item] == []


def test_a_change_that_the_study_file_cannot_hold_is_told_with_its_path() -> None:
    document = json.loads(clean_bytes())
    timeline = document["study"]["versions"][0]["studyDesigns"][0]["scheduleTimelines"][0]
    (moved,) = [timing for timing in timeline["timings"] if timing["id"] == "Timing_day_7"]
    moved["value"] = "P9D"
    study, losses = read_study_from_usdm(as_file(document))
    assert study == study_of(CLEAN)
    (loss,) = losses
    assert loss.item.startswith("$.study.versions[0].studyDesigns[0].scheduleTimelines[0].timings[")
    assert (loss.prints, loss.why.endswith("P6D")) == ("P9D", True)


@given(edited_documents())
@settings(max_examples=60)
def test_an_edited_document_is_restored_told_or_refused(document: Any) -> None:
    try:
        study, losses = read_study_from_usdm(as_file(document))
    except (Refusal, Refusals):
        return
    written = json.loads(write_usdm(study).data)
    assert losses or _told(written["study"]) == _told(document["study"])


def _told(value: Any) -> Any:
    """A document without its ids, which are running numbers, and without attributes that hold nothing."""
    if isinstance(value, dict):
        kept = {key: _told(one) for key, one in value.items() if key != "id"}
        return {key: one for key, one in kept.items() if one is not None and one != []}
    return [_told(one) for one in value] if isinstance(value, list) else value


def test_days_are_timed_from_the_origin_and_day_0_does_not_exist_where_it_is_day_1() -> None:
    timings = {one["id"]: one for one in _design(study_of(CLEAN))["scheduleTimelines"][0]["timings"]}
    # The clean study: day 1 is the first dose, visits on days -1, 7 and 28; SDTMIG 4.4.4 has no day 0.
    assert {name: (one["type"]["decode"], one["value"]) for name, one in timings.items()} == {
        "Timing_baseline": ("Before", "P1D"),
        "Timing_day_7": ("After", "P6D"),
        "Timing_day_28": ("After", "P27D"),
        "Timing_time-origin": ("Fixed Reference", "P0D"),
    }


def test_an_encounter_on_the_day_of_the_origin_is_the_reference() -> None:
    gone = {
        "encounters.1.window_before": 0,
        "encounters.1.window_after": 0,
        "encounters.1.window_stated": False,
    }
    study = changed({"encounters.1.day": 1, **gone})
    timings = {one["id"]: one for one in _design(study)["scheduleTimelines"][0]["timings"]}
    assert timings["Timing_day_7"]["type"]["decode"] == "Fixed Reference"
    assert "Timing_time-origin" not in timings


def test_an_encounter_with_a_window_around_that_day_is_timed_from_it() -> None:
    timeline = _design(changed({"encounters.1.day": 1}))["scheduleTimelines"][0]
    timings = {one["id"]: one for one in timeline["timings"]}
    assert (timings["Timing_day_7"]["type"]["decode"], timings["Timing_day_7"]["value"]) == ("After", "P0D")
    assert (timings["Timing_day_7"]["windowLower"], timings["Timing_day_7"]["windowUpper"]) == ("P1D", "P1D")
    assert not any(
        "windowLower" in one for one in timings.values() if one["type"]["decode"] == "Fixed Reference"
    )
    names = [one["name"] for one in timeline["instances"]]
    assert names == ["baseline", "time-origin", "day_7", "day_28"]


def test_an_encounter_whose_day_is_not_stated_is_not_timed() -> None:
    study = changed({"encounters.1.day_stated": False})
    design = _design(study)
    assert "Timing_day_7" not in {one["id"] for one in design["scheduleTimelines"][0]["timings"]}
    assert design["encounters"][1]["scheduledAtId"] is None


def test_an_estimand_names_population_variable_treatment_and_events() -> None:
    (estimand,) = _design(study_of(CLEAN))["estimands"]
    rule = "worst value where the participant died, last value where discharged"
    assert estimand["variableOfInterestId"] == "Endpoint_pf_ratio"
    assert estimand["intercurrentEvents"][0]["strategy"] == rule
    assert estimand["interventionIds"] == ["StudyIntervention_nebulised_vesicles"]


def test_what_cdisc_has_no_term_for_is_coded_in_our_own_system() -> None:
    code = _design(changed({"blinding.label": "triple blind"}))["blindingSchema"]["standardCode"]
    assert (code["code"], code["codeSystem"]) == ("triple blind", "urn:x-exotrial:study-file")


def test_an_inequality_sign_is_no_markup() -> None:
    study = changed({"population.criteria.0.text": "SpO2 <93% & PaO2/FiO2 <=300"})
    item = _version(study)["eligibilityCriterionItems"][0]
    assert item["text"] == "SpO2 &lt;93% &amp; PaO2/FiO2 &lt;=300"
    (record,) = read_usdm(as_file(write_usdm(study).data))
    assert record.criteria[0].text.value == "SpO2 <93% & PaO2/FiO2 <=300"


def test_losses_name_what_only_the_extensions_hold() -> None:
    items = {loss.item for loss in write_usdm(study_of(CLEAN)).losses}
    assert {"AdministrableProduct.process", "StudyIntervention.dose", "StudyVersion.sharing"} <= items
    assert "Encounter.day" not in items  # the timing tells it
    assert "StudyVersion.id" not in items


def test_every_extension_has_a_url_of_the_scheme() -> None:
    urls = {
        one["url"]
        for _, one in walk(json.loads(clean_bytes()))
        if one.get("instanceType") == "ExtensionAttribute"
    }
    assert all(url.startswith("urn:x-exotrial:study-file:1:") for url in urls)


def test_the_writer_is_found() -> None:
    assert find_writers()["usdm"].reads_back == "usdm"


def test_a_later_version_is_an_amendment_that_says_what_it_changed() -> None:
    first, second = study_of(CLEAN), changed({"version": "1.1", "design.planned_size": 40})
    third = changed({"version": "1.2", "design.planned_size": 44})
    document = json.loads(write_usdm(third, earlier=(first, second)).data)
    amendments = document["study"]["versions"][0]["amendments"]
    assert [one["summary"] for one in amendments] == [
        "Version 1.0 to version 1.1: 1 change",
        "Version 1.1 to version 1.2: 1 change",
    ]
    (change,) = amendments[0]["changes"]
    assert "Before: 32. Now: 40." in change["summary"]
    assert change["changedSections"][0]["sectionTitle"] == "design.planned_size"
    assert amendments[1]["previousId"] == amendments[0]["id"]
    assert list(_schema().iter_errors(document)) == []
    study, losses = read_study_from_usdm(as_file(document))
    assert study == third
    assert "$.study.versions[0].amendments[0]" in {loss.item for loss in losses}


def test_another_study_is_no_earlier_version() -> None:
    with pytest.raises(Refusal, match="AMD-001"):
        write_usdm(study_of(CLEAN), earlier=(study_of(FILES[1]),))


def _given(changes: dict[str, object]) -> dict[str, Any]:
    study = changed({f"interventions.0.{path}": value for path, value in changes.items()})
    given: dict[str, Any] = _version(study)["studyInterventions"][0]["administrations"][0]
    return given


def test_a_dose_of_one_administration_is_a_dose_of_usdm_with_its_ucum_unit() -> None:
    dose = _given({"dose.amount": "1.5e8 particles/kg", "dose.weight_basis": "actual"})["dose"]
    code = dose["unit"]["standardCode"]
    assert (dose["value"], code["code"], code["codeSystem"]) == (
        1.5e8,
        "{particles}/kg",
        "http://unitsofmeasure.org",
    )


@pytest.mark.parametrize(
    ("per", "times_per_day", "told"),
    [
        ("administration", 2, True),
        ("day", 1, True),
        ("day", 2, False),
        ("course", 1, False),
        ("not stated", 1, False),
    ],
)
def test_an_amount_of_a_day_or_a_course_is_not_taken_for_a_dose(
    per: str, times_per_day: int, told: bool
) -> None:
    given = _given({"dose.per": per, "schedule.times_per_day": times_per_day})
    assert ("dose" in given) is told


def test_a_dose_in_cells_of_origin_is_not_taken_for_a_dose_of_cells() -> None:
    assert "dose" not in _given({"dose.amount": "1e6 cells/kg", "dose.cell_equivalent": True})


@pytest.mark.parametrize(("route", "code"), [("inhalation", "C38216"), ("intravenous", "C38276")])
def test_a_route_is_coded_by_cdisc(route: str, code: str) -> None:
    assert _given({"route": route})["route"]["standardCode"]["code"] == code


def test_the_commands_write_a_study_and_restore_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export-protocol", str(CLEAN), "--to", "usdm", "--out", "clean.json"]) == 0
    assert "StudyVersion.sharing" in capsys.readouterr().out
    assert main(["restore-protocol", "clean.json", "--strict"]) == 0
    assert read_study(tmp_path / "studies" / "clean-study")[0] == study_of(CLEAN)
    assert main(["restore-protocol", "clean.json"]) == 2
    assert "USD-009" in capsys.readouterr().err


def test_the_command_tells_what_the_study_file_cannot_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    document = json.loads(clean_bytes())
    document["study"]["versions"][0]["rationale"] = "Because"
    Path("edited.json").write_text(json.dumps(document))
    assert main(["restore-protocol", "edited.json", "--strict", "--json"]) == 1
    (loss,) = json.loads(capsys.readouterr().out)["losses"]
    assert (loss["item"], loss["says"]) == ("$.study.versions[0].rationale", "Because")


def test_the_pilot_drafted_and_written_is_the_same_record() -> None:
    pilot = record_file(shared("data", "usdm", "CDISC_Pilot_Study.json").read_bytes(), name="pilot.json")
    (before,) = read_usdm(pilot)
    study = draft_study(before).study
    export = write_usdm(study)
    assert list(_schema().iter_errors(json.loads(export.data))) == []
    assert read_study_from_usdm(as_file(export.data)) == (study, ())
    (after,) = read_usdm(as_file(export.data))
    fields = (
        *("identifier", "public_title", "scientific_title", "acronym", "study_type", "phase", "model"),
        *("allocation", "purpose", "masking", "placebo", "age_min", "age_max", "sex", "target_size"),
    )
    for name in fields:
        assert _value(getattr(after, name)) == _value(getattr(before, name)), name
    assert [one.text.value for one in after.criteria] == [one.text.value for one in before.criteria]
    told = [[(one.level, one.name.value, one.days) for one in record.outcomes] for record in (before, after)]
    assert told[0] == told[1]
    given = [[(one.name.value, one.interventions) for one in record.arms] for record in (before, after)]
    assert given[0] == given[1]


def _value(stated: Any) -> Any:
    return None if stated is None else stated.value
