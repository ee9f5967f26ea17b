"""Counts over a whole study, remembered until its trail grows.

The head of a study's trail is a digest over all that was ever written in it, so what was counted under one head holds
as long as that head stands. It is read before the rows are: a write that comes between gives an answer that is newer
than its head, never one that is older.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

from exotrial.operations._act import Act

T = TypeVar("T")
KEPT: Final = 256
"""How many counts a process keeps; the one that was asked for longest ago goes first."""

_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def remember(act: Act, count: Callable[[], T], *, of: Hashable) -> T:
    """What `count` gives, counted once for one head of the trail; `of` says what is counted, over which sites.

    What is remembered is shared between those who ask: it must be frozen, and depend on nothing but the study's rows
    and `of`.
    """
    chain = act.the_study.chain
    key = (act.opened.home, chain.name, chain.head, of)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            found: T = _kept[key]
            return found
    counted = count()
    with _lock:
        _kept[key] = counted
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return counted


def forget() -> None:
    """Forget everything: another database stands where one was."""
    with _lock:
        _kept.clear()
