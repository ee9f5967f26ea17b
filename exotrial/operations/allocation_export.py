"""What is published after the planned unblinding, so that anyone can check the randomisation offline."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from exotrial.allocation import export as shape
from exotrial.allocation.certificate import source_of
from exotrial.allocation.minimised import has_strata
from exotrial.core.errors import ErrorCode
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._minimising import signed_of
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.lists import certificate_of, utc_text
from exotrial.operations.unblinding import leaves_of, proof_of
from exotrial.store.models import Act as ActRow
from exotrial.store.models import Allocation, AllocationList, Change, Envelope, Unblinding

NOT_OPENED = ErrorCode(
    "ALX-001",
    "The study is not unblinded.",
    "lock and unblind it first; until then the certificate is all that is published.",
)
NO_SUCH_LIST = ErrorCode("ALX-002", "There is no published list of that number.", "see `list_lists`.")


class ExportAllocation(Ask):
    """Which list."""

    number: int = Field(ge=1)


class ExportedAllocation(Answer):
    """The export as `exotrial verify allocation` reads it."""

    export: dict[str, Any]


@view(permission=Permission.EXPORT, access_logged=True)
def export_allocation(act: Act, ask: ExportAllocation) -> ExportedAllocation:
    """Everything that a stranger needs to make a list again and check every allocation, after unblinding."""
    if act.the_study.unblinded_at is None:
        raise NOT_OPENED.refuse(f"{act.the_study.slug} is {act.the_study.status}", value=act.the_study.status)
    row = AllocationList.objects.filter(
        study=act.the_study, number=ask.number, status=AllocationList.Status.PUBLISHED
    ).first()
    if row is None:
        raise NO_SUCH_LIST.refuse(f"list {ask.number} is not published", value=ask.number)
    return ExportedAllocation(export=json.loads(shape.write_export(_export(act, row))))


def _export(act: Act, row: AllocationList) -> shape.Export:
    envelopes = {
        one.leaf: arms.open_leaf(act, one, purpose="knowing arms")
        for one in Envelope.objects.select_related("list").filter(list=row)
    }
    given = list(Allocation.objects.filter(list=row).select_related("participant", "envelope").order_by("n"))
    return shape.Export(
        certificate=certificate_of(row),
        manifest=arms.manifest_of(act, row, purpose="knowing arms"),
        secret=arms.secret_of(act, row, purpose="knowing arms").hex(),
        contribution=row.contribution.encode().hex(),
        envelopes=tuple(envelopes[leaf.hex()] for leaf in leaves_of(row)),
        allocations=tuple(
            shape.Allocation(
                entry=signed_of(one).entry,
                mac=signed_of(one).mac,
                marks=signed_of(one).marks,
                arm=arms.arm_of(act, one, purpose="knowing arms"),
                kit=one.kit,
            )
            for one in given
        ),
        corrections=tuple(_corrections(act, row, {one.participant_id: one for one in given})),
        unblindings=tuple(
            shape.Unblinding(
                participant=one.participant.code,
                at=utc_text(one.at),
                who=one.who,
                why=one.reason,
                proof=_proof(row, one, given, envelopes),
            )
            for one in Unblinding.objects.select_related("participant")
            .filter(study=act.the_study, kind="emergency", participant__allocation__list=row)
            .order_by("pk")
            if one.participant is not None
        ),
        imported=arms.file_of(act, row, purpose="knowing arms"),
        given_up=tuple(
            shape.GivenUp(
                generation=one.generation,
                commitment=one.commitment,
                committed_at=utc_text(one.committed_at),
                why=_why_given_up(act, one),
            )
            for one in AllocationList.objects.filter(
                study=act.the_study, stage=row.stage, generation__lt=row.generation
            ).order_by("generation")
        ),
    )


def _proof(
    row: AllocationList, one: Unblinding, given: list[Allocation], envelopes: dict[str, Any]
) -> shape.LeafProof:
    slot = next(each.envelope for each in given if each.participant_id == one.participant_id)
    return proof_of(row, slot, envelopes[slot.leaf])


def _corrections(act: Act, row: AllocationList, given: dict[int, Allocation]) -> list[shape.Correction]:
    """Corrections of stratum after randomisation, from the trail: old, new, who and why are nowhere else."""
    manifest = arms.manifest_of(act, row, purpose="knowing arms")
    if source_of(manifest) == "minimised" and not has_strata(manifest):
        return []  # nothing of the list hangs on a stratum
    names = {stratum["stratum"]: stratum["id"] for stratum in row.strata if stratum["stratum"]}
    changes = (
        Change.objects.select_related("act")
        .filter(
            act__chain=act.the_study.chain,
            act__operation="correct_stratum",
            table="participant",
            field="stratum",
            row__in=list(given),
        )
        .order_by("act__seq")
    )
    return [
        shape.Correction(
            participant=given[change.row].participant.code,
            recorded=_named(names, change.old),
            correct=_named(names, change.new),
            at=utc_text(change.act.at),
            who=change.act.who,
            why=change.act.reason,
        )
        for change in changes
        if change.act.at >= given[change.row].at
    ]


def _named(names: dict[str, str], told: str | None) -> str:
    """The list of a stratum; with minimisation, whose one list is of none, the stratum itself."""
    stratum = str(json.loads(told or '""'))
    return names.get(stratum, "") if names else stratum


def _why_given_up(act: Act, row: AllocationList) -> str:
    """The reason given for giving a list up, or for stopping it, from the trail."""
    change = (
        Change.objects.select_related("act")
        .filter(act__chain=act.the_study.chain, table="allocationlist", row=row.pk)
        .filter(act__operation__in=["give_up_list", "stop_list"], act__outcome="done")
        .first()
    )
    assert isinstance(change, Change)
    act_row: ActRow = change.act
    return act_row.reason
