"""The JSON Schema of a study file, so that an editor completes and checks it (JSON Schema 2020-12)."""

from __future__ import annotations

from typing import Any

from exotrial.study.definition import Study


def derive_schema() -> dict[str, Any]:
    """The schema, as a JSON-ready value; keys in a stable order."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Study.model_json_schema(mode="validation", by_alias=True),
        "title": "exotrial study file",
    }
