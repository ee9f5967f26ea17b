"""Fisher's exact test of an r x c table by full enumeration, column by column; Monte Carlo under its own name.

Freeman & Halton 1951 (Biometrika 38:141-149): p is the probability, given both margins, of all tables no more
probable than the observed one. Tables are not listed one by one: as in the network of Mehta & Patel 1983
(JASA 78:427-434), partial tables that leave the same row totals and have the same probability are counted
once; with five columns or more, partial tables whose every completion counts, or none, are settled early;
and the last two columns are resolved together by one sorted list for each set of row totals left.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from exotrial.core.errors import ErrorCode
from exotrial.statistics.counts import Counts, as_table, check_rows, estimate_cramers_v
from exotrial.statistics.resampling import check_resampling, describe_resampling
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import Sample, check_level

TOO_LARGE = ErrorCode(
    "STS-304",
    "A table has too many possible arrangements for an exact test.",
    "use chi_square, or freeman_halton_monte_carlo with a seed, and say which.",
)
LARGEST_STEP = 20_000_000  # partial tables held or resolved in one step: about 1 GB, some seconds
LARGEST_SEARCH = 2_000_000  # steps followed to find the least and greatest completion: some seconds
TIE = 1e-7  # as in R: log probabilities this close are equal
_SAME = 1e9  # partial sums equal to nine decimals are the same partial sum


def freeman_halton(table: ArrayLike, *, level: float = 0.95) -> Result:
    """Fisher's exact test of counts, rows x columns, exact (never sampled); the effect is Cramer's V.

    Columns without counts are left out with a note; a row without counts is refused (STS-302). Refuses a
    table for which a step would hold more than 20 million partial tables (STS-304). Feasible are 2 x c of any
    trial's size, 3 x 6 and 4 x 4 with about a hundred counts; 4 x 4 with 400 is refused.
    """
    counts, notes = _as_used_table(table, level)
    if counts.shape[1] == 1:
        return _as_result(FREEMAN_HALTON, counts, 1.0, None, (*notes, _ONE_TABLE), exact=True)
    estimate, more = estimate_cramers_v(counts, level=level)
    p_value = compute_freeman_halton(counts)
    return _as_result(FREEMAN_HALTON, counts, p_value, estimate, (*notes, *more), exact=True)


def freeman_halton_monte_carlo(
    table: ArrayLike, *, seed: int = 1, resamples: int = 99_999, level: float = 0.95
) -> Result:
    """The same test on random tables with the observed margins, drawn from `seed` (STS-108, STS-302).

    p = (1 + as improbable) / (1 + resamples) (Phipson & Smyth 2010); the notes give its standard error.
    """
    check_resampling(seed, resamples)
    counts, notes = _as_used_table(table, level)
    if counts.shape[1] == 1:
        return _as_result(FREEMAN_HALTON_MONTE_CARLO, counts, 1.0, None, (*notes, _ONE_TABLE), exact=False)
    estimate, more = estimate_cramers_v(counts, level=level)
    limit = _log_weight(counts) + TIE
    generator = np.random.default_rng(seed)
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    extreme, left = 0, int(resamples)
    while left:
        size = min(left, 10_000)
        extreme += int((_draw_log_weights(rows, columns, size, generator) <= limit).sum())
        left -= size
    p_value = (1 + extreme) / (1 + resamples)
    notes = (*notes, *more, describe_resampling(int(seed), int(resamples), p_value))
    return _as_result(FREEMAN_HALTON_MONTE_CARLO, counts, p_value, estimate, notes, exact=False)


_ONE_TABLE = "one column holds every count: only this table is possible, and p is 1"


def compute_freeman_halton(counts: Counts) -> float:
    """The exact p of a checked table; empty rows and columns do not change it (STS-304)."""
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) == 1:
        return 1.0
    if counts.shape[0] > counts.shape[1]:
        counts = counts.T
    # Narrow columns first keep the number of row totals left small.
    counts = counts[:, np.argsort(counts.sum(axis=0), kind="stable")]
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    limit = _log_weight(counts) + TIE
    network: dict[tuple[int, ...], tuple[Sample, Sample]] = {
        tuple(sorted(int(row) for row in rows)): (np.zeros(1), np.ones(1))
    }
    paths = _find_paths(next(iter(network)), tuple(int(column) for column in columns))
    log_total = float(special.gammaln(rows + 1).sum() + special.gammaln(columns + 1).sum())
    log_total -= float(special.gammaln(rows.sum() + 1))
    p, resolved = 0.0, 0
    for stage, column in enumerate(columns[:-2]):
        if paths is not None:
            p += _settle(network, paths[stage], columns[stage:], limit=limit, log_total=log_total)
        network = _advance(network, int(column))
    for left, (past, copies) in network.items():
        # The last two columns: all ways to fill one, the other takes the rest.
        fills = _list_fills(left, int(columns[-2]))
        resolved += len(fills)
        _check_step(resolved)
        rest = np.array(left) - fills
        tail = np.sort(-(special.gammaln(fills + 1) + special.gammaln(rest + 1)).sum(axis=1))
        # Relative to the greatest, which is the last: the logarithms of large tables leave a float's range.
        cumulated = np.concatenate([[0.0], np.cumsum(np.exp(tail - tail[-1]))])
        counted = np.searchsorted(tail, limit - past, side="right")
        p += float((copies * np.exp(past + log_total + tail[-1])) @ cumulated[counted])
    return min(1.0, p)


def _find_paths(
    left: tuple[int, ...], columns: tuple[int, ...]
) -> list[dict[tuple[int, ...], tuple[float, float]]] | None:
    """For each stage, from row totals left to the (least, greatest) log weight that the rest can have.

    None where finding them would cost more than it spares.
    """
    if len(columns) < 5:
        return None
    links: list[dict[tuple[int, ...], list[tuple[tuple[int, ...], float]]]] = []
    layer, followed = {left}, 0
    for column in columns[:-1]:
        stage: dict[tuple[int, ...], list[tuple[tuple[int, ...], float]]] = {}
        for node in layer:
            fills = _list_fills(node, column)
            followed += len(fills)
            if followed > LARGEST_SEARCH:
                return None
            rests = np.sort(np.array(node) - fills, axis=1)
            weights = -special.gammaln(fills + 1).sum(axis=1)
            stage[node] = list(zip(map(tuple, rests.tolist()), weights.tolist(), strict=True))
        links.append(stage)
        layer = {rest for steps in stage.values() for rest, _ in steps}
    after = {node: (end := -float(special.gammaln(np.array(node) + 1).sum()), end) for node in layer}
    paths = []
    for stage in reversed(links):
        after = {
            node: (
                min(weight + after[rest][0] for rest, weight in steps),
                max(weight + after[rest][1] for rest, weight in steps),
            )
            for node, steps in stage.items()
        }
        paths.append(after)
    return paths[::-1]


def _settle(
    network: dict[tuple[int, ...], tuple[Sample, Sample]],
    paths: dict[tuple[int, ...], tuple[float, float]],
    columns: NDArray[np.int64],
    *,
    limit: float,
    log_total: float,
) -> float:
    """Count the partial tables of which every completion counts, and take out all that are decided."""
    p = 0.0
    for left, (past, copies) in list(network.items()):
        least, greatest = paths[left]
        every = past + greatest <= limit
        if every.any():
            # All ways to complete weigh n! / (prod of row totals left! prod of column totals left!).
            ways = float(special.gammaln(sum(left) + 1) - special.gammaln(np.array(left) + 1).sum())
            ways -= float(special.gammaln(columns + 1).sum())
            p += float(copies[every] @ np.exp(past[every] + ways + log_total))
        open_ones = ~every & (past + least <= limit)
        if open_ones.any():
            network[left] = (past[open_ones], copies[open_ones])
        else:
            del network[left]
    return p


def _advance(
    network: dict[tuple[int, ...], tuple[Sample, Sample]], column: int
) -> dict[tuple[int, ...], tuple[Sample, Sample]]:
    """Fill one more column: from row totals left -> (log weights of the past, number of ways) to the next."""
    reached: dict[tuple[int, ...], list[tuple[Sample, Sample]]] = {}
    held = 0
    for left, (past, copies) in network.items():
        fills = _list_fills(left, column)
        held += len(fills) * past.size
        _check_step(held)
        weights = -special.gammaln(fills + 1).sum(axis=1)
        rests = np.sort(np.array(left) - fills, axis=1)
        for rest, weight in zip(map(tuple, rests.tolist()), weights, strict=True):
            reached.setdefault(rest, []).append((past + weight, copies))
    return {rest: _merge(parts) for rest, parts in reached.items()}


def _merge(parts: list[tuple[Sample, Sample]]) -> tuple[Sample, Sample]:
    past = np.concatenate([part[0] for part in parts])
    copies = np.concatenate([part[1] for part in parts])
    _, first, inverse = np.unique(np.round(past * _SAME), return_index=True, return_inverse=True)
    return past[first], np.bincount(inverse, weights=copies).astype(np.float64)


def _list_fills(left: tuple[int, ...], column: int) -> NDArray[np.int64]:
    """Every way to split a column total over rows with so much left; shape (ways, rows)."""
    room = np.cumsum((0, *left[::-1]))[::-1]  # what the rows from here on can hold
    fills = np.zeros((1, 0), dtype=np.int64)
    to_place = np.array([column], dtype=np.int64)
    for row, most in enumerate(left):
        low = np.maximum(0, to_place - room[row + 1])
        ways = np.minimum(most, to_place) - low + 1
        _check_step(int(ways.sum()))
        source = np.repeat(np.arange(ways.size), ways)
        start = np.repeat(np.cumsum(ways) - ways, ways)
        cell = low[source] + np.arange(source.size) - start
        fills = np.column_stack([fills[source], cell])
        to_place = to_place[source] - cell
    return fills


def _check_step(size: int) -> None:
    if size > LARGEST_STEP:
        raise TOO_LARGE.refuse(
            f"an exact test of this table needs more than {LARGEST_STEP} partial tables in one step",
            value=size,
        )


def _log_weight(counts: Counts) -> float:
    return -float(special.gammaln(counts + 1).sum())


def _draw_log_weights(
    rows: NDArray[np.int64], columns: NDArray[np.int64], size: int, generator: np.random.Generator
) -> Sample:
    """Log weights of random tables with these margins: each row is drawn from what the columns have left."""
    left = np.tile(columns, (size, 1))
    weights = np.zeros(size)
    for row in rows[:-1]:
        to_draw = np.full(size, row)
        pool = left.sum(axis=1)
        for index in range(columns.size):
            pool = pool - left[:, index]
            drawn = generator.hypergeometric(left[:, index], pool, to_draw)
            weights -= special.gammaln(drawn + 1)
            left[:, index] -= drawn
            to_draw = to_draw - drawn
    return np.asarray(weights - special.gammaln(left + 1).sum(axis=1), dtype=np.float64)


def _as_used_table(table: ArrayLike, level: float) -> tuple[Counts, tuple[str, ...]]:
    check_level(level)
    counts = as_table(table)
    check_rows(counts)
    used = counts.sum(axis=0) > 0
    if used.all():
        return counts, ()
    empty = ", ".join(str(int(index) + 1) for index in np.flatnonzero(~used))
    return counts[:, used], (f"left out without effect on p: column {empty}, which has no counts",)


def _as_result(
    method: Method,
    counts: Counts,
    p_value: float,
    estimate: Estimate | None,
    notes: tuple[str, ...],
    *,
    exact: bool,
) -> Result:
    assert math.isfinite(p_value)
    return Result(
        method=method.name,
        label=method.label,
        n=tuple(int(size) for size in counts.sum(axis=1)),
        p_value=p_value,
        exact=exact,
        estimate=estimate,
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


_ASSUMPTIONS = ("each participant is counted in one cell", "inference is given both margins")

FREEMAN_HALTON = Method(
    name="freeman_halton",
    label="Fisher's exact test, r x c (Freeman-Halton)",
    design=Design.TABLE,
    compute=freeman_halton,
    citation="Freeman & Halton 1951, Biometrika 38:141-149",
    assumptions=_ASSUMPTIONS,
    software="R fisher.test; SAS PROC FREQ EXACT FISHER; SPSS Exact Tests, Fisher-Freeman-Halton",
)

FREEMAN_HALTON_MONTE_CARLO = Method(
    name="freeman_halton_monte_carlo",
    label="Fisher's test, r x c, Monte Carlo",
    design=Design.TABLE,
    compute=freeman_halton_monte_carlo,
    citation="Freeman & Halton 1951, Biometrika 38:141-149; Phipson & Smyth 2010, SAGMB 9:39",
    assumptions=_ASSUMPTIONS,
    software="R fisher.test(simulate.p.value = TRUE)",
)
