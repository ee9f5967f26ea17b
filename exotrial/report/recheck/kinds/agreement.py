"""One fact told in several places: do they agree?"""

from __future__ import annotations

from exotrial.report.recheck.kind import Asked, Kind
from exotrial.report.recheck.printed import same_fact
from exotrial.report.recheck.verdicts import Answer, Judgement, Recomputed

SETTLE = "The source record of this fact."


def _check(asked: Asked) -> Judgement:
    fact = asked.word("fact", asked.claim.prints)
    ways = []
    for name in asked.data:
        for text, datum in zip(asked.texts(name), asked.data[name], strict=True):
            where = datum.quote.place or name
            who = f", participant {datum.participant}" if datum.participant else ""
            line = f", line {datum.quote.line}" if datum.quote.line else ""
            ways.append(
                Recomputed(
                    method="elsewhere",
                    label=f"{where}{who}{line}",
                    value=None,
                    shown=text,
                    matches=same_fact(fact, text, year=asked.year),
                )
            )
    against = [way for way in ways if not way.matches]
    if against:
        told = "; ".join(f"{way.label} prints {way.shown}" for way in against)
        unless = asked.word("unless")
        why = f"here it is {fact}, but {told}" + (f"; unless {unless}." if unless else ".")
        return Judgement(answer=Answer.CONTRADICTED, why=why, recomputed=tuple(ways), settle=SETTLE)
    told = "; ".join(way.label for way in ways)
    return Judgement(
        answer=Answer.REPRODUCED, why=f"{fact} is told the same in: {told}.", recomputed=tuple(ways)
    )


AGREEMENT = Kind(
    name="agreement",
    says=(
        "A fact (`given.fact`, or the print itself) against every other place that tells it, any `from` names; "
        "`given.unless` says what would explain a difference."
    ),
    check=_check,
    may_give=("fact", "unless"),
    any_from=True,
)
