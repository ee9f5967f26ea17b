"""The JSON Schema of a study file agrees with the reading of one."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest

from exotrial.study.schema import derive_schema
from tests.study.clean import clean_document


def _as_json(document: dict[str, Any]) -> Any:
    return json.loads(json.dumps(document, default=str))  # TOML dates are strings in JSON


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = import_module("jsonschema")  # it comes without types
    schema = derive_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_takes_the_clean_study(validator: Any) -> None:
    assert [error.message for error in validator.iter_errors(_as_json(clean_document()))] == []


def test_the_schema_sees_a_misspelt_key_a_missing_key_and_a_wrong_word(validator: Any) -> None:
    document = clean_document()
    document["design"]["phase"] = "2A"
    document["design"]["time_orgin"] = document["design"].pop("time_origin")
    messages = " ".join(error.message for error in validator.iter_errors(_as_json(document)))
    assert "'time_orgin' was unexpected" in messages
    assert "'time_origin' is a required property" in messages
    assert "'2A' is not one of" in messages


def test_the_schema_is_the_same_text_every_time() -> None:
    assert json.dumps(derive_schema()) == json.dumps(derive_schema())
