"""The catalogue of statistical methods: whatever is installed, found and not listed."""

from __future__ import annotations

from exotrial.core.catalogue import find_objects
from exotrial.statistics.result import Method


def find_methods() -> dict[str, Method]:
    """Every named method of this room and of plug-ins (entry-point group `exotrial.methods`), by name."""
    return find_objects(
        "exotrial.statistics", Method, name=lambda method: method.name, entry_point_group="exotrial.methods"
    )
