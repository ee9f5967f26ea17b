"""What a report is made from: the study, the captured data, the rechecked claims, and where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exotrial.core.findings import Finding
from exotrial.core.provenance import SourceFile
from exotrial.datasets.captured import Captured
from exotrial.datasets.given_doses import CapturedDose
from exotrial.outcomes.measure import Measure
from exotrial.registries.record import RegistryRecord
from exotrial.report.recheck.claims import ClaimsFile
from exotrial.report.recheck.verdicts import ClaimVerdict
from exotrial.study.definition import Study


@dataclass(frozen=True, kw_only=True)
class ReportInput:
    """Everything a section builder may look at; none of it is read again.

    `captured` is None where the study has no participant data (a registration, a paper with summaries only);
    `claims` is None where no claims file is there. `measures` maps every PARAMCD in the data or study to its
    measure. `files` are all files read, in the order read; `doses` are those of data/doses.csv;
    `records` are of every registry file, records of other trials too; `claims_file` is what `claims` judge.
    """

    study: Study
    measures: Mapping[str, Measure]
    captured: Captured | None
    findings: tuple[Finding, ...]
    claims: tuple[ClaimVerdict, ...] | None
    files: tuple[SourceFile, ...]
    doses: tuple[CapturedDose, ...] = ()
    records: tuple[RegistryRecord, ...] = ()
    claims_file: ClaimsFile | None = None

    @property
    def arms_are_hidden(self) -> bool:
        """True where participants have data, the study is blinded and was not unblinded as planned after its lock.

        No number may then tell arms apart. Unblinding single participants in an emergency changes nothing of it.
        """
        return self.captured is not None and self.is_blinded_study and self.captured.unblinded_at is None

    @property
    def is_blinded_study(self) -> bool:
        """Whether the study, by its file, blinds anybody."""
        blinding = self.study.blinding
        return blinding is not None and blinding.label != "open label"

    def digest_of(self, name: str) -> tuple[str, ...]:
        """The SHA-256 of the file of this name, as `AnalysisResult.sources` wants it; empty where not read."""
        return tuple(file.sha256 for file in self.files if file.name == name)
