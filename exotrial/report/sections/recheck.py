"""Recheck of the published numbers: one verdict a claim, those that do not stand first, the gravest at the top.

What reproduces is said to reproduce; what is guessed from printed figures is marked as an inference.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from exotrial.core.findings import Quote
from exotrial.report.document import AnalysisResult, Block, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.format import MISSING
from exotrial.report.inputs import ReportInput
from exotrial.report.recheck.verdicts import Answer, ClaimVerdict, Recomputed
from exotrial.report.wording import count_of, first_of, sentence

GRAVEST_FIRST = (
    Answer.IMPOSSIBLE,
    Answer.CONTRADICTED,
    Answer.NOT_REPRODUCED,
    Answer.WRONG_METHOD,
    Answer.CANNOT_BE_CHECKED,
    Answer.REPRODUCED,
)
_MEANINGS = {
    Answer.IMPOSSIBLE: "Nothing can be as stated: no data of that size and precision give it, or it is no number.",
    Answer.CONTRADICTED: "Another place of the source tells it differently.",
    Answer.NOT_REPRODUCED: "The printed data do not give the figure by any method tried.",
    Answer.WRONG_METHOD: "Only a method that does not suit the data gives the figure, such as an unpaired test "
    "of paired values.",
    Answer.CANNOT_BE_CHECKED: "What the figure follows from is not printed. This accuses nobody.",
    Answer.REPRODUCED: "A method that suits the data gives the figure to the printed digits.",
}


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The recheck, or None where there is no claims file."""
    if not given.claims:
        return None
    accused = [verdict for verdict in given.claims if verdict.accused]
    unchecked = [verdict for verdict in given.claims if verdict.answer is Answer.CANNOT_BE_CHECKED]
    blocks: list[Block] = [Paragraph(summarise_claims(given.claims)), _summary(given.claims)]
    if accused:
        blocks.append(_accused(accused))
    if unchecked:
        blocks.append(_unchecked(unchecked))
    blocks.append(_all(given.claims))
    results = tuple(result for verdict in given.claims for result in claim_results(verdict))
    return Section(id="recheck", title="Recheck of the published numbers", blocks=tuple(blocks)), results


def summarise_claims(claims: Sequence[ClaimVerdict]) -> str:
    """How many claims there are and how they stand, in plain words."""
    reproduced = sum(verdict.answer is Answer.REPRODUCED for verdict in claims)
    accused = sum(verdict.accused for verdict in claims)
    unchecked = len(claims) - reproduced - accused
    stand = "does not stand" if accused == 1 else "do not stand"
    return (
        f"{count_of(len(claims), 'figure or statement', 'figures and statements')} of the sources "
        f"{'was' if len(claims) == 1 else 'were'} recomputed from what the sources print, by every method that "
        f"could have been meant. {reproduced} {'reproduces' if reproduced == 1 else 'reproduce'} to the printed "
        f"digits, {accused} {stand} as printed, and {unchecked} cannot be checked, because what "
        f"{'it follows' if unchecked == 1 else 'they follow'} from is not printed. That a figure does not stand "
        "says nothing of how it came about: a slip of the pen, a rounding or data that are not shown give the "
        "same picture."
    )


def _summary(claims: Sequence[ClaimVerdict]) -> Table:
    rows = [
        (
            sentence(answer.value)[:-1],
            str(sum(verdict.answer is answer for verdict in claims)),
            _MEANINGS[answer],
        )
        for answer in GRAVEST_FIRST
    ]
    return Table(
        id="recheck-summary",
        title="How the claims stand",
        columns=(
            Column(key="verdict", head="Verdict", width=0.36),
            Column(key="claims", head="Claims", align="right", width=0.09),
            Column(key="meaning", head="What it means", width=0.55),
        ),
        rows=(*rows, ("All", str(len(claims)), "")),
    )


def _accused(claims: Sequence[ClaimVerdict]) -> Table:
    rows: list[tuple[str | None, ...]] = []
    stubs: list[int] = []
    for answer in GRAVEST_FIRST:
        of_answer = [verdict for verdict in claims if verdict.answer is answer]
        if of_answer:
            stubs.append(len(rows))
            rows.append((f"{sentence(answer.value)[:-1]} ({len(of_answer)})", *[None] * 4))
            rows += [
                (
                    verdict.claim,
                    _printed_and_where(verdict),
                    _why(verdict),
                    nearest_way(verdict) or MISSING,
                    sentence(verdict.settle) or MISSING,
                )
                for verdict in of_answer
            ]
    return Table(
        id="recheck-not-standing",
        title="Claims that do not stand as printed, gravest first",
        columns=(
            Column(key="claim", head="Claim", width=0.14),
            Column(key="printed", head="Printed, and where", width=0.18),
            Column(key="why", head="Why it does not stand", width=0.315),
            Column(key="nearest", head="Nearest result", width=0.185),
            Column(key="settle", head="What would settle it", width=0.18),
        ),
        rows=tuple(rows),
        stub_rows=frozenset(stubs),
        notes=(
            "An inference is a guess from the printed figures that no source states.",
            f"{MISSING} means that nothing can be computed.",
        ),
    )


def _unchecked(claims: Sequence[ClaimVerdict]) -> Table:
    return Table(
        id="recheck-unchecked",
        title="Claims that cannot be checked",
        columns=(
            Column(key="claim", head="Claim", width=0.18),
            Column(key="printed", head="Printed, and where", width=0.32),
            Column(key="why", head="What is missing, and what can be said without it", width=0.5),
        ),
        rows=tuple(
            (verdict.claim, _printed_and_where(verdict), _why(verdict, settle=True)) for verdict in claims
        ),
        notes=("An inference is a guess from the printed figures that no source states.",),
    )


def _all(claims: Sequence[ClaimVerdict]) -> Table:
    return Table(
        id="recheck-all",
        title="All claims, in the order of the claims file",
        columns=(
            Column(key="claim", head="Claim", width=0.22),
            Column(key="printed", head="Printed", width=0.25),
            Column(key="line", head="Line", align="right", width=0.06),
            Column(key="verdict", head="Verdict", width=0.18),
            Column(key="method", head="What reproduces it", width=0.29),
        ),
        rows=tuple(
            (
                verdict.claim,
                verdict.printed,
                str(verdict.quotes[0].line or "") if verdict.quotes else "",
                _short(verdict.answer),
                _reproduced_by(verdict) or MISSING,
            )
            for verdict in claims
        ),
    )


def _short(answer: Answer) -> str:
    """A verdict in two or three words: the first of its sentence."""
    return answer.name.replace("_", " ").lower()


def _place(quote: Quote) -> str:
    return ", ".join(part for part in (quote.place, f"line {quote.line}" if quote.line else "") if part)


def _printed_and_where(verdict: ClaimVerdict) -> str:
    where = _place(verdict.quotes[0]) if verdict.quotes else ""
    return f"“{verdict.printed}” ({where})" if where else f"“{verdict.printed}”"


def _why(verdict: ClaimVerdict, *, settle: bool = False) -> str:
    """The reason, the inference marked as such and, where asked for, what is needed if the reason lacks it."""
    why = sentence(verdict.why)
    if verdict.why.startswith(verdict.printed):
        why = f"“{verdict.printed}”{verdict.why.removeprefix(verdict.printed)}"
    parts = [why]
    if settle and verdict.settle.rstrip(".").lower() not in why.lower():
        parts.append(f"Needed: {verdict.settle[:1].lower()}{verdict.settle[1:]}")
    if verdict.inference:
        told = verdict.inference.removeprefix("Inferred, not stated: ")
        parts.append(f"Inference: {sentence(told)}")
    return " ".join(parts)


def _reproduced_by(verdict: ClaimVerdict) -> str:
    """The methods that give the printed figure, those wrong for the data marked."""
    right = [way.label for way in verdict.recomputed if way.matches and way.right_for_data]
    if verdict.answer is Answer.REPRODUCED:
        one_method = len({way.method for way in verdict.recomputed}) == 1
        return sentence(verdict.why) if not right or (one_method and len(right) > 2) else first_of(right)
    if verdict.answer is Answer.WRONG_METHOD:
        wrong = [way.label for way in verdict.recomputed if way.matches and not way.right_for_data]
        return f"wrong for the data: {first_of(wrong)}"
    return ""


def nearest_way(verdict: ClaimVerdict) -> str:
    """The recomputation that comes nearest to the print, with its method; empty where there is none.

    A figure that cannot be is held against what could be; where some of many agree, those that do not are told.
    """
    right = [way for way in verdict.recomputed if way.right_for_data]
    if verdict.answer is Answer.IMPOSSIBLE and right:
        return first_of([_told(way) for way in sorted(right, key=lambda way: not way.matches)])
    apart = [way for way in right if not way.matches] or [
        way for way in verdict.recomputed if not way.matches
    ]
    if not apart:
        return ""
    if len(apart) < len(right):
        return first_of([_told(way) for way in apart])
    return _told(min(apart, key=lambda way: _distance(way, verdict.printed)))


def _told(way: Recomputed) -> str:
    return way.label if way.label.startswith(way.shown) else f"{way.shown} ({way.label})"


def _distance(way: Recomputed, printed: str) -> float:
    """How far a value lies from the first figure printed; without figures the order given decides."""
    figure = re.search(r"\d*\.?\d+", printed)
    if way.value is None or figure is None:
        return math.inf
    return abs(way.value - float(figure.group()))


def claim_results(verdict: ClaimVerdict) -> list[AnalysisResult]:
    """The verdict and every recomputation of a claim, machine-readable."""
    sources = tuple(dict.fromkeys(file.sha256 for file in verdict.files))
    notes = tuple(text for text in (verdict.why, verdict.inference) if text)
    made = [
        AnalysisResult(
            id=f"recheck/{verdict.claim}",
            analysis="recheck",
            population="as the claims file selects",
            n=(),
            variable=verdict.claim,
            statistic="verdict",
            method=verdict.kind,
            value=verdict.answer.value,
            printed=verdict.answer.value,
            parameters={"claim prints": verdict.printed},
            notes=notes,
            sources=sources,
        )
    ]
    for position, way in enumerate(verdict.recomputed, 1):
        made.append(
            AnalysisResult(
                id=f"recheck/{verdict.claim}/{position}",
                analysis="recheck",
                population="as the claims file selects",
                n=(),
                variable=verdict.claim,
                statistic=way.label,
                method=way.method,
                value=way.value if way.value is not None and math.isfinite(way.value) else None,
                printed=way.shown,
                parameters={
                    "claim prints": verdict.printed,
                    "agrees with the print": "yes" if way.matches else "no",
                    "right for the data": "yes" if way.right_for_data else "no",
                },
                sources=sources,
            )
        )
    return made


SECTION = SectionBuilder(name="recheck", order=80, build=build)
