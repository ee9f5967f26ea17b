"""schemathesis over the whole description of the API: nothing that a client sends makes a server error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.generation import GenerationMode

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from tests.trial import begin_trial
from tests.web.conftest import Web, web_of

EXAMPLES = 6
ROLES = (Role.ADMINISTRATOR, Role.SPONSOR, Role.INVESTIGATOR)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fuzzed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Web, Any]]:
    web = web_of(begin_trial(tmp_path_factory.mktemp("fuzzed"), request.param))
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", web.application)
    yield web, schema
    disconnect()


def test_no_request_makes_a_server_error(fuzzed: tuple[Web, Any]) -> None:
    web, schema = fuzzed
    keys = {role: web.key_of(role) for role in ROLES}
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

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
                role=hypothesis.strategies.sampled_from(ROLES),
            )
            def ask(case: Any, role: Role) -> None:
                if "study" in (case.path_parameters or {}):
                    case.path_parameters["study"] = web.trial.study
                case.headers = {**(case.headers or {}), "Authorization": f"Bearer {keys[role]}"}
                answer = case.call()
                assert answer.status_code < 500, (case.as_curl_command(), answer.text)
                assert "Traceback" not in answer.text

            ask()
