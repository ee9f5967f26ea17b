"""What a scan of many records comes to: counts and percentages by registry, and how often each rule finds."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from exotrial.core.errors import Refusal
from exotrial.registries.scan import MASKED_BY_LABEL, TIMINGS, Scanned, Timing, latest_of_each

ALL = "all registries"


@dataclass(frozen=True, kw_only=True)
class RegistryCounts:
    """The trials of one registry. Everything but `trials` counts trials of which it is so; `timing` by class."""

    registry: str
    trials: int
    timing: dict[Timing, int]
    labelled: int
    label_disagrees: int
    size_read: int
    masking_read: int
    masking_disagrees: int
    outcomes: int
    with_time_frame: int
    with_days: int
    with_method: int


@dataclass(frozen=True, kw_only=True)
class ScanSummary:
    """A scan as a whole. `registries` by number of trials, the sum of all at the end.

    `repositories` counts data sets of data repositories: they register nothing and are among no trials.
    """

    records: int
    repositories: int
    trials: int
    refused: int
    registries: tuple[RegistryCounts, ...]
    rules: tuple[tuple[str, str, int], ...]
    """Rule, severity and how many records it finds something in, the most frequent first."""


def summarise_scan(scanned: Sequence[Scanned], refused: Sequence[Refusal]) -> ScanSummary:
    """Count trials, each by its newest record; rules are counted over the same records."""
    newest = latest_of_each(scanned)
    trials = [one for one in newest if not one.is_repository]
    by_registry: dict[str, list[Scanned]] = {}
    for one in trials:
        by_registry.setdefault(name_registry(one.registry), []).append(one)
    ordered = sorted(by_registry.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    rules = Counter(
        pair for one in trials for pair in {(found.rule, found.severity.value) for found in one.findings}
    )
    return ScanSummary(
        records=len(scanned),
        repositories=len(newest) - len(trials),
        trials=len(trials),
        refused=len(refused),
        registries=(*(_count(name, ones) for name, ones in ordered), _count(ALL, trials)),
        rules=tuple((*pair, n) for pair, n in sorted(rules.items(), key=lambda entry: (-entry[1], entry[0]))),
    )


_CALLED = {
    "nct": "ClinicalTrials.gov",
    "chictr": "ChiCTR",
    "irct": "IRCT",
    "isrctn": "ISRCTN",
    "eudract": "EU CTR",
    "eu clinical trials register": "EU CTR",
}


def name_registry(registry: str) -> str:
    """The registry as people call it, in few letters."""
    return _CALLED.get(registry, registry.upper() if len(registry) < _SHORT else registry.title())


_SHORT = 6
"""Letters below which a registry's name is an abbreviation."""


def _count(registry: str, ones: Sequence[Scanned]) -> RegistryCounts:
    timing = Counter(one.timing for one in ones)
    rules = [{found.rule for found in one.findings} for one in ones]
    return RegistryCounts(
        registry=registry,
        trials=len(ones),
        timing={name: timing[name] for name in TIMINGS},
        labelled=sum(one.label is not None for one in ones),
        label_disagrees=sum("REG-015" in found for found in rules),
        size_read=sum(one.target_size is not None or one.actual_size is not None for one in ones),
        masking_read=sum(one.masking in MASKED_BY_LABEL for one in ones),
        masking_disagrees=sum("BLD-001" in found for found in rules),
        outcomes=sum(one.outcomes for one in ones),
        with_time_frame=sum(one.with_time_frame for one in ones),
        with_days=sum(one.with_days for one in ones),
        with_method=sum(one.with_method for one in ones),
    )


def write_records_csv(scanned: Sequence[Scanned]) -> bytes:
    """Every record in figures, a line each (RFC 4180, UTF-8)."""
    names = [
        *("file", "line", "registry", "identifier", "as_of", "registered", "start", "timing", "label"),
        *("target_size", "actual_size", "masking", "masked_roles"),
        *("outcomes", "with_time_frame", "with_days", "with_method"),
    ]
    return _csv(
        [*names, "findings"],
        [[*(getattr(one, name) for name in names), len(one.findings)] for one in scanned],
    )


def write_findings_csv(scanned: Sequence[Scanned], refused: Sequence[Refusal]) -> bytes:
    """Every refused row and every finding, a line each, in the order in which they were met."""
    rows: list[list[object]] = [
        # The value is left out: the first cell of a torn row may be a person's name.
        [r.place.file, r.place.line, r.place.path, "", r.code.code, "refused", r.problem, r.remedy, ""]
        for r in refused
    ]
    for one in scanned:
        for found in one.findings:
            first = found.quotes[0] if found.quotes else None
            place = (
                ("", None, "", "") if first is None else (first.source, first.line, first.place, first.prints)
            )
            rows.append(
                [
                    *(place[0] or one.file, place[1] or one.line, place[2], one.identifier, found.rule),
                    *(found.severity.value, found.says, found.settle, place[3]),
                ]
            )
    heads = ["file", "line", "place", "identifier", "rule", "severity", "says", "way_out", "prints"]
    return _csv(heads, rows)


def _csv(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([["" if cell is None else _safe(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8")


def _safe(cell: object) -> object:
    """Words that a spreadsheet would run as a formula, with an apostrophe before them."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
