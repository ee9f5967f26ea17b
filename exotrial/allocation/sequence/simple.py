"""Simple (complete) randomisation: every allocation by the ratio alone, whatever went before."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

from exotrial.allocation.sequence.law import Law, Move, moves_by_chance
from exotrial.allocation.sequence.method import Parameters, SequenceMethod


def compute_law(ratio: tuple[int, ...], length: int, parameters: Parameters) -> Law:
    """Arm a has the chance r_a / sum(r) at every step."""
    chances = [Fraction(share, sum(ratio)) for share in ratio]

    def moves(state: Hashable) -> tuple[Move, ...]:
        return moves_by_chance(chances, lambda arm: state)

    return Law(start=(), moves=moves)


SIMPLE = SequenceMethod(
    name="simple",
    title="Simple (complete) randomisation",
    source="Rosenberger WF, Lachin JM. Randomization in Clinical Trials, 2nd ed. Wiley 2016, section 3.2",
    law=compute_law,
    describe=lambda parameters: "Simple randomisation was used, without any restriction",
)
