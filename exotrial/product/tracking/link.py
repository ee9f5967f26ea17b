"""Positions to tracks: the nearest in the next frame within a search radius, best for all that compete together.

After Crocker & Grier 1996, J Colloid Interface Sci 179:298: the sum of squared steps is least, where a particle left
without a partner costs the square of the radius. Each connected group of candidates is solved on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exotrial.product.kernel import compiled
from exotrial.product.size_distribution import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Tracks:
    """Positions of all tracks, ordered by track and frame: each array (n,). Positions in pixels."""

    track: NDArray[np.int64]
    frame: NDArray[np.int64]
    x_px: Floats
    y_px: Floats


def link_positions(positions: Sequence[Floats], *, search_px: float, memory_frames: int) -> Tracks:
    """Link the positions of each frame, (n, 2 or more) with x and y first, into tracks.

    A particle that is missing is waited for at its last place for `memory_frames` frames.
    """
    owners = [np.full(len(frame), -1, dtype=np.int64) for frame in positions]
    places, tracks, ages = np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, np.int64)
    made = 0
    for number, frame in enumerate(positions):
        here = np.ascontiguousarray(frame[:, :2])
        partner = link_frames(places, here, search_px=search_px)
        owner = owners[number]
        linked = partner >= 0
        owner[partner[linked]] = tracks[linked]
        new = owner < 0
        owner[new] = made + np.arange(int(new.sum()))
        made += int(new.sum())
        waiting = ~linked & (ages < memory_frames)
        places = np.concatenate([here, places[waiting]])
        tracks = np.concatenate([owner, tracks[waiting]])
        ages = np.concatenate([np.zeros(len(here), np.int64), ages[waiting] + 1])
    track = np.concatenate([np.empty(0, np.int64), *owners])
    numbers = np.repeat(np.arange(len(positions)), [len(frame) for frame in positions])
    at = np.concatenate([np.empty((0, 2)), *(frame[:, :2] for frame in positions)])
    order = np.lexsort((numbers, track))
    return Tracks(track=track[order], frame=numbers[order], x_px=at[order, 0], y_px=at[order, 1])


def link_frames(before: Floats, after: Floats, *, search_px: float) -> NDArray[np.int64]:
    """For each position before (n, 2) the index of its partner after (m, 2), or -1."""
    from scipy.optimize import linear_sum_assignment

    partner = np.full(len(before), -1, dtype=np.int64)
    if not len(before) or not len(after):
        return partner
    order = np.argsort(after[:, 0], kind="stable")
    first, second, square, group, alone = _find_candidates(before, after[order], search_px)
    second = order[second]
    partner[first[alone]] = second[alone]
    for each in np.unique(group[~alone]):
        members = group == each
        rows, row = np.unique(first[members], return_inverse=True)
        columns, column = np.unique(second[members], return_inverse=True)
        cost = np.full((len(rows), len(columns) + len(rows)), search_px**2)
        cost[:, : len(columns)] = 4 * search_px**2 * len(rows)  # never chosen: staying alone is cheaper
        cost[row, column] = square[members]
        for i, j in zip(*linear_sum_assignment(cost), strict=True):
            if j < len(columns) and cost[i, j] <= search_px**2:
                partner[rows[i]] = columns[j]
    return partner


@compiled
def _find_candidates(
    before: Floats, after: Floats, radius: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.int64], NDArray[np.bool_]]:
    """All pairs nearer than the radius; `after` ascends by x. Their connected group, and whether it is one pair."""
    limit = radius * radius
    first, second, square = [0 for _ in range(0)], [0 for _ in range(0)], [0.0 for _ in range(0)]
    for i in range(before.shape[0]):
        j = np.searchsorted(after[:, 0], before[i, 0] - radius)
        while j < after.shape[0] and after[j, 0] <= before[i, 0] + radius:
            distance = (after[j, 0] - before[i, 0]) ** 2 + (after[j, 1] - before[i, 1]) ** 2
            if distance < limit:
                first.append(i)
                second.append(j)
                square.append(distance)
            j += 1
    count = before.shape[0]
    root = np.arange(count + after.shape[0])
    for k in range(len(first)):
        a, b = first[k], count + second[k]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        root[b] = a
    pairs = np.zeros(count + after.shape[0], dtype=np.int64)
    group = np.empty(len(first), dtype=np.int64)
    for k in range(len(first)):
        a = first[k]
        while root[a] != a:
            a = root[a]
        group[k] = a
        pairs[a] += 1
    alone = np.empty(len(first), dtype=np.bool_)
    for k in range(len(first)):
        alone[k] = pairs[group[k]] == 1
    return np.array(first, dtype=np.int64), np.array(second, dtype=np.int64), np.array(square), group, alone
