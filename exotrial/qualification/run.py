"""Runs every check, each on a bench of its own, and keeps what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import Error

from exotrial.core.errors import ErrorCode, Refusal, Refusals
from exotrial.qualification.bench import Bench
from exotrial.qualification.check import Check, Outcome, find_checks
from exotrial.qualification.workshop import Workshop
from exotrial.store.examine import read_engine
from exotrial.store.home import Home, open_home
from exotrial.store.schema import LOCKED, NEWER, OLDER

BAD_ENGINE = ErrorCode(
    "VAL-002",
    "The engine is not one on which a scratch installation can be made.",
    "write `sqlite`, or a PostgreSQL address such as postgresql://user:password@host:5432/name.",
)


STOPS = (Refusal, Refusals, Error, OSError, ObjectDoesNotExist, LookupError, AssertionError)
"""What a check meets where the installation is not as it should be: a step is refused, or what is due is not there."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """A check with its outcome and how long it took."""

    check: Check
    outcome: Outcome
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Qualification:
    """The whole run. `examined` is the installation's folder, "" where there was none and a scratch one served."""

    results: tuple[Result, ...]
    begun_at: datetime
    seconds: float
    examined: str
    examined_engine: str
    scratch_engine: str

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(result.outcome.passed for result in self.results)


def engine_of(text: str, home: Home) -> str:
    """The scratch engine's address, "" for SQLite: as it is given, else the installation's. Refuses with VAL-002."""
    if not text:
        return home.database_url
    if text == "sqlite":
        return ""
    if not text.startswith(("postgresql://", "postgres://")):
        raise BAD_ENGINE.refuse("the engine given is neither `sqlite` nor a PostgreSQL address")
    return text


def qualify(
    home: Home,
    *,
    engine: str = "",
    checks: Iterable[Check] | None = None,
    told: Callable[[Result], None] = lambda result: None,
) -> Qualification:
    """Run the checks: those of installation on `home` where there is one, the others on scratch copies.

    `engine` is the scratch engine's address, "" for SQLite; `told` hears each result as it comes. Refuses with
    VAL-001, HOM-003 and UPG-001 to UPG-003 before anything is checked.
    """
    begun_at, begun = datetime.now(UTC), time.monotonic()
    there = (home.keys_folder / "master.key").is_file()
    if there:
        _check_version(home)
    wanted = list(find_checks().values() if checks is None else checks)
    results = []
    with Workshop(engine) as workshop:
        scratch_engine = _engine(workshop.bench)
        real = (lambda: Bench(opened=open_home(home), scratch=False)) if there else workshop.bench
        examined_engine = _engine(real)
        for one in sorted(wanted, key=lambda check: (check.kind, check.requirements, check.name)):
            since = time.monotonic()
            outcome = _run(one, real if one.kind == "installation" else workshop.bench)
            result = Result(check=one, outcome=outcome, seconds=time.monotonic() - since)
            told(result)
            results.append(result)
    return Qualification(
        results=tuple(results),
        begun_at=begun_at,
        seconds=time.monotonic() - begun,
        examined=str(home.folder) if there else "",
        examined_engine=examined_engine,
        scratch_engine=scratch_engine,
    )


def _check_version(home: Home) -> None:
    """Refuse an installation of another version; whatever else keeps it from being opened is found by the checks."""
    try:
        open_home(home)
    except Refusal as refused:
        if refused.code in (OLDER, NEWER, LOCKED):
            raise
    except Error:
        return


def _run(one: Check, make: Callable[[], Bench]) -> Outcome:
    """What came of a check. What stops it before it can judge fails it too; any other defect goes through."""
    try:
        return one.run(make())
    except STOPS as stop:
        name = "" if isinstance(stop, (Refusal, Refusals)) else f"{type(stop).__name__}: "
        return Outcome(False, f"It could not be carried out. {name}{stop}")


def _engine(make: Callable[[], Bench]) -> str:
    try:
        make()
        return str(read_engine())
    except (Refusal, Refusals, Error) as error:
        return f"not reached ({type(error).__name__})"
