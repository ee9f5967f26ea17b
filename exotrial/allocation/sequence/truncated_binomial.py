"""The truncated binomial design: simple randomisation until an arm is full, then the other arms only."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from exotrial.allocation.sequence.law import Law, Move, moves_by_chance
from exotrial.allocation.sequence.method import Parameters, SequenceMethod, needs_whole_turns
from exotrial.allocation.sequence.random_allocation import places_of, take_one


def compute_law(ratio: tuple[int, ...], length: int, parameters: Parameters) -> Law:
    """The state is the places left in each arm; arms with places left are drawn by their ratio."""

    def moves(state: Any) -> tuple[Move, ...]:
        shares = [share if places else 0 for share, places in zip(ratio, state, strict=True)]
        return moves_by_chance(
            [Fraction(share, sum(shares)) for share in shares], lambda arm: take_one(state, arm)
        )

    return Law(start=places_of(ratio, length), moves=moves)


TRUNCATED_BINOMIAL = SequenceMethod(
    name="truncated binomial",
    title="Truncated binomial design",
    source="Blackwell D, Hodges JL. Design for the control of selection bias. Ann Math Stat 1957;28:449-460",
    law=compute_law,
    describe=lambda parameters: (
        "The truncated binomial design was used: simple randomisation until an arm is full, then the other arms"
    ),
    fits=needs_whole_turns,
)
