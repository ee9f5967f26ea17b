"""The same save through `clinicedc` from PyPI, in an environment and in processes of its own, as a ratio.

clinicedc is GPL-3.0-or-later and needs Python 3.12: it is in no lock and no import of ours. It is installed once
into the user's cache folder (117 packages, 0.6 GB), without its MySQL driver and its printing library, which are
compiled against system libraries and have no part in a save on SQLite.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

from benchmarks.forms_load import CODES_EACH, Served, saves_a_second, served

CLINICEDC = "4.12.2"
LEFT_OUT = ("mysqlclient", "pycups")
ROUNDS = 3
"""Ours and the peer by turns, so that what else the machine does meets both alike."""


class Skipped(Exception):
    """Why the peer cannot be timed here."""


@dataclass(frozen=True)
class Peer:
    """The peer's server, and how to ask it."""

    address: str
    session: str

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, cookies={"sessionid": self.session}, timeout=60)

    def save(self, client: httpx.Client, code: str, items: int, *, revision: int) -> int:
        """Save the same answers as ours: the same thirds, and all numbers differ from turn to turn."""
        numbers = items // 3
        values = {f"number_{n}": "Y" for n in range(numbers)}
        values |= {f"judged_{n}": "N" for n in range(items - 2 * numbers)}
        values |= {f"value_{n}": f"{n + revision}.5" for n in range(numbers)}
        data = {**values, "subject_identifier": code, "reason": "timing" if revision else ""}
        client.post("/save", json=data).raise_for_status()
        return revision + 1


def find_python() -> str:
    """A Python 3.12 of this machine. Raises Skipped where there is none."""
    tried: list[str | None] = [sys.executable, shutil.which("python3.12")]
    tried += [str(found) for found in sorted(Path.home().glob(".pyenv/versions/3.12*/bin/python3.12"))]
    uv = _find_uv()
    if uv is not None:
        found = subprocess.run(
            [uv, "python", "find", "--no-project", "3.12"], capture_output=True, text=True, check=False
        )
        tried.append(found.stdout.strip())
    for python in filter(shutil.which, filter(None, tried)):
        told = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
        if told.stdout.strip() == "3 12":  # a shim of pyenv is there and answers nothing
            return python
    raise Skipped("no Python 3.12 was found on the path, in ~/.pyenv or by uv")


def _find_uv() -> str | None:
    beside = Path(sys.executable).parent / "uv"
    return shutil.which(os.environ.get("UV", "uv")) or shutil.which("uv") or shutil.which(beside)


def find_environment() -> str:
    """The Python of the peer's environment, made where it is not there yet. Raises Skipped."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "exotrial-benchmarks" / f"clinicedc-{CLINICEDC}-python-3.12"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if ready.exists():
        return str(python)
    base = find_python()
    uv = _find_uv()
    if uv is None:
        raise Skipped("its environment is made by uv, and uv was not found")
    print(f"clinicedc {CLINICEDC}: installing once into {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    override = folder / "left-out.txt"
    _run([uv, "venv", "--quiet", "--allow-existing", "--python", base, str(folder)])
    override.write_text("".join(f"{name} ; sys_platform == 'never'\n" for name in LEFT_OUT))
    wanted = [f"clinicedc=={CLINICEDC}", f"granian=={version('granian')}"]
    _run([uv, "pip", "install", "--quiet", "--python", str(python), "--override", str(override), *wanted])
    ready.touch()
    return str(python)


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    except subprocess.TimeoutExpired as error:
        raise Skipped("it could not be installed within 15 minutes") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no word of why"]
        raise Skipped(f"it could not be installed: {lines[-1].strip()}")


@contextmanager
def serving_peer(python: str, items: int, *, workers: int) -> Iterator[Peer]:
    """The peer's server on a new SQLite database. Raises Skipped where its database cannot be made."""
    folder = Path(tempfile.mkdtemp(prefix="clinicedc-forms-"))
    for name in ("app", "keys"):  # clinicedc wants the keys of its encrypted fields outside the app
        (folder / name).mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    environment = kept | {
        "PEER_FOLDER": str(folder),
        "PEER_ITEMS": str(items),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    make = "import crf_site; print('session', crf_site.prepare())"
    try:
        made = subprocess.run(
            [python, "-c", make], env=environment, capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise Skipped(f"its database could not be made: {made.stderr.strip().splitlines()[-1]}")
        session = made.stdout.split()[-1]
        with served(
            python, "crf_site:application", workers=workers, environment=environment, health="/told"
        ) as address:
            yield Peer(address=address, session=session)
    finally:
        shutil.rmtree(folder)


def compare(ours: Served, python: str, items: int, *, clients: int, workers: int, seconds: float) -> Any:
    """Ours and the peer by turns: the median of the rounds' ratios, with every round; prints a line."""
    rounds = []
    saves = 0
    with serving_peer(python, items, workers=workers) as peer:
        for turn in range(ROUNDS):
            first = turn * clients * CODES_EACH
            mine, _, _ = saves_a_second(ours, items, clients=clients, seconds=seconds, first=first)
            theirs, _, count = saves_a_second(peer, items, clients=clients, seconds=seconds, first=first)
            rounds.append((mine, theirs))
            saves += count
        with peer.client() as client:
            told = client.get("/told").raise_for_status().json()
    if told["history"] != saves or (told["journal_mode"], told["synchronous"]) != ("wal", 2):
        raise RuntimeError(f"{saves} saves were answered, and the peer has {json.dumps(told)}")
    ratios = [mine / theirs for mine, theirs in rounds]
    each = ", ".join(f"{mine:.0f}/{theirs:.0f}" for mine, theirs in rounds)
    print(
        f"clinicedc   {items:>4} items: ours/peer {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}; saves/s by rounds {each})",
        flush=True,
    )
    return {"peer": "clinicedc", "items": items, "ratio": statistics.median(ratios), "rounds": rounds} | told
