"""How far arms by minimisation can be foreseen, and how far they drift apart: simulated, from a given seed.

What minimisation gives away depends on who comes. Participants are taken to come with levels that are equally
likely and independent, unless other shares are given; of a factor whose levels are not fixed (the sites) it is
told how many there are. Two onlookers guess, each before the arm is made:

    convergence    has seen every past arm and guesses the one furthest behind (Blackwell and Hodges 1957)
    best           knows the plan too, and every participant's levels, and guesses the arm that is then the
                   likeliest: the preferred one, whose chance is p where arms are equal (Scott NW, et al. The method
                   of minimization for allocation to clinical trials: a review. Control Clin Trials 2002;23:662-674)

No allocation is certain, since p is below 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from exotrial.allocation.imbalance import arms_behind, compute_imbalance
from exotrial.allocation.minimisation import MinimisationPlan, check_plan, compute_chances, weigh_arms
from exotrial.allocation.predictability import SIMULATED_LISTS, Figure, estimate, start_generator
from exotrial.allocation.selection_bias import Enrolled, compute_rejection, enrol
from exotrial.core.errors import ErrorCode, Place, Refusals

WRONG_SHARES = ErrorCode(
    "SEQ-053",
    "The shares of a factor's levels cannot be used.",
    "give a positive share for every level of the factor, or leave the factor out: its levels are then equally likely.",
)


@dataclass(frozen=True, kw_only=True)
class MinimisedForesight:
    """The figures of a plan over `length` participants; each is simulated and carries its standard error.

    Shares are of all allocations. Imbalances are in turns of the ratio: `largest_imbalance` of all arms on the way,
    `final_imbalance` at the end, `final_at_a_level` the largest at the end among those of one level of a factor.
    `type_one_error` is that of the t test where who enrols expects the preferred arm and picks participants by it
    (`selection_bias`); None with more than two arms or fewer than three participants.
    """

    length: int
    convergence: Figure
    best: Figure
    largest_imbalance: Figure
    final_imbalance: Figure
    final_at_a_level: Figure
    type_one_error: Figure | None
    how: str


def compute_minimised_foresight(
    plan: MinimisationPlan,
    *,
    length: int,
    seed: int,
    shares: Mapping[str, Sequence[float]] | None = None,
    eta: float = 0.5,
    alpha: float = 0.05,
    lists: int = SIMULATED_LISTS,
) -> MinimisedForesight:
    """Simulate `lists` trials of a plan.

    `shares` are by factor, in the order of its levels, and need not add to 1; a factor without fixed levels needs
    them, one for each level that there is. Refuses a plan that cannot be used (Refusals: SEQ-002, SEQ-021), shares
    that do not fit (SEQ-053), and a seed that is none (SEQ-040).
    """
    wrong = check_plan(plan)
    if wrong:
        raise Refusals(wrong)
    levels = {
        factor.name: _read_shares(plan, factor.name, (shares or {}).get(factor.name))
        for factor in plan.factors
    }
    generator = start_generator(seed)
    biased = len(plan.arms) == 2 and length >= 3
    seen: dict[str, list[float]] = defaultdict(list)
    for _ in range(lists):
        came = [
            generator.choice(len(chances), size=length, p=chances).tolist() for chances in levels.values()
        ]
        _run(plan, list(zip(*came, strict=True)), generator, seen, eta=eta if biased else None, alpha=alpha)
    found = {name: estimate(values) for name, values in seen.items()}
    return MinimisedForesight(
        length=length,
        convergence=found["convergence"],
        best=found["best"],
        largest_imbalance=found["largest_imbalance"],
        final_imbalance=found["final_imbalance"],
        final_at_a_level=found["final_at_a_level"],
        type_one_error=found.get("type_one_error"),
        how=f"Simulated over {lists} trials from seed {seed}, levels {_describe(levels, shares)}.",
    )


def _run(
    plan: MinimisationPlan,
    came: Sequence[tuple[int, ...]],
    generator: np.random.Generator,
    seen: dict[str, list[float]],
    *,
    eta: float | None,
    alpha: float,
) -> None:
    """One trial: those who came, by the number of their level of each factor."""
    ratio = plan.ratio
    counts = (0,) * len(ratio)
    at_level: dict[tuple[int, int], tuple[int, ...]] = defaultdict(lambda: (0,) * len(ratio))
    sums: Enrolled = (0, 0, 0, 0, 0, 0)
    convergence, best, largest = Fraction(0), Fraction(0), Fraction(0)
    for who, drawn in zip(came, generator.random(len(came)), strict=True):
        chances, preferred = _chances(plan, tuple(at_level[key] for key in enumerate(who)))
        behind = arms_behind(counts, ratio)
        convergence += sum((chances[arm] for arm in behind), Fraction(0)) / len(behind)
        best += max(chances)
        # The last end may fall short of 1 by rounding.
        ends = np.cumsum([float(chance) for chance in chances])
        arm = min(int(np.searchsorted(ends, drawn, side="right")), len(ratio) - 1)
        if eta is not None:
            sums = enrol(sums, arm, expected=preferred[0] if len(preferred) == 1 else None)
        counts = _add(counts, arm)
        for key in enumerate(who):
            at_level[key] = _add(at_level[key], arm)
        largest = max(largest, compute_imbalance(counts, ratio))
    seen["convergence"].append(float(convergence / len(came)))
    seen["best"].append(float(best / len(came)))
    seen["largest_imbalance"].append(float(largest))
    seen["final_imbalance"].append(float(compute_imbalance(counts, ratio)))
    seen["final_at_a_level"].append(float(max(compute_imbalance(one, ratio) for one in at_level.values())))
    if eta is not None:
        seen["type_one_error"].append(compute_rejection(sums, eta, alpha))


@lru_cache(maxsize=1 << 16)
def _chances(
    plan: MinimisationPlan, numbers: tuple[tuple[int, ...], ...]
) -> tuple[tuple[Fraction, ...], tuple[int, ...]]:
    """The chance of every arm, the draw among several preferred ones included, and the preferred arms."""
    weights = weigh_arms(plan, numbers)
    preferred = tuple(arm for arm, weight in enumerate(weights) if weight == min(weights))
    whole = sum(plan.ratio[arm] for arm in preferred)
    chances = [Fraction(0)] * len(plan.arms)
    for one in preferred:
        for arm, chance in enumerate(compute_chances(plan, preferred=one)):
            chances[arm] += chance * Fraction(plan.ratio[one], whole)
    return tuple(chances), preferred


def _read_shares(plan: MinimisationPlan, name: str, told: Sequence[float] | None) -> list[float]:
    (factor,) = (one for one in plan.factors if one.name == name)
    given = list(told) if told is not None else [1.0] * len(factor.levels or ())
    place = Place(path=f"shares.{name}")
    if not given or (factor.levels is not None and len(given) != len(factor.levels)):
        needed = len(factor.levels) if factor.levels is not None else "one for each level"
        raise WRONG_SHARES.refuse(f"{name} has {len(given)} shares, not {needed}", place=place, value=given)
    if not all(0 < share < float("inf") for share in given):
        raise WRONG_SHARES.refuse(f"a share of {name} is not positive", place=place, value=given)
    return [share / sum(given) for share in given]


def _describe(levels: Mapping[str, Sequence[float]], shares: Mapping[str, Sequence[float]] | None) -> str:
    words = []
    for name, chances in levels.items():
        even = shares is None or name not in shares or len(set(shares[name])) == 1
        how = "equally likely" if even else ", ".join(f"{chance:.2g}" for chance in chances)
        words.append(f"of {name} {how} ({len(chances)})")
    return " and ".join(words) + ", independent of each other"


def _add(counts: tuple[int, ...], arm: int) -> tuple[int, ...]:
    return (*counts[:arm], counts[arm] + 1, *counts[arm + 1 :])
