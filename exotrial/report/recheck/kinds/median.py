"""A printed median, alone or with quartiles: recomputed under each rule, or tested for being possible."""

from __future__ import annotations

from exotrial.report.recheck.kind import WRONG_SETTING, Asked, Kind
from exotrial.report.recheck.printed import Figure, read_figures
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, cannot, judge
from exotrial.statistics.consistency import grim, quantile_feasible
from exotrial.statistics.describe import QuantileRule, compute_quantile

SETTLE = "The values themselves, or the output of the analysis with the quartile rule named."


def _median(asked: Asked) -> Judgement:
    printed = asked.printed
    if "values" in asked.data:
        value = compute_quantile([float(x) for x in asked.numbers("values")], 0.5)
        way = Recomputed(
            method="median",
            label="median",
            value=value,
            shown=printed.write(value),
            matches=printed.admits(value),
        )
        return judge([way], printed=asked.claim.prints, settle=SETTLE)
    n, step = asked.whole("n"), asked.word("step")
    missing = "; ".join(asked.missing.values()) or "the values behind the median"
    if n is None or not step:
        return cannot(missing)
    # An odd n has the median among its values, an even n half-way between two.
    parts = 1 if n % 2 else 2
    test = grim(printed.digits.text, parts, step=step)
    if not test.consistent:
        why = f"no {n} values in steps of {step} have a median that rounds to {printed.text}."
        return Judgement(answer=Answer.IMPOSSIBLE, why=why, settle=SETTLE)
    return cannot(missing, why=f"possible for n = {n} in steps of {step}, but the values are not printed.")


def _median_iqr(asked: Asked) -> Judgement:
    figures = read_figures(asked.claim.prints)
    if len(figures) != 3:
        raise WRONG_SETTING.refuse(
            f"{asked.claim.prints!r} holds {len(figures)} numbers",
            place=asked.place,
            value=asked.claim.prints,
            remedy="print median, first and third quartile, in that order.",
        )
    median, low, high = figures
    if "values" in asked.data:
        values = [float(x) for x in asked.numbers("values")]
        ways = [_by_rule(values, (median, low, high), rule) for rule in QuantileRule]
        return judge(ways, printed=asked.claim.prints, settle=SETTLE)
    n = asked.whole("n")
    missing = "; ".join(asked.missing.values()) or "the values behind the median and quartiles"
    if n is None:
        return cannot(missing)
    step = asked.word("step", "1")
    texts = (median.digits.text, low.digits.text, high.digits.text)
    tests = [quantile_feasible(*texts, n, rule=rule, step=step) for rule in (2, 6, 7)]
    possible = [str(test.rule) for test in tests if test.consistent]
    if not possible:
        return Judgement(answer=Answer.IMPOSSIBLE, why=" ".join(test.why for test in tests), settle=SETTLE)
    why = (
        f"{asked.claim.prints} is possible for n = {n} in steps of {step} under quartile type "
        f"{', '.join(possible)} (2 SAS, 6 SPSS, 7 R), but the values are not printed."
    )
    return cannot(missing, why=why)


def _by_rule(values: list[float], figures: tuple[Figure, Figure, Figure], rule: QuantileRule) -> Recomputed:
    # Binary noise below the twelfth decimal must not decide a rounding boundary.
    got = [round(compute_quantile(values, p, rule), 12) for p in (0.5, 0.25, 0.75)]
    shown = [figure.write(value) for figure, value in zip(figures, got, strict=True)]
    return Recomputed(
        method=f"quartiles_type_{rule.value}",
        label=f"quartiles by {rule.label}",
        value=got[0],
        shown=f"{shown[0]} ({shown[1]} to {shown[2]})",
        matches=all(figure.admits(value) for figure, value in zip(figures, got, strict=True)),
    )


MEDIAN = Kind(
    name="median",
    says="A median of `from.values`, or its possibility for `given.n` values in steps of `given.step`.",
    check=_median,
    may=("values",),
    may_give=("n", "step"),
    copes=True,
)
MEDIAN_IQR = Kind(
    name="median_iqr",
    says="A median with quartiles, from `from.values` under each rule, or its possibility for `given.n` values.",
    check=_median_iqr,
    may=("values",),
    may_give=("n", "step"),
    copes=True,
)
