"""Server time of the pages among 100, 1,000 and 10,000 participants, and the SQL statements that each one takes.

    python -m benchmarks.pages [--crowds 100,1000,10000] [--turns 15]

The IRCT trial on SQLite, its visits counted from randomisation. Participants, their consents and one form for each
visit of theirs are put there at once, past the operations; what is timed is the whole answer of the application, from
the request to the last byte of HTML, in this process. Bar: a median under 100 ms for each page, at a flat number of
statements. Counts over the whole study are remembered until its trail grows, so each page is also timed just after
something was written ("after a change").
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from django.db import connection

from benchmarks.forms import PASSWORD, SITE, make_study
from exotrial.operations._act import forms_of, read_version
from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.operations.access import Role
from exotrial.operations.authenticate import sign_in
from exotrial.store.home import Home, Opened, disconnect
from exotrial.store.models import Account, Consent, Participant, Query, Record, Site, Study
from exotrial.web import installation
from exotrial.web.pages._refs import make_ref
from exotrial.web.pages._serve import SESSION
from exotrial.web.wsgi import make_application

CROWDS = (100, 1_000, 10_000)
BAR_MS = 100
ASKED = {
    "at": "2026-01-01T00:00:00Z",
    "who": "monitor",
    "role": "monitor",
    "text": "Is it right?",
    "status": "open",
}
STUDY = Path(__file__).parents[1] / "studies" / "irct20201202049568n3" / "study.toml"


def study_source() -> str:
    """The study file, with days that count from randomisation: the registered one does not say from when."""
    source = STUDY.read_text(encoding="utf-8")
    return source.replace('time_origin = "not stated"', 'time_origin = "randomisation"', 1)


def add_crowd(study: str, numbers: range) -> None:
    """Participants randomised up to 70 days ago, with a form for each visit that has come, and some queries."""
    row = Study.objects.get(slug=study)
    site = Site.objects.get(study=row, code=SITE)
    now = datetime.now(UTC)
    days = {one.id: one.day for one in read_version(row.pk, row.version, row.version_digest).encounters}
    forms = forms_of(row.pk, row.version, row.version_digest).values()
    planned = [(form.oid, visit, days[visit]) for form in forms for visit in form.encounters]
    people = Participant.objects.bulk_create(
        Participant(
            study=row,
            site=site,
            code=f"B-{n:05d}",
            status="randomised",
            version=1,
            stratum="a",
            stage="phase_2",
            screened_at=now - timedelta(days=n % 70),
            enrolled_at=now - timedelta(days=n % 70),
            randomised_at=now - timedelta(days=n % 70),
        )
        for n in numbers
    )
    Consent.objects.bulk_create(
        Consent(participant=one, kind="given", version="1", language="fa", signed_at=now, recorded_at=now)
        for one in people
    )
    records = Record.objects.bulk_create(
        Record(
            participant=one,
            form=form,
            encounter=visit,
            version=1,
            status="draft" if at % 50 == 0 else "complete",
        )
        for at, one in enumerate(people)
        for form, visit, day in [("F.DEMOGRAPHICS", "", 0), *planned]
        if day <= numbers[at] % 70
    )
    asked = [one for one in records if not one.encounter][::20]
    Query.objects.bulk_create(
        Query(record=one, key="IG.DM/DM.AGE", messages=[ASKED], raised_at=now) for one in asked
    )


def write_something(opened: Opened, study: str) -> None:
    """One act more in the study's trail."""
    caller = Caller(account=Account.objects.get(username="nurse"), source="benchmark")
    told = {
        "site": SITE,
        "happened_on": datetime.now(UTC).date(),
        "category": "other",
        "importance": "minor",
        "text": "The door of the ward stood open.",
    }
    deviation = find_operations()["report_deviation"]
    perform(opened, deviation, told, caller=caller, study=study, role=Role.COORDINATOR.value)


class Pages:
    """The pages, asked in this process."""

    def __init__(self, opened: Opened, study: str) -> None:
        installation.serve(opened)
        transport = httpx.WSGITransport(app=make_application())
        key = sign_in(opened, "nurse", PASSWORD).key
        self.client = httpx.Client(
            transport=transport, base_url="https://localhost", cookies={SESSION: key}, timeout=120
        )
        self.statements = 0

    def ask(self, path: str) -> tuple[float, int]:
        """Milliseconds and SQL statements of one answer."""
        self.statements = 0
        with connection.execute_wrapper(self._count):
            begun = time.perf_counter()
            answer = self.client.get(path)
            took = (time.perf_counter() - begun) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return took, self.statements

    def _count(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)


def addresses(opened: Opened, study: str, crowd: int) -> Iterator[tuple[str, str]]:
    """The pages that are timed, by name."""
    there = f"/study/{study}"
    person = f"{there}/p/{make_ref(opened.keys, study, f'B-{crowd // 2:05d}')}"
    yield "home", "/"
    yield "trial", there
    yield "participants", f"{there}/participants"
    yield "last page", f"{there}/participants?page={-(-crowd // 50)}"
    yield "participant", person
    yield "form", f"{person}/form/F.DEMOGRAPHICS?n=1"
    yield "queries", f"{there}/queries"


def main() -> None:
    """Time the pages and print a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--crowds", default=",".join(map(str, CROWDS)))
    parser.add_argument("--turns", type=int, default=15)
    asked = parser.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="exotrial-pages-") as folder:
        home = Home(folder=Path(folder), keys_folder=Path(folder) / "keys", hosts=("localhost",))
        opened, study = make_study(home, study_source())
        pages = Pages(opened, study)
        done = 0
        for crowd in map(int, asked.crowds.split(",")):
            add_crowd(study, range(done, crowd))
            done = crowd
            write_something(opened, study)  # the crowd came past the trail
            for name, path in addresses(opened, study, crowd):
                pages.ask(path)  # what is read once in a process is not what is timed
                told = [pages.ask(path) for _ in range(asked.turns)]
                median = statistics.median(took for took, _ in told)
                first: list[float] = []
                for _ in range(5):
                    write_something(opened, study)
                    took, statements = pages.ask(path)
                    first.append(took)
                changed = statistics.median(first)
                over = "  over the bar" if median > BAR_MS else ""
                print(
                    f"among {crowd:>6,}  {name:<13} {median:7.1f} ms, {told[-1][1]:>3} statements{over}; "
                    f"after a change {changed:7.1f} ms, {statements:>3} statements",
                    flush=True,
                )
                rows.append(
                    {
                        "crowd": crowd,
                        "page": name,
                        "ms": median,
                        "statements": told[-1][1],
                        "changed_ms": changed,
                    }
                )
        disconnect()
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
