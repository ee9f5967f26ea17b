"""The table of statuses."""

from __future__ import annotations

from exotrial.cli.catalogues import find_errors
from exotrial.web.errors import DEFAULT_STATUS, STATUS, status_of


def test_every_code_of_the_table_is_declared_and_no_refusal_is_a_server_error() -> None:
    declared = find_errors()
    assert set(STATUS) <= set(declared)
    # 500 is a defect of exotrial; 503 asks to send it again.
    assert {code for code, status in STATUS.items() if status >= 500} == {"API-007", "API-008", "OPR-009"}


def test_a_code_that_is_not_in_the_table_is_understood_and_refused() -> None:
    assert status_of(find_errors()["PWD-001"]) == DEFAULT_STATUS == 422
