"""What a method is told, and what is wrong with what it was told: every parameter is stated, none has a default."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from exotrial.allocation.manifest import Parameter
from exotrial.allocation.probability import read_probability
from exotrial.core.errors import ErrorCode, Place, Refusal

UNKNOWN_PARAMETER = ErrorCode(
    "SEQ-013",
    "A randomisation method is given a parameter that it does not have.",
    "use the parameters that `exotrial randomisation methods` lists.",
)
MISSING_PARAMETER = ErrorCode(
    "SEQ-014",
    "A randomisation method lacks a parameter; none is ever filled in by default.",
    "state every parameter that `exotrial randomisation methods` lists for the method.",
)
WRONG_PARAMETER = ErrorCode(
    "SEQ-015",
    "A parameter of a randomisation method has a value of the wrong kind or outside its range.",
    "give the value as `exotrial randomisation methods` describes it.",
)


@dataclass(frozen=True, kw_only=True)
class ParameterRule:
    """One parameter: its name, its kind, its meaning in one line, and the values it may take.

    `low` is the smallest whole number (of each entry, in a list); `options` are the words allowed;
    a fraction lies strictly between `above` and 1.
    """

    name: str
    kind: Literal["whole number", "whole numbers", "fraction", "word"]
    says: str
    low: int = 1
    above: str = "0/1"
    options: tuple[str, ...] = ()

    def check(self, value: object, *, place: Place) -> Iterator[Refusal]:
        """What is wrong with a value: nothing, or one refusal (SEQ-002 or SEQ-015)."""
        problem = ""
        if self.kind == "whole number":
            if not _whole(value, low=self.low):
                problem = f"{value!r} is not a whole number of at least {self.low}"
        elif self.kind == "whole numbers":
            if not isinstance(value, tuple | list) or not value:
                problem = f"{value!r} is not a list of whole numbers"
            elif wrong := [entry for entry in value if not _whole(entry, low=self.low)]:
                problem = f"{wrong[0]!r} is not a whole number of at least {self.low}"
            elif len(set(value)) < len(value) or sorted(value) != list(value):
                problem = f"{list(value)} does not name every number once, smallest first"
        elif self.kind == "word":
            if value not in self.options:
                problem = f"{value!r} is not one of {', '.join(self.options)}"
        else:
            try:
                share = read_probability(value, place=place)
            except Refusal as refusal:
                yield refusal
                return
            if not read_probability(self.above) < share < 1:
                problem = f"{value!r} is not between {self.above} and 1, both left out"
        if problem:
            yield WRONG_PARAMETER.refuse(
                problem, place=place, value=value, remedy=f"{self.name} is a {self.kind}: {self.says}."
            )


def check_parameters(
    rules: tuple[ParameterRule, ...], given: Mapping[str, Parameter], *, method: str
) -> Iterator[Refusal]:
    """Everything wrong with the parameters of a method (SEQ-002, SEQ-013, SEQ-014, SEQ-015)."""
    known = {rule.name: rule for rule in rules}
    for name in given:
        if name not in known:
            missing = [one for one in known if one not in given]
            near = difflib.get_close_matches(str(name), missing or list(known), n=1)
            yield UNKNOWN_PARAMETER.refuse(
                f"{method!r} has no parameter {name!r}",
                place=Place(path=f"parameters.{name}"),
                value=name,
                remedy=f"did you mean {near[0]!r}?" if near else _offer(known),
            )
    for name, rule in known.items():
        if name not in given:
            yield MISSING_PARAMETER.refuse(
                f"{method!r} is not told {name!r}",
                place=Place(path=f"parameters.{name}"),
                value=name,
                remedy=f"state it; it is a {rule.kind}: {rule.says}.",
            )
        else:
            yield from rule.check(given[name], place=Place(path=f"parameters.{name}"))


def read_whole(parameters: Mapping[str, Parameter], name: str) -> int:
    """A checked parameter that is a whole number."""
    value = parameters[name]
    if isinstance(value, int):
        return value
    raise TypeError(f"{name} was not checked")


def read_numbers(parameters: Mapping[str, Parameter], name: str) -> tuple[int, ...]:
    """A checked parameter that is a list of whole numbers."""
    value = parameters[name]
    if isinstance(value, int | str):
        raise TypeError(f"{name} was not checked")
    return tuple(value)


def _whole(value: object, *, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= low


def _offer(known: Mapping[str, ParameterRule]) -> str:
    return f"its parameters are {', '.join(known)}." if known else "it has no parameters; leave this out."
