"""Asking an operation over HTTP, and keeping all that comes of it: answer, headers, SQL statements and log.

Each ask is undone, so that every one meets the same state. The clock stands still and randomness is the same in
every run: keys, tokens and salts can be compared.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pytest
from django.core import signals
from django.db import close_old_connections, connection, transaction

from exotrial.allocation import envelopes
from exotrial.allocation.merkle import hash_leaf
from exotrial.operations import _act, _operation, _remembered, authenticate, own_password, sessions, tokens
from exotrial.operations._operation import Operation
from tests.stories.twins import swapped, use
from tests.trial import PASSWORD, Trial
from tests.web.conftest import web_of

_ENDS = re.compile(r"expires=[^;]+; ")
_SAVEPOINT = re.compile(r'"s\d+_x\d+"')


@dataclass(frozen=True)
class Seen:
    """All that a caller, or who watches the server, learns of one request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statements: tuple[str, ...] = field(repr=False)
    log: tuple[str, ...]

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@dataclass
class World:
    """One of the twins behind its API."""

    trial: Trial
    client: httpx.Client
    statements: list[str]
    log: list[str]

    def send(self, method: str, path: str, *, key: str = "", role: str = "", data: Any = None) -> Seen:
        """One request, as it is seen."""
        headers = {"X-Exotrial-Role": role} if role else {}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self.statements.clear()
        self.log.clear()
        with same_randomness(f"{method} {path}"):
            answer = self.client.request(
                method, path, headers=headers, **({} if data is None else {"json": data})
            )
        return Seen(
            status=answer.status_code,
            headers=headers_of(answer),
            body=answer.content,
            statements=tuple(_SAVEPOINT.sub("savepoint", sql) for sql in self.statements),
            log=tuple(self.log),
        )

    def ask(self, asked: Operation[Any, Any], data: dict[str, Any], *, key: str, role: str = "") -> Seen:
        """Ask an operation or a view."""
        base = f"/api/studies/{self.trial.study}" if asked.scope == "study" else "/api/installation"
        return self.send("POST", f"{base}/{asked.name}", key=key, role=role, data=data)


def headers_of(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    """The headers of an answer. When a cookie ends is left out: the machine's clock tells it, not ours."""
    return tuple((name, _ENDS.sub("", value)) for name, value in sorted(answer.headers.items()))


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def world(trial: Trial, *, twin: bool, at: datetime) -> Iterator[World]:
    """One of the two, open; in the twin, leaves hash as those of the other arm."""
    use(trial)
    _act.read_version.cache_clear()
    _act.forms_of.cache_clear()
    _remembered.forget()
    statements: list[str] = []
    log: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with pytest.MonkeyPatch.context() as patched, kept_log(log), connection.execute_wrapper(note):
        for module in (_operation, sessions, tokens, authenticate):
            patched.setattr(module, "datetime", _stopped(at))
        for hashing in (authenticate, own_password):  # the hash is slow on purpose, and the same in both
            patched.setattr(hashing, "check_password", lambda typed, kept: typed == PASSWORD)
        if twin:
            patched.setattr(
                envelopes, "hash_leaf", lambda content: hash_leaf(swapped(content.decode()).encode())
            )
        served = web_of(trial)
        for signal in (signals.request_started, signals.request_finished):
            signal.disconnect(close_old_connections)  # it would end the transaction that is to be undone
        yield World(trial, served.client, statements, log)
        for signal in (signals.request_started, signals.request_finished):
            signal.connect(close_old_connections)
        served.client.close()


def _stopped(at: datetime) -> type[datetime]:
    """A clock that stands."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return at

    return Stopped


@contextmanager
def same_randomness(seed: str) -> Iterator[None]:
    """Randomness that is the same for the same seed."""
    stream = random.Random(hashlib.sha256(seed.encode()).digest())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "urandom", stream.randbytes)
        patched.setattr(random, "_urandom", stream.randbytes)
        yield


@contextmanager
def kept_log(lines: list[str]) -> Iterator[None]:
    """Every line that anything logs, down to the least."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith(("httpx", "httpcore")):
                lines.append(f"{record.name} {record.levelname} {record.getMessage()}")

    root, handler = logging.getLogger(), Keep()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield
    root.removeHandler(handler)
    root.setLevel(before)
