"""The block urn design: a block's urn to which a balanced set of balls returns as soon as it is complete."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from exotrial.allocation.sequence.law import Law, Move, add_one, moves_by_chance
from exotrial.allocation.sequence.method import Parameters, SequenceMethod
from exotrial.allocation.sequence.parameters import ParameterRule, read_whole


def compute_law(ratio: tuple[int, ...], length: int, parameters: Parameters) -> Law:
    """Balls of arm a that can be drawn: w_a lambda + w_a k - n_a, with k complete sets (Zhao & Weng, eq. 1).

    The state is the balls out of the urn: allocations of each arm less those of complete sets.
    """
    sets = read_whole(parameters, "sets")

    def moves(state: Any) -> tuple[Move, ...]:
        balls = [share * sets - out for share, out in zip(ratio, state, strict=True)]
        return moves_by_chance(
            [Fraction(own, sum(balls)) for own in balls], lambda arm: _return_set(add_one(state, arm))
        )

    def _return_set(out: tuple[int, ...]) -> tuple[int, ...]:
        if all(count >= share for count, share in zip(out, ratio, strict=True)):
            return tuple(count - share for count, share in zip(out, ratio, strict=True))
        return out

    return Law(start=(0,) * len(ratio), moves=moves)


BLOCK_URN = SequenceMethod(
    name="block urn",
    title="Block urn design",
    source="Zhao W, Weng Y. Block urn design: a new randomization algorithm for sequential trials with two or more "
    "treatments and balanced or unbalanced allocation. Contemp Clin Trials 2011;32:953-961",
    law=compute_law,
    describe=lambda parameters: (
        f"The block urn design was used with {parameters['sets']} balanced "
        f"{'set' if parameters['sets'] == 1 else 'sets'} of balls in the urn"
    ),
    parameters=(
        ParameterRule(
            name="sets",
            kind="whole number",
            says="balanced sets of balls in the urn at the start (lambda); 1 is a block of one turn",
        ),
    ),
)
