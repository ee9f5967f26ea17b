"""What a paper claims of each row of its tables, and how much of it stands: the results on the reported side."""

from __future__ import annotations

from collections.abc import Sequence

from exotrial.core.errors import Place
from exotrial.registries.record import Stated
from exotrial.report.recheck.claims import ClaimsFile
from exotrial.report.recheck.verdicts import ClaimVerdict
from exotrial.report.wording import count_of


def derive_claimed(
    file: ClaimsFile, verdicts: Sequence[ClaimVerdict], *, source: str
) -> dict[str, Stated[object]]:
    """By row of the published tables, in order: how many claims of `source` rest on it, and how many do not stand.

    A claim that rests on several rows is counted with each. Claims that rest on no row of a table are left aside: what
    they are about stands in no field.
    """
    accused = {verdict.claim for verdict in verdicts if verdict.accused}
    claims: dict[str, list[str]] = {}
    for claim in file.claims:
        rows = {one.row for one in claim.from_.values() if one.row is not None}
        if claim.source == source:
            for row in sorted(rows):
                claims.setdefault(row, []).append(claim.id)
    found: dict[str, Stated[object]] = {}
    for row, names in claims.items():
        wrong = sum(name in accused for name in names)
        stand = f"{wrong} of them not as printed" if wrong else "none of them found wrong"
        words = f"{count_of(len(names), 'claim')} on “{row}”, {stand}"
        found[row] = Stated(value=words, prints=words, place=Place(file="claims.toml"))
    return found
