"""Lists, randomisation and unblinding as operations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exotrial.allocation.certificate import read_certificate
from exotrial.allocation.export import read_export, read_leaf
from exotrial.allocation.verify import verify_export, verify_leaf
from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import MATRIX, Role
from exotrial.store.models import Act, Allocation, Change, Envelope, Participant, Study, Unblinding
from tests.operations.allocation_steps import BLOCKS, RANDOMNESS, put_enrolled, seal
from tests.trial import PASSWORD, SITE, Trial

STATISTICIAN = Role.UNBLINDED_STATISTICIAN


def randomise(trial: Trial, code: str, *, stratum: str = "a") -> Any:
    put_enrolled(trial, code, stratum=stratum)
    return trial.do("randomise", participant=code)


def open_study(trial: Trial) -> None:
    Study.objects.filter(slug=trial.study).update(status="locked", locked_at=trial.now)
    trial.do("unblind_study", Role.SPONSOR, username="sponsor", password=PASSWORD, reason="data are locked")


@pytest.mark.requirement(35, 36, 37, 40)
def test_a_whole_list_is_given_in_order_and_verifies_offline(trial: Trial) -> None:
    sealed = seal(trial)
    certificate = read_certificate(json.dumps(sealed.certificate).encode(), name="certificate")
    given = [randomise(trial, f"P{n}", stratum="ab"[n % 2]) for n in range(12)]
    assert [one.n for one in given] == list(range(1, 13))
    assert len({one.kit for one in given}) == 12
    assert {one.arm for one in given} == {""}
    trial.do(
        "unblind_emergency",
        Role.CARE_PROVIDER,
        participant="P3",
        password=PASSWORD,
        username="care_provider",
        reason="anaphylaxis",
    )
    trial.do("correct_stratum", participant="P4", stratum="b", reason="ventilated since the morning")
    open_study(trial)
    told = trial.do("export_allocation", Role.BLINDED_STATISTICIAN, number=1)
    export = read_export(json.dumps(told.export).encode(), name="export")
    verified = verify_export(export, certificate=certificate)
    assert verified.holds, verified.problems
    assert [one.participant for one in export.unblindings] == ["P3"]
    assert [(one.participant, one.recorded, one.correct) for one in export.corrections] == [
        ("P4", "phase_1/a", "phase_1/b")
    ]
    arms = {one.participant: one.arm for one in trial.do("list_allocations", Role.AUDITOR).allocations}
    for stratum in "ab":
        here = [arm for code, arm in arms.items() if "ab"[int(code[1:]) % 2] == stratum]
        assert sorted(here) == ["control"] * 3 + ["exosomes"] * 3


def test_blocks_that_do_not_fit_the_phase_are_refused_by_name(trial: Trial) -> None:
    with pytest.raises(Refusals, match=r"SEQ-019.*block of 8"):
        trial.do("freeze_list", STATISTICIAN, stage="phase_1", parameters={"completion": "fit"})


def test_a_stage_whose_strata_have_no_size_needs_their_lengths(trial: Trial) -> None:
    with pytest.raises(Refusal, match=r"LST-012.*phase_2/a, phase_2/b"):
        trial.do("freeze_list", STATISTICIAN, stage="phase_2", parameters={"completion": "fit"})
    frozen = trial.do(
        "freeze_list",
        STATISTICIAN,
        stage="phase_2",
        parameters={"completion": "fit"},
        lengths={"phase_2/a": 30, "phase_2/b": 30},
    )
    assert frozen.manifest["parameters"]["block_sizes"] == (2, 4, 8)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ({"stage": "phase_9"}, "LST-011"),
        ({}, "LST-011"),
        ({"stage": "phase_1", "lengths": {"phase_1/c": 4}}, "LST-013"),
        ({"stage": "phase_1", "method": "minimisation"}, "LST-020"),
        ({"stage": "phase_1", "method": "permuted"}, "SEQ-012"),
        ({"stage": "phase_1", "parameters": {"block_sizes": [3], "completion": "fit"}}, "SEQ-018"),
        ({"stage": "phase_1", "parameters": {"block_sizes": [2, 4]}}, "SEQ-014"),
        ({"stage": "phase_1", "ratio": [1, 1, 1]}, "SEQ-010"),
    ],
)
def test_a_manifest_that_makes_no_list_is_refused(trial: Trial, ask: dict[str, Any], code: str) -> None:
    with pytest.raises((Refusal, Refusals), match=code):
        trial.do("freeze_list", STATISTICIAN, **ask)


@pytest.mark.requirement(33, 35)
def test_steps_of_a_list_cannot_be_skipped(trial: Trial) -> None:
    frozen = trial.do("freeze_list", STATISTICIAN, stage="phase_1", parameters=BLOCKS)
    with pytest.raises(Refusal, match="LST-003"):
        trial.do("seal_list", STATISTICIAN, number=frozen.number)
    with pytest.raises(Refusal, match="LST-001"):
        trial.do("freeze_list", STATISTICIAN, stage="phase_1", parameters=BLOCKS)
    put_enrolled(trial, "P1")
    with pytest.raises(Refusal, match="RAN-104"):
        trial.do("randomise", participant="P1")


@pytest.mark.requirement(36)
def test_a_list_that_was_given_up_is_counted_in_the_next_certificate(trial: Trial) -> None:
    first = seal(trial)
    trial.do("give_up_list", STATISTICIAN, number=first.number, reason="the ratio was wrong")
    again = seal(trial)
    assert again.certificate["generation"] == 2
    randomise(trial, "P1")
    with pytest.raises(Refusal, match="LST-005"):
        trial.do("give_up_list", STATISTICIAN, number=again.number, reason="it is not pleasant")
    open_study(trial)
    export = read_export(
        json.dumps(trial.do("export_allocation", Role.AUDITOR, number=again.number).export).encode(), name="e"
    )
    assert [one.why for one in export.given_up] == ["the ratio was wrong"]
    assert not verify_export(export).holds


@pytest.mark.requirement(36)
def test_refusals_of_randomisation(trial: Trial) -> None:
    seal(trial)
    randomise(trial, "P0")
    with pytest.raises(Refusal, match="RAN-102"):
        trial.do("randomise", participant="P0")
    with pytest.raises(Refusal, match="OPR-011"):
        trial.do("randomise", participant="P99")
    put_enrolled(trial, "P1")
    Participant.objects.filter(code="P1").update(status="screened")
    with pytest.raises(Refusal, match="RAN-101"):
        trial.do("randomise", participant="P1")
    Participant.objects.filter(code="P1").update(status="enrolled")
    for n in range(2, 7):
        randomise(trial, f"P{n}")
    with pytest.raises(Refusal, match="RAN-105"):
        trial.do("randomise", participant="P1")
    Participant.objects.filter(code="P1").update(stratum="b")
    trial.do("stop_list", Role.SPONSOR, number=1, reason="the board stopped an arm")
    with pytest.raises(Refusal, match="RAN-104"):
        trial.do("randomise", participant="P1")
    trial.do("change_site", Role.SPONSOR, site=SITE, status="suspended", reason="no beds")
    with pytest.raises(Refusal, match="RAN-103"):
        trial.do("randomise", participant="P1")
    assert Allocation.objects.count() == 6
    kept = Act.objects.filter(operation="randomise", outcome="refused").values_list("code", flat=True)
    assert list(kept) == ["RAN-102", "OPR-011", "RAN-101", "RAN-105", "RAN-104", "RAN-103"]


@pytest.mark.requirement(18, 36)
def test_a_clock_set_back_stops_randomisation(trial: Trial) -> None:
    from datetime import timedelta

    seal(trial)
    randomise(trial, "P1")
    put_enrolled(trial, "P2")
    trial.now -= timedelta(minutes=3)
    with pytest.raises(Refusal, match="RAN-108"):
        trial.do("randomise", participant="P2")
    assert Act.objects.order_by("-pk")[0].clock_step < 0


@pytest.mark.requirement(38, 40)
def test_an_emergency_shows_one_leaf_that_fits_the_certificate_and_nothing_else(trial: Trial) -> None:
    sealed = seal(trial)
    randomise(trial, "P1")
    told = trial.do(
        "unblind_emergency",
        Role.CARE_PROVIDER,
        participant="P1",
        username="care_provider",
        password=PASSWORD,
        reason="anaphylaxis",
    )
    assert told.arm in ("exosomes", "control")
    certificate = read_certificate(json.dumps(sealed.certificate).encode(), name="certificate")
    leaf = read_leaf(json.dumps(told.proof).encode(), name="leaf")
    assert verify_leaf(leaf, certificate=certificate).holds
    assert leaf.envelope.arm == told.arm
    register = trial.do("list_unblindings", Role.SPONSOR).unblindings
    assert [(one.participant, one.who, one.reason) for one in register] == [
        ("P1", "care_provider", "anaphylaxis")
    ]
    assert not Change.objects.filter(new__contains=told.arm, table="unblinding").exists()


@pytest.mark.requirement(38)
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"password": "wrong words here 4"}, "AUT-001"),
        ({"username": "coordinator"}, "AUT-001"),
        ({"username": ""}, "AUT-001"),
        ({"reason": ""}, "UNB-003"),
        ({"participant": "P2"}, "UNB-001"),
        ({"participant": "P9"}, "OPR-011"),
    ],
)
def test_an_emergency_needs_proof_and_a_reason(trial: Trial, more: dict[str, Any], code: str) -> None:
    seal(trial)
    randomise(trial, "P1")
    put_enrolled(trial, "P2")
    ask = {"participant": "P1", "username": "care_provider", "password": PASSWORD, "reason": "anaphylaxis"}
    with pytest.raises(Refusal, match=code):
        trial.do("unblind_emergency", Role.CARE_PROVIDER, **(ask | more))
    assert not Unblinding.objects.exists()


@pytest.mark.requirement(55)
def test_the_study_is_not_opened_before_the_lock(trial: Trial) -> None:
    seal(trial)
    with pytest.raises(Refusal, match="OPR-005"):
        trial.do("unblind_study", Role.SPONSOR, username="sponsor", password=PASSWORD, reason="curious")
    with pytest.raises(Refusal, match="ALX-001"):
        trial.do("export_allocation", Role.AUDITOR, number=1)


@pytest.mark.requirement(10)
@pytest.mark.parametrize("role", [role for role in Role if MATRIX[role].blind])
def test_no_blind_role_reads_arms(trial: Trial, role: Role) -> None:
    with pytest.raises(Refusal, match=r"OPR-00[34]"):
        trial.do("show_arms", role)


@pytest.mark.requirement(10, 11)
def test_arms_and_secrets_are_not_in_the_database_in_clear(trial: Trial) -> None:
    seal(trial)
    randomise(trial, "P1")
    arm = trial.do("show_arms", STATISTICIAN).allocations[0].arm
    assert arm in ("exosomes", "control")
    for envelope in Envelope.objects.all():
        assert arm.encode() not in envelope.sealed.encode()
    assert len({len(envelope.sealed) for envelope in Envelope.objects.all()}) == 1
    assert not Change.objects.filter(new=f'"{arm}"').exists()
    assert RANDOMNESS  # the contribution is public; the secret is not
    assert Act.objects.filter(operation="show_arms", outcome="done").count() == 1


def test_the_annex_tells_what_the_list_gives_away_to_its_maker_alone(trial: Trial) -> None:
    seal(trial, parameters={"block_sizes": [2], "completion": "fit"})
    annex = trial.do("show_annex", STATISTICIAN, number=1)
    for stratum in annex.strata:
        # Blackwell and Hodges 1957: in blocks of 2 the second allocation is certain, the first a coin.
        assert stratum.certain.value == pytest.approx(0.5)
        assert stratum.guessed.value == pytest.approx(0.75)
        assert stratum.guessed_method_known.value == pytest.approx(0.75)
        assert stratum.drawn_certain == pytest.approx(0.5)
        assert stratum.drawn_largest_imbalance == 1
    texts = {item.item: item.text for item in annex.consort}
    assert "block" in texts["17b"]
    with pytest.raises(Refusal, match="OPR-003"):
        trial.do("show_annex", Role.SPONSOR, number=1)
    assert "block" not in json.dumps(trial.do("show_certificate", Role.MONITOR, number=1).certificate)
    assert not Change.objects.filter(new__contains="block_sizes", table="allocationlist").exists()
