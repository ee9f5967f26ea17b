"""Every check across sources at once: a study file, and what the registers say of its trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from exotrial.core.findings import Finding, gravest_first
from exotrial.registries.checks.check import find_record_checks
from exotrial.registries.checks.registered_again import check_registrations_again
from exotrial.registries.checks.trial_records import gather_records
from exotrial.registries.record import RegistryRecord
from exotrial.study.checks.check import check_study
from exotrial.study.definition import Study


def check_across(study: Study, records: Sequence[RegistryRecord]) -> list[Finding]:
    """All findings about a study file against itself and against registry records, the gravest first.

    `records`: everything that the files hold; those of other trials are left out (a file with none of this trial is
    a finding, XSR-001). What the readers mended in the newest records of this trial is told too.
    """
    gathered = gather_records(study, records)
    found = check_study(study)
    told = {finding.id: finding for finding in found}
    found += check_registrations_again(study, gathered)
    for rule in find_record_checks().values():
        found += rule.findings(study, gathered, told=told)
    found += [finding for record in gathered.latest for finding in record.findings]
    return merge_findings(found)


def merge_findings(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each id, the gravest first: the first says what is wrong, later ones add their quotes."""
    merged: dict[str, Finding] = {}
    for finding in findings:
        first = merged.setdefault(finding.id, finding)
        if first is not finding:
            quotes = tuple(dict.fromkeys((*first.quotes, *finding.quotes)))
            merged[finding.id] = replace(first, quotes=quotes)
    return gravest_first(list(merged.values()))
