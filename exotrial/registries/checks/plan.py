"""The plan against its record (XSR-1): size, arms, design, blinding, phase and who may take part."""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.findings import Severity
from exotrial.registries.checks.alike import is_model, phases_may_agree, read_model
from exotrial.registries.checks.check import RecordDoubt, record_check
from exotrial.registries.checks.trial_records import TrialRecords, name_version, quotes_of
from exotrial.registries.record import Age, RegistryRecord
from exotrial.study.definition import Study

_LABELS = frozenset({"open label", "single blind", "double blind", "triple blind", "quadruple blind"})
_YEARS = {"a": 1.0, "mo": 1 / 12, "wk": 7 / 365.25, "d": 1 / 365.25}
_SETTLE = "the protocol's own version at registration, and the record or the study file corrected."


def _subject(record: RegistryRecord, field: str) -> str:
    return f"{record.identifier.value}.{field}"


@record_check(
    "XSR-101",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 17", "SPIRIT 2025 item 19"),
    why="The registered target is the promise; one planned for another size was replanned or registered wrong.",
    settle=_SETTLE,
)
def planned_size_is_the_registered_target(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The planned size is the registered target."""
    planned = study.design.planned_size
    for record in records.latest:
        target = record.target_size
        if planned is not None and target is not None and planned != target.value:
            yield RecordDoubt(
                subject=_subject(record, "target_size"),
                says=f"{planned} participants are planned, {target.value} registered in {name_version(record)}",
                quotes=quotes_of(study, ("design.planned_size",), target),
            )


@record_check(
    "XSR-102",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 13", "CONSORT 2025 item 10", "CONSORT 2025 item 13"),
    why="An arm that was registered and is not in the plan, or the reverse, is a comparison lost or made afterwards.",
    settle="what became of the arm, when, and who decided; then one number of arms in both.",
)
def arms_are_those_registered(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The study has as many arms as its record."""
    for record in records.latest:
        if record.arms and len(record.arms) != len(study.arms):
            registered = ", ".join(arm.name.value for arm in record.arms)
            yield RecordDoubt(
                subject=_subject(record, "arms"),
                says=f"{len(study.arms)} in the study file ({', '.join(arm.name for arm in study.arms)}), "
                f"{len(record.arms)} in {name_version(record)} ({registered})",
                quotes=quotes_of(study, ("arms",), *(arm.name for arm in record.arms)),
            )


@record_check(
    "XSR-103",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 15", "CONSORT 2025 item 9", "CONSORT 2025 item 10"),
    why="A parallel trial with a control group and a single group answer different questions.",
    settle=_SETTLE,
)
def design_is_the_registered_design(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The intervention model, the allocation and the purpose are those of the record."""
    design = study.design
    for record in records.latest:
        model = record.model
        if (
            model is not None
            and is_model(model.value)
            and read_model(model.value) != design.intervention_model
        ):
            yield RecordDoubt(
                subject=_subject(record, "model"),
                says=f"{design.intervention_model} in the study file, {model.value} in {name_version(record)}",
                quotes=quotes_of(study, ("design.intervention_model",), model),
                told_as=("SRC-101:design.intervention_model",),
            )
        allocation = record.allocation
        if allocation is not None and (allocation.value == "randomised") != (
            design.allocation == "randomised"
        ):
            yield RecordDoubt(
                subject=_subject(record, "allocation"),
                says=f"allocation is {design.allocation} in the study file, {allocation.value} in "
                f"{name_version(record)}",
                quotes=quotes_of(study, ("design.allocation",), allocation),
            )
        purpose = record.purpose
        purposes = {"treatment", "prevention", "diagnostic", "supportive care"}
        if purpose is not None and purpose.value in purposes - {design.purpose}:
            yield RecordDoubt(
                subject=_subject(record, "purpose"),
                says=f"the purpose is {design.purpose} in the study file, {purpose.value} in {name_version(record)}",
                quotes=quotes_of(study, ("design.purpose",), purpose),
            )


@record_check(
    "XSR-104",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 15", "SPIRIT 2025 item 24a", "CONSORT 2025 item 20a"),
    why="Who was registered as blinded and was not may have moved every outcome that rests on judgement.",
    settle="one list of masked roles, and when it changed.",
)
def masking_is_the_registered_masking(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The label of masking, the masked roles and the use of a placebo are those of the record."""
    own = study.blinding
    for record in records.latest:
        label, roles, placebo = record.masking, record.masked_roles, record.placebo
        told = f"{name_version(record)}"
        if own is None:
            if label is not None and label.value in _LABELS - {"open label"}:
                yield RecordDoubt(
                    subject=_subject(record, "masking"),
                    says=f"{told} is registered as {label.value}; the study file has no blinding",
                    quotes=quotes_of(study, (), label),
                )
            continue
        same_roles = roles is not None and set(roles.value) == set(own.masked_roles)
        if label is not None and label.value in _LABELS - {own.label} and not same_roles:
            yield RecordDoubt(
                subject=_subject(record, "masking"),
                says=f"{own.label} in the study file, {label.value} in {told}",
                quotes=quotes_of(study, ("blinding.label",), label),
            )
        elif roles is not None and roles.value and own.masked_roles and not same_roles:
            yield RecordDoubt(
                subject=_subject(record, "masked_roles"),
                says=f"masked are {', '.join(own.masked_roles)} in the study file, {', '.join(roles.value)} in {told}",
                quotes=quotes_of(study, ("blinding.masked_roles",), roles),
            )
        uses = own.placebo or any(arm.kind == "placebo comparator" for arm in study.arms)
        if placebo is not None and placebo.value != uses:
            yield RecordDoubt(
                subject=_subject(record, "placebo"),
                says=f"a placebo is {_used(uses)} in the study file and {_used(placebo.value)} in {told}",
                quotes=quotes_of(study, ("blinding.placebo",), placebo),
            )


def _used(uses: bool) -> str:
    return "used" if uses else "not used"


@record_check(
    "XSR-105",
    Severity.WARNING,
    "cross-source",
    standards=("TRDS 15",),
    why="Searches and safety boards go by the phase; a trial of another phase is judged by another measure.",
    settle=_SETTLE,
)
def phase_is_the_registered_phase(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The phase is that of the record."""
    for record in records.latest:
        phase = record.phase
        if phase is not None and not phases_may_agree(study.design.phase, phase.value):
            yield RecordDoubt(
                subject=_subject(record, "phase"),
                says=f"phase {study.design.phase} in the study file, {phase.value} in {name_version(record)}",
                quotes=quotes_of(study, ("design.phase",), phase),
                told_as=("SRC-101:design.phase",),
            )


@record_check(
    "XSR-106",
    Severity.ERROR,
    "cross-source",
    standards=("TRDS 14", "SPIRIT 2025 item 14a", "CONSORT 2025 item 12a"),
    why="Age limits or a sex that differ from the record mean that others were treated than were registered.",
    settle="the limits of the approved protocol, in both.",
)
def who_may_take_part_is_as_registered(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The age limits and the sex are those of the record."""
    population = study.population
    for record in records.latest:
        for field, own, age in (
            ("age_min", population.age_min, record.age_min),
            ("age_max", population.age_max, record.age_max),
        ):
            if own is not None and age is not None and abs(_in_years(age.value) - own) > 0.02:
                yield RecordDoubt(
                    subject=_subject(record, field),
                    says=f"{own} years in the study file, {age.prints.strip()} in {name_version(record)}",
                    quotes=quotes_of(study, (f"population.{field}",), age),
                )
        sex = record.sex
        if population.sex is not None and sex is not None and sex.value != population.sex:
            yield RecordDoubt(
                subject=_subject(record, "sex"),
                says=f"{population.sex} in the study file, {sex.value} in {name_version(record)}",
                quotes=quotes_of(study, ("population.sex",), sex),
            )


def _in_years(age: Age) -> float:
    return age.value * _YEARS[age.unit]


@record_check(
    "XSR-107",
    Severity.ERROR,
    "cross-source",
    standards=("SPIRIT 2025 item 21b",),
    why="Block sizes decide how far the next allocation can be foreseen; two accounts of them leave the list in doubt.",
    settle="the sealed list's own block sizes.",
)
def blocks_are_the_registered_blocks(study: Study, records: TrialRecords) -> Iterator[RecordDoubt]:
    """The block sizes of randomisation are those of the record."""
    own = study.randomisation.block_sizes if study.randomisation else ()
    for record in records.latest:
        blocks = record.block_sizes
        if own and blocks is not None and blocks.value and set(own) != set(blocks.value):
            yield RecordDoubt(
                subject=_subject(record, "block_sizes"),
                says=f"blocks of {_listed(own)} in the study file, of {_listed(blocks.value)} in "
                f"{name_version(record)}",
                quotes=quotes_of(study, ("randomisation.block_sizes",), blocks),
            )


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in sorted(set(numbers)))
