"""Fixtures of the qualification: one workshop on each engine for the whole session, a fresh bench for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exotrial.qualification.bench import Bench
from exotrial.qualification.workshop import Workshop
from tests.trial import durable, kept_together, new_database


@pytest.fixture(autouse=True)
def as_a_real_server(request: pytest.FixtureRequest) -> Iterator[None]:
    """Saves are on the disk before they are told: one of the checks asks for it."""
    if "postgresql" in request.node.name:
        with durable():
            yield
    else:
        yield


@pytest.fixture(scope="session", params=kept_together("qualification"))
def workshop(request: pytest.FixtureRequest) -> Iterator[Workshop]:
    with Workshop(new_database() if request.param == "postgresql" else "") as made:
        yield made


@pytest.fixture
def bench(workshop: Workshop) -> Bench:
    """A scratch trial on SQLite, then on PostgreSQL."""
    return workshop.bench()
