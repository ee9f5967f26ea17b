"""Saves a second over HTTP, with the audit of every field, and the time to open a participant among many.

    python -m benchmarks.forms [--seconds 10] [--engines sqlite,postgresql] [--clients 4] [--workers 2]
    python -m benchmarks.forms --peer    beside the same save through clinicedc, as a ratio

A real server (granian) on a real database answers real clients, each a process of its own, that save forms of 20
and of 250 items, new ones and changed ones by turns. Then participants are added until there are 10,000, and both
the page data of one and a save are timed among 100, 1,000 and 10,000.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.forms_load import CODES_EACH, saves_a_second, served
from benchmarks.forms_peer.clinicedc import ROUNDS, Skipped, compare, find_environment
from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.operations.access import Role
from exotrial.operations.installation import make_installation
from exotrial.store.home import Home, Opened, disconnect
from exotrial.store.models import Account, Consent, Participant, Site, Study

PASSWORD = "benchmarks need words too"
SITE = "site_1"
SIZES = (20, 250)
CROWDS = (100, 1_000, 10_000)
TIMED = 200
"""Requests timed one after the other, for a median."""


@dataclass(frozen=True)
class Bench:
    """A server that runs, and how to ask it."""

    address: str
    key: str
    study: str

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}", "X-Exotrial-Role": "coordinator"}
        return httpx.Client(base_url=f"{self.address}/api/studies/{self.study}/", headers=headers, timeout=60)

    def save(self, client: httpx.Client, code: str, items: int, *, revision: int) -> int:
        """Save the form of a participant, new or changed, and give its new revision."""
        answer = client.post(
            "save_form",
            json={
                "participant": code,
                "form": "F.ELIGIBILITY",
                "values": form_values(items, turn=revision),
                "complete": True,
                "revision": revision,
                "reason": "timing" if revision else "",
            },
        )
        answer.raise_for_status()
        return int(answer.json()["revision"])


def study_text(items: int) -> str:
    """A study file whose eligibility form asks `items` items: numbers and judgements by turns."""
    numbers = items // 3
    criteria = "\n".join(
        f'[[population.criteria]]\nid = "number_{n}"\ncategory = "inclusion"\ntext = "Number {n} is at least 1."\n'
        f'rule = {{ item = "value_{n}", at_least = 1 }}\n'
        for n in range(numbers)
    ) + "\n".join(
        f'[[population.criteria]]\nid = "judged_{n}"\ncategory = "exclusion"\ntext = "Condition {n}."\n'
        f'judgement = "whether condition {n} is there"\n'
        for n in range(items - 2 * numbers)
    )
    return f"""
schema_version = 1
id = "benchmark-{items}"
version = "1"
title = "A study made up to time forms of {items} items"
synthetic = true

[design]
phase = "pilot"
intervention_model = "single group"
allocation = "not applicable"
time_origin = "enrolment"

[[arms]]
id = "only"
name = "Only arm"
kind = "experimental"

[population]
{criteria}

[[outcomes]]
id = "any"
level = "primary"
name = "Any"
"""


def form_values(items: int, *, turn: int) -> dict[str, Any]:
    """Answers for every item of the form; each turn changes all numbers."""
    numbers = items // 3
    judged = items - 2 * numbers
    return {
        "IG.INCLUSION": {f"IE.NUMBER_{n}": "Y" for n in range(numbers)},
        "IG.EXCLUSION": {f"IE.JUDGED_{n}": "N" for n in range(judged)},
        "IG.SCREENING": {f"SV.VALUE_{n}": f"{n + turn}.5" for n in range(numbers)},
    }


def make_study(home: Home, source: str) -> tuple[Opened, str]:
    """An installation with the study of a study file, one site, and a coordinator who may save."""
    opened = make_installation(home, username="admin", name="Admin", password=PASSWORD)

    def do(name: str, who: str, role: Role, study: str = "", /, **data: Any) -> Any:
        caller = Caller(account=Account.objects.get(username=who), source="benchmark")
        return perform(opened, find_operations()[name], data, caller=caller, study=study, role=role.value)

    study: str = do("begin_study", "admin", Role.ADMINISTRATOR, source=source).study
    for who, role in (("sponsor", Role.SPONSOR), ("doctor", Role.INVESTIGATOR), ("nurse", Role.COORDINATOR)):
        do("add_account", "admin", Role.ADMINISTRATOR, username=who, name=who, password=PASSWORD)
        if role is Role.INVESTIGATOR:
            do("open_site", "sponsor", Role.SPONSOR, study, code=SITE, name="A site")
        do(
            "grant_role",
            "admin",
            Role.ADMINISTRATOR,
            username=who,
            role=role.value,
            study=study,
            site="" if role is Role.SPONSOR else SITE,
            trained_on=str(datetime.now(UTC).date()),
        )
    do(
        "activate_site",
        "doctor",
        Role.INVESTIGATOR,
        study,
        site=SITE,
        version=1,
        approved_on=str(datetime.now(UTC).date()),
        reference="none: a benchmark",
    )
    return opened, study


def add_participants(study: str, numbers: range) -> None:
    """Participants put there at once, without the steps that lead to them: what is timed comes after."""
    row = Study.objects.get(slug=study)
    site = Site.objects.get(study=row, code=SITE)
    now = datetime.now(UTC)
    made = Participant.objects.bulk_create(
        Participant(
            study=row,
            site=site,
            code=f"B-{n:05d}",
            status="enrolled",
            version=1,
            screened_at=now,
            enrolled_at=now,
        )
        for n in numbers
    )
    Consent.objects.bulk_create(
        Consent(participant=one, kind="given", version="1", language="en", signed_at=now, recorded_at=now)
        for one in made
    )


@contextmanager
def serving(home: Home, study: str, *, workers: int) -> Iterator[Bench]:
    """A server of the installation, stopped at the end."""
    environment = os.environ | {
        "EXOTRIAL_HOME": str(home.folder),
        "EXOTRIAL_KEYS": str(home.keys_folder),
        "DATABASE_URL": home.database_url,
    }
    with served(
        sys.executable,
        "exotrial.web.wsgi:make_application",
        "--factory",
        workers=workers,
        environment=environment,
        health="/api/health",
    ) as address:
        signed = httpx.post(f"{address}/api/sign-in", json={"username": "nurse", "password": PASSWORD})
        signed.raise_for_status()
        yield Bench(address=address, key=signed.json()["key"], study=study)


def timed_among(bench: Bench, items: int, crowd: int) -> tuple[float, float]:
    """Median milliseconds to open a participant's page data, and to save a new form, among so many."""
    with bench.client() as client:
        opening, saving = [], []
        for n in range(TIMED):
            code = f"B-{crowd - 1 - n % (crowd // 2):05d}"
            start = time.monotonic()
            client.post("show_participant", json={"participant": code}).raise_for_status()
            opening.append(time.monotonic() - start)
        for n in range(40):
            start = time.monotonic()
            bench.save(client, f"B-{crowd - 1 - n:05d}", items, revision=0)
            saving.append(time.monotonic() - start)
    return statistics.median(opening) * 1000, statistics.median(saving) * 1000


def alone(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Time each engine, with few participants and with many."""
    rows: list[dict[str, Any]] = []
    for engine in asked.engines.split(","):
        for items in SIZES:
            folder = Path(tempfile.mkdtemp(prefix="exotrial-forms-"))
            from tests.trial import (
                make_home_for,
            )  # the tests' PostgreSQL: a wheel, on this machine's own disk

            home = make_home_for(folder, engine)
            _, study = make_study(home, study_text(items))
            add_participants(study, range(CROWDS[0]))
            disconnect()
            with serving(home, study, workers=asked.workers) as bench:
                rate, slow, _ = saves_a_second(bench, items, clients=asked.clients, seconds=asked.seconds)
                print(
                    f"{engine:<11} {items:>4} items: {rate:7.1f} saves/s, 95 % within {slow:.0f} ms",
                    flush=True,
                )
                rows.append({"engine": engine, "items": items, "saves_per_s": rate, "p95_ms": slow})
                done = CROWDS[0]
                for crowd in CROWDS if items == SIZES[-1] else ():
                    add_participants(study, range(done, crowd))
                    disconnect()
                    done = crowd
                    opened, saved = timed_among(bench, items, crowd)
                    print(
                        f"{engine:<11} among {crowd:>6,}: page {opened:5.1f} ms, save {saved:5.1f} ms",
                        flush=True,
                    )
                    rows.append({"engine": engine, "crowd": crowd, "page_ms": opened, "save_ms": saved})
            shutil.rmtree(folder)
    return rows


def beside_peer(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Time ours and the peer by turns on SQLite; without the peer, say why and time nothing."""
    rows = []
    try:
        python = find_environment()
        for items in SIZES:
            folder = Path(tempfile.mkdtemp(prefix="exotrial-forms-"))
            home = Home(folder=folder / "home", keys_folder=folder / "keys", database_url="")
            _, study = make_study(home, study_text(items))
            add_participants(study, range(ROUNDS * asked.clients * CODES_EACH))
            disconnect()
            with serving(home, study, workers=asked.workers) as bench:
                rows.append(
                    compare(
                        bench,
                        python,
                        items,
                        clients=asked.clients,
                        workers=asked.workers,
                        seconds=asked.seconds,
                    )
                )
            shutil.rmtree(folder)
    except Skipped as why:
        print(f"clinicedc: skipped, because {why}")
    return rows


def main() -> None:
    """Time both engines and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--peer", action="store_true", help="beside clinicedc, on SQLite")
    asked = parser.parse_args()
    rows = beside_peer(asked) if asked.peer else alone(asked)
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
