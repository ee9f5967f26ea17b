"""A process of its own that asks one operation as fast as it can, beside others that do the same."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from exotrial.core.errors import Refusal
from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.operations.access import Role
from exotrial.store.home import Home, disconnect, open_home
from exotrial.store.models import Account
from tests.trial import Trial


def ask_at_once(
    trial: Trial, name: str, role: Role, asks: Sequence[Sequence[dict[str, Any]]]
) -> list[list[dict[str, Any]]]:
    """Ask an operation from as many processes as there are lists of asks, all from the same moment.

    Gives for each process what it was told, in order: the answer, or {"refused": code}.
    """
    home = trial.opened.home
    disconnect()
    start = time.time() + 4
    running = []
    for own in asks:
        told = [str(home.folder), str(home.keys_folder), home.database_url, trial.study, str(start)]
        told += [name, trial.people[role], role.value, json.dumps(own)]
        command = [sys.executable, "-m", "tests.operations.hurried", *told]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    return [json.loads(process.communicate(timeout=120)[0]) for process in running]


def main(
    folder: str, keys: str, url: str, study: str, start: str, name: str, username: str, role: str, asks: str
) -> None:
    """Ask at the moment `start`; print what each ask was told, as JSON."""
    opened = open_home(Home(folder=Path(folder), keys_folder=Path(keys), database_url=url))
    caller = Caller(account=Account.objects.get(username=username), source="hurried")
    asked = find_operations()[name]
    time.sleep(max(0.0, float(start) - time.time()))
    told: list[dict[str, Any]] = []
    for one in json.loads(asks):
        try:
            done = perform(opened, asked, one, caller=caller, study=study, role=role)
            told.append(done.model_dump(mode="json"))
        except Refusal as refused:
            told.append({"refused": refused.code.code})
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
