"""What a request says: who asks, as which role, and the JSON object that it carries."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from pydantic_core import from_json

from exotrial.operations._operation import Caller
from exotrial.operations._storable import take_pairs
from exotrial.operations.sessions import caller_for
from exotrial.operations.tokens import TOKEN_PREFIX, caller_for_token
from exotrial.web.errors import BAD_JSON, BAD_REQUEST, NO_CREDENTIALS, TOO_LARGE

SOURCE = "web"


def read_key(request: HttpRequest) -> str:
    """The key that the request carries. Refuses with API-001."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise NO_CREDENTIALS.refuse("there is no bearer key")
    return key.strip()


def read_caller(request: HttpRequest) -> Caller:
    """Who asks. Refuses with API-001, AUT-004 and TOK-001."""
    key = read_key(request)
    return caller_for_token(key) if key.startswith(TOKEN_PREFIX) else caller_for(key, source=SOURCE)


def read_role(request: HttpRequest) -> str:
    """The role that the request is made as, "" for any that is held."""
    return str(request.headers.get("X-Exotrial-Role", "")).strip()


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an object without fields.

    Refuses with API-002, API-003 and API-006.
    """
    try:
        body = request.body
    except RequestDataTooBig:
        raise TOO_LARGE.refuse("the body is larger than 8 MiB") from None
    except UnreadablePostError:
        raise BAD_REQUEST.refuse("the body ended early") from None
    if not body:
        if request.headers.get("Transfer-Encoding"):
            raise BAD_REQUEST.refuse("the body came without a Content-Length")
        return {}
    if request.content_type != "application/json":
        raise BAD_JSON.refuse(f"the content type is {request.content_type!r}")
    try:
        from_json(body, allow_inf_nan=False)  # bounds the depth, and refuses NaN
        read = json.loads(body.decode(), object_pairs_hook=take_pairs)
    except ValueError as error:
        raise BAD_JSON.refuse(f"the body is not JSON: {error}") from None
    if not isinstance(read, dict):
        raise BAD_JSON.refuse("the body is JSON and not an object")
    return read
