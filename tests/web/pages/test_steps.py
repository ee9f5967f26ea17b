"""From screening to dose by pages: what is refused keeps what was typed, and no page of the blinded tells an arm."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import httpx
import pytest

from exotrial.operations.access import Role
from exotrial.store.models import Participant, Unblinding
from tests.operations.allocation_steps import put_enrolled, seal
from tests.operations.life_steps import definition, eligible_answers, enrol, screen
from tests.trial import PASSWORD, SITE, Trial
from tests.web.pages.visitor import Visitor, words_of


def answers(trial: Trial, **changed: object) -> dict[str, str]:
    """Answers of an eligible person as the screening page's fields."""
    words = {True: "yes", False: "no"}
    given = eligible_answers(definition(trial)) | changed
    return {
        f"answer:{item}": words[value] if isinstance(value, bool) else str(value)
        for item, value in given.items()
    }


def prepared(trial: Trial) -> tuple[str, str]:
    """A randomised participant and the kit, packed from a released batch."""
    seal(trial)
    for arm, code in (("exosomes", "EXO-1"), ("control", "SAL-1")):
        trial.do("register_batch", Role.PHARMACIST, code=code, expires_on="2031-06-30")
        if arm == "exosomes":
            trial.do("release_batch", Role.PHARMACIST, code=code, reason="certificate 7")
    batches = {"exosomes": "EXO-1", "control": "SAL-1"}
    for kit in trial.do("show_packing_list", Role.PHARMACIST).kits:
        trial.do("pack_kit", Role.PHARMACIST, number=kit.number, arm=kit.arm, batch=batches[kit.arm])
    code = enrol(trial, level="none")
    return code, trial.do("randomise", participant=code).kit


def test_a_person_is_screened_consents_is_enrolled_and_randomised_by_pages_alone(trial: Trial) -> None:
    seal(trial)
    visitor = Visitor(trial, Role.COORDINATOR)
    page = visitor.get(visitor.study("/screen"))
    assert "ARDS, moderate to severe: PaO2/FiO2 below 200 mmHg." in words_of(page)
    told = answers(trial) | {
        "site": SITE,
        "born": str(datetime.now(UTC).year - 45),
        "name": "Mina Rad",
        "send": "yes",
    }
    sent = visitor.post(visitor.study("/screen"), told | {"born": "1976-05-04"})
    assert (sent.status_code, "LIF-011" in sent.text) == (422, True)
    assert 'value="Mina Rad"' in sent.text  # nothing typed is lost
    sent = visitor.post(visitor.study("/screen"), told)
    assert sent.status_code == 303
    assert "IMAM" not in sent.headers["location"]
    code = Participant.objects.get().code
    base = visitor.study(f"/p/{visitor.ref(code)}")
    assert "Eligible" in words_of(visitor.get(f"{base}/screened"))
    assert "Missing: consent" in words_of(visitor.get(f"{base}/enrol"))
    form = {"step": "record", "version": "1.0", "language": "fa", "signed_at": "2021-03-10T12:00"}
    refused = visitor.post(f"{base}/consent", form | {"signed_at": "tomorrow"})
    assert (refused.status_code, "STP-001" in refused.text) == (422, True)
    assert visitor.post(f"{base}/consent", form).status_code == 303
    assert "RAN-101" in visitor.get(f"{base}/randomise").text
    refused = visitor.post(f"{base}/enrol", {"stratum_level": ""})
    assert "LIF-013" in refused.text
    enrolled = visitor.post(f"{base}/enrol", {"stratum_level": "none"})
    assert enrolled.headers["location"].endswith("/randomise")
    assert "Randomise now" in words_of(visitor.get(f"{base}/randomise"))
    randomised = visitor.post(f"{base}/randomise")
    assert randomised.headers["location"] == f"{base}/receipt"
    again = visitor.post(f"{base}/randomise")
    assert (again.status_code, "RAN-102" in again.text) == (422, True)
    receipt = visitor.get(f"{base}/receipt")
    assert trial.do("show_receipt", participant=code).leaf in receipt.text
    assert not re.search(r"\bexosomes\b arm|\bcontrol\b|Intervention group|Control group", words_of(receipt))


def test_the_verdict_is_told_while_answering_and_nothing_is_kept(trial: Trial) -> None:
    visitor = Visitor(trial, Role.COORDINATOR)
    told = visitor.post(visitor.study("/screen"), answers(trial) | {"site": SITE}, script=True).json()
    assert told["eligible"]
    told = visitor.post(visitor.study("/screen"), answers(trial, age=66) | {"site": SITE}, script=True).json()
    assert [one["criterion"] for one in told["reasons"] if one["holds"] is False] == ["age"]
    told = visitor.post(visitor.study("/screen"), {"site": SITE, "answer:age": "old"}, script=True).json()
    assert told["errors"][0]["code"] == "ELI-002"
    assert not Participant.objects.exists()


def test_who_is_not_eligible_is_told_by_which_criterion(trial: Trial) -> None:
    code = screen(trial, answers={"age": 66}).participant
    visitor = Visitor(trial, Role.COORDINATOR)
    said = words_of(visitor.get(visitor.study(f"/p/{visitor.ref(code)}/screened")))
    assert "Not eligible" in said
    assert "against not met: age = 66" in said
    assert "Screen again" in said
    assert "age = 66" not in visitor.get(visitor.study(f"/p/{visitor.ref(code)}/screen")).text


def test_the_kit_is_assigned_and_a_dose_of_an_unreleased_batch_is_refused_in_one_text(trial: Trial) -> None:
    code, kit = prepared(trial)
    visitor = Visitor(trial, Role.CARE_PROVIDER)
    base = visitor.study(f"/p/{visitor.ref(code)}/dose")
    assigned = visitor.post(base, {"step": "assign", "kit": kit})
    fit = trial.do("show_arms", Role.PHARMACIST).allocations[0].arm == "exosomes"
    assert (assigned.status_code, "KIT-013" in assigned.text) == ((303, False) if fit else (422, True))
    if not fit:
        trial.do("release_batch", Role.PHARMACIST, code="SAL-1", reason="certificate 8")
        assert visitor.post(base, {"step": "assign", "kit": kit}).status_code == 303
    row = Participant.objects.get(code=code)
    assert row.randomised_at is not None
    dose = {"step": "dose", "kit": kit, "complete": "yes", "amount": "2 mL"}
    early = visitor.post(base, dose | {"begun_at": "2021-03-01T08:00", "ended_at": "2021-03-01T09:00"})
    assert (early.status_code, "KIT-014" in early.text, 'value="2 mL"' in early.text) == (422, True, True)
    times = {"begun_at": "2021-03-11T08:00", "ended_at": "2021-03-11T09:00"}
    assert visitor.post(base, dose | times).status_code == 303
    assert "11 Mar 2021, 08:00 (+03:30)" in words_of(visitor.get(base))


def test_identity_is_shown_on_request_alone_and_corrected_with_a_reason(trial: Trial) -> None:
    code = screen(trial, identity={"name": "Mina Rad"}).participant
    visitor = Visitor(trial, Role.COORDINATOR)
    page = visitor.study(f"/p/{visitor.ref(code)}/identity")
    assert "Mina" not in visitor.get(page).text
    assert "Mina Rad" in visitor.post(page, {"step": "show"}).text
    assert "OPR-007" in visitor.post(page, {"step": "correct", "name": "مینا راد 🌷"}).text
    fixed = visitor.post(page, {"step": "correct", "name": "مینا راد", "reason": "misheard"})
    assert fixed.status_code == 303
    assert "مینا راد" in visitor.post(page, {"step": "show"}).text


def test_withdrawal_deviation_end_and_stratum_are_recorded(trial: Trial) -> None:
    put_enrolled(trial, "P-1", stratum="a")
    visitor = Visitor(trial, Role.COORDINATOR)
    base = visitor.study(f"/p/{visitor.ref('P-1')}")
    told = {"happened_on": "2021-03-10", "category": "consent", "importance": "minor", "text": "Late copy."}
    assert visitor.post(f"{base}/deviation", told).status_code == 303
    assert "Late copy." in visitor.get(f"{base}/deviation").text
    told = {"stratum": "b", "stratum_level": "", "reason": "ventilated"}
    assert visitor.post(f"{base}/stratum", told).status_code == 303
    assert visitor.post(f"{base}/end", {"step": "treatment", "reason": "fever"}).status_code == 303
    told = {"step": "withdraw", "scope": "everything", "data_use": "none", "withdrawn_at": "2031-03-10T10:00"}
    assert "LIF-002" in visitor.post(f"{base}/consent", told).text
    told["withdrawn_at"] = "2021-03-12T10:00"
    assert visitor.post(f"{base}/consent", told).status_code == 303
    assert Participant.objects.get().data_use == "none"


def unblind_form(answer: httpx.Response, **more: str) -> dict[str, str]:
    found = re.search(r'name="once" value="([^"]+)"', answer.text)
    assert found is not None
    return {"once": found[1], "username": "care_provider", "password": PASSWORD, "reason": "seizure", **more}


def test_an_emergency_shows_the_arm_once_and_its_answer_cannot_be_had_again(trial: Trial) -> None:
    code, _ = prepared(trial)
    visitor = Visitor(trial, Role.CARE_PROVIDER)
    asked = visitor.post(visitor.study("/emergency"), {"participant": code.lower()})
    page = asked.headers["location"]
    form = unblind_form(visitor.get(page))
    wrong = visitor.post(page, form | {"password": "wrong"})
    assert (wrong.status_code, "AUT-001" in wrong.text, "seizure" in wrong.text) == (422, True, True)
    none = visitor.post(page, form | {"reason": ""})
    assert "UNB-003" in none.text
    shown = visitor.post(page, form)
    arm = trial.do("show_arms", Role.PHARMACIST).allocations[0].arm
    name = {"exosomes": "Intervention group", "control": "Control group"}[arm]
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert f"{code} received {name}" in words_of(shown)
    again = visitor.post(page, form)  # the browser's "load again"
    assert (again.status_code, "STP-002" in again.text) == (422, True)
    assert "received" not in words_of(again)
    assert Unblinding.objects.count() == 1
    register = words_of(Visitor(trial, Role.MONITOR).get(visitor.study("/unblindings")))
    assert "care_provider" in register
    assert name not in register


def test_an_unknown_code_and_a_participant_without_an_arm_are_told_so(trial: Trial) -> None:
    visitor = Visitor(trial, Role.INVESTIGATOR)
    assert "OPR-011" in visitor.post(visitor.study("/emergency"), {"participant": "NOBODY-1"}).text
    put_enrolled(trial, "P-1")
    assert "UNB-001" in visitor.get(visitor.study(f"/p/{visitor.ref('P-1')}/unblind")).text


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MONITOR, Role.OUTCOME_ASSESSOR])
def test_who_may_not_unblind_has_no_link_and_gets_nowhere(trial: Trial, role: Role) -> None:
    put_enrolled(trial, "P-1")
    visitor = Visitor(trial, role)
    assert "/emergency" not in visitor.get(visitor.study("/randomisation")).text
    page = visitor.study(f"/p/{visitor.ref('P-1')}/unblind")
    form = {"username": role.value.replace(" ", "_"), "password": PASSWORD, "reason": "curious"}
    assert visitor.post(page, form).status_code in (403, 404, 422)
    assert not Unblinding.objects.exists()


def test_published_files_are_verified_by_anybody(trial: Trial) -> None:
    code, _ = prepared(trial)
    certificate = json.dumps(trial.do("show_certificate", number=1).certificate).encode()
    unblinded = trial.do(
        "unblind_emergency",
        Role.INVESTIGATOR,
        participant=code,
        reason="seizure",
        username="investigator",
        password=PASSWORD,
    )
    leaf = json.dumps(unblinded.proof)
    stranger = Visitor(trial)

    def bring(**files: bytes) -> httpx.Response:
        return stranger.client.post(
            "/verify",
            files={name: (f"{name}.json", data) for name, data in files.items()},
            data={"csrfmiddlewaretoken": stranger.csrf()},
            headers={"Origin": "https://localhost"},
        )

    assert "All that was checked holds." in words_of(bring(certificate=certificate, leaf=leaf.encode()))
    arm = unblinded.arm
    other = {"exosomes": "control", "control": "exosomes"}[arm]
    swapped = leaf.replace(f'"{arm}"', f'"{other}"').encode()
    assert "It does not hold." in words_of(bring(certificate=certificate, leaf=swapped))
    assert "VFY-001" in bring(certificate=certificate).text
    assert "UPL-003" in bring(certificate=b"%PDF-1.7 \xff", leaf=b"{}").text
    for wrong in (b"{}", b"[" * 90_000, b'{"a": NaN}'):
        answer = bring(certificate=certificate, export=wrong)
        assert (answer.status_code, 'class="refused"' in answer.text) == (422, True)
