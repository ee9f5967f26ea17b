"""Amendments as a running trial takes them: what each version changed, and what a sealed list forbids (E6 4.3.5)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Severity
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.outcomes.in_study import ask as ask_measure
from exotrial.outcomes.in_study import find_measures_of
from exotrial.store.models import AllocationList, Participant, StudyVersion
from exotrial.study.amendments import check_running, compare_versions
from exotrial.study.definition import Study

LIST_SEALED = ErrorCode(
    "STU-010",
    "The amendment changes what a sealed randomisation list is made from.",
    "stop the list first and make another by the new version, or leave arms, stages and randomisation as they are.",
)


class ShownDifference(Answer):
    """One difference: `forms` are those that it may change; `reconsent` is why participants should be asked again."""

    path: str
    says: str
    forms: tuple[str, ...]
    reconsent: str


class ShownAmendment(Answer):
    """`differences` are those from the version before."""

    version: int
    label: str
    digest: str
    loaded_at: datetime
    differences: tuple[ShownDifference, ...]


class ShownAmendments(Answer):
    versions: tuple[ShownAmendment, ...]


class ShowAmendments(Ask):
    """Nothing to say."""


@view(permission=Permission.READ_STUDY)
def show_amendments(act: Act, ask: ShowAmendments) -> ShownAmendments:
    """The study's versions in order, each with what it changed."""
    rows = StudyVersion.objects.filter(study=act.the_study).order_by("number")
    return ShownAmendments(
        versions=tuple(
            ShownAmendment(
                version=row.number,
                label=row.label,
                digest=row.digest,
                loaded_at=row.loaded_at,
                differences=shown(row.differences),
            )
            for row in rows
        )
    )


def compare_amendment(act: Act, new: Study) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The differences from the present version, ready to be kept, and doubts that do not forbid it, in words.

    Refuses with STU-010 an amendment under which a sealed list would no longer be the study's.
    """
    old = act.definition()
    measures = find_measures_of(old) | find_measures_of(new)
    changes = compare_versions(old, new, asks={name: ask_measure(m) for name, m in measures.items()})
    sealed = AllocationList.objects.filter(
        study=act.the_study, status=AllocationList.Status.SEALED, stopped_because=""
    ).exists()
    enrolled = Participant.objects.filter(study=act.the_study, enrolled_at__isnull=False).count()
    findings = check_running(changes, list_sealed=sealed, enrolled=enrolled)
    forbids = [finding.says for finding in findings if finding.severity is Severity.ERROR]
    if forbids:
        raise LIST_SEALED.refuse("; ".join(one.rstrip(".") for one in forbids), value=new.version)
    return [asdict(change) for change in changes], tuple(finding.says for finding in findings)


def shown(differences: list[dict[str, Any]]) -> tuple[ShownDifference, ...]:
    """Differences as an answer."""
    return tuple(
        ShownDifference(
            path=one["path"], says=one["says"], forms=tuple(one["forms"]), reconsent=one["reconsent"]
        )
        for one in differences
    )
