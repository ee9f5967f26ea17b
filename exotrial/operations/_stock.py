"""Where kits and their vials are, from the movements on record; and the only way to add one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from exotrial.operations._act import Act
from exotrial.product.accountability import Moved, Movement, State, Stock, Vial, move, numbers_of, replay
from exotrial.store.models import Kit, KitMovement, Participant, Site


def load_stock(kits: Iterable[Kit]) -> Stock:
    """The vials of these kits where the record has them now. Movements were held to the rules when they were added."""
    held = {kit.pk: kit for kit in kits}
    rows = KitMovement.objects.filter(kit__in=held.values()).select_related("site").order_by("pk")
    return replay(
        {kit.number: kit.vials for kit in held.values()},
        (
            Moved(
                kit=held[row.kit_id].number,
                vials=tuple(row.vials),
                what=Movement(row.what),
                site=row.site.code if row.site is not None else "",
            )
            for row in rows
        ),
    )


def add_movement(
    act: Act,
    stock: Stock,
    kit: Kit,
    vials: Sequence[int],
    what: Movement,
    *,
    site: Site | None,
    participant: Participant | None = None,
    **more: Any,
) -> Stock:
    """Add a movement of vials of a kit by the rules (KAC-001 to KAC-004); the stock after it."""
    moved = Moved(kit=kit.number, vials=tuple(vials), what=what, site=site.code if site is not None else "")
    after = move(stock, moved)
    act.add(
        KitMovement(
            kit=kit,
            vials=list(vials),
            what=what.value,
            site=site,
            participant=participant,
            by=act.actor.username,
            at=act.now,
            **more,
        )
    )
    return after


def all_vials(kit: Kit) -> tuple[int, ...]:
    """Every vial of a kit by number; 0 alone is the kit as a whole."""
    return tuple(numbers_of(kit.vials))


def is_at_hand(vial: Vial, site: Site) -> bool:
    """Whether a vial can be dispensed at a site: it was received there, or never sent anywhere."""
    return vial.state is State.DEPOT or (vial.state is State.AT_SITE and vial.site == site.code)
