"""What an onlooker can know who sees every past allocation and knows the method, but not the seed.

Where the method hides something (the size of a block drawn at random), the onlooker holds a belief: how the hidden
states weigh against each other given the past. Bayes' rule in whole numbers, so that certainty is told from near it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from exotrial.allocation.sequence.law import Law, Move

Belief = frozenset[tuple[Hashable, int]]
"""Hidden states with their weights, without a common divisor, so that one belief has one form."""


@dataclass(frozen=True)
class Step:
    """One move with its chance as a float, for sums over many lists."""

    chance: float
    arm: int
    state: Hashable


@dataclass(frozen=True)
class Outlook:
    """What comes next: the chance of each arm that can, and the belief after each."""

    chances: dict[int, Fraction]
    after: dict[int, Belief]

    @cached_property
    def best(self) -> Fraction:
        """The chance that the best guess is right."""
        return max(self.chances.values())

    @cached_property
    def favourites(self) -> tuple[int, ...]:
        """The arms that the best guess may name."""
        return tuple(arm for arm, chance in self.chances.items() if chance == self.best)


class Onlooker:
    """Looks up moves and outlooks of one law, and remembers them."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._moves: dict[Hashable, tuple[Move, ...]] = {}
        self._steps: dict[Hashable, tuple[Step, ...]] = {}
        self._ends: dict[Hashable, list[float]] = {}
        self._chances: dict[Hashable, dict[int, Fraction]] = {}
        self._outlooks: dict[Belief, Outlook] = {}
        self.start: Belief = frozenset({(law.start, 1)})

    def moves(self, state: Hashable) -> tuple[Move, ...]:
        """What can happen next from a state."""
        if state not in self._moves:
            self._moves[state] = self._law.moves(state)
        return self._moves[state]

    def steps(self, state: Hashable) -> tuple[Step, ...]:
        """The same with floats."""
        if state not in self._steps:
            self._steps[state] = tuple(Step(float(m.chance), m.arm, m.state) for m in self.moves(state))
        return self._steps[state]

    def ends(self, state: Hashable) -> list[float]:
        """The running sums of the moves' chances. The last may fall short of 1 by rounding."""
        if state not in self._ends:
            self._ends[state] = list(accumulate(step.chance for step in self.steps(state)))
        return self._ends[state]

    def hides(self, state: Hashable) -> bool:
        """Whether two moves from the state give one arm, so that its allocation does not tell the next state."""
        moves = self.moves(state)
        return len({move.arm for move in moves}) < len(moves)

    def chances(self, state: Hashable) -> dict[int, Fraction]:
        """The chance of each arm, for who knows the state."""
        if state not in self._chances:
            found: dict[int, Fraction] = {}
            for move in self.moves(state):
                found[move.arm] = found.get(move.arm, Fraction(0)) + move.chance
            self._chances[state] = found
        return self._chances[state]

    def outlook(self, belief: Belief) -> Outlook:
        """The chance of each arm for who holds the belief, and what is believed after it."""
        if belief not in self._outlooks:
            reached = [(move, held) for state, held in belief for move in self.moves(state)]
            whole = math.lcm(*{move.chance.denominator for move, _ in reached})
            weights: dict[int, dict[Hashable, int]] = {}
            for move, held in reached:
                of_arm = weights.setdefault(move.arm, {})
                chance = move.chance
                weight = held * chance.numerator * (whole // chance.denominator)
                of_arm[move.state] = of_arm.get(move.state, 0) + weight
            total = whole * sum(held for _, held in belief)
            chances = {arm: Fraction(sum(weights[arm].values()), total) for arm in sorted(weights)}
            self._outlooks[belief] = Outlook(
                chances=chances, after={arm: _reduced(of_arm) for arm, of_arm in weights.items()}
            )
        return self._outlooks[belief]


def _reduced(weights: dict[Hashable, int]) -> Belief:
    common = math.gcd(*weights.values())
    return frozenset((state, weight // common) for state, weight in weights.items())
