"""The random allocation rule: every list that ends exactly in the ratio has the same probability."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from exotrial.allocation.prf import RandomStream
from exotrial.allocation.sequence.law import Law, Move, moves_by_chance
from exotrial.allocation.sequence.method import Parameters, SequenceMethod, needs_whole_turns


def places_of(ratio: tuple[int, ...], length: int) -> tuple[int, ...]:
    """How often each arm stands in a list of whole turns."""
    return tuple(length * share // sum(ratio) for share in ratio)


def take_one(places: tuple[int, ...], arm: int) -> tuple[int, ...]:
    """The places left after one allocation."""
    return (*places[:arm], places[arm] - 1, *places[arm + 1 :])


def compute_law(ratio: tuple[int, ...], length: int, parameters: Parameters) -> Law:
    """The state is the places left in each arm; an arm's chance is its share of them."""

    def moves(state: Any) -> tuple[Move, ...]:
        left = sum(state)
        return moves_by_chance([Fraction(places, left) for places in state], lambda arm: take_one(state, arm))

    return Law(start=places_of(ratio, length), moves=moves)


def draw_shuffled(
    *,
    arms: Sequence[str],
    ratio: tuple[int, ...],
    length: int,
    parameters: Parameters,
    stream: RandomStream,
) -> tuple[str, ...]:
    """Every arm as often as it is to stand in the list, in the order of the arms, then shuffled."""
    places = places_of(ratio, length)
    return stream.shuffle([arm for arm, count in zip(arms, places, strict=True) for _ in range(count)])


RANDOM_ALLOCATION = SequenceMethod(
    name="random allocation rule",
    title="Random allocation rule",
    source="Lachin JM. Properties of simple randomization in clinical trials. Control Clin Trials 1988;9:312-326",
    law=compute_law,
    describe=lambda parameters: (
        "The random allocation rule was used: any order of a list that ends in the planned sizes is equally likely"
    ),
    fits=needs_whole_turns,
    own_draw=draw_shuffled,
)
