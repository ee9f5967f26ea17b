"""Whether two states of a product are comparable: equivalence of each planned attribute within the study's margin.

ICH Q5E asks that differences have no adverse effect on quality; what is small enough is the margin, fixed in the study
file before the data. A ratio of geometric means is tested by two one-sided tests. Every planned attribute must pass, so
that no correction for their number is due (intersection-union test: Berger 1982, Technometrics 24:295-300). A sample is
one vial or aliquot: videos and files of one sample are repeats of it, and enter as their geometric mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.core.verdict import Reason, Verdict
from exotrial.statistics.describe import as_logarithms
from exotrial.statistics.equivalence import (
    Equivalence,
    compute_log_margin,
    compute_log_moments,
    compute_log_sd,
    tost_paired,
    tost_welch_from_summary,
)
from exotrial.statistics.equivalence_power import (
    NO_SIZE,
    compute_power_paired,
    compute_power_welch,
    compute_size_paired,
    compute_size_welch,
)
from exotrial.statistics.moments import Moments, compute_moments
from exotrial.study.definition.comparability import Comparability

UNITS_DIFFER = ErrorCode(
    "CMP-004",
    "Values of one attribute are given in several units.",
    "give all values of an attribute in one unit.",
)
GIVEN_TWICE = ErrorCode(
    "CMP-005",
    "An attribute of a group is given twice: as values and as a summary, or as two summaries.",
    "give the values themselves, or one summary, not both.",
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One value of one attribute of one sample; `attribute` as `Comparability.name` has it, `unit` in UCUM spelling."""

    attribute: str
    group: str
    sample: str
    value: float
    unit: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A group's arithmetic mean and standard deviation over `n` samples, as a paper prints them."""

    attribute: str
    group: str
    mean: float
    sd: float
    n: int
    unit: str
    place: Place


class Outcome(StrEnum):
    """The three answers of an equivalence test, and that there was none."""

    EQUIVALENT = "equivalent"
    NOT_SHOWN = "equivalence not shown"
    DIFFERENT = "outside the margin"
    NOT_TESTED = "not tested"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One attribute of one group against the reference, test over reference.

    `means` are geometric, test first; `n` counts samples, test first, or pairs. `equivalence` is on natural logarithms;
    None where nothing could be tested, and `why_not` says why.
    `planned_power` rests on what the study file expects, `power` on the spread seen and a true ratio of 1 (the ratio
    seen would only repeat the p value: Hoenig & Heisey 2001, Am Stat 55:19-24). `samples_needed` a group, or pairs,
    would give the planned power (0.9 where none is planned) at the spread seen; None where nothing does.
    `unpaired` are samples left out because the other group lacks them.
    """

    plan: Comparability
    reference: str
    test: str
    unit: str
    means: tuple[float, float] | None
    n: tuple[int, ...]
    equivalence: Equivalence | None
    why_not: str = ""
    from_summary: bool = False
    planned_power: float | None = None
    power: float | None = None
    samples_needed: int | None = None
    unpaired: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        if self.equivalence is None:
            return Outcome.NOT_TESTED
        if self.equivalence.equivalent:
            return Outcome.EQUIVALENT
        outside = (
            self.equivalence.lower > self.equivalence.high or self.equivalence.upper < self.equivalence.low
        )
        return Outcome.DIFFERENT if outside else Outcome.NOT_SHOWN


USUAL_POWER = 0.9


def compare_attribute(
    plan: Comparability,
    *,
    measured: Iterable[Measured],
    summaries: Iterable[Summary] = (),
    reference: str,
    test: str,
) -> Comparison:
    """Test one planned attribute of one group against the reference.

    A group has values or one summary. A summary is taken as of log-normal values and can be tested as independent
    groups only: it does not tell pairs. Fewer than two samples (or pairs) give no test, and `why_not`.
    Refuses CMP-004, CMP-005, values without logarithm (STS-105) and values without spread (STS-100).
    """
    values = [each for each in measured if each.attribute == plan.name and each.group in (reference, test)]
    printed = [each for each in summaries if each.attribute == plan.name and each.group in (reference, test)]
    _refuse_twice(values, printed)
    base = Comparison(
        plan=plan,
        reference=reference,
        test=test,
        unit=_one_unit([*values, *printed]),
        means=None,
        n=(),
        equivalence=None,
        from_summary=bool(printed),
        planned_power=compute_planned_power(plan),
    )
    given = {each.group for each in values} | {each.group for each in printed}
    missing = [group for group in (reference, test) if group not in given]
    if missing:
        return replace(base, why_not=f"no value is given for {' and '.join(missing)}")
    if plan.design == "paired":
        if printed:
            return replace(base, why_not="the plan is paired, and a summary does not tell the pairs")
        return _compare_pairs(base, values)
    return _compare_groups(base, values, printed)


def compute_planned_power(plan: Comparability) -> float | None:
    """The power that the study file plans with; None where it lacks the samples, the ratio or the spread expected."""
    if plan.samples is None or plan.expected_ratio is None or plan.expected_cv is None:
        return None
    low, high = compute_log_margin(*plan.margin)
    sd, difference = compute_log_sd(plan.expected_cv), math.log(plan.expected_ratio)
    if plan.design == "paired":
        return compute_power_paired(
            plan.samples, difference=difference, sd=sd, low=low, high=high, alpha=plan.alpha
        )
    sizes = (plan.samples, plan.samples)
    return compute_power_welch(
        sizes, difference=difference, sds=(sd, sd), low=low, high=high, alpha=plan.alpha
    )


def compute_planned_size(plan: Comparability) -> int | None:
    """Samples in each group, or pairs, that give the power planned for (0.9 where none is) under what is expected.

    None where the ratio or the spread expected is not stated, and where no number gives that power.
    """
    if plan.expected_ratio is None or plan.expected_cv is None:
        return None
    low, high = compute_log_margin(*plan.margin)
    sd, difference = compute_log_sd(plan.expected_cv), math.log(plan.expected_ratio)
    if plan.design == "paired":
        return _size_or_none(
            lambda goal: compute_size_paired(
                goal, difference=difference, sd=sd, low=low, high=high, alpha=plan.alpha
            ),
            plan,
        )
    return _size_or_none(
        lambda goal: compute_size_welch(
            goal, difference=difference, sds=(sd, sd), low=low, high=high, alpha=plan.alpha
        ),
        plan,
    )


def decide_comparability(comparisons: Sequence[Comparison], *, doubts: Sequence[Reason] = ()) -> Verdict:
    """Comparable where every planned attribute of every group is equivalent to the reference, and no doubt is left.

    An interval that reaches over the margin is no answer (`holds` None), one that lies outside it is a no. `doubts` are
    further criteria, such as a warning of the instrument that nobody has judged. A comparison of nothing is no yes.
    """
    reasons = [_reason(each) for each in comparisons]
    if not reasons:
        reasons.append(Reason("an attribute is planned and compared", None, "nothing was compared"))
    return Verdict(question="Is the product comparable?", reasons=(*reasons, *doubts))


def _reason(comparison: Comparison) -> Reason:
    plan, found = comparison.plan, comparison.equivalence
    criterion = (
        f"{plan.name}: ratio {comparison.test} to {comparison.reference} within "
        f"{plan.margin[0]:g} to {plan.margin[1]:g}"
    )
    if found is None:
        return Reason(criterion, None, f"not tested: {comparison.why_not}")
    ratio = found.as_ratio()
    told = (
        f"ratio {ratio.value:.3f}, {100 * found.level:g} % interval {ratio.lower:.3f} to {ratio.upper:.3f}, "
        f"p = {found.p_value:.3g}: {comparison.outcome}"
    )
    holds = {Outcome.EQUIVALENT: True, Outcome.DIFFERENT: False}.get(comparison.outcome)
    return Reason(criterion, holds, told)


def _compare_groups(base: Comparison, values: Sequence[Measured], printed: Sequence[Summary]) -> Comparison:
    plan = base.plan
    moments: list[Moments] = []
    for group in (base.test, base.reference):
        summary = next((each for each in printed if each.group == group), None)
        own = _by_sample(values, group)
        if summary is not None:
            moments.append(compute_log_moments(summary.mean, summary.sd, summary.n))
        elif len(own) < 2:
            return replace(
                base,
                why_not=f"{group} has 1 sample, and 2 are needed: videos and files of one sample are repeats",
            )
        else:
            moments.append(compute_moments(np.array(list(own.values()))))
    first, second = moments
    sds = (first.sd or 0.0, second.sd or 0.0)
    low, high = compute_log_margin(*plan.margin)
    found = tost_welch_from_summary(
        first.mean, sds[0], first.n, second.mean, sds[1], second.n, low=low, high=high, alpha=plan.alpha
    )
    base = replace(
        base,
        means=(math.exp(first.mean), math.exp(second.mean)),
        n=(first.n, second.n),
        equivalence=found,
    )
    if min(sds) == 0:
        return base  # a group without spread gives no power: nobody plans with it
    return replace(
        base,
        power=compute_power_welch(
            (first.n, second.n), difference=0.0, sds=sds, low=low, high=high, alpha=plan.alpha
        ),
        samples_needed=_size_or_none(
            lambda goal: compute_size_welch(
                goal, difference=0.0, sds=sds, low=low, high=high, alpha=plan.alpha
            ),
            plan,
        ),
    )


def _compare_pairs(base: Comparison, values: Sequence[Measured]) -> Comparison:
    plan = base.plan
    first, second = _by_sample(values, base.test), _by_sample(values, base.reference)
    pairs = [sample for sample in second if sample in first]
    base = replace(base, unpaired=tuple(sorted(set(first) ^ set(second))), n=(len(pairs),))
    if len(pairs) < 2:
        return replace(base, why_not=f"pairs found: {len(pairs)}, and 2 are needed")
    x = np.array([first[sample] for sample in pairs])
    y = np.array([second[sample] for sample in pairs])
    low, high = compute_log_margin(*plan.margin)
    found = tost_paired(x, y, low=low, high=high, alpha=plan.alpha)
    sd = found.se * math.sqrt(len(pairs))
    return replace(
        base,
        means=(math.exp(float(x.mean())), math.exp(float(y.mean()))),
        equivalence=found,
        power=compute_power_paired(len(pairs), difference=0.0, sd=sd, low=low, high=high, alpha=plan.alpha),
        samples_needed=_size_or_none(
            lambda goal: compute_size_paired(
                goal, difference=0.0, sd=sd, low=low, high=high, alpha=plan.alpha
            ),
            plan,
        ),
    )


def _size_or_none(size: Callable[[float], int], plan: Comparability) -> int | None:
    try:
        return size(plan.power or USUAL_POWER)
    except Refusal as refusal:
        if refusal.code is not NO_SIZE:
            raise
        return None


def _by_sample(values: Iterable[Measured], group: str) -> dict[str, float]:
    """The mean logarithm of each sample of a group, in order of first appearance."""
    found: dict[str, list[float]] = {}
    for each in values:
        if each.group == group:
            found.setdefault(each.sample, []).append(each.value)
    return {
        sample: float(np.mean(as_logarithms(own, name=f"{sample} of {group}")))
        for sample, own in found.items()
    }


def _one_unit(given: Sequence[Measured | Summary]) -> str:
    for each in given[1:]:
        if each.unit != given[0].unit:
            raise UNITS_DIFFER.refuse(
                f"{each.attribute} is given in {given[0].unit!r} and here in {each.unit!r}",
                place=each.place,
                value=each.unit,
            )
    return given[0].unit if given else ""


def _refuse_twice(values: Sequence[Measured], printed: Sequence[Summary]) -> None:
    seen = {each.group for each in values}
    for each in printed:
        if each.group in seen:
            raise GIVEN_TWICE.refuse(
                f"{each.attribute} of {each.group} is given already", place=each.place, value=each.group
            )
        seen.add(each.group)
