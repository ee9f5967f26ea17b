"""The same form sent twice: a double click, or back and sent again, does nothing a second time.

Every form that a page gives carries its own mark (the CSRF token, masked anew each time it is written). What comes
again with the same mark and the same words, and led on the first time, leads on to the same place; a form that was
refused may be sent again. It is remembered in the memory of a worker: with several, scripts still hold back the second
click, and the operations refuse what must not happen twice.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest

from exotrial.web.pages._page import Outcome, Redirect

MOST_KEPT = 2_000
"""Forms that are remembered; a second click comes within seconds."""


@dataclass
class _Sent:
    """A form that was sent: where it led, once it is known. The second waits for the first."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    led_to: Redirect | None = None


_kept: dict[bytes, _Sent] = {}
_lock = threading.Lock()


def do_once(request: HttpRequest, session: str, do: Callable[[], Outcome]) -> Outcome:
    """What `do` gives, or where the same form led before."""
    mark = _mark_of(request, session)
    with _lock:
        sent = _kept.pop(mark, None) or _Sent()
        _kept[mark] = sent
        while len(_kept) > MOST_KEPT:
            del _kept[next(iter(_kept))]
    with sent.turn:
        if sent.led_to is not None:
            return sent.led_to
        outcome = do()
        if isinstance(outcome, Redirect):
            sent.led_to = outcome
        return outcome


def _mark_of(request: HttpRequest, session: str) -> bytes:
    """A digest of who sent what where; what was typed is kept nowhere."""
    digest = hashlib.sha256()

    def add(*parts: str) -> None:
        for part in parts:
            raw = part.encode(errors="surrogatepass")
            digest.update(len(raw).to_bytes(8, "big") + raw)

    add(session, request.get_full_path())
    for name, values in request.POST.lists():
        add(name, *(str(value) for value in values))
    for name in request.FILES:
        for file in request.FILES.getlist(name):
            add(name, hashlib.sha256(file.read()).hexdigest())
            file.seek(0)
    return digest.digest()
