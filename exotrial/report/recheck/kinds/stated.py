"""A figure that the source states and that nothing else in it can confirm: it is listed, and not accused."""

from __future__ import annotations

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.verdicts import Judgement, cannot


def _check(asked: Asked) -> Judgement:
    return cannot("; ".join(asked.missing.values()) or "data from which it could follow")


STATED = Kind(
    name="stated",
    says="A figure without data; `from.data` with `missing` says what would be needed.",
    check=_check,
    may=("data",),
    copes=True,
)
