"""A real server in processes of its own, for tests that a simulated one would not fail."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from exotrial.store.home import Home


@dataclass
class Live:
    """A server that answers at `url`; all of its processes are one group."""

    url: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """Kill -9, the parent and every worker at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def environment_of(home: Home) -> dict[str, str]:
    """The environment that names an installation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXOTRIAL_")}
    return kept | {
        "EXOTRIAL_HOME": str(home.folder),
        "EXOTRIAL_KEYS": str(home.keys_folder),
        "DATABASE_URL": home.database_url,
    }


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextmanager
def serving(home: Home, log: Path, *options: str) -> Iterator[Live]:
    """`exotrial serve` for an installation, until the block ends."""
    port = free_port()
    with log.open("ab") as written:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("exotrial"), "serve", "--port", str(port), *options],
            env=environment_of(home),
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    live = Live(f"http://127.0.0.1:{port}", process)
    try:
        _wait(live, log)
        yield live
    finally:
        if process.poll() is None:
            live.kill()


def _wait(live: Live, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if live.process.poll() is not None:
            break
        try:
            if httpx.get(f"{live.url}/api/health", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not come up: {log.read_text()}")
