"""What the files of a comparison give: concentration, median diameter and distribution of each sample, and doubts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, Severity
from exotrial.core.verdict import Reason
from exotrial.product.assay import Reading
from exotrial.product.comparability import Measured
from exotrial.product.comparability_tables import Member
from exotrial.product.distance import NO_PARTICLES
from exotrial.product.percentiles import summarise
from exotrial.product.size_distribution import DilutionState, SizeDistribution, Video, Weighting

NO_DISTRIBUTION = ErrorCode(
    "CMP-010",
    "A file gives no size distribution by number, or several, so that nobody can say which is meant.",
    "export one size distribution by number, or give its values in a table of values.",
)
BINS_DIFFER = ErrorCode(
    "CMP-011",
    "Files of one sample have bins or units of their own, so their videos cannot be put together.",
    "export all files of a sample with the same settings.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleEvidence:
    """One file as evidence: its values and its distribution by number."""

    member: Member
    reading: Reading
    measured: tuple[Measured, ...]
    distribution: SizeDistribution
    findings: tuple[Finding, ...]
    doubts: tuple[Reason, ...]


def measure_reading(member: Member, reading: Reading) -> SampleEvidence:
    """Concentration (particles/mL of the undiluted sample) and median diameter (nm) of a file's mean distribution.

    Without a recorded dilution there is no concentration, and a finding (CMF-011). An instrument's warning that nobody
    judged is a doubt (CMF-010). A video without particles counts in the mean and has no size (CMF-013).
    Refuses CMP-002 and CMP-010.
    """
    place = Place(file=reading.file.name)
    by_number = [each for each in reading.distributions if each.weighting is Weighting.NUMBER]
    by_volume_of_sample = [each for each in by_number if each.unit == "particles/mL"]
    candidates = by_volume_of_sample or by_number
    if len(candidates) != 1:
        raise NO_DISTRIBUTION.refuse(
            f"the file has {len(candidates)} size distributions by number", place=place, value=len(candidates)
        )
    distribution = candidates[0]
    values = distribution.mean_values
    if values.sum() <= 0:
        raise NO_PARTICLES.refuse("no video has a particle", place=distribution.place, value=0)
    findings = [*reading.findings]
    empty = [video.name for video in distribution.videos if video.values.sum() == 0]
    if empty:
        findings.append(_empty(reading, empty))
    measured = [_measured(member, "median diameter", summarise(distribution).d50_nm, "nm", distribution)]
    dilution = distribution.dilution
    if distribution.unit == "particles/mL":
        if dilution.factor is None:
            findings.append(_no_dilution(reading))
        else:
            factor = dilution.factor if dilution.state is DilutionState.NOT_APPLIED else 1.0
            measured.append(
                _measured(
                    member,
                    "particle concentration",
                    float(values.sum()) * factor,
                    "particles/mL",
                    distribution,
                )
            )
    doubts = []
    if reading.warnings and not member.warning_judged:
        findings.append(_warned(reading))
        doubts.append(
            Reason(
                f"the instrument's warnings in {reading.file.name} are judged",
                None,
                "nobody has said in the table of groups why they do not matter (warning_judged)",
            )
        )
    return SampleEvidence(
        member=member,
        reading=reading,
        measured=tuple(measured),
        distribution=distribution,
        findings=tuple(findings),
        doubts=tuple(doubts),
    )


def gather_distributions(evidence: Sequence[SampleEvidence], *, group: str) -> dict[str, SizeDistribution]:
    """The distribution of each sample of a group, with the videos of all its files together (CMP-011)."""
    gathered: dict[str, SizeDistribution] = {}
    for each in evidence:
        if each.member.group != group:
            continue
        found = each.distribution
        before = gathered.get(each.member.sample)
        if before is not None:
            if before.unit != found.unit or not np.array_equal(before.edges_nm, found.edges_nm):
                raise BINS_DIFFER.refuse(
                    f"{each.member.sample} of {group} has other bins or another unit here",
                    place=found.place,
                    value=each.member.sample,
                )
            found = _together(before, found)
        gathered[each.member.sample] = found
    return gathered


def check_alike(evidence: Sequence[SampleEvidence]) -> list[Finding]:
    """CMF-012: the groups were measured by different instruments or software."""
    used: dict[str, set[str]] = {}
    for each in evidence:
        reading = each.reading
        serial = f"serial number {reading.serial}" if reading.serial else ""
        name = " ".join(part for part in (reading.instrument, reading.version, serial) if part)
        used.setdefault(name, set()).add(each.member.group)
    if len(used) < 2:
        return []
    told = "; ".join(f"{name}: {', '.join(sorted(groups))}" for name, groups in sorted(used.items()))
    return [
        _finding(
            "CMF-012",
            "instrument",
            says=f"measured by more than one instrument or software version ({told})",
            why="Versions differ in how they size and count; a difference may be theirs, and so may a likeness.",
            settle="both states measured on one instrument with one version and the same settings.",
        )
    ]


def _together(first: SizeDistribution, second: SizeDistribution) -> SizeDistribution:
    videos: tuple[Video, ...] = (*first.videos, *second.videos)
    return replace(first, videos=videos)


def _measured(
    member: Member, attribute: str, value: float, unit: str, distribution: SizeDistribution
) -> Measured:
    return Measured(
        attribute=attribute,
        group=member.group,
        sample=member.sample,
        value=value,
        unit=unit,
        place=distribution.place,
    )


def _no_dilution(reading: Reading) -> Finding:
    return _finding(
        "CMF-011",
        reading.file.name,
        says=f"{reading.file.name}: the dilution is not recorded, so there is no concentration to compare",
        why="A concentration without its dilution is wrong by a factor that nobody knows.",
        settle="the dilution of this measurement from the laboratory's record.",
        severity=Severity.ERROR,
    )


def _empty(reading: Reading, videos: Sequence[str]) -> Finding:
    return _finding(
        "CMF-013",
        reading.file.name,
        says=f"{reading.file.name}: no particle in {', '.join(videos)}",
        why="It lowers the mean concentration and says nothing of the size; it may be a bubble or a blocked cell.",
        settle="whether the video was of the sample; if not, an export without it.",
    )


def _warned(reading: Reading) -> Finding:
    told = "; ".join(warning.text for warning in reading.warnings[:3])
    more = f"; and {len(reading.warnings) - 3} more" if len(reading.warnings) > 3 else ""
    return _finding(
        "CMF-010",
        reading.file.name,
        says=f"{reading.file.name}: the instrument warned: {told}{more}",
        why="A measurement that its own instrument doubts shows neither likeness nor difference.",
        settle="a new measurement, or in the table of groups why the warning does not matter (warning_judged).",
    )


def _finding(
    rule: str, subject: str, *, says: str, why: str, settle: str, severity: Severity = Severity.WARNING
) -> Finding:
    return Finding(
        rule=rule,
        subject=subject,
        severity=severity,
        kind="comparability",
        says=says,
        why=why,
        settle=settle,
        standards=("MISEV2023",),
    )
