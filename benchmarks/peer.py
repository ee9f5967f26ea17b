"""Environments of peers: each in a folder of its own in the user's cache, made by uv where it is not there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


class Skipped(Exception):
    """Why the peer cannot be timed here."""


def find_environment(name: str, version: str, *more: str) -> Path:
    """The Python of an environment that holds a peer and what it needs besides. Raises Skipped."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "exotrial-benchmarks" / f"{name}-{version}"
    python, ready = folder / "bin" / "python", folder / "ready"
    if ready.exists():
        return python
    uv = (
        shutil.which(os.environ.get("UV", "uv"))
        or shutil.which("uv")
        or shutil.which(Path(sys.executable).parent / "uv")
    )
    if uv is None:
        raise Skipped("its environment is made by uv, and uv was not found")
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(python), f"{name}=={version}", *more],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise Skipped(
                f"it could not be installed: {(done.stderr.strip().splitlines() or ['no word of why'])[-1]}"
            )
    ready.touch()
    return python
