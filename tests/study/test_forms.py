"""Forms: everything that is to be measured is asked, once, and no form tells the arm."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotrial.outcomes.in_study import ask, find_measures_of
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from exotrial.study.forms import derive_forms, measure_names
from exotrial.study.items import DataType, Form
from tests.conftest import PROJECT
from tests.study.clean import ABSENT, CLEAN, changed

FILES = [CLEAN, *sorted(PROJECT.glob("studies/*/study.toml"))]
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)


def forms_of(study: Study) -> tuple[Form, ...]:
    return derive_forms(study, {name: ask(m) for name, m in find_measures_of(study).items()})


def form(study: Study, oid: str) -> Form:
    return next(form for form in forms_of(study) if form.oid == oid)


@each_file
def test_every_measure_of_the_study_is_asked(file: Path) -> None:
    study = read_study(file)[0]
    asked = {item.oid for form in forms_of(study) for item in form.items}
    for name, measure in find_measures_of(study).items():
        assert {item.oid for item in (*measure.items, *measure.row_items)} <= asked, name


@each_file
def test_oids_are_unique_among_forms_and_within_each(file: Path) -> None:
    forms = forms_of(read_study(file)[0])
    assert len({form.oid for form in forms}) == len(forms)
    for one in forms:
        assert len({group.oid for group in one.groups}) == len(one.groups), one.oid
        items = [item.oid for item in one.items]
        assert len(set(items)) == len(items), one.oid


@each_file
def test_every_encounter_at_which_something_is_measured_has_one_form(file: Path) -> None:
    study = read_study(file)[0]
    planned = [encounter for form in forms_of(study) for encounter in form.encounters]
    measured = {e for outcome in study.outcomes if outcome.measure for e in outcome.encounters}
    measured |= {e for activity in study.activities if activity.measures for e in activity.encounters}
    assert sorted(planned) == sorted(measured)


def test_one_form_serves_product_and_placebo_and_names_neither() -> None:
    study = changed({})
    exposure = [form for form in forms_of(study) if form.oid == "F.EXPOSURE"]
    assert len(exposure) == 1
    words = repr(exposure[0]).lower()
    secrets = [i.name for i in study.interventions if i.role in ("investigational", "placebo")]
    secrets += [arm.name for arm in study.arms] + ["placebo"]
    assert [word for word in secrets if word.lower() in words] == []


def test_the_form_of_exposure_is_the_same_whichever_intervention_comes_first() -> None:
    one = changed({})
    turned = one.model_copy(update={"interventions": one.interventions[::-1]})
    assert form(one, "F.EXPOSURE") == form(turned, "F.EXPOSURE")


def test_a_reading_that_two_measures_rest_on_is_asked_once_and_required_if_either_needs_it() -> None:
    # PaO2 and FiO2 go into PaO2/FiO2, where they are required, and into the Murray score, where they are not.
    study = changed(
        {"activities.blood_gas.measures": ["MURRAYS", "PFRATIO"], "outcomes.pf_ratio.measure": ABSENT}
    )
    visit = form(study, "F.VISIT.BASELINE")
    pao2 = [item for item in visit.items if item.oid == "pao2"]
    assert len(pao2) == 1
    assert pao2[0].required


def test_an_encounter_named_like_another_form_does_not_take_its_place() -> None:
    text = CLEAN.read_text(encoding="utf-8")
    study = changed({})
    assert '"consent"' not in text
    encounters = tuple(
        e.model_copy(update={"id": "consent"}) if e.id == "baseline" else e for e in study.encounters
    )
    outcomes = tuple(
        o.model_copy(update={"encounters": tuple("consent" if e == "baseline" else e for e in o.encounters)})
        for o in study.outcomes
    )
    forms = forms_of(study.model_copy(update={"encounters": encounters, "outcomes": outcomes}))
    assert len({form.oid for form in forms}) == len(forms)


def test_a_study_without_encounters_asks_its_measures_without_a_day() -> None:
    study = changed(
        {"encounters": [], "activities": [], "samples": []}
        | {f"outcomes.{name}.encounters": ABSENT for name in ("pf_ratio", "crp", "respiratory_rate")}
    )
    unplanned = form(study, "F.UNPLANNED")
    assert unplanned.encounters == ()
    assert {"pao2", "fio2"} <= {item.oid for item in unplanned.items}
    assert measure_names(study) == ("PFRATIO", "CRP", "RESP")


def test_every_criterion_is_asked_and_its_numbers_too() -> None:
    eligibility = form(changed({}), "F.ELIGIBILITY")
    assert [item.oid for item in eligibility.items] == [
        "IE.AGE", "IE.ARDS", "IE.PREGNANCY", "IE.MALIGNANCY", "SV.AGE", "SV.PF_RATIO",
    ]  # fmt: skip
    ratio = eligibility.items[-1]
    assert (ratio.data_type, ratio.unit) == (DataType.DECIMAL, "mmHg")


def test_the_age_of_the_population_is_the_plausible_range_of_the_form() -> None:
    age = next(item for item in form(changed({}), "F.DEMOGRAPHICS").items if item.oid == "DM.AGE")
    assert (age.low, age.high, age.hard_low, age.hard_high) == (18, 65, 0, 120)


def test_a_study_without_strata_has_no_form_before_randomisation() -> None:
    without = changed({"randomisation": ABSENT})
    assert "F.STRATIFICATION" in {form.oid for form in forms_of(changed({}))}
    assert "F.STRATIFICATION" not in {form.oid for form in forms_of(without)}
