"""Fixtures of the pages: the IRCT trial on SQLite behind its pages. Engines differ below, where they are tested."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exotrial.store.home import disconnect
from tests.trial import Trial, begin_trial


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """A copy of the IRCT trial, with an active site and a person in every role."""
    yield begin_trial(tmp_path, "sqlite")
    disconnect()
