"""Many processes at once: no allocation twice, none skipped, no fork of the trail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from exotrial.operations.access import Role
from exotrial.store.models import Act, Allocation, Chain, KitMovement
from tests.operations.allocation_steps import put_enrolled, seal
from tests.operations.hurried import ask_at_once
from tests.operations.life_steps import enrol
from tests.trial import Trial

PROCESSES = 6
EACH = 4


@pytest.mark.requirement(36)
def test_processes_that_randomise_at_once_give_every_slot_once_and_in_order(trial: Trial) -> None:
    trial.now = datetime.now(UTC) - timedelta(hours=1)
    seal(trial, lengths={"phase_1/a": 10, "phase_1/b": 10})
    codes = [f"P{n}" for n in range(PROCESSES * EACH)]
    for n, code in enumerate(codes):
        put_enrolled(trial, code, stratum="ab"[n % 2])
    asks = [[{"participant": code} for code in codes[k::PROCESSES]] for k in range(PROCESSES)]
    answers = ask_at_once(trial, "randomise", Role.COORDINATOR, asks)
    told = list(zip(chain(*asks), chain(*answers), strict=True))

    given = [(ask["participant"], done["n"], done["receipt"]) for ask, done in told if "n" in done]
    assert sorted(n for _, n, _ in given) == list(range(1, 21))
    assert [done["refused"] for _, done in told if "n" not in done] == ["RAN-105"] * 4
    rows = list(Allocation.objects.select_related("envelope", "participant").order_by("n"))
    assert {(row.participant.code, row.n, row.link) for row in rows} == set(given)
    for stratum in ("phase_1/a", "phase_1/b"):
        assert [row.envelope.slot for row in rows if row.envelope.stratum == stratum] == list(range(1, 11))
    assert [row.entry["prev"] for row in rows[1:]] == [row.link for row in rows[:-1]]

    trail = Chain.objects.get(name=trial.study)
    acts = list(Act.objects.filter(chain=trail).order_by("seq"))
    assert [act.seq for act in acts] == list(range(1, trail.acts + 1))
    assert acts[-1].digest == trail.head
    randomised = [act for act in acts if act.operation == "randomise"]
    assert [act.outcome for act in randomised].count("done") == 20
    assert [act.outcome for act in randomised].count("refused") == 4
    shown = trial.do("show_arms", Role.UNBLINDED_STATISTICIAN).allocations
    assert sorted(one.arm for one in shown) == ["control"] * 10 + ["exosomes"] * 10


def test_a_vial_that_two_people_dispense_at_once_is_dispensed_once(trial: Trial) -> None:
    trial.now = datetime.now(UTC) - timedelta(hours=1)
    seal(trial)
    expires = (trial.now + timedelta(days=90)).date().isoformat()
    for arm, batch in (("exosomes", "EXO-1"), ("control", "SAL-1")):
        trial.do("register_batch", Role.PHARMACIST, code=batch, expires_on=expires)
        trial.do("release_batch", Role.PHARMACIST, code=batch, reason="made up for tests")
        for kit in trial.do("show_packing_list", Role.PHARMACIST).kits:
            if kit.arm == arm:
                told = {"number": kit.number, "arm": arm, "batch": batch, "vials": 5}
                trial.do("pack_kit", Role.PHARMACIST, **told)
    code = enrol(trial, level="none")
    number = trial.do("randomise", participant=code).kit
    trial.do("assign_kit", participant=code)
    ask = [{"participant": code, "kit": number, "vials": [vial]} for vial in (1, 2, 3, 4, 5)]
    first, second = ask_at_once(trial, "dispense_vials", Role.COORDINATOR, [ask, ask])
    for one, other in zip(first, second, strict=True):
        refused = [answer.get("refused") for answer in (one, other)]
        assert sorted(refused, key=str) == ["KAC-001", None]
    rows = KitMovement.objects.filter(what="dispensed")
    assert sorted(row.vials for row in rows) == [[1], [2], [3], [4], [5]]
    assert {(row.kit.number, row.participant.code) for row in rows if row.participant} == {(number, code)}
