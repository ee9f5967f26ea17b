"""Our exact tests beside scipy's, on the same data in one run: the p values first, then the time as a ratio.

    python -m benchmarks.exact_tests

Ours give an estimate with its interval as well; the peers are asked for p alone, and their ranks are made
beforehand, outside the clock.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from exotrial.statistics.fisher_rxc import freeman_halton
from exotrial.statistics.rank_sum import rank_sum_exact
from exotrial.statistics.result import Result
from exotrial.statistics.signed_rank import signed_rank_exact
from exotrial.statistics.unconditional import boschloo

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
SAMPLED = 99_999
"""Tables that scipy draws for its Monte Carlo p of an r x c table."""
BATCH = 20_000
LONGEST = 0.5
"""Seconds after which a call is not repeated; quicker calls count by the best of several."""


@dataclass(frozen=True)
class Case:
    """One piece of work and the two that do it. `draws`: the peer samples so many, and p has that error."""

    name: str
    ours: Callable[[], Result]
    peer_name: str
    peer: Callable[[], float]
    draws: int | None = None


def temperatures(size: int) -> tuple[Floats, Floats]:
    """Two samples read to a tenth of a degree, so that many values and differences tie."""
    random = np.random.default_rng(size)
    return random.normal(37.3, 0.5, size).round(1), random.normal(37.0, 0.5, size).round(1)


def p_of(test: Callable[[], Any]) -> float:
    """The p value of one of scipy's own tests."""
    return float(test().pvalue)


def enumerate_signs(differences: Floats, ranks: Floats) -> float:
    """The peer's p over every sign pattern of differences that are not zero."""

    def rank_sum(x: Floats, y: Floats, axis: int) -> Floats:
        return np.asarray((ranks * (x > y)).sum(axis=axis), dtype=np.float64)

    found = stats.permutation_test(
        (differences, np.zeros_like(differences)),
        rank_sum,
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
        batch=BATCH,
    )
    return float(found.pvalue)


def enumerate_groups(first: Floats, second: Floats) -> float:
    """The peer's p over every choice of the first group's ranks, as far from their mean or farther."""
    expected = len(first) * (len(first) + len(second) + 1) / 2

    def distance(x: Floats, y: Floats, axis: int) -> Floats:
        return np.asarray(abs(x.sum(axis=axis) - expected), dtype=np.float64)

    found = stats.permutation_test(
        (first, second),
        distance,
        permutation_type="independent",
        vectorized=True,
        n_resamples=np.inf,
        batch=BATCH,
        alternative="greater",
    )
    return float(found.pvalue)


def sample_tables(table: Counts) -> float:
    """The peer's Monte Carlo p of a table."""
    method = stats.MonteCarloMethod(n_resamples=SAMPLED, rng=np.random.default_rng(1))
    return float(stats.fisher_exact(table, method=method).pvalue)


def signed_rank_cases() -> Iterator[Case]:
    """Paired samples: the peer lists every sign pattern, ours counts them; scipy's own test ignores ties."""
    for size in (7, 12, 16, 19):
        first, second = temperatures(size)
        differences = (first - second).round(1)
        kept = differences[differences != 0]
        name = f"signed rank, {size} pairs with ties"
        ours = partial(signed_rank_exact, first, second)
        listed = partial(enumerate_signs, kept, stats.rankdata(abs(kept)))
        yield Case(name, ours, "permutation_test, all", listed)
        test = partial(stats.wilcoxon, first, second, method="exact")
        yield Case(name, ours, 'wilcoxon, "exact"', partial(p_of, test))


def rank_sum_cases() -> Iterator[Case]:
    """Two groups: the peer lists every choice of the first, ours counts them; scipy's own ignores ties."""
    for size in (5, 7, 9, 11):
        first, second = temperatures(size)
        ranks = stats.rankdata(np.concatenate([first, second]))
        name = f"rank sum, {size} + {size} with ties"
        ours = partial(rank_sum_exact, first, second)
        yield Case(name, ours, "permutation_test, all", partial(enumerate_groups, ranks[:size], ranks[size:]))
        test = partial(stats.mannwhitneyu, first, second, method="exact")
        yield Case(name, ours, 'mannwhitneyu, "exact"', partial(p_of, test))


TABLES = (
    ((3, 1, 2), (0, 4, 3)),
    ((8, 3, 2), (4, 6, 5), (1, 7, 9)),
    ((6, 3, 2, 5), (4, 6, 5, 1), (1, 7, 9, 3)),
    ((9, 4, 2, 5), (5, 7, 6, 3), (2, 8, 9, 5), (4, 5, 3, 7)),
)
FOURFOLD = (((1, 6), (5, 2)), ((3, 27), (11, 19)))


def table_cases() -> Iterator[Case]:
    """Counts, r x c: the peer draws tables, ours counts them all. 2 x 2: both search the common risk."""
    for cells in TABLES:
        table = np.array(cells)
        rows, columns = table.shape
        name = f"Fisher {rows} x {columns}, {table.sum()} counts"
        peer = f"fisher_exact, {SAMPLED:,} draws"
        yield Case(name, partial(freeman_halton, table), peer, partial(sample_tables, table), draws=SAMPLED)
    for four in FOURFOLD:
        table = np.array(four)
        name = f"Boschloo 2 x 2, {table.sum()} counts"
        # scipy's columns are the groups.
        search = partial(stats.boschloo_exact, table.T)
        yield Case(
            name,
            partial(boschloo, table),
            "boschloo_exact",
            partial(p_of, search),
        )


def clock(work: Callable[[], object]) -> float:
    """Seconds that a call takes: the best of up to five after a first one that warms up."""
    best = math.inf
    for _ in range(6):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
        if best > LONGEST:
            break
    return best


def judge(exact: float, other: float, draws: int | None) -> str:
    """How the peer's p agrees with the exact one."""
    if math.isclose(exact, other, rel_tol=1e-9):
        return "same p"
    if draws is not None:
        errors = abs(other - exact) / math.sqrt(exact * (1 - exact) / draws)
        return f"{errors:.1f} standard errors off"
    return f"p {100 * (other / exact - 1):+.2g} %"


def main() -> None:
    """Print a line for each case."""
    print(
        f"{'work':<32}{'peer (scipy)':<28}{'our p':>10}{'peer p':>10}  {'agreement':<26}"
        f"{'ours ms':>9}{'peer ms':>10}{'peer/ours':>10}"
    )
    for cases in (signed_rank_cases, rank_sum_cases, table_cases):
        for case in cases():
            p_value, peer = case.ours().p_value, case.peer()
            assert p_value is not None
            ours_s, peer_s = clock(case.ours), clock(case.peer)
            print(
                f"{case.name:<32}{case.peer_name:<28}{p_value:>10.6f}{peer:>10.6f}  "
                f"{judge(p_value, peer, case.draws):<26}"
                f"{1000 * ours_s:>9.2f}{1000 * peer_s:>10.2f}{peer_s / ours_s:>10.3g}",
                flush=True,
            )


if __name__ == "__main__":
    main()
