"""The maximal procedure: every list within the tolerated imbalance that ends balanced has the same probability."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

from exotrial.allocation.manifest import Manifest
from exotrial.allocation.sequence.big_stick import MTI
from exotrial.allocation.sequence.law import Law, Move, moves_by_chance
from exotrial.allocation.sequence.method import (
    Parameters,
    SequenceMethod,
    needs_two_equal_arms,
    needs_whole_turns,
)
from exotrial.allocation.sequence.parameters import read_whole
from exotrial.core.errors import Refusal


@cache
def count_paths(length: int, mti: int) -> tuple[tuple[int, ...], ...]:
    """How many admissible ways lead from each difference to balance: entry [left][difference + mti].

    `left` is the number of allocations still to come, from 0 to `length`. Whole numbers, exact.
    """
    layers = [tuple(int(difference == 0) for difference in range(-mti, mti + 1))]
    for _ in range(length):
        padded = (0, *layers[-1], 0)
        layers.append(tuple(padded[at - 1] + padded[at + 1] for at in range(1, 2 * mti + 2)))
    return tuple(layers)


def compute_law(ratio: tuple[int, ...], length: int, parameters: Parameters) -> Law:
    """The state is (allocations left, difference); a next step weighs as many ways as lead on from it."""
    mti = min(read_whole(parameters, "mti"), length)
    paths = count_paths(length, mti)

    def moves(state: Any) -> tuple[Move, ...]:
        left, difference = state
        all_ways = paths[left][difference + mti]
        up = paths[left - 1][difference + 1 + mti] if difference < mti else 0
        first = Fraction(up, all_ways)
        return moves_by_chance([first, 1 - first], lambda arm: (left - 1, difference + 1 - 2 * arm))

    return Law(start=(length, 0), moves=moves)


def _fits(manifest: Manifest) -> Iterator[Refusal]:
    unequal = tuple(needs_two_equal_arms(manifest))
    yield from unequal or needs_whole_turns(manifest)


MAXIMAL_PROCEDURE = SequenceMethod(
    name="maximal procedure",
    title="Maximal procedure",
    source="Berger VW, Ivanova A, Knoll MD. Minimizing predictability while retaining balance through the use of "
    "less restrictive randomization procedures. Stat Med 2003;22:3017-3028",
    law=compute_law,
    describe=lambda parameters: (
        "The maximal procedure was used: every list whose arms never differ by more than "
        f"{parameters['mti']} and that ends balanced is equally likely"
    ),
    parameters=(MTI,),
    fits=_fits,
)
