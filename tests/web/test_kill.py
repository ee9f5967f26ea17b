"""Kill -9 at any moment: every acknowledged save is there afterwards, and nothing is half-written (issue 3, 4).

Most rounds kill a process that saves by the gateway; a few kill the whole server under HTTP clients.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Chain, Site
from exotrial.store.models.audit import Act
from exotrial.store.trail import BEGIN, act_digest, act_header, change_digest, head_mark, value_digest
from tests.conftest import PROJECT
from tests.trial import ENGINES, PASSWORD, Trial, begin_trial
from tests.web.live import environment_of, serving

KILLS = 200
SERVER_KILLS = 5


def check(trial: Trial, acknowledged: set[str]) -> int:
    """Hold the database to what was acknowledged and to its own trail; the number of sites."""
    chain = Chain.objects.get(name=trial.study)
    before, sites_told = BEGIN, {}
    acts = Act.objects.filter(chain=chain).order_by("seq").prefetch_related("changes")
    for number, act in enumerate(acts, start=1):
        changes = sorted(act.changes.all(), key=lambda change: change.position)
        assert act.seq == number
        assert act.count == len(changes)
        digests = [
            change_digest(c.table, c.row, c.field, value_digest(c.salt, c.old), value_digest(c.salt, c.new))
            for c in changes
        ]
        assert act.digest == act_digest(before, act_header(act, chain.name), digests)
        before = act.digest
        if act.operation == "open_site":
            sites_told[act.site] = {c.field: c.new for c in changes}
    assert (chain.acts, chain.head) == (len(acts), before)
    assert chain.mark == head_mark(trial.opened.keys, chain.name, chain.acts, chain.head)
    there = {site.code: site.flat() for site in Site.objects.filter(study__slug=trial.study)}
    assert acknowledged <= set(there)
    killed = {code: fields for code, fields in there.items() if code.startswith("k")}
    assert killed == {code: told for code, told in sites_told.items() if code.startswith("k")}
    return len(there)


@pytest.mark.requirement(51)
@pytest.mark.parametrize("engine", ENGINES)
def test_killed_while_saving_it_loses_nothing_acknowledged(engine: str, tmp_path: Path) -> None:
    trial = begin_trial(tmp_path, engine)
    chance = random.Random(1)
    acknowledged: set[str] = set()
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.web.kill_worker", trial.study],
        env=environment_of(trial.opened.home),
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    try:
        for number in range(KILLS):
            nursery.stdin.write(f"k{number}\n")
            nursery.stdin.flush()
            # One of four is killed while it opens the database, the others once the first save is told.
            early = number % 4 == 0
            pid = 0
            timer: threading.Timer | None = None
            for line in nursery.stdout:
                word, _, rest = line.strip().partition(" ")
                if word == "pid":
                    pid = int(rest)
                elif word == "ended":
                    assert int(rest) == signal.SIGKILL
                    break
                else:
                    acknowledged.add(word)
                if timer is None and (early or word != "pid"):
                    wait = chance.uniform(0.0, 0.05)
                    timer = threading.Timer(wait, os.kill, (pid, signal.SIGKILL))
                    timer.start()
            assert timer is not None
            timer.join()
            if number % 50 == 0:
                check(trial, acknowledged)
    finally:
        nursery.stdin.close()
        nursery.wait(timeout=30)
        nursery.stdout.close()
    sites = check(trial, acknowledged)
    assert len(acknowledged) >= KILLS * 3 // 4  # the rounds did save
    assert sites >= len(acknowledged)
    disconnect()


@pytest.mark.requirement(51)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_server_comes_up_again_with_everything_it_acknowledged(engine: str, tmp_path: Path) -> None:
    trial = begin_trial(tmp_path, engine)
    chance = random.Random(2)
    acknowledged: set[str] = set()
    for number in range(SERVER_KILLS):
        with serving(trial.opened.home, tmp_path / "log") as live:
            told = {"username": trial.people[Role.SPONSOR], "password": PASSWORD}
            key = httpx.post(f"{live.url}/api/sign-in", json=told, timeout=30).json()["key"]
            headers = {"Authorization": f"Bearer {key}"}
            clients = [
                threading.Thread(target=load, args=(live.url, trial.study, headers, code, acknowledged))
                for code in (f"k{number}a", f"k{number}b", f"k{number}c", f"k{number}d")
            ]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.1, 0.6))
            live.kill()
            for client in clients:
                client.join()
        check(trial, acknowledged)
    assert len(acknowledged) > SERVER_KILLS
    disconnect()


def load(url: str, study: str, headers: dict[str, str], prefix: str, acknowledged: set[str]) -> None:
    """Open sites over HTTP until the server is gone."""
    with httpx.Client(headers=headers, timeout=30) as client:
        number = 0
        while True:
            code = f"{prefix}_{number}"
            try:
                answer = client.post(
                    f"{url}/api/studies/{study}/open_site", json={"code": code, "name": "A hospital"}
                )
            except httpx.TransportError:
                return
            assert answer.status_code == 200, answer.text
            acknowledged.add(code)
            number += 1
