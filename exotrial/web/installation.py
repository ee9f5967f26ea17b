"""The installation that this process serves: opened once, by the environment's names or by a test."""

from __future__ import annotations

from exotrial.store.home import Opened, environment_home, open_home
from exotrial.web.rates import RATES

_served: list[Opened] = []


def serve(installation: Opened) -> None:
    """Serve an installation that is open; what was tried at another is forgotten."""
    for rate in RATES:
        rate.forget()
    _served[:] = [installation]


def opened() -> Opened:
    """The installation that is served. Refuses as `open_home` does."""
    if not _served:
        serve(open_home(environment_home()))
    return _served[0]
