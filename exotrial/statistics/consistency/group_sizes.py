"""Which group sizes could have given two printed means and SDs their printed p? An inference, not a fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from exotrial.statistics.consistency.grimmer import grimmer
from exotrial.statistics.consistency.p_range import (
    TEST_NAMES,
    SummaryTest,
    check_test,
    p_extremes,
    p_from_summary,
    read_box,
)
from exotrial.statistics.consistency.printed import check_count, read_printed_p

SIZES = range(2, 201)


@dataclass(frozen=True, kw_only=True)
class GroupSizeSolution:
    """One pair of sizes that reaches the printed p; `p_as_printed` is the p of the figures taken literally.

    `grim` and `grimmer` say for each group whether its mean, and its mean and SD, are possible at that size
    for data recorded in the step asked about.
    """

    n1: int
    n2: int
    p_min: float
    p_max: float
    p_as_printed: float
    grim: tuple[bool, bool]
    grimmer: tuple[bool, bool]

    @property
    def data_possible(self) -> bool:
        """Whether both groups could be real data of that size."""
        return all(self.grim) and all(self.grimmer)


@dataclass(frozen=True, kw_only=True)
class GroupSizeSearch:
    """Every pair of sizes searched that reaches the printed p, in order of n1 then n2."""

    test: SummaryTest
    p: str
    step: Decimal
    solutions: tuple[GroupSizeSolution, ...]
    pairs_searched: int
    why: str


def search_group_sizes(
    mean1: str | Decimal,
    sd1: str | Decimal,
    mean2: str | Decimal,
    sd2: str | Decimal,
    p: str | Decimal,
    *,
    n1: int | None = None,
    n2: int | None = None,
    test: SummaryTest = "student",
    sizes1: Sequence[int] = SIZES,
    sizes2: Sequence[int] = SIZES,
    step: str | Decimal = "1",
) -> GroupSizeSearch:
    """Search the sizes at which some values inside the printed rounding give a p that rounds as printed.

    `n1` or `n2` fixes a size that is known; otherwise `sizes1` and `sizes2` are searched. The t test is
    two-sided.
    Refuses figures that are no numbers (STS-500), a size below 2 (STS-501), a step of 0 or less (STS-502), a
    negative SD (STS-503), a p outside 0 to 1 (STS-504), an unknown test (STS-508), two SDs of zero (STS-509).
    """
    check_test(test)
    box, stated = read_box(mean1, sd1, mean2, sd2), read_printed_p(p)
    first = [check_count(n, name="n1", at_least=2) for n in ([n1] if n1 is not None else sizes1)]
    second = [check_count(n, name="n2", at_least=2) for n in ([n2] if n2 is not None else sizes2)]
    rows, columns = np.array(first, dtype=np.float64)[:, None], np.array(second, dtype=np.float64)[None, :]
    low, high = p_extremes(box, rows, columns, test=test)
    literal, _, _ = p_from_summary(
        box.difference, box.printed_sds[0], rows, box.printed_sds[1], columns, test=test
    )
    hits = np.argwhere((low <= stated.upper) & (high >= stated.lower))
    checked1 = {i: grimmer(mean1, sd1, first[i], step=step) for i in {int(i) for i in hits[:, 0]}}
    checked2 = {j: grimmer(mean2, sd2, second[j], step=step) for j in {int(j) for j in hits[:, 1]}}
    solutions = tuple(
        GroupSizeSolution(
            n1=first[i],
            n2=second[j],
            p_min=float(low[i, j]),
            p_max=float(high[i, j]),
            p_as_printed=float(literal[i, j]),
            grim=(checked1[i].grim.consistent, checked2[j].grim.consistent),
            grimmer=(checked1[i].consistent, checked2[j].consistent),
        )
        for i, j in ((int(i), int(j)) for i, j in hits)
    )
    return GroupSizeSearch(
        test=test,
        p=stated.text,
        step=Decimal(str(step)),
        solutions=solutions,
        pairs_searched=len(first) * len(second),
        why=_why(solutions, test=test, told=f"{mean1}±{sd1} against {mean2}±{sd2}", p=stated.text, step=step),
    )


def _why(
    solutions: tuple[GroupSizeSolution, ...], *, test: SummaryTest, told: str, p: str, step: str | Decimal
) -> str:
    if not solutions:
        return f"None of the group sizes searched lets {TEST_NAMES[test]} of {told} give p {p}."
    ends = [f"{min(n)} to {max(n)}" if min(n) < max(n) else str(n[0]) for n in _sizes(solutions)]
    real = sum(solution.data_possible for solution in solutions)
    return (
        f"{TEST_NAMES[test]} of {told} can give p {p} with n1 = {ends[0]} and n2 = {ends[1]} "
        f"({len(solutions)} pairs of sizes, of which {real} are possible for data in steps of {step}). "
        "This is inferred from the printed figures and is not stated by the source."
    )


def _sizes(solutions: tuple[GroupSizeSolution, ...]) -> tuple[list[int], list[int]]:
    return [solution.n1 for solution in solutions], [solution.n2 for solution in solutions]
