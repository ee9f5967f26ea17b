"""A printed p value of two groups of which only mean ± SD is printed, perhaps without their sizes.

With both sizes the t tests are recomputed; without them, the sizes that could have given the p are searched
and told as an inference.
"""

from __future__ import annotations

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.kinds.p_value import write_p
from exotrial.report.recheck.printed import read_mean_sd, read_p
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, cannot, judge
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
    figure = f"{stated.relation}{stated.figure.text}"
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
    if impossible:
        return Judgement(
            answer=Answer.IMPOSSIBLE,
            why=f"the test compares a summary that cannot be: {' '.join(impossible)}",
            inference=told,
            settle=SETTLE,
        )
    missing = "; ".join(asked.missing.values()) or "the sizes of the groups"
    return cannot(missing, inference=told)


def _search_comparator(asked: Asked) -> Judgement:
    """Which summaries of an undescribed comparator, at a guess from the text, give the printed p."""
    stated = read_p(asked.claim.prints, place=asked.place)
    values = asked.numbers("values")
    n1, n = len(values), asked.whole("total")
    mean1 = sum(values) / n1
    sd1 = (sum((x - mean1) ** 2 for x in values) / (n1 - 1)) ** 0.5
    found = []
    for name in ("all", "group"):
        if name not in asked.data:
            continue
        mean, sd = (part.text for part in read_mean_sd(asked.texts(name)[0], place=asked.place))
        figure = f"{stated.relation}{stated.figure.text}"
        for test in TESTS:
            search = search_group_sizes(
                f"{float(mean1):.4f}",
                f"{float(sd1):.4f}",
                mean,
                sd,
                figure,
                n1=n1,
                n2=n,
                test=test,
                sizes2=MOST_N,
                step=asked.word("step", "1"),
            )
            sizes = [str(solution.n2) for solution in search.solutions]
            if sizes:
                found.append(f"{test} against {mean}±{sd} with n2 = {', '.join(sizes)}")
    inference = (
        f"Inferred, not stated: {'; '.join(found)} would give {write_p(stated, float(stated.figure.value))}."
        if found
        else "Inferred, not stated: no summary printed in the text, at any size up to 60, gives this p value."
    )
    return cannot("; ".join(asked.missing.values()) or "who is in the comparison group", inference=inference)


P_FROM_SUMMARY = Kind(
    name="p_from_summary",
    says="A p value of `from.first` against `from.second`, both mean ± SD; sizes `given.n1`, `given.n2` if known.",
    check=_check,
    needs=("first", "second"),
    may=("sizes",),
    may_give=("n1", "n2", "step"),
    copes=True,
)
P_UNKNOWN_COMPARATOR = Kind(
    name="p_unknown_comparator",
    says="A p value of `from.values` against a group that is not described; `from.all`, `from.group` are guesses.",
    check=_search_comparator,
    needs=("values", "comparator"),
    may=("all", "group"),
    may_give=("total", "step"),
    copes=True,
)
