"""A printed p value of two groups of which only mean ± SD is printed, perhaps without their sizes.

With both sizes the t tests are recomputed; without them, the sizes that could have given the p are searched
and told as an inference.
"""

from __future__ import annotations

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.printed import read_mean_sd, read_p
from exotrial.report.recheck.verdicts import Judgement, Recomputed, cannot, judge
from exotrial.statistics.consistency import grimmer, p_value_range_from_summary, search_group_sizes
from exotrial.statistics.consistency.p_range import SummaryTest

TESTS: tuple[SummaryTest, SummaryTest] = ("student", "welch")
MOST_N = range(2, 61)
SETTLE = "The sizes of both groups, who is in them, and the values of each."


def _check(asked: Asked) -> Judgement:
    absent = [name for name in ("first", "second") if name in asked.missing]
    if absent:
        return cannot("; ".join(asked.missing[name] for name in absent))
    mean1, sd1 = (part.text for part in read_mean_sd(asked.texts("first")[0], place=asked.place))
    mean2, sd2 = (part.text for part in read_mean_sd(asked.texts("second")[0], place=asked.place))
    n1, n2, step = asked.whole("n1"), asked.whole("n2"), asked.word("step", "1")
    p = asked.claim.prints
    stated = read_p(p, place=asked.place)
    figure = stated.written
    impossible = [
        test.why
        for mean, sd, n in ((mean1, sd1, n1), (mean2, sd2, n2))
        if n is not None and not (test := grimmer(mean, sd, n, step=step)).consistent
    ]
    if n1 is not None and n2 is not None:
        ranges = [
            p_value_range_from_summary(mean1, sd1, n1, mean2, sd2, n2, test=test, p=figure) for test in TESTS
        ]
        ways = [
            Recomputed(
                method=f"{found.test}_from_summary",
                label=f"{found.test.capitalize()}'s t test from the printed summaries",
                value=found.p_as_printed,
                shown=f"{found.p_as_printed:.4g} ({found.p_min:.4g} to {found.p_max:.4g})",
                matches=bool(found.consistent),
            )
            for found in ranges
        ]
        return judge(ways, printed=p, settle=SETTLE, note=" ".join(impossible))
    searches = [
        search_group_sizes(
            mean1, sd1, mean2, sd2, figure, n1=n1, n2=n2, test=test, sizes1=MOST_N, sizes2=MOST_N, step=step
        )
        for test in TESTS
    ]
    told = " ".join(search.why for search in searches)
    missing = "; ".join(asked.missing.values()) or "the sizes of the groups"
    why = f"not printed: {missing}."
    if impossible:
        why += f" And one summary cannot be: {' '.join(impossible)}"
    return cannot(missing, inference=f"Inferred, not stated: {told}", why=why)


P_FROM_SUMMARY = Kind(
    name="p_from_summary",
    says="A p value of `from.first` against `from.second`, both mean ± SD; sizes `given.n1`, `given.n2` if known.",
    check=_check,
    needs=("first", "second"),
    may=("sizes",),
    may_give=("n1", "n2", "step"),
    copes=True,
)
