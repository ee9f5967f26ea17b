"""One participant's treatment as far as giving it needs: the kit named by the allocation, the kits held, the doses."""

from __future__ import annotations

from datetime import datetime

from exotrial.operations import _life
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations._stock import is_at_hand, load_stock
from exotrial.operations.access import Permission
from exotrial.product.accountability import State
from exotrial.store.models import Allocation, Dose, Kit


class ShowTreatment(Ask):
    """The participant's code."""

    participant: str


class HeldKit(Answer):
    """A kit in hand; `left` are its vials that a dose can be given from, by number, none where they are not counted."""

    number: str
    status: str
    vials: int
    left: tuple[int, ...]


class GivenDose(Answer):
    """A dose without its words: these are in `list_doses`, for who reads recorded data."""

    number: int
    kit: str
    begun_at: datetime
    ended_at: datetime | None
    complete: bool


class Treatment(Answer):
    """`allocated` is the kit that the allocation names, "" where it names none; `zone` is the site's."""

    participant: str
    status: str
    site: str
    zone: str
    randomised: bool
    allocated: str
    kits: tuple[HeldKit, ...]
    doses: tuple[GivenDose, ...]


@view(permission=Permission.RECORD_DOSE)
def show_treatment(act: Act, ask: ShowTreatment) -> Treatment:
    """What a participant is to be given, has in hand and was given; what is in a kit is not told."""
    participant = act.participant(ask.participant)
    allocation = Allocation.objects.filter(participant=participant).first()
    kits = Kit.objects.filter(study=act.the_study, participant=participant).order_by("number")
    stock = load_stock(kits)
    doses = Dose.objects.select_related("kit").filter(participant=participant).order_by("begun_at")
    return Treatment(
        participant=participant.code,
        status=participant.status,
        site=participant.site.code,
        zone=participant.site.zone,
        randomised=_life.is_randomised(act, participant),
        allocated=allocation.kit if allocation is not None else "",
        kits=tuple(
            HeldKit(
                number=row.number,
                status=row.status,
                vials=row.vials,
                left=tuple(
                    vial.number
                    for vial in stock.of(row.number)
                    if vial.number and (vial.state is State.DISPENSED or is_at_hand(vial, participant.site))
                ),
            )
            for row in kits
        ),
        doses=tuple(
            GivenDose(
                number=number,
                kit=row.kit.number,
                begun_at=row.begun_at,
                ended_at=row.ended_at,
                complete=row.complete,
            )
            for number, row in enumerate(doses, start=1)
        ),
    )
