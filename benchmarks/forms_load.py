"""A server under a load of saves: what both sides of the forms benchmark share."""

from __future__ import annotations

import multiprocessing
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import Empty
from typing import Any, Protocol

import httpx

CODES_EACH = 10
"""Participants of one client; their forms are new in the first turn and changed in every later one."""


class Served(Protocol):
    """A server that runs, and how a save is asked of it."""

    def client(self) -> httpx.Client:
        """A client that is signed in."""
        ...

    def save(self, client: httpx.Client, code: str, items: int, *, revision: int) -> int:
        """Save the form of a participant, new (revision 0) or changed, and give its new revision."""
        ...


@contextmanager
def served(
    python: str, app: str, *options: str, workers: int, environment: Mapping[str, str], health: str
) -> Iterator[str]:
    """A granian of that Python with a WSGI app, stopped at the end; gives its address.

    RuntimeError where `health`, a path of it, does not answer within 30 seconds.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, "-m", "granian", "--interface", "wsgi", *options, "--port", str(port)]
    command += ["--workers", str(workers), "--log-level", "error", app]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"{address}{health}", server)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(address, timeout=30).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {address}")


def _keep_saving(bench: Served, items: int, codes: list[str], seconds: float, results: Any) -> None:
    with bench.client() as client:
        revisions = dict.fromkeys(codes, 0)
        times = []
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            for code in codes:
                start = time.monotonic()
                revisions[code] = bench.save(client, code, items, revision=revisions[code])
                times.append(time.monotonic() - start)
        results.put((len(times), time.monotonic() - begin, times))


def saves_a_second(
    bench: Served, items: int, *, clients: int, seconds: float, first: int = 0
) -> tuple[float, float, int]:
    """All clients' saves a second, the 95th percentile of a save in milliseconds, and the number of saves.

    Participants are taken from number `first` on, ten for each client, none of them saved before.
    """
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    hands = [
        context.Process(
            target=_keep_saving,
            args=(
                bench,
                items,
                [f"B-{first + k * CODES_EACH + n:05d}" for n in range(CODES_EACH)],
                seconds,
                results,
            ),
        )
        for k in range(clients)
    ]
    for hand in hands:
        hand.start()
    told: list[tuple[int, float, list[float]]] = []
    while len(told) < clients:
        try:
            told.append(results.get(timeout=1))
        except Empty:
            if any(hand.exitcode for hand in hands):
                for hand in hands:
                    hand.terminate()
                raise RuntimeError("a client failed; what it says is above") from None
    for hand in hands:
        hand.join()
    times = sorted(one for _, _, each in told for one in each)
    return sum(count / took for count, took, _ in told), times[int(len(times) * 0.95)] * 1000, len(times)
