"""Fixtures of operations: a trial on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from exotrial.store.home import disconnect
from tests.trial import ENGINES, Trial, begin_trial


@pytest.fixture(params=ENGINES)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    """The IRCT trial on SQLite, then on PostgreSQL, with a person in every role and one active site."""
    yield begin_trial(tmp_path, request.param)
    disconnect()


@pytest.fixture
def django_queries() -> Iterator[list[str]]:
    """The statements that are sent to the database, as they come."""
    sent: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent
