"""How far a list can be foreseen, and how far its arms drift apart (Blackwell & Hodges 1957; Matts & Lachin 1988).

For a method with its parameters the figures are exact, by going through every state that its law can reach; where
there are too many states a figure is simulated from a given seed and carries its Monte Carlo standard error.
Three onlookers guess, each of whom sees every past allocation of the list:

    convergence    guesses the arm that is furthest behind its share, and any of several with equal chance
                   (Blackwell D, Hodges JL. Ann Math Stat 1957;28:449-460; for more arms or unequal ratios by
                   n_a / r_a)
    best           knows the method and its parameters too, and guesses the arm that is then the likeliest
    best_informed  knows the size of the present block as well, as where sizes are fixed or have leaked

A certain allocation is one that the onlooker knows before it is made.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction

import numpy as np

from exotrial.allocation.imbalance import arms_behind, compute_imbalance
from exotrial.allocation.onlooker import Belief, Onlooker
from exotrial.allocation.sequence.law import Law, add_one
from exotrial.core.errors import ErrorCode, Place

MOST_STATES = 6_000
"""States of one step that are gone through; a law with more is simulated."""
MOST_BELIEFS = 1_500
SIMULATED_LISTS = 1_000

NO_SEED = ErrorCode(
    "SEQ-040",
    "A figure has too many cases to go through and must be simulated, and no usable seed was given.",
    "give a whole number of at least 0 as the seed; it is not the seed of any list.",
)
NOT_OF_THE_METHOD = ErrorCode(
    "SEQ-041",
    "A list cannot have come from the method that is said to have made it.",
    "check the method, its parameters and the list; one of them is not what was used.",
)


@dataclass(frozen=True)
class Figure:
    """A number and, where it was simulated, its Monte Carlo standard error; None says that it is exact."""

    value: float
    standard_error: float | None = None


@dataclass(frozen=True, kw_only=True)
class Predictability:
    """The figures of a method. Shares are of all allocations of a list, from 0 to 1.

    Imbalances are in turns of the ratio (with two equal arms, participants): expected at the end, the expected
    largest within a list, and the largest that can happen (the maximum tolerated imbalance). `how` is one
    sentence on what is exact and what is simulated.
    """

    length: int
    convergence: Figure
    best: Figure
    certain: Figure
    best_informed: Figure
    certain_informed: Figure
    final_imbalance: Figure
    expected_largest_imbalance: Figure
    largest_imbalance: Figure
    how: str


@dataclass(frozen=True, kw_only=True)
class ListPredictability:
    """The figures of one list as it stands: `best` and `certain` are None where no method is known.

    A guess among several arms counts its chance of being right.
    """

    length: int
    convergence: float
    final_imbalance: float
    largest_imbalance: float
    best: float | None = None
    certain: float | None = None


def compute_predictability(
    law: Law,
    *,
    ratio: tuple[int, ...],
    length: int,
    seed: int | None = None,
    lists: int = SIMULATED_LISTS,
) -> Predictability:
    """The figures of a law (`SequenceMethod.law`) over lists of `length`.

    `seed` is asked for only where something is simulated, over `lists` lists (SEQ-040).
    """
    onlooker = Onlooker(law)
    found = _go_through(onlooker, law, ratio=ratio, length=length)
    if found is not None:
        largest = compute_largest_imbalances(law, ratio=ratio, length=length)
        if largest is not None:
            mean = sum(float(value) * chance for value, chance in largest.items())
            found["expected_largest_imbalance"] = Figure(mean)
        if not _hides_anything(onlooker, law, length=length):
            found["best"], found["certain"] = found["best_informed"], found["certain_informed"]
        else:
            found |= _go_through_beliefs(onlooker, length=length) or _squeeze(found)
    found = found or {}
    names = [field.name for field in fields(Predictability) if field.name not in ("length", "how")]
    missing = [name for name in names if name not in found]
    if missing:
        simulated = _simulate(onlooker, law, ratio=ratio, length=length, seed=seed, lists=lists)
        found |= {name: simulated[name] for name in missing}
    return Predictability(length=length, how=_how(missing, seed=seed, lists=lists), **found)


def compute_for_list(
    sequence: Sequence[str], *, arms: Sequence[str], ratio: tuple[int, ...], law: Law | None = None
) -> ListPredictability:
    """The figures of one list. `law` is that of the method which made it; SEQ-041 where it cannot have."""
    numbers = [list(arms).index(arm) for arm in sequence]
    counts = (0,) * len(ratio)
    right_among: Counter[int] = Counter()  # right guesses, by how many arms the guess was among
    imbalances = {Fraction(0)}
    for arm in numbers:
        behind = arms_behind(counts, ratio)
        right_among[len(behind)] += arm in behind
        counts = add_one(counts, arm)
        imbalances.add(compute_imbalance(counts, ratio))
    length = max(1, len(numbers))
    best, certain = (None, None) if law is None else _follow(Onlooker(law), numbers)
    return ListPredictability(
        length=len(numbers),
        convergence=float(_share(right_among) / length),
        final_imbalance=float(compute_imbalance(counts, ratio)),
        largest_imbalance=float(max(imbalances)),
        best=best,
        certain=certain,
    )


def compute_long_run_convergence(sizes: Sequence[int], *, ratio: tuple[int, ...]) -> float:
    """The share of right convergence guesses in an endless list of whole blocks, all sizes equally likely.

    Every block ends in balance, so that it is right guesses of a block over places of a block (renewal-reward).
    """
    right = Fraction(0)
    for size in sizes:
        inside = {(0,) * len(ratio): Fraction(1)}
        block = tuple(size * share // sum(ratio) for share in ratio)
        for place in range(size):
            after: dict[tuple[int, ...], Fraction] = defaultdict(Fraction)
            for counts, chance in inside.items():
                behind = arms_behind(counts, ratio)
                for arm, places in enumerate(block):
                    step = chance * Fraction(places - counts[arm], size - place)
                    right += step * Fraction(arm in behind, len(behind))
                    if step:
                        after[add_one(counts, arm)] += step
            inside = after
    return float(right / sum(sizes))


def compute_largest_imbalances(
    law: Law, *, ratio: tuple[int, ...], length: int
) -> dict[Fraction, float] | None:
    """The distribution of the largest imbalance within a list, exact; None where it has too many states."""
    onlooker = Onlooker(law)
    start = (law.start, (0,) * len(ratio), Fraction(0))
    layer: dict[tuple[Hashable, tuple[int, ...], Fraction], float] = {start: 1.0}
    for _ in range(length):
        after: dict[tuple[Hashable, tuple[int, ...], Fraction], float] = defaultdict(float)
        for (state, counts, worst), held in layer.items():
            for move in onlooker.steps(state):
                reached = add_one(counts, move.arm)
                largest = max(worst, compute_imbalance(reached, ratio))
                after[move.state, reached, largest] += held * move.chance
        if len(after) > MOST_STATES:
            return None
        layer = after
    found: dict[Fraction, float] = defaultdict(float)
    for (_, _, worst), held in layer.items():
        found[worst] += held
    return dict(sorted(found.items()))


def _go_through(
    onlooker: Onlooker, law: Law, *, ratio: tuple[int, ...], length: int
) -> dict[str, Figure] | None:
    layer: dict[tuple[Hashable, tuple[int, ...]], float] = {(law.start, (0,) * len(ratio)): 1.0}
    right = informed = certain = 0.0
    largest = Fraction(0)
    for _ in range(length):
        after: dict[tuple[Hashable, tuple[int, ...]], float] = defaultdict(float)
        for (state, counts), held in layer.items():
            chances = onlooker.chances(state)
            behind = arms_behind(counts, ratio)
            right += held * float(sum(chances.get(arm, 0) for arm in behind)) / len(behind)
            informed += held * float(max(chances.values()))
            certain += held * (len(chances) == 1)
            for move in onlooker.steps(state):
                after[move.state, add_one(counts, move.arm)] += held * move.chance
        if len(after) > MOST_STATES:
            return None
        layer = after
        largest = max(largest, *(compute_imbalance(counts, ratio) for _, counts in layer))
    final = sum(held * float(compute_imbalance(counts, ratio)) for (_, counts), held in layer.items())
    return {
        "convergence": Figure(right / length),
        "best_informed": Figure(informed / length),
        "certain_informed": Figure(certain / length),
        "final_imbalance": Figure(final),
        "largest_imbalance": Figure(float(largest)),
    }


def _hides_anything(onlooker: Onlooker, law: Law, *, length: int) -> bool:
    reached: set[Hashable] = {law.start}
    for _ in range(length):
        if any(onlooker.hides(state) for state in reached):
            return True
        reached = {move.state for state in reached for move in onlooker.moves(state)}
    return False


def _go_through_beliefs(onlooker: Onlooker, *, length: int) -> dict[str, Figure] | None:
    layer: dict[Belief, float] = {onlooker.start: 1.0}
    best = certain = 0.0
    for _ in range(length):
        after: dict[Belief, float] = defaultdict(float)
        for belief, held in layer.items():
            outlook = onlooker.outlook(belief)
            best += held * float(outlook.best)
            certain += held * (len(outlook.chances) == 1)
            for arm, chance in outlook.chances.items():
                after[outlook.after[arm]] += held * float(chance)
        if len(after) > MOST_BELIEFS:
            return None
        layer = after
    return {"best": Figure(best / length), "certain": Figure(certain / length)}


def _squeeze(found: dict[str, Figure]) -> dict[str, Figure]:
    """Knowing more never guesses worse: where the least and the best informed agree, so does who is between."""
    least, most = found["convergence"], found["best_informed"]
    return {"best": most} if math.isclose(least.value, most.value, rel_tol=1e-12) else {}


def _follow(onlooker: Onlooker, numbers: Sequence[int]) -> tuple[float, float]:
    """Shares of right best guesses and of certain allocations along one list of arm numbers."""
    belief = onlooker.start
    right_among: Counter[int] = Counter()
    certain = 0
    for slot, arm in enumerate(numbers, start=1):
        outlook = onlooker.outlook(belief)
        if arm not in outlook.chances:
            raise NOT_OF_THE_METHOD.refuse(
                f"allocation {slot} cannot follow those before it",
                place=Place(path=f"slot {slot}"),
                value=slot,
            )
        right_among[len(outlook.favourites)] += arm in outlook.favourites
        certain += len(outlook.chances) == 1
        belief = outlook.after[arm]
    length = max(1, len(numbers))
    return float(_share(right_among) / length), certain / length


def _share(right_among: Counter[int]) -> Fraction:
    """Right guesses, each counted by its chance of being right among so many arms."""
    return sum((Fraction(right, arms) for arms, right in right_among.items()), Fraction(0))


def _simulate(
    onlooker: Onlooker, law: Law, *, ratio: tuple[int, ...], length: int, seed: int | None, lists: int
) -> dict[str, Figure]:
    generator = start_generator(seed)
    names = [str(number) for number in range(len(ratio))]
    seen: dict[str, list[float]] = defaultdict(list)
    for _ in range(lists):
        state, numbers, informed, certain = law.start, [], 0.0, 0
        for chance in generator.random(length):
            chances = onlooker.chances(state)
            informed += float(max(chances.values()))
            certain += len(chances) == 1
            steps = onlooker.steps(state)
            move = steps[min(bisect_right(onlooker.ends(state), chance), len(steps) - 1)]
            numbers.append(move.arm)
            state = move.state
        one = compute_for_list([names[number] for number in numbers], arms=names, ratio=ratio)
        best, surely = _follow(onlooker, numbers)
        seen["convergence"].append(one.convergence)
        seen["best"].append(best)
        seen["certain"].append(surely)
        seen["best_informed"].append(informed / length)
        seen["certain_informed"].append(certain / length)
        seen["final_imbalance"].append(one.final_imbalance)
        seen["expected_largest_imbalance"].append(one.largest_imbalance)
    found = {name: estimate(values) for name, values in seen.items()}
    found["largest_imbalance"] = Figure(max(seen["expected_largest_imbalance"]))
    return found


def start_generator(seed: int | None) -> np.random.Generator:
    """The generator of a simulation; SEQ-040 where no whole seed from 0 is given."""
    if seed is None or isinstance(seed, bool) or seed < 0:
        raise NO_SEED.refuse(f"{seed} is no seed of a simulation", value=seed)
    return np.random.default_rng(seed)


def estimate(values: Sequence[float]) -> Figure:
    """The mean of simulated values with its Monte Carlo standard error; at least two values."""
    sample = np.asarray(values)
    return Figure(float(sample.mean()), float(sample.std(ddof=1) / math.sqrt(sample.size)))


def _how(missing: Sequence[str], *, seed: int | None, lists: int) -> str:
    if not missing:
        return "Exact."
    named = ", ".join(missing).replace("_", " ")
    if "largest_imbalance" in missing:
        named += " (only the largest seen, without a standard error)"
    rest = "; all else is exact" if len(missing) < 8 else ""
    return f"Simulated over {lists} lists from seed {seed}: {named}{rest}."
