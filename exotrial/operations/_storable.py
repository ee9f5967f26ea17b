"""What no database keeps, found in input before it comes near one: RFC 8259 allows more than text columns do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_FLOAT = 2.0**53
"""From here on PostgreSQL gives a float back as a whole number, and it would look edited."""


def find_unstorable(value: Any, path: str = "the input") -> str | None:
    """Where JSON-like data holds what no database keeps: U+0000, lone surrogates, numbers too large."""
    if isinstance(value, str):
        if "\0" in value or (not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value)):
            return path
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            return path
    elif isinstance(value, float):
        if abs(value) >= MOST_FLOAT:
            return path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            found = find_unstorable(key, path) or find_unstorable(inner, str(key))
            if found is not None:
                return found
    elif isinstance(value, list | tuple):
        for inner in value:
            found = find_unstorable(inner, path)
            if found is not None:
                return found
    return None


def take_pairs(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object from its pairs, for `json.loads`. Raises ValueError where a name stands twice: neither is chosen."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(f"the name {name[:80]!r} stands twice in one object")
        made[name] = value
    return made
