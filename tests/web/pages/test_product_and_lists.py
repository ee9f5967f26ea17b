"""The pharmacist's pages, and making a list in the order that nobody can choose it; the blinded see kits by number."""

from __future__ import annotations

import httpx

from exotrial.operations.access import Role
from exotrial.store.models import AllocationList, Batch, Kit
from tests.operations.allocation_steps import RANDOMNESS, seal
from tests.trial import Trial
from tests.web.pages.visitor import Visitor, words_of


def test_a_list_is_frozen_contributed_to_and_sealed_by_pages(trial: Trial) -> None:
    maker, second = Visitor(trial, Role.UNBLINDED_STATISTICIAN), Visitor(trial, Role.MONITOR)
    page = maker.study("/randomisation")
    freeze = {"step": "freeze", "stage": "phase_1", "parameters": "block_sizes = 2, 4\ncompletion = fit"}
    refused = maker.post(page, freeze | {"parameters": "block_sizes = two, 4"})
    assert (refused.status_code, "block_sizes = two, 4" in refused.text) == (422, True)
    assert maker.post(page, freeze).status_code == 303
    assert "Seal list" not in words_of(maker.get(page))
    told = {"step": "contribute", "number": "1", "who": "dice of the ethics office", "randomness": "short"}
    short = second.post(page, told)
    assert (short.status_code, "dice of the ethics office" in short.text) == (422, True)
    assert second.post(page, told | {"randomness": RANDOMNESS}).status_code == 303
    assert maker.post(page, {"step": "seal", "number": "1"}).status_code == 303
    certificate = Visitor(trial, Role.AUDITOR).get(f"{page}/1")
    assert AllocationList.objects.get().root in certificate.text
    file = second.get(f"{page}/1/certificate")
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.json()["root"] == AllocationList.objects.get().root
    assert "Guessed right" in words_of(maker.get(f"{page}/1/annex"))
    assert second.get(f"{page}/1/annex").status_code in (403, 404)
    assert maker.post(page, {"step": "give up", "number": "1", "reason": ""}).status_code == 422
    assert maker.post(page, {"step": "give up", "number": "1", "reason": "a mistake"}).status_code == 303


def test_a_list_from_outside_is_brought_as_text_and_nothing_else(trial: Trial) -> None:
    maker = Visitor(trial, Role.UNBLINDED_STATISTICIAN)

    def bring(data: bytes) -> httpx.Response:
        return maker.client.post(
            maker.study("/randomisation"),
            files={"file": ("list.csv", data)},
            data={
                "csrfmiddlewaretoken": maker.csrf(),
                "step": "import",
                "stage": "phase_1",
                "made_by": "SAS 9.1",
            },
            headers={"Origin": "https://localhost"},
        )

    assert "UPL-003" in bring(b"%PDF-1.7").text
    assert 'value="SAS 9.1"' in bring(b"stratum,slot,arm\nphase_1/a,1,nothing\n").text
    rows = [f"phase_1/{s},{n},{arm}" for s in "ab" for n, arm in enumerate(["exosomes", "control"] * 3, 1)]
    assert bring("\n".join(["stratum,slot,arm", *rows, ""]).encode()).status_code == 303


def test_an_unknown_step_is_refused_and_nothing_happens(trial: Trial) -> None:
    answer = Visitor(trial, Role.SPONSOR).post(f"/study/{trial.study}/randomisation", {"step": "destroy"})
    assert (answer.status_code, "STP-003" in answer.text) == (422, True)


def test_a_pharmacists_day_by_forms(trial: Trial) -> None:
    seal(trial)
    visitor = Visitor(trial, Role.PHARMACIST)
    page = visitor.study("/product")
    for code in ("EXO-1", "SAL-1"):
        told = {"step": "register", "code": code, "expires_on": "2031-06-30"}
        assert visitor.post(page, told).status_code == 303
    again = visitor.post(page, told)
    assert (again.status_code, "KIT-001" in again.text) == (422, True)
    assert "OPR-007" in visitor.post(page, {"step": "release", "code": "EXO-1", "reason": ""}).text
    told = {"step": "release", "code": "EXO-1", "reason": "certificate 7"}
    assert visitor.post(page, told).status_code == 303
    kit = trial.do("show_packing_list", Role.PHARMACIST).kits[0]
    batch = {"exosomes": "EXO-1", "control": "SAL-1"}[kit.arm]
    other = {"exosomes": "control", "control": "exosomes"}[kit.arm]
    assert kit.number in visitor.get(f"{page}/packing-list").text
    packed = {"step": "pack", "number": kit.number, "arm": other, "batch": batch}
    assert "KIT-007" in visitor.post(page, packed).text
    assert visitor.post(page, packed | {"arm": kit.arm}).status_code == 303
    recalled = visitor.post(page, {"step": "recall", "code": batch, "reason": "particles seen"})
    assert kit.number in words_of(recalled)
    assert Batch.objects.filter(status="recalled").count() == 1


def test_everybody_else_sees_kits_by_number_and_state(trial: Trial) -> None:
    test_a_pharmacists_day_by_forms(trial)
    seen = words_of(Visitor(trial, Role.COORDINATOR).get(f"/study/{trial.study}/product"))
    assert Kit.objects.get().number in seen
    assert not any(word in seen for word in ("EXO-1", "SAL-1", "Arm", "Batch", "group"))


def test_arms_are_shown_on_request_to_who_knows_them(trial: Trial) -> None:
    seal(trial)
    page = f"/study/{trial.study}/randomisation/arms"
    knows = Visitor(trial, Role.SAFETY_BOARD)
    assert "Show the arms" in words_of(knows.get(page))
    assert "Nobody is randomised yet." in words_of(knows.post(page))
    assert Visitor(trial, Role.INVESTIGATOR).post(page).status_code in (403, 404)


def test_the_planned_unblinding_waits_for_the_lock(trial: Trial) -> None:
    visitor = Visitor(trial, Role.SPONSOR)
    page = visitor.study("/randomisation/unblind")
    assert "once it is locked" in words_of(visitor.get(page))
    told = {"username": "sponsor", "password": "four plain words here", "reason": "now"}
    refused = visitor.post(page, told)
    assert (refused.status_code, "OPR-005" in refused.text) == (422, True)
