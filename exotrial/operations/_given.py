"""Doses with their plans as a captured table: what is planned only where arms may be shown to everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from exotrial.operations._act import Act
from exotrial.operations._dose_plans import load_plans
from exotrial.participants.consent import DataUse
from exotrial.store.models import Dose, Participant

if TYPE_CHECKING:
    from exotrial.datasets.given_doses import CapturedDose


def derive_given(act: Act, people: Iterable[Participant], *, shown: bool) -> list[CapturedDose]:
    """Every dose of those whose data may be used; `shown` says whether arms, and so plans, may be.

    Refuses with SEL-001 where plans are to be shown while the study is blinded.
    """
    from exotrial.datasets.given_doses import CapturedDose

    rows: dict[int, list[Dose]] = {}
    for row in Dose.objects.filter(participant__study=act.the_study).order_by("begun_at", "pk"):
        rows.setdefault(row.participant_id, []).append(row)
    found: list[CapturedDose] = []
    for person in people:
        mine = rows.get(person.pk, [])
        if not mine or person.data_use == DataUse.NONE:
            continue
        zone = ZoneInfo(person.site.zone)
        held = load_plans(act, person, purpose="knowing arms") if shown else []
        plans = {one.row.pk: one for one in held}
        for number, row in enumerate(mine, 1):
            plan = plans.get(row.plan_id) if row.plan_id is not None else None
            found.append(
                CapturedDose(
                    participant=person.code,
                    number=number,
                    begun_at=row.begun_at.astimezone(zone),
                    complete=row.complete,
                    given_ml=row.given_ml,
                    plan=plan.number if plan else None,
                    planned_at=plan.row.planned_at.astimezone(zone) if plan else None,
                    total_ml=plan.plan.total_ml if plan else None,
                    wanted=plan.plan.wanted if plan else None,
                    particles=plan.plan.particles if plan else None,
                    low=plan.plan.low if plan else None,
                    high=plan.plan.high if plan else None,
                )
            )
    return found
