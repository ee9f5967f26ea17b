"""The HTTP API: one path for every operation and view of the catalogue, all asked by POST with a JSON object.

POST /api/studies/STUDY/NAME     an operation or view of a study
POST /api/installation/NAME      one of the installation: accounts, rights, tokens
POST /api/sign-in  /api/sign-out
GET  /api/health   /api/openapi.json
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations._operation import Answer, Operation, find_operations, perform, read_model
from exotrial.operations.authenticate import sign_in
from exotrial.operations.sessions import sign_out
from exotrial.store.home import Opened
from exotrial.web.describe import Shapes, describe_operation
from exotrial.web.errors import NO_DATABASE, answer_refused
from exotrial.web.rates import count_deed, signing_in
from exotrial.web.requests import SOURCE, read_caller, read_key, read_object, read_role


class SignIn(BaseModel):
    """A username and password, and the second factor's code where the account has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    username: str = Field(max_length=200)
    password: SecretStr = Field(max_length=1000)
    code: str = Field(default="", max_length=100, description="Six digits, or a recovery code.")


class SignedIn(Answer):
    """The session's key, for `Authorization: Bearer KEY`; it is shown this once."""

    key: str
    username: str
    name: str


_ROLE = {
    "name": "X-Exotrial-Role",
    "in": "header",
    "required": False,
    "description": "The role that the request is made as; any held that may, where it is left out.",
    "schema": {"type": "string"},
}


class Health(Answer):
    """The server and its database answer."""

    status: str


class Api(NinjaAPI):
    """Ninja's, with our shapes in the description: a body is read by the gateway, after the right is known."""

    shapes: Shapes

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"]["schemas"] = self.shapes.schemas
        schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        return schema


def make_api(opened: Callable[[], Opened]) -> Api:
    """The API of an installation; `opened` gives it, once it is open."""
    operations = find_operations()
    api = Api(
        title="exotrial",
        version="1",
        description="Every operation and view of an exotrial installation. Refusals have one form and one code.",
        docs_url=None,
        urls_namespace=None,
    )
    asks: list[type[BaseModel]] = [SignIn, *(asked.ask for asked in operations.values())]
    answers: list[type[BaseModel]] = [SignedIn, Health, *(asked.answer for asked in operations.values())]
    api.shapes = Shapes(asks, answers)
    _add_handlers(api)
    _add_sessions(api, opened)
    for asked in operations.values():
        _add(api, asked, opened)
    return api


def _add(api: Api, asked: Operation[Any, Any], opened: Callable[[], Opened]) -> None:
    """The path of one operation or view."""

    def ask(request: HttpRequest, study: str = "") -> HttpResponse:
        caller = read_caller(request)
        count_deed(asked.name, caller.account.username)
        answer = perform(
            opened(),
            asked,
            read_object(request),
            caller=caller,
            study=study,
            role=read_role(request),
        )
        return _json(answer)

    def ask_installation(request: HttpRequest) -> HttpResponse:
        return ask(request)

    def ask_study(request: HttpRequest, study: str) -> HttpResponse:
        return ask(request, study)

    of_study = asked.scope == "study"
    path = f"/studies/{{str:study}}/{asked.name}" if of_study else f"/installation/{asked.name}"
    exchange = api.shapes.of_exchange(asked.ask, asked.answer)
    api.post(
        path,
        operation_id=asked.name,
        summary=asked.name,
        description=describe_operation(asked),
        tags=["study" if of_study else "installation"],
        openapi_extra={**exchange, "security": [{"key": []}], "parameters": [_ROLE]},
    )(ask_study if of_study else ask_installation)


def _add_sessions(api: Api, opened: Callable[[], Opened]) -> None:
    shapes = api.shapes

    @api.post(
        "/sign-in",
        operation_id="sign_in",
        tags=["session"],
        openapi_extra=shapes.of_exchange(SignIn, SignedIn),
    )
    def begin_session(request: HttpRequest) -> HttpResponse:
        """Begin a session of 12 hours at most, which ends after 30 idle minutes."""
        asked = read_model(SignIn, read_object(request), name="sign_in")
        with signing_in(request, asked.username, opened().home):
            made = sign_in(
                opened(), asked.username, asked.password.get_secret_value(), asked.code, source=SOURCE
            )
        account = made.session.account
        return _json(SignedIn(key=made.key, username=account.username, name=account.name))

    @api.post(
        "/sign-out",
        operation_id="sign_out",
        tags=["session"],
        openapi_extra={**shapes.of_exchange(None, None), "security": [{"key": []}]},
    )
    def end_session(request: HttpRequest) -> HttpResponse:
        """End the session whose key the request carries."""
        sign_out(opened(), read_key(request), source=SOURCE)
        return HttpResponse(b"{}", content_type="application/json")

    @api.get(
        "/health", operation_id="health", tags=["session"], openapi_extra=shapes.of_exchange(None, Health)
    )
    def show_health(request: HttpRequest) -> HttpResponse:
        """Whether the server and its database answer."""
        connection.ensure_connection()
        if not connection.is_usable():
            raise OperationalError("the database does not answer")
        return _json(Health(status="ok"))


def _add_handlers(api: Api) -> None:
    @api.exception_handler(Refusal)
    def tell_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return answer_refused([refusal])

    @api.exception_handler(Refusals)
    def tell_refusals(request: HttpRequest, several: Refusals) -> HttpResponse:
        return answer_refused(several.refusals)

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def tell_no_database(request: HttpRequest, error: DatabaseError) -> HttpResponse:
        return answer_refused([NO_DATABASE.refuse("the database does not answer")])


def _json(answer: BaseModel) -> HttpResponse:
    return HttpResponse(answer.model_dump_json().encode(), content_type="application/json")
