"""The big stick: a fair coin until the imbalance reaches its bound, then the arm that is behind."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from exotrial.allocation.sequence.law import Law, Move, moves_by_chance
from exotrial.allocation.sequence.method import Parameters, SequenceMethod, needs_two_equal_arms
from exotrial.allocation.sequence.parameters import ParameterRule, read_whole

MTI = ParameterRule(
    name="mti", kind="whole number", says="maximum tolerated imbalance, the difference of the two arms"
)


def compute_law(ratio: tuple[int, ...], length: int, parameters: Parameters) -> Law:
    """The state is the difference of the first arm less the second."""
    bound = read_whole(parameters, "mti")

    def moves(state: Any) -> tuple[Move, ...]:
        first = Fraction(0) if state == bound else Fraction(1) if state == -bound else Fraction(1, 2)
        return moves_by_chance([first, 1 - first], lambda arm: state + 1 - 2 * arm)

    return Law(start=0, moves=moves)


BIG_STICK = SequenceMethod(
    name="big stick",
    title="Big stick design",
    source="Soares JF, Wu CFJ. Some restricted randomization rules in sequential designs. "
    "Commun Stat Theory Methods 1983;12:2017-2034",
    law=compute_law,
    describe=lambda parameters: (
        f"The big stick design was used: a fair coin until one arm is {parameters['mti']} ahead, then the other arm"
    ),
    parameters=(MTI,),
    fits=needs_two_equal_arms,
)
