"""Words, units and characters as printed (UNI, DAT-006, DAT-007, DOS-004, STA-008, STA-010, TXT).

Most of these look for a pattern in the few words that the evidence of the study file quotes; the patterns are
rows of `lexicon.csv`, so that a new slip is a new row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from exotrial.core.findings import Quote, Severity
from exotrial.core.units import UnknownUnit, parse_unit
from exotrial.study.checks.check import Check, Doubt, check
from exotrial.study.definition import Study
from exotrial.study.definition.plan import Evidence


@dataclass(frozen=True, kw_only=True)
class _Slip:
    rule: str
    pattern: re.Pattern[str]
    says: str
    right: str
    needs: str


@cache
def _lexicon() -> tuple[_Slip, ...]:
    table = files("exotrial.study.checks").joinpath("lexicon.csv").read_text(encoding="utf-8")
    return tuple(
        _Slip(
            rule=row["rule"],
            pattern=re.compile(row["pattern"]),
            says=row["says"],
            right=row["right"],
            needs=row["needs"],
        )
        for row in csv.DictReader(table.splitlines())
    )


_NO_CLAIM = re.compile(r"(registrations|outcomes|objectives|title)\b")
"""Paths whose words name an aim or a measure (“time to clinical improvement”) and claim no effect."""


def _applies(slip: _Slip, study: Study, evidence: Evidence) -> bool:
    if slip.needs == "claim of a single group" and (
        study.design.intervention_model != "single group" or _NO_CLAIM.match(evidence.path)
    ):
        return False
    if slip.needs.startswith("path ") and not re.search(slip.needs.removeprefix("path "), evidence.path):
        return False
    return slip.pattern.search(evidence.prints) is not None


def _slips(rule: str, study: Study) -> Iterator[Doubt]:
    for slip in _lexicon():
        if slip.rule != rule:
            continue
        found = [evidence for evidence in study.evidence if _applies(slip, study, evidence)]
        if found:
            quotes = _shortest(
                tuple(
                    Quote(source=e.source, prints=e.prints, line=e.line, place=e.place or "") for e in found
                )
            )
            places = {(quote.source, quote.line, quote.place) for quote in quotes}
            yield Doubt(
                subject=found[0].path,
                says=slip.says + (f", in {len(places)} places" if len(places) > 1 else ""),
                quotes=quotes,
                settle=slip.right or None,
            )


def _shortest(quotes: tuple[Quote, ...]) -> tuple[Quote, ...]:
    """Each quote once, without those that hold another quote of the same place."""
    once = tuple(dict.fromkeys(quotes))
    return tuple(
        quote
        for quote in once
        if not any(
            other != quote
            and (other.source, other.line, other.place) == (quote.source, quote.line, quote.place)
            and other.prints in quote.prints
            for other in once
        )
    )


def misnamed_paths(study: Study) -> frozenset[str]:
    """Paths of which a stated value is a wrong name (DAT-006, DAT-007, DAT-101), so that they are told there."""
    naming = [slip.pattern for slip in _lexicon() if slip.rule in ("DAT-006", "DAT-007", "DAT-101")]
    return frozenset(
        e.path
        for e in study.evidence
        if isinstance(e.states, str) and any(pattern.search(e.states) for pattern in naming)
    )


def _slip_check(
    rule: str, severity: Severity, kind: str, statement: str, *, why: str, standards: tuple[str, ...]
) -> Check:
    def find(study: Study) -> Iterator[Doubt]:
        return _slips(rule, study)

    find.__doc__ = statement
    return check(rule, severity, kind, why=why, settle="the right word or figure.", standards=standards)(find)


MALFORMED_NUMBER = _slip_check(
    "DOS-004",
    Severity.ERROR,
    "format",
    "A number in scientific notation is well formed.",
    why="A dose that cannot be read as a number cannot be given or compared.",
    standards=("ISO 80000-1",),
)
ENZYME_UNIT = _slip_check(
    "UNI-002",
    Severity.ERROR,
    "unit",
    "Enzyme activity is in units per litre.",
    why="µ is a prefix and no unit; the activity is unreadable.",
    standards=("UCUM",),
)
ALVEOLAR = _slip_check(
    "UNI-004",
    Severity.ERROR,
    "terminology",
    "PaO2 is the partial pressure of oxygen in arterial blood.",
    why="Alveolar pressure is computed and much higher; a ratio with it is another number with other limits.",
    standards=("Berlin definition of ARDS (2012)",),
)
IMMUNOLOGY = _slip_check(
    "DAT-006",
    Severity.WARNING,
    "terminology",
    "Names of cells and markers exist.",
    why="A population that does not exist cannot have been measured; it stands for another one.",
    standards=("CD nomenclature (HCDM)",),
)
ANALYTE = _slip_check(
    "DAT-007",
    Severity.WARNING,
    "terminology",
    "An analyte is called the same in table and text.",
    why="Lymphoma is a disease, a lymphocyte a cell.",
    standards=("LOINC",),
)
BARE_P = _slip_check(
    "STA-008",
    Severity.WARNING,
    "format",
    "A p value has its operator.",
    why="p 0.05 may have been p > 0.05 or p < 0.05: the opposite conclusion.",
    standards=("SAMPL",),
)
CAUSAL = _slip_check(
    "STA-010",
    Severity.WARNING,
    "text",
    "A study without a control group does not claim that the treatment caused the change.",
    why="In a single group, recovery by itself and other treatment look the same as effect.",
    standards=("CONSORT 2025 item 29",),
)
SUPERSCRIPT = _slip_check(
    "TXT-001",
    Severity.WARNING,
    "text",
    "Powers of ten keep their superscript.",
    why="2.0 × 108 is 216; meant is 2.0 × 10 to the eighth, a million times as much.",
    standards=("text extraction",),
)
MARKUP = _slip_check(
    "TXT-003",
    Severity.INFO,
    "text",
    "Text of a record holds no HTML.",
    why="Markup in a field means that the text was pasted and not checked.",
    standards=("text extraction",),
)
EMPHASIS = _slip_check(
    "TXT-004",
    Severity.INFO,
    "text",
    "Values of a record hold no markdown.",
    why="A number between asterisks is not found by its value.",
    standards=("text extraction",),
)
MOJIBAKE = _slip_check(
    "TXT-011",
    Severity.WARNING,
    "text",
    "Text is decoded in the encoding it was written in.",
    why="A β read as two other characters turns one substance into another.",
    standards=("Unicode",),
)
MISSPELT = _slip_check(
    "TXT-101",
    Severity.INFO,
    "text",
    "Words are whole.",
    why="A slip in a name or number that was not read again.",
    standards=("proof reading",),
)
TEMPLATE = _slip_check(
    "DAT-101",
    Severity.WARNING,
    "terminology",
    "A method fits what it measures.",
    why="A method that cannot measure its target was written down from memory.",
    standards=("data",),
)


@cache
def _units() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    table = files("exotrial.study.checks").joinpath("analyte_units.csv").read_text(encoding="utf-8")
    return tuple(
        (re.compile(row["name"], re.IGNORECASE), tuple(row["units"].split("|")))
        for row in csv.DictReader(table.splitlines())
    )


def _spelling(unit: str) -> str:
    """A unit in canonical spelling (`/min` and `1/min` are one), or as it is where it is not known."""
    try:
        return parse_unit(unit).canonical
    except UnknownUnit:
        return unit


@check(
    "UNI-001",
    Severity.ERROR,
    "unit",
    standards=("UCUM", "LOINC"),
    why="A limit or change in a unit that is a thousand times another is wrong by a thousand.",
    settle="the unit that the laboratory reports.",
)
def outcomes_have_the_unit_of_their_analyte(study: Study) -> Iterator[Doubt]:
    """An outcome's unit is one in which laboratories report that analyte."""
    for outcome in study.outcomes:
        for pattern, units in _units():
            if outcome.unit is None or not pattern.search(outcome.name):
                continue
            if _spelling(outcome.unit) not in map(_spelling, units):
                yield Doubt(
                    subject=f"outcomes.{outcome.id}.unit",
                    says=f"{outcome.name} in {outcome.unit}; laboratories report it in {', '.join(units)}",
                    paths=(f"outcomes.{outcome.id}.unit",),
                )
                break


_CELL_COUNTS = re.compile(r"white|leu[ck]ocyte|lymphocyte|neutrophil|platelet|blood cell", re.IGNORECASE)
_CHEMISTRY = re.compile(r"biochemi|chemistry", re.IGNORECASE)


@check(
    "UNI-005",
    Severity.WARNING,
    "plausibility",
    standards=("instrument's intended use",),
    why="A biochemistry analyser has no counter of cells: the values came from another instrument.",
    settle="the haematology analyser that counted the cells.",
)
def instruments_can_measure_what_they_are_named_for(study: Study) -> Iterator[Doubt]:
    """The instrument named can measure the outcome."""
    wrong = [
        o
        for o in study.outcomes
        if _CELL_COUNTS.search(o.name) and o.instrument is not None and _CHEMISTRY.search(o.instrument)
    ]
    if wrong:
        yield Doubt(
            subject=f"outcomes.{wrong[0].id}.instrument",
            says=f"{', '.join(o.name for o in wrong)} measured by {wrong[0].instrument}",
            paths=tuple(f"outcomes.{o.id}.instrument" for o in wrong),
        )
