"""Writes a study as the text of a study file: the keys that are not their defaults, in the order of the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from exotrial.study.definition import Study


def write_study(study: Study) -> str:
    """The TOML of a study, which `parse_study` reads as the same study; comments are no part of a study."""
    return tomlkit.dumps(_ordered(study.model_dump(by_alias=True, exclude_defaults=True)))


def _ordered(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with tables after plain keys, which TOML would otherwise count to the table before them."""
    plain = {key: _plain(value) for key, value in values.items() if not _is_table(value)}
    return plain | {key: _plain(value) for key, value in values.items() if _is_table(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _ordered(value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, tuple) and any(isinstance(entry, Mapping) for entry in value)
    )
