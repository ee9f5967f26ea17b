"""schemathesis over the whole description of the API: nothing that a client sends makes a server error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from tests.trial import IRCT, PASSWORD, SITE, begin_trial, kept_together
from tests.web.conftest import Web, web_of

EXAMPLES = 2
"""Of each path, kind of request and engine: more were tried once, and this is what a minute has room for."""
ROLES = (Role.ADMINISTRATOR, Role.SPONSOR, Role.INVESTIGATOR)
KNOWN = {
    "site": SITE,
    "study": IRCT,
    "username": "auditor",
    "role": "monitor",
    "version": 1,
    "password": PASSWORD,
}
"""Values that are there, so that some requests get past the first look-up."""


@pytest.fixture(scope="module", params=kept_together("fuzz"))
def fuzzed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Web, Any]]:
    web = web_of(begin_trial(tmp_path_factory.mktemp("fuzzed"), request.param))
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", web.application)
    yield web, schema
    disconnect()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_makes_a_server_error(fuzzed: tuple[Web, Any], mode: GenerationMode) -> None:
    web, schema = fuzzed
    keys = {role: web.key_of(role) for role in ROLES}
    statuses: set[int] = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.POSITIVE or "requestBody" in operation.definition.raw:
            statuses |= fuzz(operation, mode, study=web.trial.study, keys=keys)
    assert {400, 403} <= statuses
    assert mode is GenerationMode.NEGATIVE or 200 in statuses


def fuzz(operation: Any, mode: GenerationMode, *, study: str, keys: dict[Role, str]) -> set[int]:
    """Send one operation of the description what it says that it takes, or what it does not; the statuses."""
    statuses: set[int] = set()
    # A sign-out with a right key would leave the rest of the paths without one.
    ends = operation.definition.raw["operationId"] == "sign_out"

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode),
        role=st.sampled_from(ROLES),
        known=st.booleans(),
    )
    def ask(case: Any, role: Role, known: bool) -> None:
        if "study" in (case.path_parameters or {}):
            case.path_parameters["study"] = study
        case.headers = dict(case.headers or {})
        if mode is GenerationMode.POSITIVE:
            case.headers.pop("X-Exotrial-Role", None)
            if known and isinstance(case.body, dict):
                case.body |= {field: value for field, value in KNOWN.items() if field in case.body}
        case.headers["Authorization"] = f"Bearer {'exs_nobody' if ends else keys[role]}"
        answer = case.call()
        statuses.add(answer.status_code)
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        assert "Traceback" not in answer.text

    ask()
    return statuses
