"""Sample size and its parts (SIZ, DAT-005): numbers of participants that must add up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exotrial.core.findings import Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.definition import Study


def _label(name: str) -> re.Pattern[str]:
    """The name as a word; a single letter only where it names something, for “A” is an article too."""
    word = rf"\b{re.escape(name)}\b"
    if len(name) > 1:
        return re.compile(word)
    return re.compile(
        rf"\b(?:groups?|arms?|stratum|[A-Z] (?:and|or)) {name}\b|{word}(?= (?:and|or) [A-Z]\b|[,;.)]|$)"
    )


@check(
    "SIZ-003",
    Severity.ERROR,
    "terminology",
    standards=("SPIRIT 2025 item 21b",),
    why="If “group A” is a stratum here and an arm there, nobody can say how many are treated in which.",
    settle="one set of names for strata and another for arms.",
)
def labels_of_strata_are_not_used_for_arms(study: Study) -> Iterator[Doubt]:
    """A label is not used both for a stratum and for an arm or group."""
    strata = study.randomisation.strata if study.randomisation else ()
    for stratum in strata:
        label = _label(stratum.name)
        named = [arm.id for arm in study.arms if label.search(arm.name)]
        described = [
            e for arm in study.arms for e in study.evidence_for(f"arms.{arm.id}") if label.search(e.prints)
        ]
        if named or described:
            yield Doubt(
                subject=f"randomisation.strata.{stratum.id}",
                says=f"“{stratum.name}” names a stratum, and groups within the arms too",
                paths=(f"randomisation.strata.{stratum.id}", *dict.fromkeys(e.path for e in described)),
            )


@check(
    "SIZ-005",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 17", "CONSORT 2025 item 23b"),
    why="A trial that stopped at a fraction of its target without a reason may have stopped on its results.",
    settle="the reason for stopping early, and who decided when.",
)
def enrolment_reaches_the_registered_target_or_says_why(study: Study) -> Iterator[Doubt]:
    """The number enrolled is at least four fifths of the registered target, or the shortfall is explained."""
    enrolled = study.design.enrolled
    if enrolled is None or study.design.size_shortfall_reason:
        return
    for position, record in enumerate(study.registrations):
        if record.target_size and enrolled < 0.8 * record.target_size:
            when = f" on {record.last_updated}" if record.last_updated else ""
            yield Doubt(
                subject=f"registrations.{position}.target_size",
                says=f"{enrolled} enrolled of {record.target_size} registered{when}, without a reason",
                paths=(f"registrations.{position}.target_size", "design.enrolled"),
            )


@check(
    "SIZ-006",
    Severity.WARNING,
    "record",
    standards=("TRDS 13",),
    why="An arm description is where a reader looks for the treatment; sizes there hide it.",
    settle="sizes in the design section, treatment in the arm.",
)
def arm_descriptions_tell_treatment_not_sizes(study: Study) -> Iterator[Doubt]:
    """An arm's registered description does not carry the sample-size design."""
    for arm in study.arms:
        if arm.description_carries_sizes:
            yield Doubt(
                subject=f"arms.{arm.id}.description",
                says=f"the description of “{arm.name}” carries numbers of participants",
                paths=(f"arms.{arm.id}",),
            )


@check(
    "SIZ-007",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 item 28b", "CONSORT-DEFINE"),
    why="Without a rule made beforehand, going on to the next phase is decided on hope.",
    settle="the criteria, the data and the people that decide on going on.",
)
def going_on_to_the_next_phase_has_a_rule(study: Study) -> Iterator[Doubt]:
    """A trial that runs in phases states when it goes on from one to the next."""
    if (
        len(study.stages) > 1 or study.design.phase in ("1-2", "2-3")
    ) and not study.design.progression_criteria:
        yield Doubt(
            subject="design.progression_criteria",
            says=f"phase {study.design.phase} runs in stages, and no rule says when the next begins",
            paths=("design.progression_criteria", "design.phase", "stages"),
        )


@check(
    "DAT-005",
    Severity.ERROR,
    "arithmetic",
    standards=("CONSORT 2025 item 22a",),
    why="Counts that do not add up mean that somebody is missing or counted twice.",
    settle="the number in each part, from the enrolment log.",
)
def sizes_add_up(study: Study) -> Iterator[Doubt]:
    """Stages add up to the planned size, arms to their stage, cohorts to the enrolled."""
    planned, enrolled = study.design.planned_size, study.design.enrolled
    if study.stages and planned is not None and (total := sum(s.size for s in study.stages)) != planned:
        yield Doubt(
            subject="stages",
            says=f"the stages hold {total}, and {planned} are planned",
            paths=("stages", "design.planned_size"),
        )
    for stage in study.stages:
        total = sum(part.size for part in stage.arms)
        if stage.arms and total != stage.size:
            yield Doubt(subject=f"stages.{stage.id}", says=f"the arms hold {total}, the stage {stage.size}")
        strata = study.randomisation.strata if study.randomisation else ()
        if stage.stratum_size is not None and strata and stage.stratum_size * len(strata) != stage.size:
            yield Doubt(
                subject=f"stages.{stage.id}.stratum_size",
                says=f"{len(strata)} strata of {stage.stratum_size} make "
                f"{stage.stratum_size * len(strata)}, the stage {stage.size}",
            )
    sizes = [arm.size for arm in study.arms if arm.size is not None]
    if len(sizes) == len(study.arms) and planned is not None and not study.stages and sum(sizes) != planned:
        yield Doubt(
            subject="arms",
            says=f"the arms hold {sum(sizes)}, and {planned} are planned",
            paths=("arms", "design.planned_size"),
        )
    for defined_by in dict.fromkeys(cohort.defined_by for cohort in study.cohorts):
        parts = [c for c in study.cohorts if c.defined_by == defined_by]
        counted = [c.size for c in parts if c.size is not None]
        if len(counted) == len(parts) > 1 and enrolled is not None and sum(counted) != enrolled:
            yield Doubt(
                subject="cohorts",
                says=f"groups by {defined_by or 'cohort'} hold {sum(counted)}, and {enrolled} are enrolled",
                paths=("cohorts", "design.enrolled"),
            )
    for cohort in study.cohorts:
        if cohort.participants and cohort.size is not None and len(cohort.participants) != cohort.size:
            yield Doubt(
                subject=f"cohorts.{cohort.id}",
                says=f"{len(cohort.participants)} participants are listed, and the size is {cohort.size}",
            )
