"""A check across sources: one rule is one small function over the study file and the records of its trial.

    @record_check("XSR-101", Severity.ERROR, "cross-source", standards=("TRDS 17",), why="...", settle="...")
    def planned_size_is_the_registered_target(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
        "The planned size is the registered target."
        ...

Rules are found by the catalogue and listed nowhere, as those of a study file alone are (`study/checks/check.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from exotrial.core.catalogue import find_objects
from exotrial.core.findings import Finding, Quote, Severity
from exotrial.registries.checks.trial_records import TrialRecords
from exotrial.study.definition import Study


@dataclass(frozen=True, kw_only=True)
class RecordDoubt:
    """What a rule found: what it is about, what is wrong in plain words, and what the sources print.

    `told_as` are ids of findings of the study file alone that may tell the same doubt already; where one does, only the
    quotes are added to it.
    """

    subject: str
    says: str
    quotes: tuple[Quote, ...] = ()
    told_as: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecordCheck:
    """A rule over a study file and its records. `kind` is its category, `statement` the rule in one sentence."""

    id: str
    severity: Severity
    kind: str
    statement: str
    standards: tuple[str, ...]
    why: str
    settle: str
    find: Callable[[Study, TrialRecords], Iterable[RecordDoubt]]

    def findings(
        self, study: Study, records: TrialRecords, *, told: Mapping[str, Finding] | None = None
    ) -> list[Finding]:
        """Every doubt of this rule, as findings. `told`: by id, what the study file alone has cause for."""
        return [self._finding(doubt, told or {}) for doubt in self.find(study, records)]

    def _finding(self, doubt: RecordDoubt, told: Mapping[str, Finding]) -> Finding:
        for name in doubt.told_as:
            if name in told:
                return replace(told[name], quotes=doubt.quotes)
        return Finding(
            rule=self.id,
            subject=doubt.subject,
            severity=self.severity,
            kind=self.kind,
            says=doubt.says,
            why=self.why,
            settle=self.settle,
            quotes=doubt.quotes,
            standards=self.standards,
        )


def record_check(
    identifier: str,
    severity: Severity,
    kind: str,
    *,
    why: str,
    settle: str,
    standards: tuple[str, ...] = (),
) -> Callable[[Callable[[Study, TrialRecords], Iterable[RecordDoubt]]], RecordCheck]:
    """Make a function that finds doubts into a RecordCheck; its docstring is the rule in one sentence."""

    def declare(find: Callable[[Study, TrialRecords], Iterable[RecordDoubt]]) -> RecordCheck:
        return RecordCheck(
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


def find_record_checks() -> dict[str, RecordCheck]:
    """Every installed rule by id: those of this package and those of the entry-point group exotrial.record_checks."""
    return find_objects(
        "exotrial.registries.checks",
        RecordCheck,
        name=lambda found: found.id,
        entry_point_group="exotrial.record_checks",
    )
