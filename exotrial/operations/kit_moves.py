"""Kits on their way: shipped, received, put aside, dispensed, returned, destroyed, lost (EU GMP Annex 13).

Nothing here knows an arm: kits and vials go by their numbers, and what is said of one could be said of any. Where kits
never travel, nobody need ship or receive them: a kit that was packed is at hand at every site.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import _life
from exotrial.operations._act import Act
from exotrial.operations._operation import COLLECTING, NOT_ARCHIVED, OPEN, Answer, Ask, operation
from exotrial.operations._stock import add_movement, all_vials, load_stock
from exotrial.operations.access import Permission
from exotrial.operations.dosing import NO_KIT, OTHER_KIT, check_fit, check_may_be_treated
from exotrial.product.accountability import (
    NAMED_TWICE,
    Movement,
    State,
    Stock,
)
from exotrial.store.models import Kit

OWN_WITNESS = ErrorCode(
    "KAC-010",
    "Who destroys does not witness it.",
    "name the second person who saw it.",
)
NO_VIALS = ErrorCode(
    "KAC-011",
    "The kit is not counted in vials, or it is and none is named.",
    "name vials of a kit that is counted in them; leave `vials` out for a whole kit.",
)

Number = Field(min_length=1, max_length=40)
Numbers = Field(min_length=1, max_length=500)


class Temperature(StrEnum):
    """What the logger of a shipment shows."""

    WITHIN = "within limits"
    OUT = "out of limits"
    UNKNOWN = "not monitored"


class ShownVial(Answer):
    """A vial and where it is; number 0 is a kit that is not counted in vials."""

    kit: str
    vial: int
    state: State
    site: str


class ShownVials(Answer):
    vials: tuple[ShownVial, ...]


class ShipKits(Ask):
    """The kits that leave the pharmacy, whole, and the site that they go to."""

    site: str
    kits: tuple[str, ...] = Numbers


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN)
def ship_kits(act: Act, ask: ShipKits) -> ShownVials:
    """Send kits to a site; none of them can be given anywhere before it is received there."""
    site = act.site(ask.site)
    kits = _find(act, ask.kits)
    stock = load_stock(kits)
    for kit in kits:
        stock = add_movement(act, stock, kit, all_vials(kit), Movement.SHIP, site=site)
    return show_vials(stock, kits)


class ReceiveKits(Ask):
    """What came and how: each kit of the shipment is in one of the three lists."""

    site: str
    intact: tuple[str, ...] = Field(default=(), max_length=500)
    damaged: tuple[str, ...] = Field(default=(), max_length=500)
    missing: tuple[str, ...] = Field(default=(), max_length=500)
    temperature: Temperature = Field(
        description="Out of limits puts everything aside until the pharmacist clears it."
    )


@operation(permission=Permission.RECORD_DOSE, when=NOT_ARCHIVED)
def receive_kits(act: Act, ask: ReceiveKits) -> ShownVials:
    """Receive a shipment: intact kits can be given, damaged ones are put aside, missing ones are lost until found."""
    site = act.site(ask.site)
    _life.check_active(site)
    kits = _find(act, (*ask.intact, *ask.damaged, *ask.missing))
    stock = load_stock(kits)
    warm = ask.temperature is Temperature.OUT
    what = dict.fromkeys(ask.intact, Movement.PUT_ASIDE if warm else Movement.RECEIVE)
    what |= dict.fromkeys(ask.damaged, Movement.DAMAGE) | dict.fromkeys(ask.missing, Movement.LOSE)
    for kit in kits:
        stock = add_movement(
            act, stock, kit, all_vials(kit), what[kit.number], site=site, temperature=ask.temperature.value
        )
    return show_vials(stock, kits)


class NameVials(Ask):
    """A kit and some of its vials; no vial names the whole kit."""

    kit: str = Number
    vials: tuple[int, ...] = Field(default=(), max_length=1000)


class DispenseVials(NameVials):
    """Whose kit, and which vials of it."""

    participant: str


@operation(permission=Permission.RECORD_DOSE, when=COLLECTING)
def dispense_vials(act: Act, ask: DispenseVials) -> ShownVials:
    """Hand vials of a participant's kit out for a dose; each vial is dispensed once, to one participant."""
    participant = act.participant(ask.participant)
    check_may_be_treated(act, participant)
    (kit,) = _find(act, (ask.kit,))
    if kit.participant_id != participant.pk:
        raise OTHER_KIT.refuse(f"{ask.kit} is not the kit of {participant.code}", place=Place(path="kit"))
    check_fit(act, kit, at=act.now, of=participant)
    stock = add_movement(
        act,
        load_stock([kit]),
        kit,
        _vials(kit, ask.vials),
        Movement.DISPENSE,
        site=participant.site,
        participant=participant,
    )
    return show_vials(stock, [kit])


@operation(permission=Permission.RECORD_DOSE, when=NOT_ARCHIVED)
def return_vials(act: Act, ask: NameVials) -> ShownVials:
    """Take vials back: from the shelf or the ward unused, or empty after a dose."""
    return _move(act, ask, Movement.RETURN)


class PutAside(NameVials):
    """The vials, and whether they are damaged."""

    damaged: bool = False


@operation(permission=Permission.RECORD_DOSE, when=NOT_ARCHIVED, needs_reason=True)
def put_vials_aside(act: Act, ask: PutAside) -> ShownVials:
    """Put vials aside that must not be given as they are: damaged, or doubtful; the pharmacist clears the doubtful."""
    return _move(act, ask, Movement.DAMAGE if ask.damaged else Movement.PUT_ASIDE)


@operation(permission=Permission.HANDLE_PRODUCT, when=NOT_ARCHIVED, needs_reason=True)
def clear_vials(act: Act, ask: NameVials) -> ShownVials:
    """Clear vials that were put aside, as after an excursion that does no harm: they can be given again."""
    return _move(act, ask, Movement.CLEAR)


class DestroyVials(NameVials):
    """The vials, and who saw them destroyed."""

    witness: str = Field(min_length=1, max_length=200)


@operation(permission=Permission.RECORD_DOSE, when=NOT_ARCHIVED, needs_reason=True)
def destroy_vials(act: Act, ask: DestroyVials) -> ShownVials:
    """Destroy vials before a witness; nothing is done with them afterwards."""
    if ask.witness.casefold() in (act.actor.name.casefold(), act.actor.username.casefold()):
        raise OWN_WITNESS.refuse(f"{act.actor.name} destroys them", place=Place(path="witness"))
    return _move(act, ask, Movement.DESTROY, witness=ask.witness)


@operation(permission=Permission.RECORD_DOSE, when=NOT_ARCHIVED, needs_reason=True)
def report_vials_lost(act: Act, ask: NameVials) -> ShownVials:
    """Report vials lost or broken without a rest."""
    return _move(act, ask, Movement.LOSE)


@operation(permission=Permission.RECORD_DOSE, when=NOT_ARCHIVED, needs_reason=True)
def report_vials_found(act: Act, ask: NameVials) -> ShownVials:
    """Report lost vials found: they are put aside, since nobody knows how they were kept."""
    return _move(act, ask, Movement.FIND)


def _find(act: Act, numbers: tuple[str, ...]) -> list[Kit]:
    """Kits by their numbers, each named once. Refuses with KAC-004 and KIT-011."""
    if len(set(numbers)) < len(numbers):
        raise NAMED_TWICE.refuse("a kit is named twice", place=Place(path="kits"))
    found = {kit.number: kit for kit in Kit.objects.filter(study=act.the_study, number__in=numbers)}
    for number in numbers:
        if number not in found:
            raise NO_KIT.refuse(f"there is no kit {number}", place=Place(path="kits"), value=number)
    return [found[number] for number in numbers]


def _vials(kit: Kit, vials: tuple[int, ...]) -> tuple[int, ...]:
    """The vials named, or the whole kit where it is not counted in vials. Refuses with KAC-011."""
    if bool(kit.vials) != bool(vials):
        told = f"it holds {kit.vials}" if kit.vials else "it is not counted in vials"
        raise NO_VIALS.refuse(f"{kit.number}: {told}", place=Place(path="vials"), value=kit.number)
    return vials or all_vials(kit)


def _move(act: Act, ask: NameVials, what: Movement, *, witness: str = "") -> ShownVials:
    """Move vials where they are; the site is that where the first of them is, and has to be one's own."""
    (kit,) = _find(act, (ask.kit,))
    vials = _vials(kit, ask.vials)
    stock = load_stock([kit])
    where = next((stock.vials[kit.number, n].site for n in vials if (kit.number, n) in stock.vials), "")
    site = act.site(where) if where else None
    return show_vials(add_movement(act, stock, kit, vials, what, site=site, witness=witness), [kit])


def show_vials(stock: Stock, kits: list[Kit]) -> ShownVials:
    """The vials of these kits, by kit and number."""
    return ShownVials(
        vials=tuple(
            ShownVial(kit=vial.kit, vial=vial.number, state=vial.state, site=vial.site)
            for kit in kits
            for vial in stock.of(kit.number)
        )
    )
