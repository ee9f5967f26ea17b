"""The workshop: makes scratch installations for checks, one copy for each, and removes every one of them.

A trial is made once and copied, because making it costs a password hash for each person.
"""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from exotrial.qualification.bench import Bench, make_trial
from exotrial.store.home import Home, disconnect, open_home
from exotrial.store.scratch import create_database, drop_database

_AT_ONCE = 8
"""Scratch databases that are removed at once."""


class Workshop:
    """A context in which scratch trials can be had; at its end nothing of them is left.

    `engine` is "" for SQLite, or the address of a PostgreSQL database beside which the scratch ones are made.
    No database is connected at its end; who goes on opens the own one again.
    """

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._made: list[str] = []
        self._count = 0

    def __enter__(self) -> Workshop:
        self._folder = Path(tempfile.mkdtemp(prefix="exotrial-validate-"))
        try:
            self._first = make_trial(self._home(like=""))
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def bench(self) -> Bench:
        """A scratch trial of its own, fresh."""
        disconnect()  # PostgreSQL copies no database that somebody is in
        first = self._first.opened.home
        home = self._home(like=first.database_url)
        shutil.copytree(first.folder, home.folder)
        return replace(self._first, opened=open_home(home), people=dict(self._first.people))

    def _home(self, *, like: str) -> Home:
        self._count += 1
        folder = self._folder / str(self._count)
        url = ""
        if self._engine:
            url = create_database(self._engine, like=like)
            self._made.append(url)
        return Home(folder=folder, keys_folder=folder / "keys", database_url=url)

    def _remove(self) -> None:
        disconnect()
        # PostgreSQL writes a checkpoint for each, which those that ask together share.
        with ThreadPoolExecutor(_AT_ONCE) as at_once:
            for done in [at_once.submit(drop_database, self._engine, scratch=url) for url in self._made]:
                done.result()
        shutil.rmtree(self._folder, ignore_errors=True)
