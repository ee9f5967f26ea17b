"""Provenance: where a number comes from, down to file digest and line (DESIGN.md, law 6)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SourceFile:
    """A file that was read: its name as the user knows it, its SHA-256 in hex and its size in bytes."""

    name: str
    sha256: str
    size: int


def compute_source(data: bytes, *, name: str) -> SourceFile:
    """Digest bytes that were read."""
    return SourceFile(name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def read_source(path: Path) -> tuple[bytes, SourceFile]:
    """Read a file once and digest exactly what was read."""
    data = path.read_bytes()
    return data, compute_source(data, name=path.name)
