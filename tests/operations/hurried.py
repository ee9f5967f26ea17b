"""A process of its own that randomises participants as fast as it can, beside others that do the same."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from exotrial.core.errors import Refusal
from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.store.home import Home, open_home
from exotrial.store.models import Account


def main(folder: str, keys: str, url: str, study: str, start: str, codes: str) -> None:
    """Randomise `codes` (with commas between) at the moment `start`; print what each was told, as JSON."""
    opened = open_home(Home(folder=Path(folder), keys_folder=Path(keys), database_url=url))
    caller = Caller(account=Account.objects.get(username="coordinator"), source="hurried")
    asked = find_operations()["randomise"]
    time.sleep(max(0.0, float(start) - time.time()))
    told = []
    for code in codes.split(","):
        try:
            done = perform(
                opened, asked, {"participant": code}, caller=caller, study=study, role="coordinator"
            )
            told.append([code, done.n, done.receipt])
        except Refusal as refused:
            told.append([code, 0, refused.code.code])
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
