"""The type I error of a t test where whoever enrols guesses the next arm and chooses participants by it.

Third-order selection bias of Proschan M. Influence of selection bias on type I error rate under random permuted
block designs. Stat Sin 1994;4:219-231, as in Uschner D, et al. randomizeR. J Stat Softw 2018;85(8): responses have
standard deviation 1 and no treatment effect; by the convergence strategy the enroller expects the arm that is
behind, and then enrols a participant whose mean is `eta` higher where the first arm is expected, `eta` lower where
the second is, and average in balance. Given a list, T squared is a doubly noncentral F, summed as a double Poisson
mixture of beta probabilities; over lists the sum is exact, or simulated with its Monte Carlo standard error.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special, stats

from exotrial.allocation.imbalance import arms_behind
from exotrial.allocation.onlooker import Onlooker
from exotrial.allocation.predictability import MOST_STATES, SIMULATED_LISTS, Figure, estimate, start_generator
from exotrial.allocation.sequence.law import Law
from exotrial.core.errors import ErrorCode

NOT_TWO_ARMS = ErrorCode(
    "SEQ-042",
    "The type I error under selection bias is not defined for this list.",
    "ask it for lists of two arms and at least three participants, a finite eta and an alpha between 0 and 1.",
)

Enrolled = tuple[int, int, int, int, int, int]
"""For each of two arms its number, its sum of shifts and its sum of squared shifts, in units of eta."""


@dataclass(frozen=True, kw_only=True)
class TypeOneError:
    """The chance that a two-sided t test of level `alpha` finds a difference where there is none."""

    eta: float
    alpha: float
    error: Figure
    how: str


def compute_type_one_error(
    law: Law,
    *,
    ratio: tuple[int, ...],
    length: int,
    eta: float,
    alpha: float = 0.05,
    seed: int | None = None,
    lists: int = SIMULATED_LISTS,
) -> TypeOneError:
    """The type I error under third-order selection bias of size `eta` (in standard deviations), for two arms.

    A list that leaves an arm empty has no t test and counts as no rejection. `seed` is asked for only where the
    lists are too many to go through (SEQ-040).
    """
    if len(ratio) != 2 or length < 3 or not math.isfinite(eta) or not 0 < alpha < 1:
        raise NOT_TWO_ARMS.refuse(
            f"{len(ratio)} arms, {length} participants, eta {eta}, alpha {alpha}", value=length
        )
    onlooker = Onlooker(law)
    ended = _go_through(onlooker, law, ratio=ratio, length=length)
    if ended is not None:
        total = sum(chance * compute_rejection(end, eta, alpha) for end, chance in ended.items())
        return TypeOneError(eta=eta, alpha=alpha, error=Figure(total), how="Exact.")
    generator = start_generator(seed)
    values = []
    for _ in range(lists):
        state: Hashable = law.start
        sums: Enrolled = (0, 0, 0, 0, 0, 0)
        for chance in generator.random(length):
            steps = onlooker.steps(state)
            move = steps[min(bisect_right(onlooker.ends(state), chance), len(steps) - 1)]
            sums = enrol(sums, move.arm, expected=_expect(sums, ratio))
            state = move.state
        values.append(compute_rejection(sums, eta, alpha))
    how = f"Simulated over {lists} lists from seed {seed}, exact given each list."
    return TypeOneError(eta=eta, alpha=alpha, error=estimate(values), how=how)


def _go_through(
    onlooker: Onlooker, law: Law, *, ratio: tuple[int, ...], length: int
) -> dict[Enrolled, float] | None:
    layer: dict[tuple[Hashable, Enrolled], float] = {(law.start, (0, 0, 0, 0, 0, 0)): 1.0}
    for _ in range(length):
        after: dict[tuple[Hashable, Enrolled], float] = defaultdict(float)
        for (state, sums), held in layer.items():
            expected = _expect(sums, ratio)
            for move in onlooker.steps(state):
                after[move.state, enrol(sums, move.arm, expected=expected)] += held * move.chance
        if len(after) > MOST_STATES:
            return None
        layer = after
    ended: dict[Enrolled, float] = defaultdict(float)
    for (_, sums), held in layer.items():
        ended[sums] += held
    return ended


def _expect(sums: Enrolled, ratio: tuple[int, ...]) -> int | None:
    behind = arms_behind((sums[0], sums[3]), ratio)
    return behind[0] if len(behind) == 1 else None


def enrol(sums: Enrolled, arm: int, *, expected: int | None) -> Enrolled:
    """The sums with one more, who got `arm` and was picked by who expected that arm, or none in particular."""
    first, first_sum, first_squares, second, second_sum, second_squares = sums
    shift = 0 if expected is None else 1 - 2 * expected
    if arm == 0:
        return first + 1, first_sum + shift, first_squares + abs(shift), second, second_sum, second_squares
    return first, first_sum, first_squares, second + 1, second_sum + shift, second_squares + abs(shift)


@cache
def compute_rejection(sums: Enrolled, eta: float, alpha: float) -> float:
    """The chance that the t test of those enrolled rejects; 0 where an arm is empty."""
    first, first_sum, first_squares, second, second_sum, second_squares = sums
    if first == 0 or second == 0:
        return 0.0
    difference = eta * (first_sum / first - second_sum / second)
    between = difference**2 / (1 / first + 1 / second)
    within = eta**2 * (first_squares - first_sum**2 / first + second_squares - second_sum**2 / second)
    return compute_doubly_noncentral_tail(
        between=between, within=max(0.0, within), freedom=first + second - 2, alpha=alpha
    )


def compute_doubly_noncentral_tail(*, between: float, within: float, freedom: int, alpha: float) -> float:
    """P(|T| > the two-sided critical value of a central t), T with noncentralities of numerator and denominator.

    `between` is the squared noncentrality of the numerator, `within` that of the sum of squares below.
    """
    critical = float(special.stdtrit(freedom, 1 - alpha / 2)) ** 2
    i, chance_i = _poisson(between / 2)
    j, chance_j = _poisson(within / 2)
    tails = special.betainc(freedom / 2 + j[None, :], 0.5 + i[:, None], freedom / (freedom + critical))
    return float(chance_i @ tails @ chance_j)


def _poisson(
    mean: float,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    if mean == 0:
        return np.zeros(1), np.ones(1)
    values = np.arange(int(stats.poisson.isf(1e-15, mean)) + 2, dtype=np.float64)
    return values, np.asarray(stats.poisson.pmf(values, mean))
