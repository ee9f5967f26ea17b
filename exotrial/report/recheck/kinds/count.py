"""A printed count: of figures in a selection, of figures that say something, or of parts that add up."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.printed import same_fact
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, judge

SETTLE = "The list of those counted."


def _count(asked: Asked) -> Judgement:
    texts = asked.texts("values")
    equals = asked.word("equals")
    counted = [text for text in texts if not equals or same_fact(text, equals)]
    label = f"count of {equals!r} among {len(texts)}" if equals else "count of the figures printed"
    return _exact(asked, Fraction(len(counted)), method="count", label=label)


def _sum(asked: Asked) -> Judgement:
    parts = asked.numbers("parts")
    told = " + ".join(asked.texts("parts"))
    return _exact(asked, sum(parts, Fraction(0)), method="sum", label=f"sum of the parts, {told}")


def _product(asked: Asked) -> Judgement:
    factors = asked.numbers("factors")
    told = " x ".join(asked.texts("factors"))
    return _exact(asked, prod(factors, start=Fraction(1)), method="product", label=f"product, {told}")


def _exact(asked: Asked, value: Fraction, *, method: str, label: str) -> Judgement:
    printed = asked.printed
    way = Recomputed(
        method=method,
        label=label,
        value=float(value),
        shown=printed.write(value),
        matches=printed.admits(value),
    )
    # The parts are printed by the same source, so a total that differs is one place against another.
    return judge([way], printed=asked.told, settle=SETTLE, otherwise=Answer.CONTRADICTED)


COUNT = Kind(
    name="count",
    says="A count of `from.values`, or of those that say `given.equals`.",
    check=_count,
    needs=("values",),
    may_give=("equals",),
)
COUNT_SUM = Kind(
    name="count_sum", says="A total, against the sum of `from.parts`.", check=_sum, needs=("parts",)
)
PRODUCT = Kind(
    name="product", says="A total, against the product of `from.factors`.", check=_product, needs=("factors",)
)
