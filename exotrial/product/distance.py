"""How far two size distributions lie apart: Kolmogorov-Smirnov and Wasserstein-1, with a bootstrap over videos.

Within a bin particles are taken as spread evenly, so that a cumulative distribution is a broken line between bin edges:
the largest gap stands at an edge, and the area between two such lines is exact (Vallender 1974, Theory Probab Appl
18:784-786: the Wasserstein-1 distance is that area). Tracks of one video share its field and its focus; they are no
independent observations, so whole videos are drawn again, within samples that are drawn again (Davison & Hinkley 1997,
Bootstrap Methods and their Application, section 3.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode
from exotrial.product.size_distribution import SizeDistribution, Weighting
from exotrial.statistics.resampling import check_resampling
from exotrial.statistics.sample import check_level

Floats = NDArray[np.float64]
Groups = tuple[Sequence[SizeDistribution], Sequence[SizeDistribution]]

NOT_BY_NUMBER = ErrorCode(
    "CMP-001",
    "A size distribution does not count particles, so it is not compared with one that does.",
    "export the distribution weighted by number.",
)
NO_PARTICLES = ErrorCode(
    "CMP-002",
    "A sample has no particle in any video, so it has no size distribution.",
    "leave the sample out and say why, or measure it again.",
)
NO_SUCH_PAIRS = ErrorCode(
    "CMP-003",
    "Paired groups differ in their number of samples.",
    "measure each sample in both states, or plan the comparison as independent.",
)


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A number with the bounds that the bootstrap gives it; None where nothing can be drawn again."""

    value: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """A group's distribution per nm over `edges_nm` (m + 1,), with pointwise bounds; each (m,), areas of 1 in all.

    `lower` and `upper` are None where there is but one video.
    """

    edges_nm: Floats
    density: Floats
    lower: Floats | None
    upper: Floats | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Distance:
    """How far the test group lies from the reference. `w1_nm` is in nm, `ks` a share from 0 to 1.

    Distances are never negative, and noise alone makes them positive: `repeat_ks` and `repeat_w1_nm` are what two
    repeats of the reference group's own measurement exceed once in twenty times, None where it has one video.
    `samples` and `videos` count reference, then test.
    """

    ks: Interval
    w1_nm: Interval
    repeat_ks: float | None
    repeat_w1_nm: float | None
    samples: tuple[int, int]
    videos: tuple[int, int]
    level: float
    seed: int
    resamples: int
    reference: Band
    test: Band


def compute_distance(
    reference: Sequence[SizeDistribution],
    test: Sequence[SizeDistribution],
    *,
    paired: bool,
    seed: int,
    resamples: int = 2000,
    level: float = 0.95,
) -> Distance:
    """Distances of two groups of samples, one distribution a sample; every sample has the same weight.

    `paired` True draws pairs of samples, in the order given. A video without particles has no shape and is left out.
    Percentile intervals. Refuses CMP-001 to CMP-003, STS-004 and STS-108.
    """
    check_resampling(seed, resamples)
    check_level(level)
    if paired and len(reference) != len(test):
        raise NO_SUCH_PAIRS.refuse(
            f"the reference has {len(reference)} samples and the test {len(test)}", value=len(test)
        )
    groups: Groups = (reference, test)
    grid = np.unique(np.concatenate([each.edges_nm for group in groups for each in group]))
    videos = tuple([_cumulate(each, grid) for each in group] for group in groups)
    lines = tuple(_average(group) for group in videos)
    generator = np.random.default_rng(seed)
    drawn = _draw(videos, generator, resamples, paired=paired)
    again = _draw((videos[0], videos[0]), generator, resamples, paired=False)
    fixed = [all(len(sample) == 1 for sample in group) and len(group) == 1 for group in videos]
    ks, w1 = _distances(grid, *drawn)
    repeat_ks, repeat_w1 = _distances(grid, *again)
    ends = ((1 - level) / 2, (1 + level) / 2)
    still = all(fixed)

    def bounded(value: float, found: Floats) -> Interval:
        low, high = (None, None) if still else (float(each) for each in np.quantile(found, ends))
        return Interval(value=value, lower=low, upper=high)

    return Distance(
        ks=bounded(compute_ks(*lines), ks),
        w1_nm=bounded(compute_wasserstein(grid, *lines), w1),
        repeat_ks=None if fixed[0] else float(np.quantile(repeat_ks, 0.95)),
        repeat_w1_nm=None if fixed[0] else float(np.quantile(repeat_w1, 0.95)),
        samples=(len(reference), len(test)),
        videos=(sum(map(len, videos[0])), sum(map(len, videos[1]))),
        level=level,
        seed=seed,
        resamples=resamples,
        reference=_band(grid, lines[0], None if fixed[0] else drawn[0], lines, ends),
        test=_band(grid, lines[1], None if fixed[1] else drawn[1], lines, ends),
    )


def compute_ks(first: Floats, second: Floats) -> float:
    """The largest gap between two cumulative distributions over the same edges."""
    return float(np.max(np.abs(first - second)))


def compute_wasserstein(edges: Floats, first: Floats, second: Floats) -> float:
    """The area between two cumulative distributions (m + 1,) that are broken lines over `edges`, in its unit."""
    return float(_areas(edges, (first - second)[None, :])[0])


def cumulate(values: Floats, edges_nm: Floats, grid_nm: Floats) -> Floats:
    """What lies below each point of a grid (m,), where values (n,) are spread evenly in bins of `edges_nm` (n + 1,)."""
    below: Floats = np.interp(grid_nm, edges_nm, np.concatenate([[0.0], np.cumsum(values)]))
    return below


def _cumulate(distribution: SizeDistribution, grid: Floats) -> Floats:
    """Videos by grid points, not yet divided by their totals: a video with more particles weighs more."""
    if distribution.weighting is not Weighting.NUMBER:
        raise NOT_BY_NUMBER.refuse(
            f"the distribution is weighted by {distribution.weighting}",
            place=distribution.place,
            value=str(distribution.weighting),
        )
    kept = [video.values for video in distribution.videos if video.values.sum() > 0]
    if not kept:
        raise NO_PARTICLES.refuse("no video has a particle", place=distribution.place, value=0)
    return np.stack([cumulate(values, distribution.edges_nm, grid) for values in kept])


def _average(samples: list[Floats]) -> Floats:
    """The mean over samples of their cumulative distributions."""
    sums = [videos.sum(axis=0) for videos in samples]
    mean: Floats = np.mean([each / each[-1] for each in sums], axis=0)
    return mean


def _draw(
    groups: tuple[list[Floats], ...], generator: np.random.Generator, resamples: int, *, paired: bool
) -> tuple[Floats, Floats]:
    """Cumulative distributions (resamples, grid) of both groups: samples drawn again, then videos within each."""
    picks = [generator.integers(0, len(group), (resamples, len(group))) for group in groups]
    if paired:
        picks[1] = picks[0]
    made = []
    for group, pick in zip(groups, picks, strict=True):
        total = np.zeros((resamples, group[0].shape[1]))
        for place in range(len(group)):
            for number, videos in enumerate(group):
                rows = np.flatnonzero(pick[:, place] == number)
                if rows.size:
                    share = np.full(len(videos), 1 / len(videos))
                    counts = generator.multinomial(len(videos), share, size=rows.size)
                    sums = counts @ videos
                    total[rows] += sums / sums[:, -1:]
        made.append(total / len(group))
    return made[0], made[1]


def _distances(grid: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    gaps = first - second
    return np.max(np.abs(gaps), axis=1), _areas(grid, gaps)


def _areas(grid: Floats, gaps: Floats) -> Floats:
    """The area below |gap| for broken lines (k, m + 1): where the sign changes, two triangles and no trapezium."""
    left, right = np.abs(gaps[:, :-1]), np.abs(gaps[:, 1:])
    both = left + right
    crosses = gaps[:, :-1] * gaps[:, 1:] < 0
    height = np.where(crosses, (left**2 + right**2) / np.where(both > 0, both, 1.0), both) / 2
    areas: Floats = height @ np.diff(grid)
    return areas


_MOST_BINS = 160
_EDGE_SHARE = 0.001


def _band(
    grid: Floats, line: Floats, drawn: Floats | None, lines: tuple[Floats, ...], ends: tuple[float, float]
) -> Band:
    """A group's density over at most 160 even bins that hold all but a thousandth of either group at each end."""
    inside = np.flatnonzero((np.max(lines, axis=0) > _EDGE_SHARE) & (np.min(lines, axis=0) < 1 - _EDGE_SHARE))
    start, stop = max(int(inside[0]) - 1, 0), min(int(inside[-1]) + 2, grid.size)
    edges = grid[start:stop]
    if edges.size > _MOST_BINS + 1:
        edges = np.linspace(edges[0], edges[-1], _MOST_BINS + 1)
    widths = np.diff(edges)
    lower = upper = None
    if drawn is not None:
        densities = np.stack([np.diff(np.interp(edges, grid, each)) / widths for each in drawn])
        lower, upper = np.quantile(densities, ends, axis=0)
    return Band(
        edges_nm=edges, density=np.diff(np.interp(edges, grid, line)) / widths, lower=lower, upper=upper
    )
