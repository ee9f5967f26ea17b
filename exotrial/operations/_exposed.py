"""Who had something of a batch or of a material: kits by what is in them, with their participants and doses."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._materials import Kept
from exotrial.operations._operation import Answer
from exotrial.store.models import Dose, Kit


class Exposed(Answer):
    """A kit, who has it and how many doses of it were given, the first and the last when.

    Of a site where one has no rights the site alone is told, so that it can be called.
    """

    kit: str
    participant: str
    site: str
    doses: int
    first_at: datetime | None
    last_at: datetime | None


def find_exposed(act: Act, kept: Kept, codes: Set[str]) -> tuple[Exposed, ...]:
    """The kits with something of the materials or batches of these codes, by number. Refuses with SEL-001.

    `codes` holds everything that came of what is asked. A kit that stands in the genealogy is held to its own line;
    another to its batch.
    """
    found = []
    for row in Kit.objects.filter(study=act.the_study).select_related("participant__site").order_by("number"):
        batch = arms.open_kit(act, row, purpose="knowing arms")["batch"]
        if (row.number if kept.holds(row.number) else batch) in codes:
            found.append(_show(act, row))
    return tuple(found)


def _show(act: Act, kit: Kit) -> Exposed:
    whose = kit.participant
    begun = list(Dose.objects.filter(kit=kit).order_by("begun_at").values_list("begun_at", flat=True))
    return Exposed(
        kit=kit.number,
        participant=whose.code if whose is not None and act.actor.holds_at(whose.site.code) else "",
        site=whose.site.code if whose is not None else "",
        doses=len(begun),
        first_at=begun[0] if begun else None,
        last_at=begun[-1] if begun else None,
    )
