"""How fast `exotrial audit verify` reads a trail: change rows a second, and its memory, on one core.

    python -m benchmarks.audit_verify [changes]

A synthetic trail of forms of 250 and of 20 items is saved through the store's own writer, on SQLite; then it is
checked whole (digests, heads, triggers, data against trail). Issue 3 asks for 50,000 rows a second.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction

from exotrial.operations._act import Act, Actor
from exotrial.operations.access import Role
from exotrial.operations.installation import make_installation
from exotrial.store.home import Home, Opened
from exotrial.store.models import Chain, Participant, Record, Site, Study
from exotrial.store.models.audit import Act as ActRow
from exotrial.store.trail import append_act, begin_chain
from exotrial.store.verify import verify_trail

START = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = (250, 20)
"""Items of a form, half of all changes each."""


def make_trail(opened: Opened, changes: int) -> None:
    """Save forms until the trail has so many changes: each form once whole, then a tenth of it corrected."""
    with transaction.atomic():
        chain = begin_chain(opened.keys, "bench")
        chain.save(force_insert=True)
        setup = _act(opened, START)
        study = setup.add(Study(slug="bench", title="Bench", chain=chain))
        site = setup.add(Site(study=study, code="one", name="One"))
        _append(opened, chain, setup)
        person = 0
        for size in SIZES:
            written = 0
            while written < changes // len(SIZES):
                person += 1
                act = _act(opened, START + timedelta(minutes=person))
                participant = act.add(
                    Participant(
                        study=study,
                        site=site,
                        code=f"P-{person}",
                        status="on study",
                        version=1,
                        screened_at=act.now,
                    )
                )
                answers: dict[str, object] = {
                    f"ITEM{n}": n * 1.5 if n % 3 else f"text {n}" for n in range(size)
                }
                record = act.add(
                    Record(participant=participant, form="F.BENCH", version=1, values={"IG": answers})
                )
                _append(opened, chain, act)
                written += len(act.changes)
                act = _act(opened, act.now + timedelta(seconds=30))
                corrected = {key: value if n % 10 else n for n, (key, value) in enumerate(answers.items())}
                act.change(record, values={"IG": corrected}, revision=2)
                _append(opened, chain, act)
                written += len(act.changes)


def _act(opened: Opened, now: datetime) -> Act:
    actor = Actor(username="bench", name="Bench", role=Role.COORDINATOR)
    return Act(opened=opened, actor=actor, now=now, reason="a synthetic trail")


def _append(opened: Opened, chain: Chain, act: Act) -> None:
    row = ActRow(operation="save_form", outcome="done", who="bench", role="coordinator", reason=act.reason)
    append_act(chain, row, act.changes, keys=opened.keys, now=act.now)


def main(changes: int = 500_000) -> None:
    """Make the trail, check it, and print the rate."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder=Path(folder) / "home", keys_folder=Path(folder) / "keys")
        opened = make_installation(home, username="admin", name="Admin", password="four plain words here")
        begun = time.perf_counter()
        make_trail(opened, changes)
        print(f"made     {changes:,} changes in {time.perf_counter() - begun:.1f} s")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        cpu = time.process_time()
        checked = verify_trail(opened)
        taken = time.perf_counter() - begun
        cpu = time.process_time() - cpu
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        assert checked.holds, checked.problems[:3]
        print(
            f"checked  {checked.changes:,} changes of {checked.acts:,} acts, {checked.fields:,} fields of data"
        )
        print(
            f"         in {taken:.2f} s ({cpu:.2f} s of one core), {checked.changes / taken:,.0f} changes a second"
        )
        print(f"memory   {grown:.1f} MiB more than before the check")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
