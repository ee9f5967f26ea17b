"""Fixtures that every room's tests share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"


def shared(*parts: str) -> Path:
    """A path in the reference data beside the project; skips the test, with a reason, where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs {'/'.join(('shared', *parts))} beside the project")
    return path


@pytest.fixture(scope="session")
def stats_cases() -> dict[str, dict[str, Any]]:
    """The independent reference cases for statistics, by id."""
    document = json.loads(shared("reference", "stats_cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in document["cases"]}


@pytest.fixture(scope="session")
def stats_data() -> Path:
    """The folder of data files behind the reference cases."""
    return shared("data", "stats")
