"""Wei's urn: a ball drawn is put back with balls of every other arm, so that arms behind gain chances."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from exotrial.allocation.manifest import Manifest
from exotrial.allocation.sequence.law import Law, Move, add_one, moves_by_chance
from exotrial.allocation.sequence.method import Parameters, SequenceMethod, needs_equal_ratio
from exotrial.allocation.sequence.parameters import WRONG_PARAMETER, ParameterRule, read_whole
from exotrial.core.errors import Place, Refusal


def compute_law(ratio: tuple[int, ...], length: int, parameters: Parameters) -> Law:
    """Balls of arm a after n draws: alpha + beta (n - n_a). An urn that begins empty gives all arms one chance."""
    alpha, beta = read_whole(parameters, "alpha"), read_whole(parameters, "beta")

    def moves(state: Any) -> tuple[Move, ...]:
        balls = [alpha + beta * (sum(state) - count) for count in state]
        if not any(balls):
            balls = [1] * len(balls)
        return moves_by_chance([Fraction(own, sum(balls)) for own in balls], lambda arm: add_one(state, arm))

    return Law(start=(0,) * len(ratio), moves=moves)


def _fits(manifest: Manifest) -> Iterator[Refusal]:
    yield from needs_equal_ratio(manifest)
    if manifest.parameters["alpha"] == 0 and manifest.parameters["beta"] == 0:
        yield WRONG_PARAMETER.refuse(
            "alpha and beta are both 0, and the urn stays empty",
            place=Place(path="parameters.beta"),
            value=0,
            remedy="make one of the two at least 1; UD(0, 1) is the usual urn.",
        )


WEI_URN = SequenceMethod(
    name="wei urn",
    title="Wei's urn design",
    source="Wei LJ. An application of an urn model to the design of sequential controlled clinical trials. "
    "JASA 1978;73:559-563",
    law=compute_law,
    describe=lambda parameters: (
        f"Wei's urn design UD({parameters['alpha']}, {parameters['beta']}) was used: arms with fewer participants "
        "are the more likely"
    ),
    parameters=(
        ParameterRule(name="alpha", kind="whole number", low=0, says="balls of each arm at the start"),
        ParameterRule(
            name="beta", kind="whole number", low=0, says="balls of every other arm added each time"
        ),
    ),
    fits=_fits,
)
