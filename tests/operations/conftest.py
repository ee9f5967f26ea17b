"""Fixtures of operations: a trial on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exotrial.store.home import disconnect
from tests.trial import ENGINES, Trial, begin_trial


@pytest.fixture(params=ENGINES)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    """The IRCT trial on SQLite, then on PostgreSQL, with a person in every role and one active site."""
    yield begin_trial(tmp_path, request.param)
    disconnect()
