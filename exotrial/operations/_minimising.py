"""Minimisation at an allocation: the participant's levels, the arms before, and the draw of the next envelope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exotrial.allocation.envelopes import Envelope
from exotrial.allocation.minimised import SITE, STRATUM, decide_from_record, read_plan
from exotrial.allocation.order import Entry, Signed
from exotrial.core.errors import ErrorCode
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.store.models import Allocation, AllocationList, Participant

NO_STRATUM = ErrorCode(
    "RAN-106", "The stratum is none of the study's.", "use a stratum that the study file names."
)


def levels_of(act: Act, row: AllocationList, participant: Participant) -> dict[str, str]:
    """The participant's level of every factor of the list, as recorded now. Refuses with RAN-106."""
    plan = read_plan(arms.manifest_of(act, row, purpose="the next envelope"))
    recorded = {STRATUM: participant.stratum, SITE: participant.site.code}
    for factor in plan.factors:
        if factor.levels is not None and recorded[factor.name] not in factor.levels:
            raise NO_STRATUM.refuse(
                f"list {row.number} has no {factor.name} {recorded[factor.name]!r}",
                value=recorded[factor.name],
                remedy="correct it with `correct_stratum`; a stratum that is new to the study needs a new list.",
            )
    return {factor.name: recorded[factor.name] for factor in plan.factors}


def decide(
    act: Act,
    row: AllocationList,
    given: Sequence[Allocation],
    *,
    levels: Mapping[str, str],
    envelope: Envelope,
) -> str:
    """The arm of the next participant, from the levels and arms of those before, as they were then."""
    previous = [(signed_of(one).entry, arms.arm_of(act, one, purpose="the next envelope")) for one in given]
    plan = read_plan(arms.manifest_of(act, row, purpose="the next envelope"))
    return decide_from_record(plan, previous=previous, levels=levels, envelope=envelope).arm


def signed_of(row: Allocation) -> Signed:
    """The signed entry of an allocation, as it is stored."""
    stored: dict[str, Any] = dict(row.entry)
    mac, marks = str(stored.pop("mac")), str(stored.pop("marks"))
    levels = tuple(sorted(stored.pop("levels", {}).items()))
    return Signed(entry=Entry(**stored, levels=levels), mac=mac, marks=marks)
