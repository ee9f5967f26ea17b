"""Confidence intervals for one proportion by adding pseudo-events (Agresti-Coull) and on the log-odds scale.

Formulae: Agresti A, Coull BA. Am Stat 1998;52:119-126; Brown LD, Cai TT, DasGupta A. Stat Sci 2001;16:101-133.
"""

from __future__ import annotations

from math import sqrt

from scipy.special import expit, logit

from exotrial.statistics.proportion import APPROXIMATE, OVERSHOOT, interval_result
from exotrial.statistics.proportion_counts import check_events, normal_quantile, notes
from exotrial.statistics.result import Design, Method, Result
from exotrial.statistics.sample import check_level

NO_LOGIT = (
    "With no events, or nothing but events, the log odds are infinite: the whole range 0 to 1 is given. "
    "Use an exact interval."
)


def proportion_agresti_coull(events: int, n: int, *, level: float = 0.95) -> Result:
    """The Wald interval after adding z^2/2 events and z^2/2 non-events, not cut at 0 and 1.

    Refuses STS-400, STS-401, STS-004.
    """
    events, n = check_events(events, n)
    z = normal_quantile(check_level(level))
    size = n + z**2
    middle = (events + z**2 / 2) / size
    half = z * sqrt(middle * (1 - middle) / size)
    limits = (middle - half, middle + half)
    said = notes((limits[0] < 0 or limits[1] > 1, OVERSHOOT))
    return interval_result(PROPORTION_AGRESTI_COULL, events, n, limits, level=level, notes=said)


def proportion_logit(events: int, n: int, *, level: float = 0.95) -> Result:
    """The Wald interval of the log odds, turned back into proportions; 0 to 1 where they are infinite.

    Refuses STS-400, STS-401, STS-004.
    """
    events, n = check_events(events, n)
    z = normal_quantile(check_level(level))
    limits = (0.0, 1.0)
    if 0 < events < n:
        half = z * sqrt(1 / events + 1 / (n - events))
        centre = float(logit(events / n))
        limits = (float(expit(centre - half)), float(expit(centre + half)))
    said = notes((events in (0, n), NO_LOGIT))
    return interval_result(PROPORTION_LOGIT, events, n, limits, level=level, notes=said)


PROPORTION_AGRESTI_COULL = Method(
    name="proportion_agresti_coull",
    label="Agresti-Coull interval",
    design=Design.PROPORTION,
    compute=proportion_agresti_coull,
    citation="Agresti A, Coull BA. Am Stat 1998;52:119-126",
    assumptions=APPROXIMATE,
    software="SAS PROC FREQ BINOMIAL(CL=AGRESTICOULL)",
)

PROPORTION_LOGIT = Method(
    name="proportion_logit",
    label="Logit interval",
    design=Design.PROPORTION,
    compute=proportion_logit,
    citation="Brown LD, Cai TT, DasGupta A. Stat Sci 2001;16:101-133, section 4.1.2",
    assumptions=APPROXIMATE,
    software="SAS PROC FREQ BINOMIAL(CL=LOGIT)",
)
