"""A printed p value against a group that the text does not describe: who could have been meant, at a guess.

Everything found here is an inference and no verdict: only a group that is described can reproduce the figure.
"""

from __future__ import annotations

from math import sqrt

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.kinds.mean_sd import compute_mean, compute_square
from exotrial.report.recheck.kinds.p_value import compute_p_values, write_p
from exotrial.report.recheck.printed import PrintedPValue, read_mean_sd, read_p
from exotrial.report.recheck.verdicts import Judgement, Recomputed, cannot, judge
from exotrial.statistics.consistency import search_group_sizes
from exotrial.statistics.consistency.p_range import SummaryTest

TESTS: tuple[SummaryTest, SummaryTest] = ("student", "welch")
MOST_N = range(2, 61)


def _check(asked: Asked) -> Judgement:
    stated = read_p(asked.claim.prints, place=asked.place)
    values = asked.numbers("values")
    if len(values) < 2:
        return cannot("a second value, without which there is no SD")
    mean, sd = compute_mean(values), sqrt(compute_square(values, divisor=len(values) - 1))
    own = [(f"{float(mean):.4f}", f"{sd:.4f}", "the values")]
    if "summary" in asked.data:
        printed_mean, printed_sd = read_mean_sd(asked.texts("summary")[0], place=asked.place)
        own.append((printed_mean.text, printed_sd.text, asked.texts("summary")[0]))
    guesses = [read_mean_sd(text, place=asked.place) for text in asked.texts("guesses")]
    found = [
        line
        for first, spread, told in own
        for other, other_sd in guesses
        for line in _search(
            (first, spread, told),
            (other.text, other_sd.text),
            stated,
            n1=len(values),
            step=asked.word("step", "1"),
        )
    ]
    described = tuple(_try_described(asked, stated))
    if any(way.matches for way in described):
        return judge(described, printed=asked.claim.prints, settle="Who is in the comparison group.")
    guessed = ", ".join(asked.texts("guesses"))
    inference = (
        f"Inferred, not stated: p {stated.figure.text} could come from {'; '.join(found)}."
        if found
        else f"Inferred, not stated: no size up to {MOST_N[-1]} of a group with {guessed} gives this p value."
    )
    near = ", ".join(f"{way.label} {way.shown}" for way in described if way.method in TESTS)
    missing = "; ".join(asked.missing.values()) or "who is in the comparison group"
    why = f"not printed: {missing}." + (f" Against those described: {near}." if near else "")
    verdict = cannot(missing, inference=inference, why=why)
    return Judgement(
        answer=verdict.answer,
        why=verdict.why,
        recomputed=described,
        inference=inference,
        settle=verdict.settle,
    )


def _search(
    own: tuple[str, str, str], other: tuple[str, str], stated: PrintedPValue, *, n1: int, step: str
) -> list[str]:
    lines = []
    for test in TESTS:
        search = search_group_sizes(
            own[0],
            own[1],
            *other,
            stated.written,
            n1=n1,
            test=test,
            sizes2=MOST_N,
            step=step,
        )
        sizes = ", ".join(str(solution.n2) for solution in search.solutions)
        possible = [str(solution.n2) for solution in search.solutions if solution.grimmer[1]]
        if sizes:
            lines.append(
                f"{test} of {own[2]} (n1 = {n1}) against {other[0]}±{other[1]} with n2 = {sizes} "
                f"(possible data in steps of {step}: {', '.join(possible) or 'none'})"
            )
    return lines


def _try_described(asked: Asked, stated: PrintedPValue) -> list[Recomputed]:
    if "described" not in asked.data:
        return []
    first = [float(x) for x in asked.numbers("values")]
    second = [float(x) for x in asked.numbers("described")]
    return [
        Recomputed(
            method=method.name,
            label=method.label,
            value=p,
            shown=write_p(stated, p),
            matches=stated.admits(p),
        )
        for method, p, _ in compute_p_values(first, second, design="independent")
    ]


P_UNKNOWN_COMPARATOR = Kind(
    name="p_unknown_comparator",
    says=(
        "A p value of `from.values` against a group that is not described: `from.guesses` are summaries that may "
        "be meant, `from.described` values that are printed, `from.summary` how the text sums up the values."
    ),
    check=_check,
    needs=("values", "comparator", "guesses"),
    may=("summary", "described"),
    may_give=("step",),
    copes=True,
)
