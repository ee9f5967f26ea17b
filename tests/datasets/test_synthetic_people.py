"""Synthetic people: nobody's identity, and answers with which the criteria decide as asked."""

from __future__ import annotations

from random import Random

import pytest

from exotrial.core.errors import Refusal
from exotrial.datasets.synthetic_people import draw_eligibility, eligibility_values, make_identity
from exotrial.participants.eligibility import decide_eligibility, items_of
from tests.datasets.records_given import IRCT, STUDIES, form_of, study_of

SEEDS = range(60)


@pytest.mark.parametrize("name", STUDIES)
def test_the_eligible_are_eligible_and_leave_no_answer_open(name: str) -> None:
    study = study_of(name)
    for seed in SEEDS:
        answers = draw_eligibility(study, eligible=True, stream=Random(seed))
        verdict = decide_eligibility(study, answers)
        assert verdict.holds
        assert set(answers) == {item for one in study.population.criteria for item in items_of(one)}


@pytest.mark.parametrize("name", STUDIES)
def test_the_ineligible_fail_a_criterion_and_not_for_want_of_an_answer(name: str) -> None:
    study = study_of(name)
    failed = set()
    for seed in SEEDS:
        verdict = decide_eligibility(study, draw_eligibility(study, eligible=False, stream=Random(seed)))
        assert not verdict.holds
        assert verdict.unknown == ()
        failed |= {reason.criterion for reason in verdict.reasons if reason.holds is False}
    assert len(failed) > len(study.population.criteria) / 2


@pytest.mark.parametrize("eligible", [True, False])
def test_the_known_age_is_kept_and_no_man_is_pregnant(eligible: bool) -> None:
    for seed in SEEDS:
        answers = draw_eligibility(
            study_of(IRCT), eligible=eligible, stream=Random(seed), known={"age": 44}, sex="M"
        )
        assert answers["age"] == 44
        assert answers["pregnant"] is False
        assert answers["planning_pregnancy"] is False


def test_nobody_of_seventy_is_eligible_for_a_study_up_to_sixty_five() -> None:
    with pytest.raises(Refusal, match="REC-014"):
        draw_eligibility(study_of(IRCT), eligible=True, stream=Random(1), known={"age": 70})


def test_the_same_stream_gives_the_same_answers() -> None:
    first, second = (draw_eligibility(study_of(IRCT), eligible=False, stream=Random(3)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("eligible", [True, False])
def test_the_form_says_what_the_answers_say(name: str, eligible: bool) -> None:
    study, form = study_of(name), form_of(name, "F.ELIGIBILITY")
    answers = draw_eligibility(study, eligible=eligible, stream=Random(5))
    values = eligibility_values(study, form, answers)
    assert {item.oid for group in form.groups for item in group.items} == {
        oid for row in values.values() for oid in row
    }
    told = set(values["IG.INCLUSION"].values()), set(values["IG.EXCLUSION"].values())
    assert (told == ({"Y"}, {"N"})) is eligible


def test_an_identity_is_clearly_nobodys() -> None:
    identity = make_identity(7)
    assert identity.name == "Synthetic Participant 0007"
    assert identity.contact.endswith(".invalid")  # RFC 2606: never a domain
    assert identity.hospital_number.startswith("SYNTHETIC")
