"""Bodies that JSON allows and no record may be made of, whatever the database."""

from __future__ import annotations

import pytest

from exotrial.operations.access import Role
from exotrial.store.models import Participant
from tests.web.conftest import Web, codes

BODIES = {
    "a name twice": b'{"site": "imam_khomeini", "code": "P-1", "code": "P-2"}',
    "a name twice inside": b'{"site": "imam_khomeini", "answers": {"age": 45, "age": 54}}',
    "a name twice, once escaped": b'{"site": "imam_khomeini", "code": "P-1", "c\\u006fde": "P-2"}',
    "no number": b'{"site": "imam_khomeini", "answers": {"age": NaN}}',
    "no end": b'{"answers": ' + b"[" * 100_000,
    "a number without end": b'{"site": "imam_khomeini", "answers": {"age": ' + b"9" * 5000 + b"}}",
    "two marks of order": b"\xef\xbb\xbf{}",
    "another encoding": '{"site": "imam_khomeini"}'.encode("utf-16"),
    "half a letter": b'{"site": "imam_khomeini", "answers": {"age": "\\ud800"}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_says_two_things_or_nothing_is_refused_and_nothing_is_recorded(
    web: Web, body: bytes
) -> None:
    told = web.client.post(
        f"/api/studies/{web.trial.study}/screen",
        content=body,
        headers={
            "Authorization": f"Bearer {web.key_of(Role.COORDINATOR)}",
            "Content-Type": "application/json",
        },
    )
    assert told.status_code == 400
    assert codes(told)[0] in ("API-002", "OPR-002")
    assert not Participant.objects.exists()
