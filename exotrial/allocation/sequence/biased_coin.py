"""Efron's biased coin: a fair coin in balance, otherwise the arm that is behind with a fixed probability."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from exotrial.allocation.probability import read_probability
from exotrial.allocation.sequence.law import Law, Move, moves_by_chance
from exotrial.allocation.sequence.method import Parameters, SequenceMethod, needs_two_equal_arms
from exotrial.allocation.sequence.parameters import ParameterRule


def compute_law(ratio: tuple[int, ...], length: int, parameters: Parameters) -> Law:
    """The state is the difference of the first arm less the second."""
    behind = read_probability(parameters["p"])

    def moves(state: Any) -> tuple[Move, ...]:
        first = Fraction(1, 2) if state == 0 else behind if state < 0 else 1 - behind
        return moves_by_chance([first, 1 - first], lambda arm: state + 1 - 2 * arm)

    return Law(start=0, moves=moves)


BIASED_COIN = SequenceMethod(
    name="biased coin",
    title="Efron's biased coin design",
    source="Efron B. Forcing a sequential experiment to be balanced. Biometrika 1971;58:403-417",
    law=compute_law,
    describe=lambda parameters: (
        "Efron's biased coin was used: the arm with fewer participants is allocated with probability "
        f"{parameters['p']}, and a fair coin decides in balance"
    ),
    parameters=(
        ParameterRule(
            name="p", kind="fraction", above="1/2", says='the chance of the arm that is behind, such as "2/3"'
        ),
    ),
    fits=needs_two_equal_arms,
)
