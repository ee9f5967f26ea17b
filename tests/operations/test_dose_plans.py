"""Plans of doses: made from rule, person and batch, kept sealed, given once, and counted against what was given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission, Role, is_blind, may
from exotrial.product.batch_concentration import compute_batch_concentration
from exotrial.store.home import disconnect
from exotrial.store.models import Dose, DosePlan
from exotrial.store.models.audit import Act, Change
from exotrial.store.verify import verify_trail
from tests.operations.allocation_steps import seal
from tests.operations.life_steps import dose, enrol
from tests.operations.recorded import demographics
from tests.operations.released import begin_held, release, send_all
from tests.operations.test_dosing import packed, refused
from tests.product.batch_files import BATCH, specification, whole_evidence
from tests.trial import SITE, Trial

ARMS = ("exosomes", "control")
DRAWN: dict[str, Any] = {"vial_ml": 5, "graduation_ml": 0.1, "weight_basis": "actual"}
STATED: dict[str, Any] = {
    "concentration": "5e9 particles/mL",
    "uncertainty": 0.08,
    "known_from": "certificate 7",
}


def treated(trial: Trial, *, batches: dict[str, str] | None = None) -> dict[str, tuple[str, str]]:
    """A participant of each arm with the kit in hand, by arm: code and kit."""
    seal(trial)
    packed(trial, batches=batches)
    codes = [enrol(trial, level="none") for _ in range(4)]
    kits = {code: trial.do("randomise", participant=code).kit for code in codes}
    told = trial.do("show_arms", Role.UNBLINDED_STATISTICIAN).allocations
    found = {one.arm: (one.participant, kits[one.participant]) for one in told}
    assert set(found) == set(ARMS)
    for code, _ in found.values():
        trial.do("assign_kit", Role.CARE_PROVIDER, participant=code)
    return found


def plan(trial: Trial, of: tuple[str, str], **more: Any) -> Any:
    told: dict[str, Any] = {"participant": of[0], "kit": of[1], "weight_kg": 70} | DRAWN | STATED
    return trial.do("plan_dose", Role.PHARMACIST, **(told | more))


def test_the_dose_of_70_kg_is_drawn_diluted_and_counted(trial: Trial) -> None:
    made = plan(trial, treated(trial)["exosomes"])
    # 1e8 particles/kg x 70 kg / 5e9 particles/mL = 1.4 mL of 2 mL
    assert made.can_be_made
    assert (made.number, made.draw_ml, made.diluent_ml, made.total_ml) == (1, 1.4, 0.6, 2)
    assert made.particles == pytest.approx(7e9)
    assert made.low == pytest.approx(7e9 * (1 - 2 * (0.08**2 + (0.05 / 3**0.5 / 1.4) ** 2) ** 0.5))
    assert made.known_from == ("certificate 7",)
    assert not verify_trail(trial.opened).problems


def test_a_placebo_is_drawn_whole_and_holds_no_particle(trial: Trial) -> None:
    made = plan(trial, treated(trial)["control"], concentration="", uncertainty=None, known_from="")
    assert made.can_be_made
    assert (made.number, made.draw_ml, made.diluent_ml, made.total_ml, made.particles) == (1, 2, 0, 2, None)


def test_a_dose_that_cannot_be_made_is_a_kept_verdict_with_the_way_out(trial: Trial) -> None:
    people = treated(trial)
    weak = plan(trial, people["exosomes"], concentration="3.4e9 particles/mL")
    assert (weak.can_be_made, weak.number, weak.draw_ml, weak.particles) == (False, None, None, None)
    assert "at least 3.5e+09 particles/mL" in weak.possible_if[0]
    assert "the dose fits into the volume" in [one.criterion for one in weak.reasons if one.holds is False]
    unknown = plan(trial, people["exosomes"], concentration="", uncertainty=None, known_from="")
    assert [one.criterion for one in unknown.reasons if one.holds is None] == [
        "the concentration of the batch is known"
    ]
    assert DosePlan.objects.count() == 2
    # To the blind it looks as though nobody had planned yet, and the number of the next plan has no gap.
    code = people["exosomes"][0]
    assert not trial.do("list_dose_plans", Role.CARE_PROVIDER, participant=code).plans
    assert plan(trial, people["exosomes"]).number == 1
    assert [one.number for one in trial.do("show_dose_plans", Role.SAFETY_BOARD, participant=code).plans] == [
        None,
        None,
        1,
    ]


def test_no_attempt_at_a_plan_tells_an_arm_in_the_trail(trial: Trial) -> None:
    """What is refused is refused alike for both arms; what differs is a verdict, or names no participant."""
    people = treated(trial)
    for wrong in (
        {"weight_kg": 700},
        {"weight_kg": None},
        {"weight_basis": "predicted"},
        {"weight_basis": None},
        {"volume_ml": 3},
        {"kit": "X-1"},
    ):
        said = set()
        for arm in ARMS:
            with pytest.raises(Refusal) as caught:
                plan(trial, people[arm], **wrong)
            said.add((caught.value.code.code, str(caught.value.place)))
        assert len(said) == 1, wrong
    for wrong in (
        {"concentration": "7.66e + 0.8"},
        {"concentration": "0 particles/mL"},
        {"uncertainty": 8},
        {"known_from": ""},
        {"vial_ml": 0},
        {"graduation_ml": 9},
        {"particles_per_cell": -1},
    ):
        with pytest.raises(Refusal):
            plan(trial, people["exosomes"], **wrong)
        last = Act.objects.order_by("-pk").first()
        assert last is not None
        assert (last.operation, last.outcome, last.participant) == ("plan_dose", "refused", "")


def test_weights_at_the_edge_of_what_can_be(trial: Trial) -> None:
    of = treated(trial)["exosomes"]
    assert [plan(trial, of, weight_kg=weight).can_be_made for weight in (20, 350)] == [True, False]
    for weight in (19.9, 350.1, 700):
        with pytest.raises(Refusal, match="ANT-001"):
            plan(trial, of, weight_kg=weight)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Trial]:
    """A trial whose product's batch CORD-7 was released by its evidence, of which every kit of that arm is."""
    trial = begin_held(tmp_path)
    send_all(trial)
    release(trial)
    trial.do("register_batch", Role.PHARMACIST, code="SAL-1", expires_on="2021-06-30", product="none")
    trial.do("release_batch", Role.PHARMACIST, code="SAL-1", reason="certificate")
    activated: dict[str, Any] = {"site": SITE, "version": 2, "approved_on": "2021-03-09"}
    trial.do("activate_site", Role.INVESTIGATOR, reference="an approval made up for tests", **activated)
    yield trial
    disconnect()


def test_the_concentration_is_that_of_the_evidence_that_the_batch_was_released_by(held: Trial) -> None:
    of = treated(held, batches={"exosomes": BATCH, "control": "SAL-1"})["exosomes"]
    found = compute_batch_concentration(specification(), whole_evidence(), batch=BATCH)
    assert found is not None
    more = {"concentration": "", "uncertainty": None, "known_from": "", "graduation_ml": 0.0001}
    made = plan(held, of, **more)
    assert made.can_be_made
    # 1e8/kg x 70 kg / 6.09e12 particles/mL is 1.1 microlitres: to be diluted before anybody draws it
    assert made.draw_ml == pytest.approx(7e9 / found.value, rel=0.05)
    assert made.known_from == found.files
    assert made.low is not None
    coarse = plan(held, of, **(more | {"graduation_ml": 0.1}))
    assert not coarse.can_be_made
    assert "a vial of lower concentration" in " ".join(coarse.possible_if)
    other = plan(held, of, graduation_ml=0.0001)
    assert [one.criterion for one in other.reasons if one.holds is False] == [
        "the concentration is that of the evidence"
    ]


def test_the_weight_of_the_form_counts_and_another_is_refused(trial: Trial) -> None:
    of = treated(trial)["exosomes"]
    values = demographics(WEIGHT="80")
    trial.do("save_form", Role.COORDINATOR, participant=of[0], form="F.DEMOGRAPHICS", values=values)
    refused(trial, "PLN-002", "plan_dose", Role.PHARMACIST, participant=of[0], kit=of[1], **DRAWN)
    trial.do(
        *("save_form", Role.COORDINATOR),
        participant=of[0],
        form="F.DEMOGRAPHICS",
        values=values,
        complete=True,
        revision=1,
    )
    assert plan(trial, of, weight_kg=None).draw_ml == 1.6
    with pytest.raises(Refusal, match="PLN-003"):
        plan(trial, of, weight_kg=70)


def test_a_dose_is_given_by_its_plan_once(trial: Trial) -> None:
    code, kit = treated(trial)["exosomes"]
    plan(trial, (code, kit))
    first = dose(trial, code, kit, plan=1, given="2 mL")
    assert first.doubts == ()
    again: dict[str, Any] = {
        "participant": code,
        "kit": kit,
        "begun_at": trial.now.isoformat(),
        "complete": False,
    }
    refused(trial, "PLN-006", "record_dose", plan=1, **again)
    refused(trial, "PLN-006", "record_dose", plan=2, **again)
    plan(trial, (code, kit))
    again["begun_at"] = trial.now.isoformat()
    refused(trial, "PLN-007", "record_dose", plan=2, given="20 mL", **again)
    refused(trial, "PLN-007", "record_dose", plan=2, given="-1 mL", **again)
    refused(trial, "QTY-002", "record_dose", plan=2, given="2", **again)
    second = trial.do("record_dose", Role.CARE_PROVIDER, plan=2, given="1500 uL", **again)
    assert [one[:7] for one in second.doubts] == ["DSF-001"]
    assert [row.given_ml for row in Dose.objects.order_by("pk")] == [2, 1.5]
    waiting = trial.do("list_dose_plans", Role.CARE_PROVIDER, participant=code).plans
    assert [(one.number, one.volume_ml, one.given) for one in waiting] == [(1, 2, True), (2, 2, True)]


def test_the_course_is_counted_for_who_may_know(trial: Trial) -> None:
    people = treated(trial)
    for arm in ARMS:
        code, kit = people[arm]
        stated = {} if arm == "exosomes" else {"concentration": "", "uncertainty": None, "known_from": ""}
        plan(trial, (code, kit), **stated)
        dose(trial, code, kit, plan=1, given="2 mL")
        plan(trial, (code, kit), **stated)
        dose(trial, code, kit, plan=2, given="1.5 mL", complete=False)
        dose(trial, code, kit)
    told = trial.do("show_cumulative_dose", Role.UNBLINDED_STATISTICIAN).courses
    by_arm = {one.arm: one for one in told}
    exosomes, saline = by_arm["exosomes"], by_arm["control"]
    assert [one.share for one in exosomes.doses] == [1, 0.75, 1]
    assert [one.particles for one in exosomes.doses] == [pytest.approx(7e9), pytest.approx(5.25e9), None]
    assert (exosomes.particles, exosomes.partial, exosomes.unknown) == (None, (2,), (3,))
    rules = [one[:7] for one in exosomes.findings]
    assert rules == ["DSF-001", "DSF-003"]
    assert [one[:7] for one in saline.findings] == ["DSF-001"]
    assert saline.particles is None


def test_contents_of_plans_are_nowhere_for_the_blind(trial: Trial) -> None:
    code, kit = treated(trial)["exosomes"]
    plan(trial, (code, kit))
    for role in Role:
        if is_blind(role):
            for name in ("show_dose_plans", "show_cumulative_dose"):
                with pytest.raises(Refusal, match=r"OPR-00[34]"):
                    trial.do(name, role, participant=code)
        if may(role, Permission.RECORD_DOSE):
            shown = trial.do("list_dose_plans", role, participant=code).plans[0]
            assert set(type(shown).model_fields) == {"number", "kit", "planned_at", "volume_ml", "given"}
    for change in Change.objects.filter(table="doseplan"):
        assert "EXO-1" not in f"{change.old} {change.new}"
        assert "exosomes" not in f"{change.old} {change.new}"
    # What the pharmacist types as given would be read by the blind.
    refused(
        *(trial, "KIT-018", "record_dose", Role.PHARMACIST),
        participant=code,
        kit=kit,
        begun_at=trial.now.isoformat(),
        complete=False,
        given="1.4 mL",
    )
