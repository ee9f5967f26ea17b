"""Builds the installation of the demonstration, and finds one that was built before.

It is made in a folder beside its own and moved there when it is whole: a demonstration that was stopped half-way
is never found.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from exotrial.core.errors import ErrorCode
from exotrial.operations.access import MATRIX, Role
from exotrial.operations.demo.conducted import conduct_until
from exotrial.operations.demo.published import load_published
from exotrial.operations.simulation.crew import found
from exotrial.store.home import Home, disconnect

NOT_A_DEMO = ErrorCode(
    "DMO-002",
    "The folder holds something else than a demonstration.",
    "give a folder that is new, empty or holds a demonstration; nothing was changed.",
)
NO_STUDIES = ErrorCode(
    "DMO-003",
    "The study files of the demonstration are not there.",
    "run the command in a clone of exotrial, or name the folder `studies` with --studies.",
)

PASSWORD = "demo demo demo demo"
"""The password of every account: it is printed, and guards made-up people and published values alone."""
SOURCE = "demonstration"
PUBLISHED = ("chictr2000030261", "mexcovid")
CONDUCTED = "irct20201202049568n3"
_MARKER = "demonstration.json"
_BEGINS = date(2020, 1, 20)
"""Before the first patient of the first trial."""

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """What was built: on which day, and for whom there are accounts."""

    built_on: str
    accounts: tuple[tuple[str, str], ...]
    """Username and role."""


def home_in(folder: Path) -> Home:
    """The installation of a demonstration: always SQLite in its own folder, whatever the environment names."""
    return Home(folder=folder.resolve(), keys_folder=folder.resolve() / "keys")


def find_demonstration(folder: Path) -> Demonstration | None:
    """The demonstration that a folder holds, None where it is new or empty. Refuses with DMO-002."""
    marker = folder / _MARKER
    if marker.is_file():
        told = json.loads(marker.read_text(encoding="utf-8"))
        accounts = tuple((username, role) for username, role in told["accounts"])
        return Demonstration(built_on=told["built_on"], accounts=accounts)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NOT_A_DEMO.refuse(f"'{folder}' is not empty", value=folder)
    return None


def build_demonstration(
    folder: Path,
    *,
    studies: Path,
    now: datetime,
    participants: int | None = None,
    told: Told = lambda what, done, of: None,
) -> Demonstration:
    """Build the demonstration in a folder, in the place of one that is there. Refuses with DMO-002 and DMO-003.

    `participants` of the trial under way; its study file's number where None.
    """
    find_demonstration(folder)
    for name in (*PUBLISHED, CONDUCTED):
        if not (studies / name / "study.toml").is_file():
            raise NO_STUDIES.refuse(f"there is no '{studies / name / 'study.toml'}'", value=studies)
    aside = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        built = _build(aside, studies, now=now, participants=participants, told=told)
        (aside / _MARKER).write_text(json.dumps(asdict(built)), encoding="utf-8")
        disconnect()
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    finally:
        disconnect()
        shutil.rmtree(aside, ignore_errors=True)
    return built


def _build(
    folder: Path, studies: Path, *, now: datetime, participants: int | None, told: Told
) -> Demonstration:
    begins = datetime.combine(_BEGINS, time(8), UTC)
    crew = found(home_in(folder), password=PASSWORD, now=begins, source=SOURCE, called="Demo")
    first, last = PUBLISHED
    load_published(crew, studies / first, told=lambda done, of: told(first, done, of))
    conduct_until(
        crew,
        (studies / CONDUCTED / "study.toml").read_text(encoding="utf-8"),
        now=now,
        participants=participants,
        told=lambda done, of: told(CONDUCTED, done, of),
    )
    # Of the last no day is published: it stands with the day on which it was entered.
    crew.now = max(crew.now, now - timedelta(minutes=5))
    load_published(crew, studies / last, told=lambda done, of: told(last, done, of))
    roles = sorted(Role, key=lambda role: (not MATRIX[role].by_site, role.value))
    return Demonstration(
        built_on=now.date().isoformat(),
        accounts=tuple((role.value.replace(" ", "_"), role.value) for role in roles),
    )
