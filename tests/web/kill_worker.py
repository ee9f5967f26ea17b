"""Saves under load until it is killed: a nursery that forks a saver for each round, so that a round takes moments.

Run by `test_kill.py`. Reads a line "ROUND THREADS" a round; the saver writes the code of each site that was
acknowledged, and the nursery writes "ended" once the saver is dead.
"""

from __future__ import annotations

import os
import sys
import threading

from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.store.home import disconnect, environment_home, open_home
from exotrial.store.models import Account


def save(study: str, prefix: str) -> None:
    """Open sites one after another, and tell each once it is saved."""
    opened = open_home(environment_home())
    operation = find_operations()["open_site"]
    ready = threading.Barrier(THREADS)

    def work(thread: int) -> None:
        caller = Caller(account=Account.objects.get(username="sponsor"), source="kill")
        ready.wait()
        number = 0
        while True:
            code = f"{prefix}_{thread}_{number}"
            data = {"code": code, "name": "A hospital", "zone": "Asia/Tehran"}
            perform(opened, operation, data, caller=caller, study=study)
            os.write(1, f"{code}\n".encode())
            number += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


THREADS = 3


def main() -> None:
    """Serve rounds until standard input ends."""
    study = sys.argv[1]
    find_operations()
    # Once, so that what is imported on the way is there in every saver; no connection crosses a fork.
    open_home(environment_home())
    Account.objects.count()
    disconnect()
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            save(study, line.strip())
            os._exit(1)
        os.write(1, f"pid {child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(1, f"ended {os.WTERMSIG(status) if os.WIFSIGNALED(status) else -1}\n".encode())


if __name__ == "__main__":
    main()
