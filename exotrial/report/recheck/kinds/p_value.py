"""A printed p value of two sets of values: every installed two-sample and paired method is tried.

The claim's `design` says which of them suit the data. Methods that draw at random are left out: their p value
differs from seed to seed and cannot be held to a printed digit.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import sqrt

from exotrial.core.errors import Refusal
from exotrial.report.recheck.kind import WRONG_SETTING, Asked, Kind
from exotrial.report.recheck.kinds.mean_sd import admits_sd, compute_mean, compute_square
from exotrial.report.recheck.printed import PrintedPValue, read_p
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, judge
from exotrial.statistics.methods import find_methods
from exotrial.statistics.result import Design, Method

LEAST_TELLING = 3


def compute_p_values(
    first: Sequence[float], second: Sequence[float], *, design: str
) -> Iterator[tuple[Method, float, bool]]:
    """Each method that applies, its two-sided p value, and whether it is right for the design.

    Unpaired methods are tried on paired data as well, because papers do so; pairing is not invented for
    independent groups. A method that refuses the data (no variation, say) is passed over.
    """
    wanted = (Design.PAIRED, Design.TWO_GROUPS) if design == "paired" else (Design.TWO_GROUPS,)
    right = Design.PAIRED if design == "paired" else Design.TWO_GROUPS
    for method in find_methods().values():
        if method.design not in wanted or "seed" in inspect.signature(method.compute).parameters:
            continue
        try:
            result = method.compute(first, second)
        except Refusal:
            continue  # the method says itself that it does not apply to these data
        if result.p_value is not None:
            yield method, result.p_value, method.design is right


def write_p(printed: PrintedPValue, value: float) -> str:
    """A p value with the print's decimals, and three at least; beyond eight, as a power of ten."""
    if printed.figure.decimals > 8:
        return f"{value:.2g}"
    return f"{value:.{max(printed.figure.decimals, 3)}f}"


def _check(asked: Asked) -> Judgement:
    printed = read_p(asked.claim.prints, place=asked.place)
    if asked.claim.design is None:
        raise WRONG_SETTING.refuse(
            "the claim does not say whether its data are paired",
            place=asked.place,
            value="",
            remedy='add design = "paired" or design = "independent".',
        )
    if asked.claim.design == "paired":
        before, after = asked.pairs("before", "after")
    else:
        before, after = asked.numbers("before"), asked.numbers("after")
    first, second = [float(x) for x in before], [float(x) for x in after]
    ways = [
        Recomputed(
            method=method.name,
            label=method.label,
            value=p,
            shown=write_p(printed, p),
            matches=printed.admits(p),
            right_for_data=right,
        )
        for method, p, right in compute_p_values(first, second, design=asked.claim.design)
    ]
    found = judge(
        ways,
        printed=asked.claim.prints,
        settle="The output of the analysis, with the test and the data that entered it.",
        distances=[abs((way.value or 0.0) - float(printed.figure.value)) for way in ways],
    )
    if found.answer is not Answer.NOT_REPRODUCED:
        return found
    return replace(found, inference=_find_slip(printed, before, after, paired=asked.claim.design == "paired"))


def _significant(printed: PrintedPValue) -> int:
    return len(printed.figure.text.replace(".", "").lstrip("0"))


def _find_slip(
    printed: PrintedPValue, before: Sequence[Fraction], after: Sequence[Fraction], *, paired: bool
) -> str:
    """Which other statistic of the same data has the digits that are printed as p; "" where none has.

    A figure of fewer than three significant digits is met by chance too often to be told. It is a guess at a slip
    of the pen, and the verdict does not depend on it.
    """
    if printed.relation not in ("", "=") or _significant(printed) < LEAST_TELLING:
        return ""
    sides = {"before": before, "after": after}
    differences = [b - a for a, b in zip(before, after, strict=True)] if paired else []
    mean = compute_mean(tuple(after)) - compute_mean(tuple(before))
    squares = {
        f"SD {side}": compute_square(tuple(v), divisor=len(v) - 1) for side, v in sides.items() if len(v) > 1
    }
    numbers = {"difference of the means": abs(mean)}
    numbers |= {f"mean {side}": abs(compute_mean(tuple(values))) for side, values in sides.items()}
    if len(differences) > 1:
        squares["SD of the differences"] = compute_square(tuple(differences), divisor=len(differences) - 1)
        squares["standard error of the mean difference"] = squares["SD of the differences"] / len(differences)
    told = [f"{name} ({float(value):.4g})" for name, value in numbers.items() if printed.figure.admits(value)]
    told += [
        f"{name} ({sqrt(value):.4g})" for name, value in squares.items() if admits_sd(printed.figure, value)
    ]
    if not told:
        return ""
    return (
        f"Inferred, not stated: {printed.figure.text} has the digits of the {' and the '.join(told)} of the same data, "
        "which may have been printed in place of the p value; that it is chance cannot be ruled out."
    )


P_VALUE = Kind(
    name="p_value",
    says="A p value of `from.before` against `from.after` (any two sets), by every method that applies.",
    check=_check,
    needs=("before", "after"),
)
