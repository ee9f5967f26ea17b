"""A printed p value of two sets of values: every installed two-sample and paired method is tried.

The claim's `design` says which of them suit the data. Methods that draw at random are left out: their p value
differs from seed to seed and cannot be held to a printed digit.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence

from exotrial.core.errors import Refusal
from exotrial.report.recheck.kind import WRONG_SETTING, Asked, Kind
from exotrial.report.recheck.printed import PrintedPValue, read_p
from exotrial.report.recheck.verdicts import Judgement, Recomputed, judge
from exotrial.statistics.methods import find_methods
from exotrial.statistics.result import Design, Method


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
    """A p value with the print's decimals, and three at least."""
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
    return judge(
        ways,
        printed=asked.claim.prints,
        settle="The output of the analysis, with the test and the data that entered it.",
        distances=[abs((way.value or 0.0) - float(printed.figure.value)) for way in ways],
    )


P_VALUE = Kind(
    name="p_value",
    says="A p value of `from.before` against `from.after` (any two sets), by every method that applies.",
    check=_check,
    needs=("before", "after"),
)
