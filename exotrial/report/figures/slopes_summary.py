"""What is drawn of many pairs in place of lines: means with t intervals, and percentiles (type 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exotrial.report.document import Column, Table
from exotrial.statistics.describe import compute_quantile, describe


@dataclass(frozen=True, kw_only=True)
class AtVisit:
    """Mean, limits of its 95 % interval (None for one value) and 10th and 90th percentiles."""

    mean: float
    lower: float | None
    upper: float | None
    p10: float
    p90: float


@dataclass(frozen=True, kw_only=True)
class GroupSummary:
    """One measure in one group, before and after."""

    paramcd: str
    group: str
    n: int
    before: AtVisit
    after: AtVisit

    def edges(self) -> Iterator[float]:
        """Every value that must fit on the axis."""
        for visit in (self.before, self.after):
            yield from (
                v for v in (visit.mean, visit.lower, visit.upper, visit.p10, visit.p90) if v is not None
            )


def summarise(
    before: NDArray[np.float64], after: NDArray[np.float64], *, paramcd: str, group: str
) -> GroupSummary:
    """Summarise complete pairs of one measure and group."""
    return GroupSummary(
        paramcd=paramcd, group=group, n=len(before), before=_at_visit(before), after=_at_visit(after)
    )


def _at_visit(values: NDArray[np.float64]) -> AtVisit:
    summary = describe(values)
    return AtVisit(
        mean=summary.mean,
        lower=summary.lower,
        upper=summary.upper,
        p10=compute_quantile(values, 0.1),
        p90=compute_quantile(values, 0.9),
    )


def summary_table(rows: Sequence[GroupSummary], group_title: str, *, id: str, title: str) -> Table:  # noqa: A002 - the table's own name for it
    """What is drawn, a row for each measure, group and visit."""
    heads = ("Mean", "95 % CI, lower", "95 % CI, upper", "10th percentile", "90th percentile")
    keys = ("mean", "ci_lower", "ci_upper", "p10", "p90")
    return Table(
        id=id,
        title=title,
        columns=(
            Column(key="paramcd", head="Measure"),
            *((Column(key="group", head=group_title),) if group_title else ()),
            Column(key="visit", head="Visit"),
            Column(key="n", head="n", align="right"),
            *(Column(key=key, head=head, align="right") for key, head in zip(keys, heads, strict=True)),
        ),
        rows=tuple(
            (
                row.paramcd,
                *((row.group,) if group_title else ()),
                name,
                str(row.n),
                *(
                    None if value is None else f"{value:.6g}"
                    for value in (visit.mean, visit.lower, visit.upper, visit.p10, visit.p90)
                ),
            )
            for row in rows
            for name, visit in (("before", row.before), ("after", row.after))
        ),
    )
