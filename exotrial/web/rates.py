"""How often something may be tried: signing in, by address and by name typed, and emergency unblinding, by person.

Beyond the lock-out, which counts an account's failures in the database, this slows down who tries many accounts
from one address, or names that are no accounts. The counts lie in the memory of one process: with several workers
each counts for itself, so that up to as many times the tries get through, and a restart begins anew.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.http import HttpRequest

from exotrial.core.errors import ErrorCode
from exotrial.store.home import Home

TOO_OFTEN = ErrorCode(
    "RTE-001",
    "This was tried too often in a short time.",
    "wait a few minutes and try again; in an emergency that cannot wait, call the pharmacist or the sponsor.",
)

MOST_KEPT = 10_000
"""Addresses and names that are counted at once; beyond, the one that was quiet longest is forgotten."""


@dataclass
class Rate:
    """At most `most` tries in `seconds` for each key, kept as a digest: people type passwords as names."""

    most: int
    seconds: float
    what: str
    clock: Callable[[], float] = time.monotonic
    _tries: dict[bytes, deque[float]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)

    def count(self, key: str) -> None:
        """Count a try before it is made. Refuses with RTE-001."""
        now, mark = self.clock(), self._mark(key)
        with self._lock:
            tries = self._tries.pop(mark, deque())
            while tries and tries[0] <= now - self.seconds:
                tries.popleft()
            self._tries[mark] = tries  # at the end: the order is that of the last try
            if len(tries) >= self.most:
                raise TOO_OFTEN.refuse(
                    f"{self.what}: at most {self.most} times in {self.seconds / 60:g} minutes"
                )
            tries.append(now)
            while len(self._tries) > MOST_KEPT:
                del self._tries[next(iter(self._tries))]

    def take_back(self, key: str) -> None:
        """Take back the last try of a key: it was none that counts."""
        with self._lock:
            tries = self._tries.get(self._mark(key))
            if tries:
                tries.pop()

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._tries.clear()

    def _mark(self, key: str) -> bytes:
        return hashlib.sha256(self._salt + key.encode(errors="surrogatepass")).digest()


BY_ADDRESS = Rate(60, 600, "failed sign-ins from this address")
BY_NAME = Rate(10, 900, "failed sign-ins with this username")
EMERGENCIES = Rate(20, 600, "emergency unblinding by one person")

RATES = (BY_ADDRESS, BY_NAME, EMERGENCIES)
_LIMITED = {"unblind_emergency": EMERGENCIES}


@contextmanager
def signing_in(request: HttpRequest, username: str, home: Home) -> Iterator[None]:
    """Count a sign-in that fails, by where it comes from and by the name typed. Refuses with RTE-001."""
    address = source_of(request, home)
    if address:
        BY_ADDRESS.count(address)
    BY_NAME.count(username)
    yield
    # It did not fail: who signs in rightly is never slowed down by it.
    BY_NAME.take_back(username)
    if address:
        BY_ADDRESS.take_back(address)


def count_deed(operation: str, username: str) -> None:
    """Count an operation that has a rate for the person who asks for it. Refuses with RTE-001."""
    rate = _LIMITED.get(operation)
    if rate is not None:
        rate.count(username)


def source_of(request: HttpRequest, home: Home) -> str:
    """The address that a request comes from, of IPv6 the network; "" where a proxy does not tell it.

    Behind a proxy it is the last that X-Forwarded-For names: the only one that our proxy wrote itself.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if home.behind_proxy:
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2]
    try:
        address = ipaddress.ip_address(told.strip())
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
