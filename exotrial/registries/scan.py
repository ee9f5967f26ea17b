"""A look over thousands of registry records: timing, size, masking and outcomes of each, and what cannot be read.

A record that is refused does not stop the rest: it is kept with its place. A trial that stands in several exports is
counted once, by its newest record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from exotrial.core.errors import Refusal, Refusals
from exotrial.core.findings import Finding, Quote, Severity
from exotrial.registries.ictrp import derive_records
from exotrial.registries.ictrp_rows import Row, looks_like_rows, read_rows
from exotrial.registries.record import RecordedOutcome, RegistryRecord, Stated
from exotrial.registries.registry import RecordFile, read_records

Timing = Literal[
    "before enrolment",
    "on the day",
    "while recruiting",
    "after recruitment",
    "after enrolment began",
    "not known",
]
"""When a trial was registered, by its dates. `after enrolment began`: late, and no end of recruitment is given;
`not known`: a date is missing, or so coarse that either may be first."""

TIMINGS: tuple[Timing, ...] = (
    "before enrolment",
    "on the day",
    "while recruiting",
    "after recruitment",
    "after enrolment began",
    "not known",
)

MASKED_BY_LABEL = {
    "open label": (0, 0),
    "single blind": (1, 1),
    "double blind": (2, 5),
    "triple blind": (3, 5),
    "quadruple blind": (4, 5),
}
"""How many roles may be masked under a label (ClinicalTrials.gov's definitions; five roles are told apart)."""


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """One record in figures; None where the record says nothing that can be read."""

    file: str
    line: int | None
    registry: str
    identifier: str
    is_repository: bool
    """True of a data repository's record, which is of no registration and counts as no trial."""
    as_of: date | None
    registered: str | None
    start: str | None
    timing: Timing
    label: str | None
    target_size: int | None
    actual_size: int | None
    masking: str | None
    masked_roles: int
    outcomes: int
    with_time_frame: int
    with_days: int
    """Outcomes whose time frame names days or a span that are understood."""
    with_method: int
    findings: tuple[Finding, ...]


def open_records(file: RecordFile) -> tuple[int, Iterator[RegistryRecord | Refusal]]:
    """How many records or rows a file holds, and each of them, or why it is refused.

    An export in rows is read row by row; of another form one bad record refuses the file. Raises what refuses the
    whole file (RGY-001, ICT-001, ICT-003 …).
    """
    if not looks_like_rows(file):
        records = read_records(file)
        return len(records), iter(records)
    found = list(read_rows(file))
    return len(found), _in_rows(file, found)


def _in_rows(file: RecordFile, found: Sequence[Row | Refusal]) -> Iterator[RegistryRecord | Refusal]:
    yield from (one for one in found if isinstance(one, Refusal))
    yield from derive_records(file, [one for one in found if isinstance(one, Row)])


def refusals_of(problem: Refusal | Refusals) -> tuple[Refusal, ...]:
    """The single refusals of one problem."""
    return problem.refusals if isinstance(problem, Refusals) else (problem,)


def scan_record(record: RegistryRecord) -> Scanned:
    """One record in figures, with the reader's findings and those of this look."""
    primary = record.outcomes_of("primary")
    timing = compute_timing(record)
    return Scanned(
        file=record.source.name,
        line=record.identifier.place.line,
        registry=record.registry,
        identifier=record.identifier.value,
        is_repository=record.is_repository,
        as_of=record.as_of,
        registered=None if record.registered is None else str(record.registered.value),
        start=None if record.start is None else str(record.start.value),
        timing=timing,
        label=None if record.timing_label is None else record.timing_label.value,
        target_size=None if record.target_size is None else record.target_size.value,
        actual_size=None if record.actual_size is None else record.actual_size.value,
        masking=None if record.masking is None else record.masking.value,
        masked_roles=0 if record.masked_roles is None else len(record.masked_roles.value),
        outcomes=len(primary),
        with_time_frame=sum(outcome.time_frame is not None for outcome in primary),
        with_days=sum(_is_understood(outcome) for outcome in primary),
        with_method=sum(outcome.method is not None for outcome in primary),
        findings=(
            *record.findings,
            *(() if record.is_repository else _findings(record, timing, primary)),
        ),
    )


def _is_understood(outcome: RecordedOutcome) -> bool:
    """Whether the outcome has a time frame, and days or a span can be told from it."""
    return outcome.time_frame is not None and (bool(outcome.days) or outcome.horizon_days is not None)


def compute_timing(record: RegistryRecord) -> Timing:
    """When the trial was registered, by the dates of registration, first enrolment and end of recruitment.

    A day decides only where it is given whole or where every day that it can mean gives the same answer.
    """
    if record.registered is None or record.start is None:
        return "not known"
    registered, start = record.registered.value, record.start.value
    if registered.last < start.first:
        return "before enrolment"
    if registered.first == registered.last == start.first == start.last:
        return "on the day"
    if registered.first <= start.last:
        return "not known"
    ended = record.recruitment_end
    if ended is not None and registered.last <= ended.value.first:
        return "while recruiting"
    # A completed trial recruits no more; one that goes on may have stopped recruiting long before.
    over = ended or record.completion
    return "after recruitment" if over and registered.first > over.value.last else "after enrolment began"


def latest_of_each(scanned: Sequence[Scanned]) -> list[Scanned]:
    """The newest record of each number, in the order in which the numbers first come."""
    newest: dict[str, Scanned] = {}
    for one in scanned:
        key = one.identifier.casefold()
        kept = newest.get(key)
        if kept is None or (one.as_of or date.min) > (kept.as_of or date.min):
            newest[key] = one
    return list(newest.values())


def _findings(
    record: RegistryRecord, timing: Timing, primary: Sequence[RecordedOutcome]
) -> Iterator[Finding]:
    number = record.identifier.value
    label, known = record.timing_label, timing not in ("not known", "on the day")
    if label is not None and known and (label.value == "prospective") != (timing == "before enrolment"):
        assert record.registered is not None  # else the timing were not known
        assert record.start is not None
        yield _finding(
            "REG-015",
            f"{number}.timing_label",
            f"registered on {record.registered.value}, begun on {record.start.value}: {timing}, and {_called(label)}",
            "Whether a trial was registered before its first participant decides how far its outcomes can be trusted.",
            "the day of the first consent, beside the day of registration.",
            (label, record.registered, record.start),
            standards=("TRDS 2", "TRDS 16", "ICMJE"),
        )
    masking, roles = record.masking, record.masked_roles
    if masking is not None and masking.value in MASKED_BY_LABEL and roles is not None and roles.value:
        fewest, most = MASKED_BY_LABEL[masking.value]
        if not fewest <= len(roles.value) <= most:
            yield _finding(
                "BLD-001",
                f"{number}.masking",
                f"{masking.value}, and {len(roles.value)} masked: {', '.join(roles.value)}",
                "“Double blind” means different people to different readers; a list of roles says who did not know.",
                "one list of masked roles.",
                (masking, roles),
                standards=("SPIRIT 2025 item 24a",),
            )
    # ClinicalTrials.gov prints the number enrolled in place of the target once recruitment is over.
    if record.target_size is None and record.actual_size is None:
        yield _finding(
            "XSR-601",
            f"{number}.target_size",
            "neither a target size nor the number enrolled can be read",
            "Without a target nobody can tell whether a trial stopped early.",
            "the size on the register's own page.",
            (record.identifier,),
            standards=("TRDS 17",),
        )
    # A register whose export has no place for a time frame prints it of no outcome.
    if any(outcome.time_frame is not None for outcome in primary):
        for outcome in primary:
            if outcome.time_frame is None:
                yield _finding(
                    "TIM-004",
                    f"{number}.{outcome.name.value[:60]}",
                    f"“{outcome.name.value[:120]}” has no time point, others of the record have",
                    "An outcome without a time point can be measured on the day that looks best.",
                    "the day or span of the protocol.",
                    (outcome.name,),
                    standards=("TRDS 19",),
                )
    if not primary:
        yield _finding(
            "XSR-602",
            f"{number}.primary_outcomes",
            "no primary outcome can be read",
            "A trial without a registered primary outcome can call any result its main one.",
            "the primary outcome on the register's own page.",
            (record.identifier,),
            standards=("TRDS 19",),
        )


def _called(label: Stated[Any]) -> str:
    """How the record labels its timing: in words of its own, or by a flag that the export has set."""
    flag = label.prints.strip().lower() in {"yes", "no"}
    return f"flagged as {label.value}" if flag else f"called {label.value}"


def _finding(
    rule: str,
    subject: str,
    says: str,
    why: str,
    settle: str,
    stated: Sequence[Stated[Any]],
    *,
    standards: tuple[str, ...],
) -> Finding:
    return Finding(
        rule=rule,
        subject=subject,
        severity=Severity.WARNING,
        kind="record",
        says=says,
        why=why,
        settle=settle,
        quotes=tuple(
            Quote(source=s.place.file, prints=s.prints[:160], line=s.place.line, place=s.place.path)
            for s in stated
        ),
        standards=standards,
    )
