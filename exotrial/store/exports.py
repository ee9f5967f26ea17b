"""Exports that are made in the background: who asked for what, how far it is, and the files, in the home's folder.

One folder for each, which only the owner of the process reads (0700, files 0600). Whoever works at one holds a lock
that the system gives back when the process dies, so that a dead one is known and never looks as if it went on.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from exotrial.core.errors import ErrorCode
from exotrial.store.home import Home

try:
    import fcntl
except ImportError:  # a system without it cannot tell a dead job from a slow one
    fcntl = None  # type: ignore[assignment]

NO_JOB = ErrorCode(
    "JOB-001",
    "There is no such export of yours.",
    "ask for it again; files are kept for seven days, and only for who asked for them.",
)
TOO_MANY = ErrorCode(
    "JOB-002",
    "Too many exports of yours are waiting.",
    "wait until one is made, or call one off.",
)

KEPT = timedelta(days=7)
MOST_WAITING = 3
_ID = re.compile(r"[0-9a-f]{32}")
_ASKED, _STATE, _CALLED_OFF, _LOCK, _FILES = "asked.json", "state.json", "called-off", "lock", "files"


class State(StrEnum):
    """How an export stands."""

    WAITING = "waiting"
    MAKING = "being made"
    DONE = "done"
    REFUSED = "refused"
    CALLED_OFF = "called off"
    DIED = "died"


OPEN = frozenset({State.WAITING, State.MAKING})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for: by whom, as which role, in which study."""

    who: str
    study: str
    role: str
    what: str
    title: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far it is: `step` of `steps` and what is being done; of a refusal its code, problem and way out."""

    state: State = State.WAITING
    step: int = 0
    steps: int = 0
    says: str = ""
    code: str = ""
    remedy: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Job:
    """One export as it stands."""

    id: str
    folder: Path
    asked: Asked
    progress: Progress

    @property
    def is_open(self) -> bool:
        return self.progress.state in OPEN

    def read(self, name: str) -> bytes:
        """One of its files. Refuses with JOB-001."""
        if name not in self.progress.files:
            raise NO_JOB.refuse("there is no such file")
        return (self.folder / _FILES / name).read_bytes()


def ask_for(home: Home, asked: Asked) -> Job:
    """Put an export in the queue. Refuses with JOB-002."""
    waiting = [job for job in list_jobs(home, who=asked.who, now=asked.at) if job.is_open]
    if len(waiting) >= MOST_WAITING:
        raise TOO_MANY.refuse(f"{len(waiting)} of yours are not made yet", value=len(waiting))
    rooms = _rooms(home)
    rooms.mkdir(mode=0o700, exist_ok=True)
    made = rooms / f".{secrets.token_hex(16)}"
    made.mkdir(mode=0o700)
    _write(made / _ASKED, json.dumps(asdict(asked) | {"at": asked.at.isoformat()}))
    _write(made / _STATE, json.dumps(asdict(Progress())))
    folder = rooms / made.name[1:]
    made.rename(folder)  # seen only when it is whole
    return _read(folder)


def list_jobs(home: Home, *, now: datetime, who: str = "", study: str = "") -> list[Job]:
    """Exports that are kept, of a person and a study where they are named, the newest first."""
    rooms = _rooms(home)
    if not rooms.is_dir():
        return []
    found = [
        job for folder in rooms.iterdir() if _ID.fullmatch(folder.name) for job in _read_if_there(folder)
    ]
    return sorted(
        (
            job
            for job in found
            if job.asked.at + KEPT > now
            and (not who or job.asked.who == who)
            and (not study or job.asked.study == study)
        ),
        key=lambda job: (job.asked.at, job.id),
        reverse=True,
    )


def find_job(home: Home, id_: str, *, who: str, study: str, now: datetime) -> Job:
    """A person's export in a study. Refuses with JOB-001, whatever the reason is."""
    folder = _rooms(home) / id_
    found = _read_if_there(folder) if _ID.fullmatch(id_) else []
    for job in found:
        if job.asked.who == who and job.asked.study == study and job.asked.at + KEPT > now:
            return job
    raise NO_JOB.refuse("there is none of that name")


def call_off(job: Job) -> None:
    """Ask that an export is not made, or not made further."""
    if job.is_open:
        _write(job.folder / _CALLED_OFF, "")


def is_called_off(job: Job) -> bool:
    """Whether somebody asked for it to end."""
    return (job.folder / _CALLED_OFF).exists()


def remove_old(home: Home, *, now: datetime) -> int:
    """Take away what is older than KEPT; how many were."""
    rooms = _rooms(home)
    folders = [folder for folder in rooms.iterdir() if _ID.fullmatch(folder.name)] if rooms.is_dir() else []
    old = [job.folder for folder in folders for job in _read_if_there(folder) if job.asked.at + KEPT <= now]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def find_waiting(home: Home, *, now: datetime) -> Job | None:
    """The export that has waited longest."""
    waiting = [job for job in list_jobs(home, now=now) if job.progress.state is State.WAITING]
    return waiting[-1] if waiting else None


@contextmanager
def held(job: Job) -> Iterator[bool]:
    """Work at an export: False where another process does. The lock falls with the process."""
    with (job.folder / _LOCK).open("w") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
        yield True


def tell(job: Job, progress: Progress) -> None:
    """Write down how far it is."""
    _write(job.folder / _STATE, json.dumps(asdict(progress)))


def put_files(job: Job, files: Mapping[str, bytes]) -> None:
    """Keep the files that were made, and say that it is done; names are plain names."""
    folder = job.folder / _FILES
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, content in files.items():
        _write(folder / name, content)
    tell(job, replace(job.progress, state=State.DONE, says="", files=tuple(files)))


def _rooms(home: Home) -> Path:
    return home.folder / "exports"


def _read_if_there(folder: Path) -> list[Job]:
    try:
        return [_read(folder)]
    except FileNotFoundError:  # taken away meanwhile
        return []


def _read(folder: Path) -> Job:
    asked = json.loads((folder / _ASKED).read_text(encoding="utf-8"))
    told = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    progress = Progress(**(told | {"state": State(told["state"]), "files": tuple(told["files"])}))
    job = Job(
        id=folder.name,
        folder=folder,
        asked=Asked(**(asked | {"at": datetime.fromisoformat(asked["at"])})),
        progress=progress,
    )
    if progress.state is State.MAKING and fcntl is not None and _is_free(folder):
        again = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        if again["state"] == State.MAKING:  # it did not end between the two looks
            return replace(
                job, progress=replace(progress, state=State.DIED, says="its process ended before it")
            )
    if progress.state is State.WAITING and is_called_off(job):
        return replace(job, progress=replace(progress, state=State.CALLED_OFF))
    return job


def _is_free(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(path: Path, content: str | bytes) -> None:
    """Write a file that only its owner reads; it is there whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    draft.replace(path)
