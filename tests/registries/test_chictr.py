"""A study as ChiCTR's field list: every heading in order, every stated text in it or named as lost, nobody named."""

from __future__ import annotations

import re

import pytest

from exotrial.registries import chictr_form as form
from exotrial.registries.chictr import CHICTR_FIELDS
from exotrial.registries.registry import find_writers
from exotrial.registries.study_leaves import derive_leaves
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT

NAMES = ("irct20201202049568n3", "chictr2000030261", "mexcovid")
STUDIES = {name: read_study(PROJECT / "studies" / name / "study.toml")[0] for name in NAMES}
ARDS = STUDIES["irct20201202049568n3"]
OF_ITS_OWN = ("evidence", "documents", "id", "version", "schema_version", "synthetic")
REFERENCES = ("id", "interventions", "phase", "intervention_model", "timing_label", "level")


def text_of(study: Study) -> str:
    return CHICTR_FIELDS.write(study).data.decode()


def under(study: Study, heading: str) -> str:
    """What stands below a heading, up to the next empty line."""
    return text_of(study).partition(f"\n{heading}\n")[2].partition("\n\n")[0]


def losses(study: Study) -> set[str]:
    return {loss.item for loss in CHICTR_FIELDS.write(study).losses}


@pytest.mark.parametrize("name", NAMES)
def test_every_heading_stands_in_the_order_of_the_form(name: str) -> None:
    lines = [re.sub(r"^\d+\. ", "", line) for line in text_of(STUDIES[name]).splitlines()]
    position = 0
    for part in (
        *(form.HEAD, (form.PEOPLE,), form.ETHICS, form.SPONSORS, form.STUDY, form.GROUPS, (form.TOTAL,)),
        *(form.SITES, form.OUTCOMES, form.SAMPLES, form.END),
    ):
        for heading in part:
            position = lines.index(heading, position) + 1


@pytest.mark.parametrize("name", NAMES)
def test_every_stated_text_is_in_the_form_or_named_as_lost(name: str) -> None:
    study = STUDIES[name]
    assert find_writers()["chictr"].write(study) == CHICTR_FIELDS.write(study)
    text, lost = " ".join(text_of(study).split()).casefold(), losses(study)
    for leaf in derive_leaves(study):
        kind = leaf.kind.split(".")
        if kind[0] in OF_ITS_OWN or kind[-1] in REFERENCES or ".".join(kind[:2]) in lost:
            continue
        for words in leaf.words.split("; ") if len(leaf.words) >= 25 else ():
            assert " ".join(words.split()).rstrip(".").casefold() in text, leaf


def test_the_words_are_the_forms_own() -> None:
    assert under(ARDS, "Study phase") == "I+II"
    assert under(ARDS, "Study design") == "Parallel"
    assert under(ARDS, "Gender") == "Both"
    assert under(ARDS, "Participant age") == "Min age 18 years; Max age 65 years"
    assert under(ARDS, "Total sample size") == "72"
    pilot = STUDIES["chictr2000030261"]
    assert under(pilot, "Study phase") == "Pilot study"
    assert under(pilot, "Registration number") == "ChiCTR2000030261"
    assert under(pilot, "Registration Status") == "Retrospective registration"
    assert under(pilot, "1. Sample size") == "7"


def test_a_number_of_another_register_is_no_number_of_this_one() -> None:
    assert under(ARDS, "Registration number") == form.NOTHING
    assert "IRCT20201202049568N3" in under(ARDS, form.HEAD[8])
    assert {"registrations.timing_label", "registrations.registered"} <= losses(ARDS)


def test_a_dose_keeps_its_power_of_ten_without_a_superscript() -> None:
    """A form that drops a superscript makes 108 of 10⁸."""
    told = under(ARDS, "Description for medicine or protocol of treatment in detail")
    assert "dose: 1e8 particles/kg" in told
    assert not re.search("[⁰¹²³⁴-⁹]", text_of(ARDS))


def test_a_phase_that_the_form_does_not_know_is_a_loss() -> None:
    for phase, lost in (("2", False), ("2a", True), ("not stated", True)):
        changed = ARDS.model_copy(update={"design": ARDS.design.model_copy(update={"phase": phase})})
        assert ("design.phase" in losses(changed)) is lost
        assert (under(changed, "Study phase") == form.NOTHING) is lost


def test_an_unrandomised_control_has_a_name_of_its_own() -> None:
    design = ARDS.design.model_copy(update={"allocation": "non-randomised"})
    assert under(ARDS.model_copy(update={"design": design}), "Study design") == "Non randomized control"


def test_people_are_left_to_the_one_who_registers() -> None:
    assert under(ARDS, form.PEOPLE) == "(to be entered by the person who registers)"
    assert "@" not in text_of(ARDS)
