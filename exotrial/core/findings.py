"""Findings: doubts about input that was read, gathered and never raised (DESIGN.md, law 7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters. An error contradicts itself or the standard; a warning may mislead."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for error, 1 for warning, 2 for info: sorts the gravest first."""
        return list(Severity).index(self)


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The few words or the figure that a source prints; `source` is a document id of the study.

    `line` counts from 1 in the source file; `place` is a section or table name where there is no line.
    """

    source: str
    prints: str
    line: int | None = None
    place: str = ""

    def __str__(self) -> str:
        where = ", ".join(
            part for part in (self.source, self.place, f"line {self.line}" if self.line else "") if part
        )
        return f"{where}: “{self.prints}”"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One doubt: what is wrong, where, what the source prints, why it matters and what would settle it.

    `rule` is the stable rule id (`DOS-001`); `subject` tells apart several findings of one rule and is stable
    too (a TOML path or a name); together they are the finding's `id`. `kind` is the category of the rule.
    """

    rule: str
    subject: str
    severity: Severity
    kind: str
    says: str
    why: str
    settle: str
    quotes: tuple[Quote, ...] = ()
    standards: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.rule}:{self.subject}" if self.subject else self.rule


def gravest_first(findings: list[Finding]) -> list[Finding]:
    """Sort by severity, then by id: the order in which findings are always shown."""
    return sorted(findings, key=lambda finding: (finding.severity.rank, finding.id))
