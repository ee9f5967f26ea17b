"""What steps of conduct are told beforehand: criteria in words, the plan, treatment, readiness and receipts."""

from __future__ import annotations

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.models import Screening
from tests.operations.allocation_steps import put_enrolled, seal
from tests.operations.life_steps import consent, definition, eligible_answers, enrol, screen
from tests.trial import SITE, Trial


def test_each_item_is_asked_once_with_its_kind_and_unit(trial: Trial) -> None:
    asked = trial.do("show_criteria", site=SITE)
    items = {item.item: item for one in asked.criteria for item in one.items}
    assert len([item for one in asked.criteria for item in one.items]) == len(items)
    assert (items["pf_ratio"].kind, items["pf_ratio"].unit) == ("number", "mmHg")
    assert (items["sars_cov_2_rt_pcr"].kind, items["sars_cov_2_rt_pcr"].choices) == ("choice", ("positive",))
    assert items["malignant_disease"].question == "Does the participant have cancer?"
    assert asked.version == 1


def test_a_question_that_is_met_by_a_no_is_not_put_as_the_items_own(trial: Trial) -> None:
    # "Is the participant in no other trial?": yes there is no to `other_trial_participation`.
    items = {item.item: item for one in trial.do("show_criteria", site=SITE).criteria for item in one.items}
    assert items["other_trial_participation"].question == "other trial participation"


def test_weighing_gives_the_verdict_of_screening_and_keeps_nothing(trial: Trial) -> None:
    answers = eligible_answers(definition(trial))
    weighed = trial.do("weigh_answers", site=SITE, answers=answers)
    assert weighed.eligible
    assert not trial.do("weigh_answers", site=SITE, answers=answers | {"age": 66}).eligible
    assert not Screening.objects.exists()
    assert weighed.reasons == screen(trial).reasons


def test_the_plan_names_what_the_study_file_says(trial: Trial) -> None:
    plan = trial.do("show_conduct_plan", site=SITE)
    study = definition(trial)
    assert study.randomisation is not None
    assert [one.id for one in plan.arms] == [arm.id for arm in study.arms]
    assert [one.id for one in plan.strata] == [one.id for one in study.randomisation.strata]
    assert plan.stages[0].lists == ("phase_1/a", "phase_1/b")
    assert plan.randomised
    assert not plan.open_label


def test_what_stands_against_a_randomisation_is_told_before_it_is_tried(trial: Trial) -> None:
    code = screen(trial).participant
    told = trial.do("show_randomisable", participant=code)
    assert (told.ready, [one.code for one in told.hindrances]) == (False, ["RAN-101"])
    consent(trial, code)
    trial.do("enrol", participant=code, stratum_level="none")
    assert [one.code for one in trial.do("show_randomisable", participant=code).hindrances] == ["RAN-104"]
    seal(trial)
    assert trial.do("show_randomisable", participant=code).ready
    trial.do("suspend_study", Role.SPONSOR, reason="an inspection")
    assert [one.code for one in trial.do("show_randomisable", participant=code).hindrances] == ["OPR-005"]


def test_a_receipt_repeats_what_randomising_told_and_no_arm(trial: Trial) -> None:
    certificate = seal(trial)
    code = enrol(trial, level="none")
    with pytest.raises(Refusal, match="RCP-001"):
        trial.do("show_receipt", participant=code)
    done = trial.do("randomise", participant=code)
    receipt = trial.do("show_receipt", Role.MONITOR, participant=code)
    assert (receipt.n, receipt.kit, receipt.link) == (done.n, done.kit, done.receipt)
    assert receipt.root == certificate.root
    assert not {"exosomes", "control"} & set(receipt.model_dump_json().split('"'))


def test_treatment_tells_the_kit_and_not_what_is_in_it(trial: Trial) -> None:
    seal(trial)
    put_enrolled(trial, "P-1", stratum="a")
    before = trial.do("show_treatment", Role.PHARMACIST, participant="P-1")
    assert (before.allocated, before.kits, before.doses, before.zone) == ("", (), (), "Asia/Tehran")
    kit = trial.do("randomise", participant="P-1").kit
    assert trial.do("show_treatment", Role.CARE_PROVIDER, participant="P-1").allocated == kit
    with pytest.raises(Refusal, match="OPR-003"):
        trial.do("show_treatment", Role.MONITOR, participant="P-1")
