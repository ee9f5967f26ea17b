"""Kernels compiled by numba at their first call, so that a command that tracks nothing does not wait for numba."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and numbers at its first call; it must not call another kernel.

    The machine code is kept beside the source or in the user's cache folder; where neither can be written (a
    read-only container) it is compiled in every process anew.
    """
    made: list[Any] = []

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not made:
            made.append(_compile(function))
        result: R = made[0](*args, **kwargs)
        return result

    return call


def _compile(function: Callable[..., Any]) -> Any:
    import numba

    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba: "cannot cache function: no locator available"
        return numba.njit(nogil=True)(function)
