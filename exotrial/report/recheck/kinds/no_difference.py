"""A statement that several comparisons were all not significant, p > 0.05."""

from __future__ import annotations

from fractions import Fraction

from exotrial.report.recheck.kind import WRONG_SETTING, Asked, Kind
from exotrial.report.recheck.kinds.p_value import compute_p_values
from exotrial.report.recheck.printed import read_p, same_fact
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed, cannot, judge


def _check(asked: Asked) -> Judgement:
    if asked.missing:
        return cannot("; ".join(asked.missing.values()))
    printed = read_p(asked.word("level", asked.claim.prints), place=asked.place)
    if printed.relation in ("<", "≤"):
        raise WRONG_SETTING.refuse(
            f"{printed.text!r} says that there is a difference",
            place=asked.place,
            value=printed.text,
            remedy="take the kind p_value, which holds the print to its operator.",
        )
    level = float(printed.figure.value)
    if "yes" in asked.claim.given:
        yes = asked.word("yes")
        before, after = (
            tuple(Fraction(same_fact(text, yes)) for text in asked.texts(name))
            for name in ("before", "after")
        )
    else:
        before, after = asked.pairs("before", "after")
    first, second = [float(x) for x in before], [float(x) for x in after]
    design = asked.claim.design or "paired"
    ways = [
        Recomputed(
            method=method.name,
            label=method.label,
            value=p,
            shown=f"p = {p:.3f}",
            matches=p > level,
            right_for_data=right,
        )
        for method, p, right in compute_p_values(first, second, design=design)
    ]
    # The statement is about the data, so only methods that suit them may decide it.
    proper = [way for way in ways if way.right_for_data]
    against = [way for way in proper if not way.matches]
    settle = "The p value itself, with the test that gave it."
    if against and len(against) < len(proper):
        told = ", ".join(f"{way.label} {way.shown}" for way in against)
        why = f"whether p is above {level:g} depends on the method: not by {told}."
        return Judgement(answer=Answer.NOT_REPRODUCED, why=why, recomputed=tuple(ways), settle=settle)
    note = "A p value above the level does not show that there is no difference."
    return judge(ways, printed=f"p > {level:g}", settle=settle, note=note)


NO_DIFFERENCE = Kind(
    name="no_difference",
    says=(
        "A statement that p is above the printed level (or `given.level` where none is printed, as in NS), "
        "`from.before` against `from.after` (`given.yes` counts as 1)."
    ),
    check=_check,
    needs=("before", "after"),
    may_give=("yes", "level"),
    copes=True,
)
