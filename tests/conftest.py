"""Fixtures that every room's tests share."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

# A busy machine is no failure: no example has to be quick.
hypothesis.settings.register_profile("exotrial", deadline=None)
hypothesis.settings.load_profile("exotrial")

# Passwords are made and proven thousands of times here, and each costs a quarter of a second of purpose: the same
# method with the least work proves the same. What is shipped is held to OWASP's in operations/test_accounts.py.
Argon2PasswordHasher.time_cost = 1
Argon2PasswordHasher.memory_cost = 8  # KiB
Argon2PasswordHasher.parallelism = 1

# SQLite writes every save to the disk before it tells it, which a file in memory does at once.
MEMORY = Path("/dev/shm")
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"


def shared(*parts: str) -> Path:
    """A path in the reference data beside the project; without it the test is left out, with a reason."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        leave_out(f"needs {'/'.join(('shared', *parts))} beside the project")
    return path


def leave_out(reason: str) -> NoReturn:
    """Skip a test that cannot run here; in CI, where everything must be there, fail it."""
    if os.environ.get("CI"):
        pytest.fail(f"CI {reason}")
    pytest.skip(reason)


def chromium() -> str:
    """The path of a Chromium; without one the test is left out, with a reason."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    leave_out("needs Chromium (on Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def stats_cases() -> dict[str, dict[str, Any]]:
    """The independent reference cases for statistics, by id."""
    document = json.loads(shared("reference", "stats_cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in document["cases"]}


@pytest.fixture(scope="session")
def stats_data() -> Path:
    """The folder of data files behind the reference cases."""
    return shared("data", "stats")
