"""The real server: what granian does with requests that a client library would not send."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models.audit import Act
from tests.trial import PASSWORD, Trial, begin_trial, kept_together
from tests.web.conftest import codes
from tests.web.live import Live, serving


@pytest.fixture(scope="module", params=kept_together("server"))
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Trial, Live]]:
    folder: Path = tmp_path_factory.mktemp("served")
    trial = begin_trial(folder, request.param)
    with serving(trial.opened.home, folder / "log") as live:
        yield trial, live
    disconnect()


def sign_in(trial: Trial, live: Live, role: Role) -> dict[str, str]:
    told = {"username": trial.people[role], "password": PASSWORD}
    answer = httpx.post(f"{live.url}/api/sign-in", json=told)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['key']}"}


def test_a_person_signs_in_works_and_signs_out(served: tuple[Trial, Live]) -> None:
    trial, live = served
    headers = sign_in(trial, live, Role.SPONSOR)
    path = f"{live.url}/api/studies/{trial.study}"
    done = httpx.post(f"{path}/open_site", json={"code": "second", "name": "Second"}, headers=headers)
    assert done.status_code == 200, done.text
    assert [site["code"] for site in httpx.post(f"{path}/show_study", headers=headers).json()["sites"]] == [
        "imam_khomeini",
        "second",
    ]
    assert httpx.post(f"{live.url}/api/sign-out", headers=headers).status_code == 200
    assert codes(httpx.post(f"{path}/show_study", headers=headers)) == ["AUT-004"]
    assert codes(httpx.post(f"{live.url}/api/sign-out", headers=headers)) == ["AUT-004"]


@pytest.mark.requirement(36)
def test_many_clients_at_once_give_one_chain(served: tuple[Trial, Live]) -> None:
    trial, live = served
    headers = sign_in(trial, live, Role.SPONSOR)
    before = Act.objects.filter(chain__name=trial.study).count()

    def open_site(number: int) -> int:
        told = {"code": f"many_{number}", "name": "One of many"}
        return httpx.post(
            f"{live.url}/api/studies/{trial.study}/open_site", json=told, headers=headers, timeout=60
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_site, range(40))) == [200] * 40
    seqs = list(Act.objects.filter(chain__name=trial.study).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, before + 41))


def exchange(live: Live, raw: bytes) -> bytes:
    """Send bytes and read what comes back until the server closes or is silent for a while."""
    address = urlsplit(live.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as line:
        line.sendall(raw)
        with suppress(OSError):  # the server may have answered and closed already
            line.shutdown(socket.SHUT_WR)
        told = b""
        while piece := line.recv(65536):
            told += piece
    return told


def test_a_body_in_chunks_is_read_or_refused_and_never_taken_for_empty(served: tuple[Trial, Live]) -> None:
    _, live = served
    pieces = iter([b'{"username": "x",', b' "password": "y"}'])
    answer = httpx.post(
        f"{live.url}/api/sign-in", content=pieces, headers={"Content-Type": "application/json"}
    )
    assert codes(answer) in (["AUT-002"], ["API-006"])


@pytest.mark.parametrize(
    "raw",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /api/health HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"POST /api/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nConnection: close\r\n\r\nab",
        b"POST /api/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"GET /api/%ff%fe%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\nHost: \xff\xfe\r\nConnection: close\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        b"POST /api/studies/x/show_study HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xe9\xff\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n",
    ],
)
def test_broken_http_never_makes_a_server_error(served: tuple[Trial, Live], raw: bytes) -> None:
    _, live = served
    told = exchange(live, raw)
    assert not told.startswith(b"HTTP/1.1 5"), told
    assert b"Traceback" not in told
    assert b"<html" not in told.lower()
    assert httpx.get(f"{live.url}/api/health").status_code == 200


def test_a_body_over_the_limit_is_refused(served: tuple[Trial, Live]) -> None:
    _, live = served
    answer = httpx.post(
        f"{live.url}/api/sign-in",
        content=b" " * (8 * 1024 * 1024 + 1),
        headers={"Content-Type": "application/json"},
        timeout=30,
    )
    assert (answer.status_code, codes(answer)) == (413, ["API-003"])


def test_a_server_without_an_installation_refuses_at_once(tmp_path: Path) -> None:
    from exotrial.store.home import Home

    home = Home(folder=tmp_path / "none", keys_folder=tmp_path / "keys")
    with pytest.raises(AssertionError, match="HOM-001"), serving(home, tmp_path / "log"):
        pass
