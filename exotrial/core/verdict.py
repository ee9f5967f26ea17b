"""Verdicts: a yes or a no with every reason, as a value (DESIGN.md, law 7)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One criterion of a verdict: what was asked, how it was answered and why that answer."""

    criterion: str
    holds: bool | None
    why: str


@dataclass(frozen=True)
class Verdict:
    """A decision and all its reasons. `holds` of a reason is None where the answer is not known."""

    question: str
    reasons: tuple[Reason, ...]

    @property
    def holds(self) -> bool:
        """True only when every reason holds; an unknown answer is not a yes."""
        return all(reason.holds is True for reason in self.reasons)

    @property
    def unknown(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.holds is None)

    def __bool__(self) -> bool:
        return self.holds
