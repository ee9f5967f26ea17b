"""Blinding and unblinding (BLD)."""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.findings import Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.checks.contradictions import MASKED_ROLES, told_differently
from exotrial.study.definition import Study

_ROLES_OF_LABEL = {
    "open label": 0,
    "single blind": 1,
    "double blind": 2,
    "triple blind": 3,
    "quadruple blind": 4,
}


@check(
    "BLD-001",
    Severity.WARNING,
    "terminology",
    standards=("CONSORT 2025 item 20a", "SPIRIT 2025 item 24a"),
    why="“Double blind” means different people to different readers; only a list of roles says who did not know.",
    settle="the roles masked, in place of the label; four roles are “quadruple” on ClinicalTrials.gov.",
)
def label_agrees_with_the_roles_masked(study: Study) -> Iterator[Doubt]:
    """The label single, double, triple or quadruple agrees with the number of masked roles."""
    if study.blinding is None:
        return
    wanted, masked = _ROLES_OF_LABEL[study.blinding.label], len(study.blinding.masked_roles)
    if wanted != masked:
        yield Doubt(
            subject="blinding.label",
            says=f"called {study.blinding.label}, with {masked} masked roles listed",
            paths=("blinding.label", "blinding.masked_roles"),
        )


@check(
    "BLD-003",
    Severity.ERROR,
    "cross-field",
    standards=("TRDS 13", "SPIRIT 2025 item 15a"),
    why="If the control arm gets no placebo, participants and staff know who is treated.",
    settle="what the control arm receives, with look, volume and route.",
)
def placebo_is_part_of_the_control_arm(study: Study) -> Iterator[Doubt]:
    """Where a placebo is used, the control arm contains it wherever that arm is described."""
    if study.blinding is None or not study.blinding.placebo:
        return
    placebos = {i.id for i in study.interventions if i.role == "placebo"}
    for arm in study.arms:
        if arm.kind == "experimental":
            continue
        path = f"arms.{arm.id}.interventions"
        elsewhere = [e for e in study.evidence_for(path) if isinstance(e.states, str)]
        without = [e for e in elsewhere if "placebo" not in str(e.states).lower()]
        if not placebos & set(arm.interventions):
            yield Doubt(
                subject=path,
                says=f"a placebo is used, and “{arm.name}” contains none",
                paths=("blinding.placebo", f"arms.{arm.id}"),
            )
        elif without:
            yield Doubt(
                subject=path,
                says=f"a placebo is used, and one description of “{arm.name}” does not mention it",
                paths=("blinding.placebo", f"arms.{arm.id}"),
            )


@check(
    "BLD-004",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 item 24b", "CONSORT 2025 item 20b"),
    why="Blinding is only as good as the likeness of the syringes and the silence of who prepares them.",
    settle="look, volume, colour, preparation and who dispenses.",
)
def how_blinding_is_achieved_is_described(study: Study) -> Iterator[Doubt]:
    """A blinded study says how blinding is achieved."""
    if study.blinding is not None and study.blinding.label != "open label" and study.blinding.method is None:
        yield Doubt(
            subject="blinding.method",
            says="nothing says how product and placebo are made alike, nor who prepares them",
            paths=("blinding.method", "blinding.label"),
        )


@check(
    "BLD-005",
    Severity.ERROR,
    "record",
    standards=("SPIRIT 2025 item 24c", "ICH E6(R3) 4.1.4"),
    why="At night, with a participant in danger, there is no time to find out who may open which envelope.",
    settle="the trigger as a criterion, who may unblind at any hour, and the record that is kept.",
)
def emergency_unblinding_has_trigger_actor_and_record(study: Study) -> Iterator[Doubt]:
    """A blinded study says when, by whom and with what record a participant is unblinded in an emergency."""
    if study.blinding is None or study.blinding.label == "open label":
        return
    plan = study.blinding.unblinding
    missing = [
        name
        for name, there in (
            ("a defined trigger", plan is not None and plan.trigger_defined),
            ("who may do it", plan is not None and plan.actor is not None),
            ("a record", plan is not None and plan.record is not None),
        )
        if not there
    ]
    if missing:
        yield Doubt(subject="blinding.unblinding", says=f"emergency unblinding lacks {', '.join(missing)}")


@check(
    "BLD-006",
    Severity.WARNING,
    "cross-field",
    standards=("SPIRIT 2025 item 24c",),
    why="Somebody who knows neither the study nor the arms cannot tell which envelope to open in an emergency.",
    settle="a keeper outside the team who knows the procedure.",
)
def keeper_of_the_envelopes_can_unblind(study: Study) -> Iterator[Doubt]:
    """Whoever is to unblind knows of the study."""
    if (
        study.blinding is not None
        and study.blinding.unblinding is not None
        and study.blinding.unblinding.actor_blind
    ):
        yield Doubt(
            subject="blinding.unblinding.actor",
            says="the keeper of the envelopes, who is to unblind, does not know of the study",
            paths=(
                "blinding.unblinding.actor_blind",
                "randomisation.envelope_kept_by",
                "blinding.unblinding",
            ),
        )


@check(
    "BLD-007",
    Severity.INFO,
    "text",
    standards=("TRDS",),
    why="A plan told in the past tense may have been written after the conduct that it describes.",
    settle="the date on which the text was written.",
)
def a_plan_is_not_told_in_the_past_tense(study: Study) -> Iterator[Doubt]:
    """A registration made before recruitment does not tell conduct in the past tense."""
    if study.conduct.registration_in_past_tense:
        yield Doubt(
            subject="conduct.registration_in_past_tense",
            says="the record tells its conduct in the past tense",
            paths=("conduct.registration_in_past_tense", "blinding.masked_roles"),
        )


@check(
    "BLD-002",
    Severity.WARNING,
    "cross-field",
    standards=("SPIRIT 2025 item 24a",),
    why="Whether the outcome assessor knew the arm decides how far the outcomes can be trusted.",
    settle="one list of masked roles.",
)
def masked_roles_are_the_same_everywhere(study: Study) -> Iterator[Doubt]:
    """The masked roles are the same in summary, list and description."""
    return told_differently(study, MASKED_ROLES)
