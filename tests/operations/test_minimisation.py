"""Minimisation live: arms decided at randomisation from levels as they were, and every one made again afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from exotrial.allocation.certificate import Certificate, read_certificate
from exotrial.allocation.export import Export, read_export
from exotrial.allocation.minimisation import Allocated, Factor, MinimisationPlan, decide_arm
from exotrial.allocation.verify import verify_export
from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Role
from exotrial.store.models import Allocation, Participant, Site, Study
from exotrial.store.verify import verify_trail
from tests.operations.allocation_steps import put_enrolled
from tests.operations.allocation_steps import seal as seal_list
from tests.operations.test_allocation_attacks import by_hand, keyholder
from tests.trial import PASSWORD, SITE, Trial

STATISTICIAN = Role.UNBLINDED_STATISTICIAN
PARAMETERS: dict[str, Any] = {"p": "4/5", "measure": "range", "weight_stratum": 2, "weight_site": 1}
OTHER = {"exosomes": "control", "control": "exosomes"}


def seal(trial: Trial, **parameters: Any) -> Certificate:
    sealed = seal_list(trial, method="minimisation", parameters=parameters or PARAMETERS)
    return read_certificate(json.dumps(sealed.certificate).encode(), name="published")


def randomise(trial: Trial, code: str, *, stratum: str = "a") -> Any:
    put_enrolled(trial, code, stratum=stratum)
    return trial.do("randomise", participant=code)


def open_second_site(trial: Trial, code: str = "rasool") -> None:
    study = Study.objects.get(slug=trial.study)
    first = Site.objects.get(study=study, code=SITE)
    Site.objects.create(study=study, code=code, name="Another hospital", zone=first.zone, status=first.status)


def export(trial: Trial) -> Export:
    Study.objects.filter(slug=trial.study).update(status="locked", locked_at=trial.now)
    trial.do("unblind_study", Role.SPONSOR, username="sponsor", password=PASSWORD, reason="data are locked")
    told = trial.do("export_allocation", Role.AUDITOR, number=1).export
    return read_export(json.dumps(told).encode(), name="export")


def named(trial: Trial) -> set[str]:
    """The rows that the check of the trail names; not participants and consents, which the tests put there."""
    found = {problem.where for problem in verify_trail(trial.opened).problems}
    return {where for where in found if not where.startswith(("participant ", "consent "))}


def run(trial: Trial, count: int = 8) -> Certificate:
    certificate = seal(trial)
    for at in range(count):
        randomise(trial, f"P{at + 1}", stratum="aab"[at % 3])
    return certificate


def test_a_minimised_trial_verifies_offline_decision_by_decision(trial: Trial) -> None:
    certificate = run(trial, 12)
    assert not named(trial)
    assert certificate.source == "minimised"
    assert [(one.id, one.slots) for one in certificate.strata] == [("phase_1", 12)]
    told = export(trial)
    verified = verify_export(told, certificate=certificate)
    assert verified.holds, verified.problems
    check = next(one for one in verified.checks if one.name == "minimisation")
    assert check.held is True
    assert dict(told.allocations[2].entry.levels) == {"stratum": "b", "site": SITE}


def test_the_arms_are_those_of_the_plan_stated_apart(trial: Trial) -> None:
    """The plan written here by hand, from the parameters given: `decide_arm` gives what was recorded."""
    run(trial)
    told = export(trial)
    plan = MinimisationPlan(
        arms=("exosomes", "control"),
        ratio=(1, 1),
        factors=(
            Factor(name="stratum", levels=("a", "b"), weight=2),
            Factor(name="site", levels=None, weight=1),
        ),
        measure="range",
        p="4/5",
    )
    draws = {one.slot: one.draw for one in told.envelopes}
    before: list[Allocated] = []
    for one in told.allocations:
        levels = dict(one.entry.levels)
        decided = decide_arm(before, levels=levels, plan=plan, draw=bytes.fromhex(draws[one.entry.slot]))
        assert decided.arm == one.arm
        before.append(Allocated(levels=levels, arm=one.arm))


def test_every_participant_has_the_kit_of_the_arm(trial: Trial) -> None:
    run(trial)
    told = export(trial)
    kits = {one.slot: dict(one.kits) for one in told.envelopes}
    assert all(one.kit == kits[one.entry.slot][one.arm] for one in told.allocations)
    assert len({one.kit for one in told.allocations}) == 8


def test_a_site_opened_later_is_a_new_level(trial: Trial) -> None:
    certificate = run(trial, 3)
    open_second_site(trial)
    put_enrolled(trial, "P4", stratum="b")
    Participant.objects.filter(code="P4").update(site=Site.objects.get(code="rasool"))
    trial.add_person("second", Role.COORDINATOR, "rasool")
    trial.do("randomise", Role.COORDINATOR, by="second", participant="P4")
    told = export(trial)
    assert dict(told.allocations[3].entry.levels)["site"] == "rasool"
    assert verify_export(told, certificate=certificate).holds


def test_a_stratum_corrected_afterwards_changes_no_decision(trial: Trial) -> None:
    """The levels as they were used stay; the correction stands beside, and a second one follows the first."""
    certificate = run(trial, 4)
    for stratum in "bab":
        corrected = trial.do("correct_stratum", participant="P1", stratum=stratum, reason="read wrongly")
        assert corrected.randomised_as == "a"
    for at in range(5, 9):
        randomise(trial, f"P{at}", stratum="b")
    told = export(trial)
    assert dict(told.allocations[0].entry.levels)["stratum"] == "a"
    assert [(one.recorded, one.correct) for one in told.corrections] == [("a", "b"), ("b", "a"), ("a", "b")]
    verified = verify_export(told, certificate=certificate)
    assert verified.holds, verified.problems


def test_an_arm_changed_in_the_export_is_named_once(trial: Trial) -> None:
    certificate = run(trial)
    told = export(trial)
    for at, one in enumerate(told.allocations):
        kit = told.envelopes[at].kit_for(OTHER[one.arm])
        rows = list(told.allocations)
        rows[at] = replace(one, arm=OTHER[one.arm], kit=kit)
        found = verify_export(replace(told, allocations=tuple(rows)), certificate=certificate).problems
        assert [(problem.deed.value, problem.where) for problem in found] == [
            ("swapped", f"allocation {at + 1}")
        ]
        assert f"minimisation gives {one.arm}" in found[0].says


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ((("site", SITE), ("stratum", "b")), f"its levels was changed to site {SITE}, stratum b afterwards"),
        ((("site", SITE), ("stratum", "z")), f"its levels was changed to site {SITE}, stratum z afterwards"),
        ((), "its levels was changed to none afterwards"),
    ],
)
def test_levels_changed_in_the_export_are_named(
    trial: Trial, levels: tuple[tuple[str, str], ...], said: str
) -> None:
    certificate = run(trial)
    told = export(trial)
    rows = list(told.allocations)
    rows[3] = replace(rows[3], entry=replace(rows[3].entry, levels=levels))
    found = verify_export(replace(told, allocations=tuple(rows)), certificate=certificate).problems
    assert ("altered", "allocation 4", said) in [(one.deed.value, one.where, one.says) for one in found]
    assert ("wrong statement", "allocation 4") in [(one.deed.value, one.where) for one in found]


def test_levels_exchanged_between_two_entries_are_named(trial: Trial) -> None:
    certificate = run(trial)
    told = export(trial)
    rows = list(told.allocations)
    one, other = rows[1], rows[2]
    rows[1] = replace(one, entry=replace(one.entry, levels=other.entry.levels))
    rows[2] = replace(other, entry=replace(other.entry, levels=one.entry.levels))
    found = verify_export(replace(told, allocations=tuple(rows)), certificate=certificate).problems
    says = {problem.where: problem.says for problem in found if problem.deed.value == "swapped"}
    assert says == {
        "allocation 2": "its levels was exchanged with that of allocation 3",
        "allocation 3": "its levels was exchanged with that of allocation 2",
    }


def test_an_arm_sealed_again_by_hand_is_named_by_trail_and_export(trial: Trial) -> None:
    """Database and keys: whoever has both changes the arm, and the kit with it."""
    from exotrial.operations import arms

    certificate = run(trial)
    act, row = keyholder(trial), Allocation.objects.select_related("envelope__list").get(n=5)
    arm = OTHER[arms.arm_of(act, row, purpose="knowing arms")]
    leaf = arms.open_leaf(act, row.envelope, purpose="knowing arms")
    with by_hand():
        sealed = arms.seal_arm(act, arm, participant=row.participant_id)
        Allocation.objects.filter(pk=row.pk).update(arm_sealed=sealed, kit=leaf.kit_for(arm))
    assert named(trial) == {f"allocation {row.pk} arm_sealed", f"allocation {row.pk} kit"}
    found = verify_export(export(trial), certificate=certificate).problems
    assert [(one.deed.value, one.where) for one in found] == [("swapped", "allocation 5")]


def test_levels_changed_in_the_database_are_named_by_trail_and_export(trial: Trial) -> None:
    certificate = run(trial)
    row = Allocation.objects.get(n=5)
    with by_hand():
        entry = row.entry | {"levels": {"site": SITE, "stratum": "b"}}
        Allocation.objects.filter(pk=row.pk).update(entry=entry)
    assert named(trial) == {f"allocation {row.pk} entry"}
    found = verify_export(export(trial), certificate=certificate).problems
    assert ("altered", "allocation 5") in [(one.deed.value, one.where) for one in found]


def test_a_participant_without_a_stratum_of_the_list_is_refused(trial: Trial) -> None:
    seal(trial)
    with pytest.raises(Refusal, match=r"RAN-106.*correct_stratum"):
        randomise(trial, "P1", stratum="")
    assert not Allocation.objects.exists()


def test_with_sites_alone_no_stratum_is_asked_for_and_its_corrections_say_nothing(trial: Trial) -> None:
    certificate = seal(trial, p="2/3", measure="variance", weight_site=1)
    randomise(trial, "P1", stratum="")
    randomise(trial, "P2", stratum="a")
    trial.do("correct_stratum", participant="P2", stratum="b", reason="read wrongly")
    told = export(trial)
    assert told.corrections == ()
    assert dict(told.allocations[0].entry.levels) == {"site": SITE}
    assert verify_export(told, certificate=certificate).holds


def test_the_list_ends_after_its_slots(trial: Trial) -> None:
    run(trial, 12)
    with pytest.raises(Refusal, match="RAN-105"):
        randomise(trial, "P13")


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"measure": "range", "weight_site": 1}, "LST-020.*p is not"),
        ({"p": "4/5", "weight_site": 1}, "LST-020.*measure"),
        ({"p": "4/5", "measure": "range"}, "LST-020.*no factor"),
        ({"p": "4/5", "measure": "range", "weight_age": 1}, "LST-020.*weight_age"),
        ({"p": "4/5", "measure": "range", "weight_site": "1"}, "LST-020.*weight_site"),
        ({"p": "4/5", "measure": "range", "weight_site": 0}, "SEQ-021"),
        ({"p": "1/2", "measure": "range", "weight_site": 1}, "SEQ-021"),
        ({"p": "1/1", "measure": "range", "weight_site": 1}, "SEQ-0"),
        ({"p": "4/5", "measure": "sum", "weight_site": 1}, "SEQ-021"),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused(trial: Trial, parameters: dict[str, Any], code: str) -> None:
    with pytest.raises((Refusal, Refusals), match=code):
        trial.do("freeze_list", STATISTICIAN, stage="phase_1", method="minimisation", parameters=parameters)


@pytest.mark.requirement(38, 40)
def test_an_emergency_tells_the_arm_that_was_decided(trial: Trial) -> None:
    run(trial, 3)
    told = trial.do(
        "unblind_emergency",
        Role.CARE_PROVIDER,
        participant="P2",
        username="care_provider",
        password=PASSWORD,
        reason="anaphylaxis",
    )
    arms = {one.participant: one.arm for one in trial.do("show_arms", STATISTICIAN).allocations}
    assert told.arm == arms["P2"]
    assert told.proof["envelope"]["kits"][told.arm] == told.kit


def test_the_annex_simulates_what_is_given_away_and_the_text_names_the_plan(trial: Trial) -> None:
    seal(trial)
    open_second_site(trial)
    annex = trial.do("show_annex", STATISTICIAN, number=1)
    (found,) = annex.strata
    # At best the preferred arm is guessed, which has chance 4/5; a coin where both are as good.
    assert 0.5 < found.guessed.value < found.guessed_method_known.value < 0.8
    assert found.certain.value == 0
    assert found.largest_imbalance is None
    assert 1 <= found.expected_largest_imbalance.value < 4
    assert 0.05 < found.type_one_error.value < 1
    assert found.how == (
        "Simulated over 300 trials from seed 1, levels of stratum equally likely (2) and of site equally likely (2), "
        "independent of each other."
    )
    text = next(item.text for item in annex.consort if item.item == "17b")
    assert "stratum (weight 2) and site (weight 1)" in text
    assert "probability 4/5" in text
