"""Samples: numbers that may enter a statistical method, and what is refused instead of becoming NaN."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exotrial.core.errors import ErrorCode

Sample = NDArray[np.float64]

NOT_FINITE = ErrorCode(
    "STS-001",
    "A sample holds a missing or infinite value.",
    "drop missing values first (drop_missing, drop_missing_pairs) and report how many were dropped.",
)
TOO_FEW = ErrorCode(
    "STS-002",
    "A sample has fewer values than the method needs.",
    "use a method that allows this size, or report the values themselves.",
)
UNEQUAL_LENGTH = ErrorCode(
    "STS-003",
    "Paired samples differ in length.",
    "give both values of every pair, in the same order, and drop incomplete pairs first.",
)
NOT_A_LEVEL = ErrorCode(
    "STS-004",
    "A confidence level is not between 0 and 1.",
    "give the level as a fraction, such as 0.95.",
)
NOT_A_SAMPLE = ErrorCode(
    "STS-005",
    "A sample is not one list of numbers.",
    "give one number a participant, in one list or column; turn text into numbers first.",
)


def as_sample(values: ArrayLike, *, name: str, at_least: int = 1) -> Sample:
    """A one-dimensional array of finite float64, refused otherwise (STS-001, STS-002, STS-005)."""
    try:
        sample = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise NOT_A_SAMPLE.refuse(f"{name} holds something that is no number", value=values) from None
    if sample.ndim != 1:
        raise NOT_A_SAMPLE.refuse(f"{name} has {sample.ndim} dimensions, and 1 is needed", value=sample.ndim)
    if not np.all(np.isfinite(sample)):
        where = int(np.flatnonzero(~np.isfinite(sample))[0])
        raise NOT_FINITE.refuse(f"value {where + 1} of {name} is {sample[where]}", value=sample[where])
    if sample.size < at_least:
        raise TOO_FEW.refuse(f"{name} has {sample.size} values, and {at_least} are needed", value=sample.size)
    return sample


def as_pairs(
    first: ArrayLike, second: ArrayLike, *, names: tuple[str, str] = ("first", "second"), at_least: int = 1
) -> tuple[Sample, Sample]:
    """Two samples of one length, pair by pair (STS-001, STS-002, STS-003)."""
    x, y = as_sample(first, name=names[0]), as_sample(second, name=names[1])
    if x.size != y.size:
        raise UNEQUAL_LENGTH.refuse(
            f"{names[0]} has {x.size} values and {names[1]} has {y.size}", value=f"{x.size}, {y.size}"
        )
    if x.size < at_least:
        raise TOO_FEW.refuse(f"there are {x.size} pairs, and {at_least} are needed", value=x.size)
    return x, y


def check_level(level: float) -> float:
    """A confidence level strictly between 0 and 1 (STS-004)."""
    if not 0 < level < 1:
        raise NOT_A_LEVEL.refuse(f"{level} is no confidence level", value=level)
    return level


def drop_missing(values: Iterable[float | None]) -> tuple[Sample, int]:
    """The values that are there, and how many were missing (None or NaN)."""
    raw = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    kept = raw[~np.isnan(raw)]
    return kept, int(raw.size - kept.size)


def drop_missing_pairs(
    first: Sequence[float | None], second: Sequence[float | None]
) -> tuple[Sample, Sample, int]:
    """The complete pairs, and how many were incomplete. Refuses unequal lengths (STS-003)."""
    if len(first) != len(second):
        raise UNEQUAL_LENGTH.refuse(
            f"first has {len(first)} values and second has {len(second)}",
            value=f"{len(first)}, {len(second)}",
        )
    x = np.array([np.nan if value is None else value for value in first], dtype=np.float64)
    y = np.array([np.nan if value is None else value for value in second], dtype=np.float64)
    complete = ~(np.isnan(x) | np.isnan(y))
    return x[complete], y[complete], int(x.size - complete.sum())


def snap(values: Sample) -> Sample:
    """Round away binary noise so that numbers equal as printed are equal: 36.5 - 36.6 ties with 36.4 - 36.5.

    Rounds to 12 significant digits of the largest magnitude present: decimal data as captured has fewer, and
    a difference of two of them is off by a few units in the sixteenth.
    """
    largest = float(np.max(np.abs(values))) if values.size else 0.0
    if largest == 0.0:
        return values
    decimals = 12 - int(np.ceil(np.log10(largest)))
    if decimals > 300:
        # Ten to this power is more than a float holds: round the parts of the largest magnitude instead.
        return np.asarray(np.round(values / largest, 12) * largest, dtype=np.float64)
    return np.asarray(np.round(values, decimals), dtype=np.float64)
