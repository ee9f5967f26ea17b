"""What every Monte Carlo test shares: its seed, its number of resamples and how it says so.

The p value counts the observed arrangement too, so that it is never 0 (Phipson & Smyth 2010, SAGMB 9:39).
"""

from __future__ import annotations

import math

from exotrial.core.errors import ErrorCode

NOT_RESAMPLING = ErrorCode(
    "STS-108",
    "The seed or the number of resamples of a Monte Carlo test is unusable.",
    "give a whole seed of at least 0 and at least 99 resamples.",
)


def check_resampling(seed: int, resamples: int) -> None:
    """Refuse a seed that is no whole number from 0, and fewer than 99 resamples (STS-108)."""
    if isinstance(seed, bool) or seed != int(seed) or seed < 0:
        raise NOT_RESAMPLING.refuse(f"{seed} is no seed", value=seed)
    if resamples != int(resamples) or resamples < 99:
        raise NOT_RESAMPLING.refuse(f"{resamples} resamples are too few", value=resamples)


def describe_resampling(seed: int, resamples: int, p_value: float) -> str:
    """The note that a Monte Carlo result carries."""
    error = math.sqrt(p_value * (1 - p_value) / resamples)
    return f"Monte Carlo: {resamples} resamples from seed {seed}; standard error of p is {error:.1g}"
