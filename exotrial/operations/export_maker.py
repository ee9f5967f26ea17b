"""The process that makes exports: one at a time, each in a process of its own, which can be ended."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from exotrial.core.errors import ErrorCode, Refusal, Refusals
from exotrial.operations._operation import Caller
from exotrial.operations.exporting import make_export
from exotrial.store.exports import (
    Job,
    Progress,
    State,
    find_job,
    find_waiting,
    held,
    is_called_off,
    list_jobs,
    put_files,
    remove_old,
    tell,
)
from exotrial.store.home import Home, Opened, disconnect, open_home
from exotrial.store.models import Account

SOURCE = "page"
_LOOK_SECONDS = 0.3
_SWEEP_SECONDS = 600
_WORK = "work"

CLOSED = ErrorCode(
    "XPO-002", "The account of who asked is closed.", "ask with an account that is open; nothing was made."
)


def make_exports(home: Home, *, go_on: Callable[[], bool]) -> None:
    """Make what is asked for, until `go_on` says no; what is being made then is ended."""
    swept = 0.0
    while go_on():
        if time.monotonic() - swept > _SWEEP_SECONDS or not swept:
            remove_old(home, now=datetime.now(UTC))
            swept = time.monotonic()
        job = find_waiting(home, now=datetime.now(UTC))
        if job is None:
            time.sleep(_LOOK_SECONDS)
        else:
            _watch(home, job, go_on)


def _watch(home: Home, job: Job, go_on: Callable[[], bool]) -> None:
    """Have one export made by a process, and end the process where the export is called off."""
    process: BaseProcess = get_context("spawn").Process(target=make_one, args=(home, job.id))
    process.start()
    ended_by_us = False
    while process.is_alive():
        process.join(_LOOK_SECONDS)
        if process.is_alive() and (is_called_off(job) or not go_on()):
            ended_by_us = True
            process.terminate()
            process.join()
    shutil.rmtree(
        job.folder / _WORK, ignore_errors=True
    )  # what it was made from, where it did not come to its end
    now = _now_of(home, job)
    if now.progress.state in (State.DONE, State.REFUSED):
        return
    if ended_by_us and is_called_off(job):
        tell(job, replace(now.progress, state=State.CALLED_OFF, says=""))
    else:
        tell(job, replace(now.progress, state=State.DIED, says="its process ended before it"))


def make_one(home: Home, id_: str) -> None:
    """Make one export, in a process of its own."""
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this process then
    opened = open_home(home)
    try:
        for job in _found(home, id_):
            with held(job) as mine:
                if mine and job.progress.state is State.WAITING:
                    _make(opened, job)
    finally:
        disconnect()


def _make(opened: Opened, job: Job) -> None:
    progress = Progress(state=State.MAKING, steps=1, says="beginning")
    tell(job, progress)

    def told(step: int, steps: int, says: str) -> None:
        nonlocal progress
        progress = replace(progress, step=step, steps=steps, says=says)
        tell(job, progress)

    asked = job.asked
    account = Account.objects.get(username=asked.who)
    try:
        if not account.active:
            raise CLOSED.refuse(f"{asked.who} is closed")
        files = make_export(
            opened,
            asked.what,
            caller=Caller(account=account, source=SOURCE),
            study=asked.study,
            role=asked.role,
            folder=job.folder / _WORK,
            told=told,
        )
    except (Refusal, Refusals) as refused:
        first = refused if isinstance(refused, Refusal) else refused.refusals[0]
        tell(
            job,
            replace(
                progress,
                state=State.REFUSED,
                code=first.code.code,
                says=f"{first.code.meaning} {first.problem}",
                remedy=first.remedy,
            ),
        )
        return
    shutil.rmtree(job.folder / _WORK, ignore_errors=True)
    put_files(replace(job, progress=replace(progress, step=progress.steps)), files)


def _now_of(home: Home, job: Job) -> Job:
    asked = job.asked
    return find_job(home, job.id, who=asked.who, study=asked.study, now=asked.at)


def _found(home: Home, id_: str) -> list[Job]:
    return [job for job in list_jobs(home, now=datetime.now(UTC)) if job.id == id_]
