"""What a check of the trail found: the values that `verify`, its parts, the command and the reports share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["trail", "chain", "data", "guard", "anchor"]

MOST_KEPT = 1000
"""Problems that are kept one by one; of the rest only the number is told."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that does not hold.

    `kind`: "trail" an act or a change, "chain" the head of a chain, "data" a row against the trail, "guard" a
    trigger, "anchor" a state that was written down before. `where` names it (`irct act 12 record_form`,
    `record 3 values/IG.VS/PULSE`); `says` what is wrong. Recorded values are never told: they may be personal.
    """

    kind: Kind
    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.says}"


@dataclass(frozen=True, kw_only=True)
class ChainState:
    """One chain as it was read: its name, number of acts and changes, head digest and mark."""

    name: str
    acts: int
    changes: int
    head: str
    mark: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The whole check. `left_out` counts the problems beyond the first 1,000 of them."""

    problems: tuple[Problem, ...]
    chains: tuple[ChainState, ...]
    rows: int
    fields: int
    redacted: int
    guards: int
    left_out: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    @property
    def acts(self) -> int:
        return sum(chain.acts for chain in self.chains)

    @property
    def changes(self) -> int:
        return sum(chain.changes for chain in self.chains)


@dataclass
class Problems:
    """Problems as they are gathered."""

    kept: list[Problem] = field(default_factory=list)
    left_out: int = 0

    def add(self, kind: Kind, where: str, says: str) -> None:
        """Keep one, or only count it where there are too many."""
        if len(self.kept) < MOST_KEPT:
            self.kept.append(Problem(kind=kind, where=where, says=says))
        else:
            self.left_out += 1
