"""What a statistical method gives back: a frozen value that can be defended (DESIGN.md, law 6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from exotrial.core.errors import ErrorCode

NOT_AN_ALTERNATIVE = ErrorCode(
    "STS-006",
    "An alternative hypothesis is not one of the three.",
    "give two-sided, greater or less.",
)


class Alternative(StrEnum):
    """The alternative hypothesis of a test; GREATER means first minus second is above the null value."""

    TWO_SIDED = "two-sided"
    GREATER = "greater"
    LESS = "less"

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        raise NOT_AN_ALTERNATIVE.refuse(f"{value!r} is no alternative hypothesis", value=value)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An effect size with its confidence interval.

    `name` says what is estimated and in which direction ("mean difference, first minus second").
    `lower` and `upper` are None where the interval cannot be had (the result's notes say why) and infinite
    where the interval is one-sided or unbounded. `level` is the confidence level asked for; an exact interval
    of a discrete statistic covers at least that.
    """

    name: str
    value: float
    lower: float | None = None
    upper: float | None = None
    level: float = 0.95
    method: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """The outcome of one method on one set of data.

    `method` is the catalogue name of the method that made it. `n` holds the sizes of the groups that entered
    (pairs count once). `df` is empty where the reference distribution has none. `exact` is True where the
    p value comes from the full distribution under the null (enumeration or an equivalent recursion), False
    where it is an approximation. `p_value` is None only for a method that estimates and does not test.
    `notes` are for the reader: ties, dropped zeros, a p value fixed by convention, zero variance.
    """

    method: str
    label: str
    n: tuple[int, ...]
    statistic_name: str = ""
    statistic: float | None = None
    df: tuple[float, ...] = ()
    p_value: float | None = None
    alternative: Alternative = Alternative.TWO_SIDED
    exact: bool = False
    estimate: Estimate | None = None
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    citation: str = ""


class Design(StrEnum):
    """The shape of data that a method takes, and so the positional arguments of its `compute`."""

    ONE_SAMPLE = "one sample"  # (values)
    PAIRED = "paired"  # (first, second), same length, same order
    TWO_GROUPS = "two groups"  # (first, second)
    GROUPS = "several groups"  # (groups): a sequence of samples
    BLOCKS = "blocks"  # (table): rows are subjects, columns are conditions
    TABLE = "table"  # (table): counts, rows x columns
    TABLE_2X2 = (
        "2 x 2 table"  # (table): counts [[a, b], [c, d]], rows are groups, columns are outcome yes, no
    )
    PAIRED_TABLE = "paired table"  # (table): square counts of the same subjects twice
    STRATIFIED_TABLES = "stratified tables"  # (tables): one table of counts a stratum
    PROPORTION = "proportion"  # (events, n)
    CORRELATION = "correlation"  # (x, y), same length


@dataclass(frozen=True, kw_only=True)
class Method:
    """A named method, found by the catalogue: declare it as a module-level constant beside its function.

    `compute` takes the positional arguments of `design` and keyword-only options, all with defaults.
    `software` names where this convention is what the user gets ("SPSS t-test, equal variances row").
    """

    name: str
    label: str
    design: Design
    compute: Callable[..., Result]
    citation: str
    assumptions: tuple[str, ...] = ()
    software: str = ""
