"""Permuted blocks: every block holds the arms in their ratio, in random order; sizes are fixed or drawn at random.

`block_sizes` with one size gives fixed blocks; with several, each block's size is drawn at random, all with the
same probability, among those that may come next. `completion` says what happens at the end of a list:

    fit       only sizes that leave a rest which whole blocks can fill are drawn: the list ends balanced
    truncate  any size is drawn and the last block is cut where the list ends
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from exotrial.allocation.manifest import Manifest
from exotrial.allocation.prf import RandomStream
from exotrial.allocation.sequence.law import Law, Move
from exotrial.allocation.sequence.method import NOT_REACHED, Parameters, SequenceMethod
from exotrial.allocation.sequence.parameters import ParameterRule, read_numbers
from exotrial.allocation.sequence.random_allocation import draw_shuffled, places_of, take_one
from exotrial.core.errors import ErrorCode, Place, Refusal

UNBALANCED_BLOCK = ErrorCode(
    "SEQ-018",
    "A block does not hold whole turns of the ratio.",
    "use block sizes that are multiples of the sum of the ratio.",
)
LARGE_BLOCK = ErrorCode(
    "SEQ-019",
    "A block is larger than the list of its stratum, and can never be filled.",
    "leave the size out, or make the list longer.",
)


@cache
def can_fill(length: int, sizes: tuple[int, ...]) -> bool:
    """Whether some sequence of whole blocks fills exactly `length` places."""
    reached = [True] + [False] * length
    for places in range(1, length + 1):
        reached[places] = any(size <= places and reached[places - size] for size in sizes)
    return reached[length]


def sizes_next(left: int, parameters: Parameters) -> tuple[int, ...]:
    """The sizes that the next block may have, with `left` places to fill, smallest first."""
    sizes = read_numbers(parameters, "block_sizes")
    if parameters["completion"] == "truncate":
        return sizes
    return tuple(size for size in sizes if size <= left and can_fill(left - size, sizes))


def compute_law(ratio: tuple[int, ...], length: int, parameters: Parameters) -> Law:
    """The state is (places left in the list, places left in the block by arm); the block's size is not seen."""

    def moves(state: Any) -> tuple[Move, ...]:
        left, places = state
        if any(places):
            blocks = [(places, Fraction(1))]
        else:
            sizes = sizes_next(left, parameters)
            blocks = [(places_of(ratio, size), Fraction(1, len(sizes))) for size in sizes]
        return tuple(
            Move(chance * Fraction(count, sum(block)), arm, (left - 1, take_one(block, arm)))
            for block, chance in blocks
            for arm, count in enumerate(block)
            if count
        )

    return Law(start=(length, (0,) * len(ratio)), moves=moves)


def draw_blocks(
    *,
    arms: Sequence[str],
    ratio: tuple[int, ...],
    length: int,
    parameters: Parameters,
    stream: RandomStream,
) -> tuple[str, ...]:
    """Block after block: its size by below(number of sizes that may come next), then its arms shuffled.

    A last block that is cut is shuffled whole first.
    """
    drawn: list[str] = []
    while len(drawn) < length:
        sizes = sizes_next(length - len(drawn), parameters)
        size = sizes[stream.below(len(sizes))]
        drawn += draw_shuffled(arms=arms, ratio=ratio, length=size, parameters=parameters, stream=stream)
    return tuple(drawn[:length])


def _fits(manifest: Manifest) -> Iterator[Refusal]:
    sizes, turn = read_numbers(manifest.parameters, "block_sizes"), sum(manifest.ratio)
    ratio = ":".join(map(str, manifest.ratio))
    for size in sizes:
        if size % turn:
            yield UNBALANCED_BLOCK.refuse(
                f"a block of {size} cannot hold the ratio {ratio}",
                place=Place(path="parameters.block_sizes"),
                value=size,
                remedy=f"use multiples of {turn}.",
            )
        for stratum in manifest.strata:
            if size > stratum.length:
                yield LARGE_BLOCK.refuse(
                    f"a block of {size} does not fit into a list of {stratum.length}",
                    place=Place(path=f"strata.{stratum.id}.length"),
                    value=size,
                )
    if manifest.parameters["completion"] == "fit":
        for stratum in manifest.strata:
            if not can_fill(stratum.length, sizes):
                yield NOT_REACHED.refuse(
                    f"no sequence of whole blocks of {_listed(sizes)} fills a list of {stratum.length}",
                    place=Place(path=f"strata.{stratum.id}.length"),
                    value=stratum.length,
                    remedy="change the length or the block sizes, or cut the last block (completion truncate).",
                )


def _describe(parameters: Parameters) -> str:
    sizes = read_numbers(parameters, "block_sizes")
    end = (
        "only sizes that let the list end with a whole block were drawn"
        if parameters["completion"] == "fit"
        else "the last block is cut where the list ends"
    )
    if len(sizes) == 1:
        cut = f", and {end}" if parameters["completion"] == "truncate" else ""
        return f"Permuted blocks of {sizes[0]} were used{cut}"
    return f"Permuted blocks of sizes drawn at random from {_listed(sizes)} were used, and {end}"


def _listed(sizes: Sequence[int]) -> str:
    texts = [str(size) for size in sizes]
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


PERMUTED_BLOCKS = SequenceMethod(
    name="permuted blocks",
    title="Permuted blocks of fixed or random size",
    source="Matts JP, Lachin JM. Properties of permuted-block randomization in clinical trials. "
    "Control Clin Trials 1988;9:327-344",
    law=compute_law,
    describe=_describe,
    parameters=(
        ParameterRule(
            name="block_sizes",
            kind="whole numbers",
            says="sizes of the blocks, smallest first; several are drawn at random",
        ),
        ParameterRule(
            name="completion",
            kind="word",
            options=("fit", "truncate"),
            says="fit (the list ends with a whole block) or truncate (the last block is cut)",
        ),
    ),
    fits=_fits,
    own_draw=draw_blocks,
)
