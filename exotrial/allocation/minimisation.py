"""Minimisation with a random element (Pocock SJ, Simon R. Biometrics 1975;31:103-115), recomputable afterwards.

For each arm the participant is put there in thought: in every factor the arms' numbers at the participant's level,
divided by the ratio, are compared by their range or their variance, and the sum over factors, by weight, is the
arm's imbalance. The arm of least imbalance is preferred; of several one is drawn by the ratio.

The preferred arm is allocated with probability p where all arms are to be of one size, and each other arm with
(1 - p) / (k - 1). With unequal ratios p is that of the arm of the smallest share, and every arm has its chance so
that the ratio is kept whatever is preferred (Han B, Enas NH, McEntegart D. Stat Med 2009;28:3329-3346): with
R = sum(r) and c = (1 - p) R / (R - min r), arm j has c r_j / R, and the preferred one 1 - c more.

The decision is a function of what is passed in. `draw` are 32 bytes committed to beforehand; they seed a
RandomStream with the label "exotrial-allocation-1/minimisation", from which first the preferred arm of several is
drawn (below(sum of their ratios)), then the arm (below(lowest common denominator of the chances)), both in the
order of the arms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from exotrial.allocation.manifest import ALGORITHM
from exotrial.allocation.prf import RandomStream
from exotrial.allocation.probability import read_probability
from exotrial.allocation.sequence.law import Move, choose
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals

LABEL = f"{ALGORITHM}/minimisation"

WRONG_PLAN = ErrorCode(
    "SEQ-021",
    "A plan of minimisation cannot be used.",
    "give two arms or more, a ratio, factors with levels and weights, and p between the smallest share and 1.",
)
WRONG_LEVEL = ErrorCode(
    "SEQ-022",
    "A participant's factors do not fit the plan of minimisation.",
    "give for every factor of the plan one of its levels, and nothing else.",
)


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A prognostic factor: its name, its levels, and its weight in the sum, a whole number from 1.

    `levels` is None where they come as the trial goes on, such as the sites: a level is then whatever is told,
    and at a new one the factor has nothing to balance yet.
    """

    name: str
    levels: tuple[str, ...] | None
    weight: int


@dataclass(frozen=True, kw_only=True)
class MinimisationPlan:
    """What is decided before the first participant. `p` is a fraction such as "4/5"."""

    arms: tuple[str, ...]
    ratio: tuple[int, ...]
    factors: tuple[Factor, ...]
    measure: Literal["range", "variance"]
    p: str


@dataclass(frozen=True, kw_only=True)
class Allocated:
    """A participant who was allocated before: the level of every factor, and the arm."""

    levels: Mapping[str, str]
    arm: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The arm, and why: each arm's imbalance and chance, and the arms of least imbalance."""

    arm: str
    imbalances: tuple[tuple[str, Fraction], ...]
    preferred: tuple[str, ...]
    chances: tuple[tuple[str, Fraction], ...]


def decide_arm(
    previous: Sequence[Allocated], *, levels: Mapping[str, str], plan: MinimisationPlan, draw: bytes
) -> Decision:
    """The arm of the next participant, whose factors have these `levels`; the order of `previous` does not matter.

    Refuses all at once what is wrong with the plan (SEQ-002, SEQ-021) or with anybody's levels (SEQ-022), and a
    `draw` that is not 32 bytes (SEQ-001).
    """
    stream = RandomStream(draw, label=LABEL)
    wrong = check_plan(plan) or (
        *_check_levels(levels, plan, place=Place(path="levels")),
        *(
            wrong
            for number, one in enumerate(previous)
            for wrong in _check_allocated(one, plan, number=number)
        ),
    )
    if wrong:
        raise Refusals(wrong)
    imbalances = compute_imbalances(previous, levels=levels, plan=plan)
    least = min(imbalances)
    tied = [arm for arm, value in enumerate(imbalances) if value == least]
    preferred = _draw_by_ratio(tied, plan.ratio, stream)
    chances = compute_chances(plan, preferred=preferred)
    arm = choose([Move(chance, at, None) for at, chance in enumerate(chances) if chance], stream).arm
    return Decision(
        arm=plan.arms[arm],
        imbalances=tuple(zip(plan.arms, imbalances, strict=True)),
        preferred=tuple(plan.arms[at] for at in tied),
        chances=tuple(zip(plan.arms, chances, strict=True)),
    )


def compute_imbalances(
    previous: Sequence[Allocated], *, levels: Mapping[str, str], plan: MinimisationPlan
) -> tuple[Fraction, ...]:
    """The imbalance that there would be with the participant in each arm, in the order of the arms; exact."""
    numbers = []
    for factor in plan.factors:
        there = [one.arm for one in previous if one.levels[factor.name] == levels[factor.name]]
        numbers.append([there.count(arm) for arm in plan.arms])
    return weigh_arms(plan, numbers)


def weigh_arms(plan: MinimisationPlan, numbers: Sequence[Sequence[int]]) -> tuple[Fraction, ...]:
    """The imbalances by arm, from the `numbers` in each arm at the participant's level of each factor; exact."""
    totals = [Fraction(0)] * len(plan.arms)
    for factor, there in zip(plan.factors, numbers, strict=True):
        for candidate in range(len(plan.arms)):
            shares = [
                Fraction(number + (arm == candidate), share)
                for arm, (number, share) in enumerate(zip(there, plan.ratio, strict=True))
            ]
            totals[candidate] += factor.weight * _apart(shares, plan.measure)
    return tuple(totals)


def compute_chances(plan: MinimisationPlan, *, preferred: int) -> tuple[Fraction, ...]:
    """The chance of every arm where the arm at this place is preferred; they add to 1."""
    whole, smallest = sum(plan.ratio), min(plan.ratio)
    by_ratio = (1 - read_probability(plan.p)) * Fraction(whole, whole - smallest)
    return tuple(
        by_ratio * Fraction(share, whole) + (1 - by_ratio if arm == preferred else 0)
        for arm, share in enumerate(plan.ratio)
    )


def check_plan(plan: MinimisationPlan) -> tuple[Refusal, ...]:
    """Everything wrong with a plan (SEQ-002, SEQ-021); nothing where it can be used."""
    return tuple(_check_plan(plan))


def _check_plan(plan: MinimisationPlan) -> Iterator[Refusal]:
    def refuse(problem: str, path: str, value: object) -> Refusal:
        return WRONG_PLAN.refuse(problem, place=Place(path=path), value=value)

    if len(plan.arms) < 2 or len(set(plan.arms)) < len(plan.arms):
        yield refuse(f"{list(plan.arms)} are not two or more different arms", "arms", plan.arms)
    if len(plan.ratio) != len(plan.arms) or not all(_whole(share) for share in plan.ratio):
        yield refuse(f"{plan.ratio} is no ratio of {len(plan.arms)} arms", "ratio", plan.ratio)
    elif len(plan.arms) >= 2:
        try:
            p = read_probability(plan.p, place=Place(path="p"))
        except Refusal as refusal:
            yield refusal
        else:
            smallest = Fraction(min(plan.ratio), sum(plan.ratio))
            if not smallest < p < 1:
                yield refuse(f"{plan.p!r} is not between {smallest} and 1, both left out", "p", plan.p)
    if plan.measure not in ("range", "variance"):
        yield refuse(f"{plan.measure!r} is neither range nor variance", "measure", plan.measure)
    if not plan.factors:
        yield refuse("there is no factor", "factors", "")
    names = [factor.name for factor in plan.factors]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield refuse(f"the factor {name!r} is named twice", "factors", name)
    for factor in plan.factors:
        levels = factor.levels
        if levels is not None and (len(levels) < 2 or len(set(levels)) < len(levels)):
            yield refuse(
                f"{list(levels)} are not two or more different levels",
                f"factors.{factor.name}.levels",
                levels,
            )
        if not _whole(factor.weight):
            yield refuse(
                f"the weight {factor.weight!r} is not a whole number from 1",
                f"factors.{factor.name}.weight",
                factor.weight,
            )


def _check_allocated(one: Allocated, plan: MinimisationPlan, *, number: int) -> Iterator[Refusal]:
    yield from _check_levels(one.levels, plan, place=Place(path=f"previous.{number}"))
    if one.arm not in plan.arms:
        yield WRONG_LEVEL.refuse(
            f"{one.arm!r} is no arm of the plan", place=Place(path=f"previous.{number}"), value=one.arm
        )


def _check_levels(levels: Mapping[str, str], plan: MinimisationPlan, *, place: Place) -> Iterator[Refusal]:
    known = {factor.name: factor for factor in plan.factors}
    for name in levels:
        if name not in known:
            yield WRONG_LEVEL.refuse(f"{name!r} is no factor of the plan", place=place, value=name)
    for name, factor in known.items():
        if name not in levels:
            yield WRONG_LEVEL.refuse(f"the level of {name!r} is missing", place=place, value=name)
        elif not levels[name]:
            yield WRONG_LEVEL.refuse(f"the level of {name!r} is empty", place=place, value=name)
        elif factor.levels is not None and levels[name] not in factor.levels:
            yield WRONG_LEVEL.refuse(
                f"{levels[name]!r} is no level of {name!r}",
                place=place,
                value=levels[name],
                remedy=f"its levels are {', '.join(factor.levels)}.",
            )


def _apart(shares: Sequence[Fraction], measure: str) -> Fraction:
    if measure == "range":
        return max(shares) - min(shares)
    mean = sum(shares, Fraction(0)) / len(shares)
    return sum(((share - mean) ** 2 for share in shares), Fraction(0)) / (len(shares) - 1)


def _draw_by_ratio(tied: Sequence[int], ratio: tuple[int, ...], stream: RandomStream) -> int:
    whole = sum(ratio[arm] for arm in tied)
    return choose([Move(Fraction(ratio[arm], whole), arm, None) for arm in tied], stream).arm


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
