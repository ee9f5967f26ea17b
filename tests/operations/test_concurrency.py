"""Many processes at once: no allocation twice, none skipped, no fork of the trail."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Act, Allocation, Chain
from tests.operations.allocation_steps import put_enrolled, seal
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
    home = trial.opened.home
    disconnect()
    start = str(time.time() + 4)
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.operations.hurried", str(home.folder), str(home.keys_folder)),
                *(home.database_url, trial.study, start, ",".join(codes[k::PROCESSES])),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for k in range(PROCESSES)
    ]
    told = [row for process in running for row in json.loads(process.communicate(timeout=120)[0])]

    given = [row for row in told if row[1]]
    assert sorted(n for _, n, _ in given) == list(range(1, 21))
    assert sorted(code for _, n, code in told if not n) == ["RAN-105"] * 4
    rows = list(Allocation.objects.select_related("envelope", "participant").order_by("n"))
    assert {(row.participant.code, row.n, row.link) for row in rows} == {tuple(row) for row in given}
    for stratum in ("phase_1/a", "phase_1/b"):
        assert [row.envelope.slot for row in rows if row.envelope.stratum == stratum] == list(range(1, 11))
    assert [row.entry["prev"] for row in rows[1:]] == [row.link for row in rows[:-1]]

    chain = Chain.objects.get(name=trial.study)
    acts = list(Act.objects.filter(chain=chain).order_by("seq"))
    assert [act.seq for act in acts] == list(range(1, chain.acts + 1))
    assert acts[-1].digest == chain.head
    randomised = [act for act in acts if act.operation == "randomise"]
    assert [act.outcome for act in randomised].count("done") == 20
    assert [act.outcome for act in randomised].count("refused") == 4
    shown = trial.do("show_arms", Role.UNBLINDED_STATISTICIAN).allocations
    assert sorted(one.arm for one in shown) == ["control"] * 10 + ["exosomes"] * 10
