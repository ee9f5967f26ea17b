"""Exact binomial methods: Clopper-Pearson, mid-P and Blaker intervals, the exact test, and zero events."""

from __future__ import annotations

import scipy

from exotrial.statistics.proportion import INDEPENDENT, NEWCOMBE, interval_result
from exotrial.statistics.proportion_counts import EVENTS_SEEN, check_events, check_proportion, find_limit
from exotrial.statistics.result import Alternative, Design, Estimate, Method, Result
from exotrial.statistics.sample import check_level


def clopper_pearson_limits(
    events: int, n: int, *, lower_tail: float, upper_tail: float
) -> tuple[float, float]:
    """The proportions that leave the given tails beyond the count; a tail of 0 gives 0 or 1."""
    lower = 0.0 if events == 0 else float(scipy.special.betaincinv(events, n - events + 1, lower_tail))
    upper = 1.0 if events == n else float(scipy.special.betaincinv(events + 1, n - events, 1 - upper_tail))
    return lower, upper


def proportion_clopper_pearson(events: int, n: int, *, level: float = 0.95) -> Result:
    """The interval of equal exact tails; covers at least `level` (STS-400, STS-401, STS-004)."""
    events, n = check_events(events, n)
    tail = (1 - check_level(level)) / 2
    limits = clopper_pearson_limits(events, n, lower_tail=tail, upper_tail=tail)
    return interval_result(PROPORTION_CLOPPER_PEARSON, events, n, limits, level=level, exact=True)


def proportion_mid_p(events: int, n: int, *, level: float = 0.95) -> Result:
    """The interval of equal tails with half the probability of the count itself (STS-400, STS-401, STS-004).

    Less wide than Clopper-Pearson; covers `level` about, not at least.
    """
    events, n = check_events(events, n)
    tail = (1 - check_level(level)) / 2

    def upper_half(p: float) -> bool:
        return (_at_least(events, n, p) + _at_least(events + 1, n, p)) / 2 >= tail

    def lower_half(p: float) -> bool:
        return 1 - (_at_least(events, n, p) + _at_least(events + 1, n, p)) / 2 >= tail

    estimate = events / n
    limits = (
        0.0 if events == 0 else find_limit(upper_half, estimate, 0.0),
        1.0 if events == n else find_limit(lower_half, estimate, 1.0),
    )
    return interval_result(PROPORTION_MID_P, events, n, limits, level=level)


def _at_least(events: int, n: int, p: float) -> float:
    """P(X >= events)."""
    if events == 0:
        return 1.0
    return 0.0 if events > n else float(scipy.special.bdtrc(events - 1, n, p))


def proportion_blaker(events: int, n: int, *, level: float = 0.95) -> Result:
    """Blaker's interval: within Clopper-Pearson, and still covers at least `level`.

    The limits are the ends of the set of proportions with an acceptability of at least 1 - level; where that
    set has a gap, the interval spans it. Refuses STS-400, STS-401, STS-004.
    """
    events, n = check_events(events, n)
    check_level(level)
    limits = (_blaker_lower(events, n, 1 - level), 1 - _blaker_lower(n - events, n, 1 - level))
    return interval_result(PROPORTION_BLAKER, events, n, limits, level=level, exact=True)


def _blaker_lower(events: int, n: int, alpha: float) -> float:
    """The smallest proportion whose acceptability reaches alpha.

    Below the estimate, acceptability is P(X >= x) plus the largest opposite tail P(X <= k) that does not
    exceed it. As p rises k jumps up by one at a time, and at each jump both tails are equal. The search goes
    up from the Clopper-Pearson limit, where P(X >= x) = alpha/2 and acceptability is at most alpha. Until
    the next jump, 1 - P(k < X < x) either crosses alpha once, or never; at the jump it is above alpha.
    """
    if events == 0:
        return 0.0
    start, _ = clopper_pearson_limits(events, n, lower_tail=alpha / 2, upper_tail=0.0)
    upper_tail = _at_least(events, n, start)
    k, over = -1, events
    while over - k > 1:
        middle = (k + over) // 2
        if scipy.special.bdtr(middle, n, start) <= upper_tail:
            k = middle
        else:
            over = middle

    def before_jump(p: float) -> bool:
        return k + 1 < events and float(scipy.special.bdtr(k + 1, n, p)) > _at_least(events, n, p)

    def not_accepted(p: float) -> bool:
        opposite = float(scipy.special.bdtr(k, n, p)) if k >= 0 else 0.0
        return _at_least(events, n, p) + opposite < alpha

    jump = find_limit(before_jump, start, events / n)
    return find_limit(not_accepted, start, jump)


def binomial_exact(
    events: int,
    n: int,
    *,
    null: float = 0.5,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Result:
    """The exact binomial test of a proportion against `null`, with the Clopper-Pearson interval.

    Two-sided, p sums every count no more probable than the one seen. A one-sided alternative gives a
    one-sided interval. Refuses STS-400, STS-401, STS-404 (null) and STS-004.
    """
    events, n = check_events(events, n)
    check_proportion(null, name="the null proportion")
    alternative, tail = Alternative(alternative), 1 - check_level(level)
    tails = {
        Alternative.TWO_SIDED: (tail / 2, tail / 2),
        Alternative.GREATER: (tail, 0.0),
        Alternative.LESS: (0.0, tail),
    }[alternative]
    lower, upper = clopper_pearson_limits(events, n, lower_tail=tails[0], upper_tail=tails[1])
    p_value = float(scipy.stats.binomtest(events, n, null, alternative=alternative.value).pvalue)
    return Result(
        method=BINOMIAL_EXACT.name,
        label=BINOMIAL_EXACT.label,
        n=(n,),
        statistic_name="events",
        statistic=float(events),
        p_value=min(p_value, 1.0),
        alternative=alternative,
        exact=True,
        estimate=Estimate(
            name="proportion",
            value=events / n,
            lower=lower,
            upper=upper,
            level=level,
            method=PROPORTION_CLOPPER_PEARSON.label,
        ),
        assumptions=BINOMIAL_EXACT.assumptions,
        citation=BINOMIAL_EXACT.citation,
    )


def zero_events_one_sided(events: int, n: int, *, level: float = 0.95) -> Result:
    """The exact one-sided upper bound when nothing was seen in n: 1 - (1 - level)^(1/n).

    Refuses any event (STS-405), and STS-400, STS-401, STS-004.
    """
    return _zero_events(ZERO_EVENTS_ONE_SIDED, events, n, level=level, tail=1 - check_level(level))


def zero_events_two_sided(events: int, n: int, *, level: float = 0.95) -> Result:
    """The upper limit of the exact two-sided interval when nothing was seen in n: 1 - ((1 - level)/2)^(1/n).

    Refuses any event (STS-405), and STS-400, STS-401, STS-004.
    """
    return _zero_events(ZERO_EVENTS_TWO_SIDED, events, n, level=level, tail=(1 - check_level(level)) / 2)


def _zero_events(method: Method, events: int, n: int, *, level: float, tail: float) -> Result:
    events, n = check_events(events, n)
    if events:
        raise EVENTS_SEEN.refuse(f"there are {events} events in {n}", value=events)
    rule = (
        f"The rule of three, 3/n = {3 / n:.3g}, is only an approximation to the one-sided 95 % bound; "
        "it is not used here."
    )
    return interval_result(method, 0, n, (0.0, 1 - tail ** (1 / n)), level=level, notes=(rule,), exact=True)


PROPORTION_CLOPPER_PEARSON = Method(
    name="proportion_clopper_pearson",
    label="Clopper-Pearson exact interval",
    design=Design.PROPORTION,
    compute=proportion_clopper_pearson,
    citation="Clopper CJ, Pearson ES. Biometrika 1934;26:404-413",
    assumptions=INDEPENDENT,
    software="R binom.test, SAS PROC FREQ EXACT BINOMIAL",
)
PROPORTION_MID_P = Method(
    name="proportion_mid_p",
    label="Mid-P interval",
    design=Design.PROPORTION,
    compute=proportion_mid_p,
    citation=f"{NEWCOMBE}, method 6",
    assumptions=INDEPENDENT,
    software="SAS BINOMIAL(MIDP)",
)
PROPORTION_BLAKER = Method(
    name="proportion_blaker",
    label="Blaker exact interval",
    design=Design.PROPORTION,
    compute=proportion_blaker,
    citation="Blaker H. Can J Stat 2000;28:783-798",
    assumptions=INDEPENDENT,
    software="SAS BINOMIAL(BLAKER), R BlakerCI",
)
BINOMIAL_EXACT = Method(
    name="binomial_exact",
    label="Exact binomial test",
    design=Design.PROPORTION,
    compute=binomial_exact,
    citation="Conover WJ. Practical nonparametric statistics. 3rd ed. Wiley; 1999. Section 3.1",
    assumptions=INDEPENDENT,
    software="R binom.test",
)
ZERO_EVENTS_ONE_SIDED = Method(
    name="zero_events_one_sided",
    label="Exact one-sided upper bound for zero events",
    design=Design.PROPORTION,
    compute=zero_events_one_sided,
    citation="Hanley JA, Lippman-Hand A. JAMA 1983;249:1743-1745 (exact form)",
    assumptions=INDEPENDENT,
)
ZERO_EVENTS_TWO_SIDED = Method(
    name="zero_events_two_sided",
    label="Exact two-sided upper limit for zero events",
    design=Design.PROPORTION,
    compute=zero_events_two_sided,
    citation="Clopper CJ, Pearson ES. Biometrika 1934;26:404-413",
    assumptions=INDEPENDENT,
    software="R binom.test",
)
