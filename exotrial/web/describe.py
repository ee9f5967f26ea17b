"""The API's description (OpenAPI 3.1): the shapes of what operations ask and answer, from their own models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from exotrial.operations._operation import Operation

_REF = "#/components/schemas/{model}"

REFUSED: dict[str, Any] = {
    "type": "object",
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["code", "place", "value", "problem", "remedy"],
                "properties": {
                    "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{3}$"},
                    "place": {"type": "string"},
                    "value": {"type": "string"},
                    "problem": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        }
    },
}


class Shapes:
    """The schemas of all models in use, under names that are unique among them."""

    def __init__(self, asks: Iterable[type[BaseModel]], answers: Iterable[type[BaseModel]]) -> None:
        wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
        wanted |= {(model, "validation"): None for model in asks}
        wanted |= {(model, "serialization"): None for model in answers}
        self._refs, document = models_json_schema(list(wanted), ref_template=_REF)
        self.schemas: dict[str, Any] = {**document.get("$defs", {}), "Refused": REFUSED}

    def of_exchange(self, ask: type[BaseModel] | None, answer: type[BaseModel] | None) -> dict[str, Any]:
        """The part of an operation's description that says what goes in and what comes out."""
        told: dict[str, Any] = {
            "responses": {
                "200": {"description": "Done", **_json(self._of(answer, "serialization"))},
                "4XX": {"description": "Refused; nothing was changed", **_json(_to("Refused"))},
                "503": {"description": "Not now; nothing was changed", **_json(_to("Refused"))},
            }
        }
        if ask is not None:
            told["requestBody"] = {"required": True, **_json(self._of(ask, "validation"))}
        return told

    def _of(self, model: type[BaseModel] | None, mode: JsonSchemaMode) -> dict[str, Any]:
        return {"type": "object"} if model is None else dict(self._refs[(model, mode)])


def describe_operation(asked: Operation[Any, Any]) -> str:
    """What a reader of the description should know beside the shapes."""
    kind = "A view: it writes nothing." if asked.reads else "It writes, and the trail keeps it."
    return f"{asked.summary}\n\n{kind} Permission: {asked.permission.value}."


def _to(name: str) -> dict[str, Any]:
    return {"$ref": _REF.format(model=name)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
