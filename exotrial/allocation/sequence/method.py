"""What a randomisation method is, and how all of them are found (DESIGN.md, law 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from exotrial.allocation.manifest import Manifest, Parameter
from exotrial.allocation.prf import RandomStream
from exotrial.allocation.sequence.law import Law, draw_by_law
from exotrial.allocation.sequence.parameters import ParameterRule, check_parameters
from exotrial.core.catalogue import find_objects
from exotrial.core.errors import ErrorCode, Place, Refusal

Parameters = Mapping[str, Parameter]

TWO_EQUAL_ARMS = ErrorCode(
    "SEQ-016",
    "The randomisation method is not defined for this number of arms or this ratio.",
    "choose permuted blocks, simple randomisation, the random allocation rule or the block urn design.",
)
NOT_REACHED = ErrorCode(
    "SEQ-017",
    "A list of this length cannot come out as the method asks.",
    "choose a length that is a multiple of the sum of the ratio and that the blocks can fill.",
)


class Draw(Protocol):
    """Draws a sequence of arms from a stream."""

    def __call__(
        self,
        *,
        arms: Sequence[str],
        ratio: tuple[int, ...],
        length: int,
        parameters: Parameters,
        stream: RandomStream,
    ) -> tuple[str, ...]:
        """`length` names out of `arms`."""


def _nothing_more(manifest: Manifest) -> Iterator[Refusal]:
    yield from ()


@dataclass(frozen=True, kw_only=True)
class SequenceMethod:
    """One way of making a list.

    `law(ratio, length, parameters)` gives the exact chances of every next allocation; `describe(parameters)` is
    the sentence of CONSORT 2025 item 17b; `fits(manifest)` says what is wrong beyond single parameters, and is
    asked only where these hold. `own_draw` is given where a list is not drawn step by step from the law.
    """

    name: str
    title: str
    source: str
    law: Callable[[tuple[int, ...], int, Parameters], Law]
    describe: Callable[[Parameters], str]
    parameters: tuple[ParameterRule, ...] = ()
    fits: Callable[[Manifest], Iterator[Refusal]] = _nothing_more
    own_draw: Draw | None = None

    def check(self, manifest: Manifest) -> tuple[Refusal, ...]:
        """Everything for which this method refuses a manifest; nothing where it can draw its lists."""
        wrong = tuple(check_parameters(self.parameters, manifest.parameters, method=self.name))
        return wrong or tuple(self.fits(manifest))

    def draw(
        self,
        arms: Sequence[str],
        ratio: tuple[int, ...],
        length: int,
        parameters: Parameters,
        stream: RandomStream,
    ) -> tuple[str, ...]:
        """One list of `length` arms; what is given was checked before."""
        if self.own_draw is not None:
            return self.own_draw(arms=arms, ratio=ratio, length=length, parameters=parameters, stream=stream)
        return draw_by_law(self.law(ratio, length, parameters), arms=arms, length=length, stream=stream)


def find_sequence_methods() -> dict[str, SequenceMethod]:
    """Every installed randomisation method by name, plug-ins of `exotrial.sequence_methods` included."""
    return find_objects(
        "exotrial.allocation.sequence",
        SequenceMethod,
        name=lambda method: method.name,
        entry_point_group="exotrial.sequence_methods",
    )


def needs_equal_ratio(manifest: Manifest) -> Iterator[Refusal]:
    """One refusal (SEQ-016) where the arms are not to be of one size."""
    if len(set(manifest.ratio)) > 1:
        yield TWO_EQUAL_ARMS.refuse(
            f"{manifest.method!r} is defined for arms of one size, and the ratio is {_ratio(manifest)}",
            place=Place(path="ratio"),
            value=_ratio(manifest),
        )


def needs_two_equal_arms(manifest: Manifest) -> Iterator[Refusal]:
    """One refusal (SEQ-016) where there are not two arms of one size."""
    if len(manifest.arms) != 2:
        yield TWO_EQUAL_ARMS.refuse(
            f"{manifest.method!r} is defined for two arms, and there are {len(manifest.arms)}",
            place=Place(path="arms"),
            value=", ".join(manifest.arms),
        )
    else:
        yield from needs_equal_ratio(manifest)


def needs_whole_turns(manifest: Manifest) -> Iterator[Refusal]:
    """A refusal (SEQ-017) for each stratum that does not hold whole turns of the ratio."""
    turn = sum(manifest.ratio)
    for stratum in manifest.strata:
        if stratum.length % turn:
            yield NOT_REACHED.refuse(
                f"a list of {stratum.length} cannot end in the ratio {_ratio(manifest)}",
                place=Place(path=f"strata.{stratum.id}.length"),
                value=stratum.length,
                remedy=f"make it a multiple of {turn}.",
            )


def _ratio(manifest: Manifest) -> str:
    return ":".join(map(str, manifest.ratio))
