"""A check of a study file: one rule is one small function, found by the catalogue and listed nowhere.

A function that finds doubts becomes a `Check` by the decorator:

    @check("DOS-001", Severity.ERROR, "arithmetic", standards=("TIDieR 8",), why="...", settle="...")
    def total_dose_is_the_sum_of_its_doses(study: Study) -> Iterator[Doubt]:
        "A stated total dose equals dose by administrations by days."
        ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from exotrial.core.catalogue import find_objects
from exotrial.core.findings import Finding, Quote, Severity, gravest_first
from exotrial.study.definition import Study


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """What a check found: the path it is about, what is wrong in plain words, and where the sources say so.

    `paths` name the parts of the study file whose evidence is quoted; by default the subject itself.
    `settle` replaces the check's general way out where a sharper one is known.
    """

    subject: str
    says: str
    paths: tuple[str, ...] | None = None
    quotes: tuple[Quote, ...] | None = None
    settle: str | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """A rule of the linter. `kind` is its category, `statement` the rule in one sentence."""

    id: str
    severity: Severity
    kind: str
    statement: str
    standards: tuple[str, ...]
    why: str
    settle: str
    find: Callable[[Study], Iterable[Doubt]]

    def findings(self, study: Study) -> list[Finding]:
        """Every doubt of this rule about a study, as findings."""
        return [self._finding(study, doubt) for doubt in self.find(study)]

    def _finding(self, study: Study, doubt: Doubt) -> Finding:
        quotes = doubt.quotes
        if quotes is None:
            quotes = study.quotes(*(doubt.paths if doubt.paths is not None else (doubt.subject,)))
        return Finding(
            rule=self.id,
            subject=doubt.subject,
            severity=self.severity,
            kind=self.kind,
            says=doubt.says,
            why=self.why,
            settle=doubt.settle or self.settle,
            quotes=quotes,
            standards=self.standards,
        )


def check(
    identifier: str,
    severity: Severity,
    kind: str,
    *,
    why: str,
    settle: str,
    standards: tuple[str, ...] = (),
) -> Callable[[Callable[[Study], Iterable[Doubt]]], Check]:
    """Make a function that finds doubts into a Check; its docstring is the rule in one sentence."""

    def declare(find: Callable[[Study], Iterable[Doubt]]) -> Check:
        return Check(
            id=identifier,
            severity=severity,
            kind=kind,
            statement=(find.__doc__ or "").strip(),
            standards=standards,
            why=why,
            settle=settle,
            find=find,
        )

    return declare


def find_checks() -> dict[str, Check]:
    """Every installed check by id: those of this package and those of the entry-point group exotrial.checks."""
    return find_objects(
        "exotrial.study.checks", Check, name=lambda found: found.id, entry_point_group="exotrial.checks"
    )


def check_study(study: Study) -> list[Finding]:
    """All findings about a study file against itself, the gravest first."""
    return gravest_first([finding for found in find_checks().values() for finding in found.findings(study)])
