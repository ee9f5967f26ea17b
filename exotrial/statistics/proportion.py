"""Approximate confidence intervals for one proportion: Wald, Wilson, Jeffreys and likelihood ratio.

Formulae: Newcombe RG. Stat Med 1998;17:857-872 (methods 1 to 4 and 7); Brown LD, Cai TT, DasGupta A. Stat Sci
2001;16:101-133 (Jeffreys).
"""

from __future__ import annotations

from math import sqrt

import scipy

from exotrial.statistics.proportion_counts import check_events, find_limit, normal_quantile, notes
from exotrial.statistics.result import Design, Estimate, Method, Result
from exotrial.statistics.sample import check_level

NEWCOMBE = "Newcombe RG. Stat Med 1998;17:857-872"
INDEPENDENT = ("participants are independent", "each has the same chance of an event")
APPROXIMATE = (*INDEPENDENT, "the sample is large enough for the approximation")
ZERO_WIDTH = "With no events, or nothing but events, the Wald interval has no width: do not use it."
OVERSHOOT = "A limit lies outside 0 to 1, as Wald limits of extreme proportions do."


def interval_result(
    method: Method,
    events: int,
    n: int,
    limits: tuple[float, float],
    *,
    level: float,
    notes: tuple[str, ...] = (),
    exact: bool = False,
) -> Result:
    """A result that estimates one proportion and tests nothing."""
    return Result(
        method=method.name,
        label=method.label,
        n=(n,),
        exact=exact,
        estimate=Estimate(
            name="proportion",
            value=events / n,
            lower=limits[0],
            upper=limits[1],
            level=level,
            method=method.label,
        ),
        assumptions=method.assumptions,
        notes=notes,
        citation=method.citation,
    )


def proportion_wald(events: int, n: int, *, level: float = 0.95) -> Result:
    """Estimate plus and minus z standard errors, not cut at 0 and 1 (STS-400, STS-401, STS-004)."""
    return _wald(PROPORTION_WALD, events, n, level=level, correction=0.0)


def proportion_wald_cc(events: int, n: int, *, level: float = 0.95) -> Result:
    """The Wald interval widened by 1/(2n) on either side (STS-400, STS-401, STS-004)."""
    return _wald(PROPORTION_WALD_CC, events, n, level=level, correction=0.5)


def _wald(method: Method, events: int, n: int, *, level: float, correction: float) -> Result:
    events, n = check_events(events, n)
    p = events / n
    half = normal_quantile(check_level(level)) * sqrt(p * (1 - p) / n) + correction / n
    limits = (p - half, p + half)
    said = notes((events in (0, n), ZERO_WIDTH), (limits[0] < 0 or limits[1] > 1, OVERSHOOT))
    return interval_result(method, events, n, limits, level=level, notes=said)


def wilson_limits(events: int, n: int, *, level: float) -> tuple[float, float]:
    """The score interval: proportions whose own standard error puts the estimate within z of them."""
    z, p = normal_quantile(level), events / n
    centre, half = p + z**2 / (2 * n), z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    lower, upper = (centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)
    return 0.0 if events == 0 else lower, 1.0 if events == n else upper


def wilson_cc_limits(events: int, n: int, *, level: float) -> tuple[float, float]:
    """The score interval with continuity correction; 0 and 1 where no events or only events were seen."""
    z, p = normal_quantile(level), events / n
    middle, width = 2 * events + z**2, 2 * (n + z**2)
    lower = upper = 0.0
    if events > 0:
        lower = (middle - 1 - z * sqrt(z**2 - 2 - 1 / n + 4 * p * (n * (1 - p) + 1))) / width
    if events < n:
        upper = (middle + 1 + z * sqrt(z**2 + 2 - 1 / n + 4 * p * (n * (1 - p) - 1))) / width
    return max(lower, 0.0), min(upper, 1.0) if events < n else 1.0


def proportion_wilson(events: int, n: int, *, level: float = 0.95) -> Result:
    """Wilson's score interval (STS-400, STS-401, STS-004)."""
    events, n = check_events(events, n)
    limits = wilson_limits(events, n, level=check_level(level))
    return interval_result(PROPORTION_WILSON, events, n, limits, level=level)


def proportion_wilson_cc(events: int, n: int, *, level: float = 0.95) -> Result:
    """Wilson's score interval with continuity correction (STS-400, STS-401, STS-004)."""
    events, n = check_events(events, n)
    limits = wilson_cc_limits(events, n, level=check_level(level))
    return interval_result(PROPORTION_WILSON_CC, events, n, limits, level=level)


def proportion_jeffreys(events: int, n: int, *, level: float = 0.95) -> Result:
    """Equal-tailed posterior interval under the Beta(1/2, 1/2) prior.

    With no events the lower limit is 0, with nothing but events the upper limit is 1 (Brown et al.).
    Refuses STS-400, STS-401, STS-004.
    """
    events, n = check_events(events, n)
    tail = (1 - check_level(level)) / 2
    a, b = events + 0.5, n - events + 0.5
    lower = 0.0 if events == 0 else float(scipy.special.betaincinv(a, b, tail))
    upper = 1.0 if events == n else float(scipy.special.betaincinv(a, b, 1 - tail))
    said = notes((events in (0, n), "The limit on the side of the estimate is set to the estimate."))
    return interval_result(PROPORTION_JEFFREYS, events, n, (lower, upper), level=level, notes=said)


def proportion_lr(events: int, n: int, *, level: float = 0.95) -> Result:
    """The proportions not rejected by the likelihood ratio test (STS-400, STS-401, STS-004)."""
    events, n = check_events(events, n)
    most, estimate = float(scipy.stats.chi2.isf(1 - check_level(level), 1)), events / n

    def log_likelihood(p: float) -> float:
        return float(scipy.special.xlogy(events, p) + scipy.special.xlogy(n - events, 1 - p))

    def inside(p: float) -> bool:
        return 2 * (log_likelihood(estimate) - log_likelihood(p)) <= most

    limits = (find_limit(inside, estimate, 0.0), find_limit(inside, estimate, 1.0))
    return interval_result(PROPORTION_LR, events, n, limits, level=level)


PROPORTION_WALD = Method(
    name="proportion_wald",
    label="Wald interval",
    design=Design.PROPORTION,
    compute=proportion_wald,
    citation=f"{NEWCOMBE}, method 1",
    assumptions=(*APPROXIMATE, "the proportion is far from 0 and 1"),
    software="SAS PROC FREQ BINOMIAL, default row",
)
PROPORTION_WALD_CC = Method(
    name="proportion_wald_cc",
    label="Wald interval with continuity correction",
    design=Design.PROPORTION,
    compute=proportion_wald_cc,
    citation=f"{NEWCOMBE}, method 2",
    assumptions=(*APPROXIMATE, "the proportion is far from 0 and 1"),
    software="SAS PROC FREQ BINOMIAL(CORRECT)",
)
PROPORTION_WILSON = Method(
    name="proportion_wilson",
    label="Wilson score interval",
    design=Design.PROPORTION,
    compute=proportion_wilson,
    citation=f"Wilson EB. J Am Stat Assoc 1927;22:209-212; {NEWCOMBE}, method 3",
    assumptions=APPROXIMATE,
    software="R prop.test(correct = FALSE), SAS BINOMIAL(WILSON)",
)
PROPORTION_WILSON_CC = Method(
    name="proportion_wilson_cc",
    label="Wilson score interval with continuity correction",
    design=Design.PROPORTION,
    compute=proportion_wilson_cc,
    citation=f"{NEWCOMBE}, method 4",
    assumptions=APPROXIMATE,
    software="R prop.test, SAS BINOMIAL(WILSON(CORRECT))",
)
PROPORTION_JEFFREYS = Method(
    name="proportion_jeffreys",
    label="Jeffreys interval",
    design=Design.PROPORTION,
    compute=proportion_jeffreys,
    citation="Brown LD, Cai TT, DasGupta A. Stat Sci 2001;16:101-133",
    assumptions=(*INDEPENDENT, "Beta(1/2, 1/2) prior"),
    software="SAS BINOMIAL(JEFFREYS)",
)
PROPORTION_LR = Method(
    name="proportion_lr",
    label="Likelihood ratio interval",
    design=Design.PROPORTION,
    compute=proportion_lr,
    citation=f"{NEWCOMBE}, method 7",
    assumptions=APPROXIMATE,
    software="SAS BINOMIAL(LIKELIHOODRATIO)",
)
