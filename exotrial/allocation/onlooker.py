"""What an onlooker can know who sees every past allocation and knows the method, but not the seed.

Where the method hides something (the size of a block drawn at random), the onlooker holds a belief: the chances
of every hidden state given the past. Bayes' rule with exact fractions, so that certainty is told from near it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction

from exotrial.allocation.sequence.law import Law, Move

Belief = frozenset[tuple[Hashable, Fraction]]


@dataclass(frozen=True)
class Outlook:
    """What comes next: the chance of each arm that can, and the belief after each."""

    chances: dict[int, Fraction]
    after: dict[int, Belief]

    @property
    def best(self) -> Fraction:
        """The chance that the best guess is right."""
        return max(self.chances.values())

    @property
    def favourites(self) -> tuple[int, ...]:
        """The arms that the best guess may name."""
        return tuple(arm for arm, chance in self.chances.items() if chance == self.best)


class Onlooker:
    """Looks up moves and outlooks of one law, and remembers them."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._moves: dict[Hashable, tuple[Move, ...]] = {}
        self._outlooks: dict[Belief, Outlook] = {}
        self.start: Belief = frozenset({(law.start, Fraction(1))})

    def moves(self, state: Hashable) -> tuple[Move, ...]:
        """What can happen next from a state."""
        if state not in self._moves:
            self._moves[state] = self._law.moves(state)
        return self._moves[state]

    def hides(self, state: Hashable) -> bool:
        """Whether two moves from the state give one arm, so that its allocation does not tell the next state."""
        moves = self.moves(state)
        return len({move.arm for move in moves}) < len(moves)

    def chances(self, state: Hashable) -> dict[int, Fraction]:
        """The chance of each arm, for who knows the state."""
        found: dict[int, Fraction] = {}
        for move in self.moves(state):
            found[move.arm] = found.get(move.arm, Fraction(0)) + move.chance
        return found

    def outlook(self, belief: Belief) -> Outlook:
        """The chance of each arm for who holds the belief, and what is believed after it."""
        if belief not in self._outlooks:
            weights: dict[int, dict[Hashable, Fraction]] = {}
            for state, held in belief:
                for move in self.moves(state):
                    reached = weights.setdefault(move.arm, {})
                    reached[move.state] = reached.get(move.state, Fraction(0)) + held * move.chance
            chances = {arm: sum(reached.values(), Fraction(0)) for arm, reached in sorted(weights.items())}
            after = {
                arm: frozenset((state, weight / chances[arm]) for state, weight in reached.items())
                for arm, reached in weights.items()
            }
            self._outlooks[belief] = Outlook(chances=chances, after=after)
        return self._outlooks[belief]
