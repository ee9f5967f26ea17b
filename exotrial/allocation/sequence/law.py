"""The law of a method: its states, and from each the chances of the next allocation, exact.

A law is what a method promises; the predictability of a list is computed from it, and the lists that a method
draws are held to it. States are any hashable values. Where two moves from one state give the same arm, the
state holds something that an onlooker does not see (the size of a block drawn at random).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exotrial.allocation.prf import RandomStream


@dataclass(frozen=True)
class Move:
    """One thing that can happen next: its chance, the place of its arm (from 0) and the state after it."""

    chance: Fraction
    arm: int
    state: Hashable


@dataclass(frozen=True)
class Law:
    """Where a sequence starts, and what can happen next from any state. Chances of one state add to 1."""

    start: Hashable
    moves: Callable[[Hashable], tuple[Move, ...]]


def moves_by_chance(chances: Sequence[Fraction], after: Callable[[int], Hashable]) -> tuple[Move, ...]:
    """One move an arm that has a chance; `after` gives the state when the arm of that place was allocated."""
    return tuple(Move(chance, arm, after(arm)) for arm, chance in enumerate(chances) if chance)


def add_one(counts: tuple[int, ...], arm: int) -> tuple[int, ...]:
    """The counts of the arms after one more allocation."""
    return (*counts[:arm], counts[arm] + 1, *counts[arm + 1 :])


def draw_by_law(law: Law, *, arms: Sequence[str], length: int, stream: RandomStream) -> tuple[str, ...]:
    """A sequence drawn step by step.

    At each step the chances are put over their lowest common denominator d; r = below(d), and the arm is the
    first, in the order of the moves, at which the running sum of numerators exceeds r.
    """
    drawn: list[str] = []
    state = law.start
    for _ in range(length):
        move = choose(law.moves(state), stream)
        drawn.append(arms[move.arm])
        state = move.state
    return tuple(drawn)


def choose(moves: Sequence[Move], stream: RandomStream) -> Move:
    """One of the moves by its chance, as `draw_by_law` specifies."""
    denominator = math.lcm(*(move.chance.denominator for move in moves))
    left = stream.below(denominator)
    for move in moves:
        left -= int(move.chance * denominator)
        if left < 0:
            return move
    raise ValueError("the chances of the moves add to less than 1")
