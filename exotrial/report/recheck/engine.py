"""The recheck itself: claims and tables in, one verdict a claim out; it knows no kind and no study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from exotrial.core.errors import ErrorCode, Refusal, Refusals
from exotrial.core.findings import Quote
from exotrial.core.provenance import SourceFile
from exotrial.report.recheck.claims import (
    MISSING_KEY,
    UNKNOWN_KEY,
    Claim,
    ClaimsDocument,
    Selection,
    nearest,
    read_claims,
)
from exotrial.report.recheck.data import Datum, PublishedData, read_published, select_cells
from exotrial.report.recheck.kind import Asked, Kind, NotPrintedError, find_kinds
from exotrial.report.recheck.verdicts import ClaimVerdict, cannot

UNKNOWN_KIND = ErrorCode(
    "RCK-040",
    "A claim is of a kind that is not installed.",
    "correct the kind, or install the plug-in that has it.",
)
WRONG_LINE = ErrorCode(
    "RCK-041",
    "A claim's print does not stand on the line that it names.",
    "correct the line or the print; lines count from 1 in the source text.",
)


def recheck(claims: Path, data: Path) -> tuple[ClaimVerdict, ...]:
    """Recheck every claim of a claims file against the tables of a folder, in the file's order.

    Every refusal of the file is told together.
    """
    document = read_claims(claims)
    selections = [selection for claim in document.file.claims for selection in claim.from_.values()]
    wanted = [selection.table for selection in selections if selection.table is not None]
    return recheck_claims(document, read_published(data, wanted=wanted))


def recheck_claims(document: ClaimsDocument, published: PublishedData) -> tuple[ClaimVerdict, ...]:
    """The verdicts on claims that were read, against tables that were read."""
    kinds = find_kinds()
    by_id = {claim.id: claim for claim in document.file.claims}
    refusals: list[Refusal] = []
    verdicts = []
    for claim in document.file.claims:
        try:
            kind = _kind_of(claim, kinds, document)
            asked = _resolve(claim, published, by_id, document)
            verdicts.append(_judge(kind, asked, published, document.source))
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise Refusals(refusals)
    return tuple(verdicts)


def check_lines(document: ClaimsDocument, text: str, *, source: str) -> None:
    """Hold every claim of one source against the source's text: its print must stand on its line (RCK-041)."""
    lines = [_plain(line) for line in text.split("\n")]
    refusals = []
    for claim in document.file.claims:
        if claim.source != source:
            continue
        here = lines[claim.line - 1] if claim.line <= len(lines) else ""
        # A print may run over the end of its line.
        here += " " + (lines[claim.line] if claim.line < len(lines) else "")
        if _plain(claim.prints) in here:
            continue
        found = [str(n) for n, line in enumerate(lines, 1) if _plain(claim.prints) in line]
        refusals.append(
            WRONG_LINE.refuse(
                f"line {claim.line} of {source} does not print {claim.prints!r}",
                place=document.place(claim, "line"),
                value=claim.prints,
                remedy=f"it stands on line {', '.join(found[:5])}." if found else None,
            )
        )
    if refusals:
        raise Refusals(refusals)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _kind_of(claim: Claim, kinds: Mapping[str, Kind], document: ClaimsDocument) -> Kind:
    place = document.place(claim)
    if claim.kind not in kinds:
        raise UNKNOWN_KIND.refuse(
            f"there is no kind {claim.kind!r}",
            place=document.place(claim, "kind"),
            value=claim.kind,
            remedy=nearest(claim.kind, list(kinds)),
        )
    kind = kinds[claim.kind]
    if kind.any_from and not claim.from_:
        raise MISSING_KEY.refuse(f"a claim of kind {kind.name} needs a from", place=place, value="from")
    for where, have, needs, may in (
        ("from", claim.from_, kind.needs, kind.may),
        ("given", claim.given, kind.given, (*kind.may_give, "year", "reads")),
    ):
        for key in needs:
            if key not in have:
                raise MISSING_KEY.refuse(
                    f"a claim of kind {kind.name} needs {where}.{key}", place=place, value=f"{where}.{key}"
                )
        for key in have:
            if key not in (*needs, *may) and not (where == "from" and kind.any_from):
                raise UNKNOWN_KEY.refuse(
                    f"a claim of kind {kind.name} has no {where}.{key}",
                    place=document.place(claim, where, key),
                    value=f"{where}.{key}",
                    remedy=nearest(key, [*needs, *may]),
                )
    return kind


def _resolve(
    claim: Claim, published: PublishedData, by_id: Mapping[str, Claim], document: ClaimsDocument
) -> Asked:
    data: dict[str, tuple[Datum, ...]] = {}
    missing: dict[str, str] = {}
    for key, selection in claim.from_.items():
        where = document.place(claim, "from", key)
        if selection.missing is not None:
            missing[key] = selection.missing
        elif selection.table is not None:
            data[key] = select_cells(selection, claim, published, place=where)
        elif selection.claim is not None:
            other = by_id[selection.claim]
            data[key] = (Datum(printed=other.prints, quote=_quote(other)),)
        else:
            data[key] = _literals(selection, claim)
    return Asked(claim=claim, data=data, missing=missing, place=document.place(claim))


def _literals(selection: Selection, claim: Claim) -> tuple[Datum, ...]:
    return tuple(
        Datum(
            printed=str(value),
            quote=Quote(
                source=selection.source or claim.source,
                prints=str(value),
                line=selection.line or (None if selection.source else claim.line),
                place=selection.place,
            ),
        )
        for value in selection.values or ()
    )


def _quote(claim: Claim) -> Quote:
    return Quote(source=claim.source, prints=claim.prints, line=claim.line, place=claim.section)


def _judge(kind: Kind, asked: Asked, published: PublishedData, claims_source: SourceFile) -> ClaimVerdict:
    claim = asked.claim
    if asked.missing and not kind.copes:
        judgement = cannot("; ".join(asked.missing.values()))
    else:
        try:
            judgement = kind.check(asked)
        except NotPrintedError as absent:
            judgement = cannot(f"{absent}")
    data = [datum for found in asked.data.values() for datum in found]
    tables = dict.fromkeys(datum.file for datum in data if datum.file)
    return ClaimVerdict(
        claim=claim.id,
        kind=claim.kind,
        answer=judgement.answer,
        printed=claim.prints,
        why=judgement.why,
        recomputed=judgement.recomputed,
        inference=judgement.inference,
        settle=judgement.settle,
        quotes=tuple(dict.fromkeys([_quote(claim), *(datum.quote for datum in data)])),
        files=(claims_source, *(published.files[table] for table in tables)),
    )
