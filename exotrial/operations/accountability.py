"""Accountability: where every vial is, the balance of all that was packed, and counts of what is on a shelf."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from exotrial.core.errors import Place
from exotrial.operations._act import Act
from exotrial.operations._operation import NOT_ARCHIVED, Answer, Ask, operation, view
from exotrial.operations._stock import load_stock
from exotrial.operations.access import Permission
from exotrial.operations.kit_moves import Number, ShownVial, show_vials
from exotrial.product.accountability import (
    NAMED_TWICE,
    Balance,
    Movement,
    State,
    Stock,
    compare_count,
    compute_balance,
    numbers_of,
)
from exotrial.store.models import Kit, KitMovement, StockCount


class CountedVial(BaseModel):
    """A vial that stands on the shelf; 0 is a kit that is not counted in vials."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    kit: str = Number
    vial: int = Field(default=0, ge=0)


class CountStock(Ask):
    """What was found on a site's shelf; no site is the pharmacy's."""

    site: str = ""
    found: tuple[CountedVial, ...] = Field(default=(), max_length=5000)


class CountDiffers(Answer):
    """`found` on the shelf though the record has it elsewhere (`state`), or on record there and not found."""

    kit: str
    vial: int
    found: bool
    state: State | None


class Counted(Answer):
    found: int
    differences: tuple[CountDiffers, ...]


@operation(permission=Permission.RECORD_DOSE, when=NOT_ARCHIVED)
def count_stock(act: Act, ask: CountStock) -> Counted:
    """Record a count of what is on the shelf, and tell what differs from the record; nothing is moved by it."""
    site = act.site(ask.site) if ask.site else None
    counted = [(one.kit, one.vial) for one in ask.found]
    if len(set(counted)) < len(counted):
        raise NAMED_TWICE.refuse("a vial is counted twice", place=Place(path="found"))
    stock = load_stock(Kit.objects.filter(study=act.the_study))
    differences = compare_count(stock, site=ask.site, counted=counted)
    act.add(
        StockCount(
            study=act.the_study,
            site=site,
            counted=sorted(counted),
            differences=len(differences),
            by=act.actor.username,
            at=act.now,
        )
    )
    return Counted(
        found=len(counted),
        differences=tuple(
            CountDiffers(kit=one.kit, vial=one.number, found=one.found, state=one.state)
            for one in differences
        ),
    )


class AskAccountability(Ask):
    """Nothing to say."""


class StateCount(Answer):
    state: State
    vials: int


class SiteBalance(Answer):
    """The vials that are or were at a site, by state."""

    site: str
    states: tuple[StateCount, ...]


class LastCount(Answer):
    """The last count of a shelf."""

    site: str
    at: datetime
    by: str
    found: int
    differences: int


class Accountability(Answer):
    """`packed` less all states is `difference`: zero, or the record was changed past exotrial."""

    packed: int
    given: int
    difference: int
    states: tuple[StateCount, ...]
    sites: tuple[SiteBalance, ...]
    counts: tuple[LastCount, ...]
    vials: tuple[ShownVial, ...]


@view(permission=Permission.READ_KITS)
def show_accountability(act: Act, ask: AskAccountability) -> Accountability:
    """Where every vial is, and the balance: what was packed is at hand, on the way, given, returned or gone."""
    kits = list(Kit.objects.filter(study=act.the_study).order_by("number"))
    stock = _reached(act, load_stock(kits))
    numbers = {kit for kit, _ in stock.vials}
    packed = sum(len(numbers_of(kit.vials)) for kit in kits if kit.number in numbers)
    balance = compute_balance(stock, packed=packed)
    sites = sorted({vial.site for vial in stock.vials.values() if vial.site})
    return Accountability(
        packed=packed,
        given=balance.given,
        difference=balance.difference,
        states=_counts(balance),
        sites=tuple(SiteBalance(site=site, states=_counts(_balance_at(stock, site))) for site in sites),
        counts=_last_counts(act),
        vials=show_vials(stock, kits).vials,
    )


class ListMovements(Ask):
    """All movements, or those of one kit."""

    kit: str = Field(default="", max_length=40)


class ShownMovement(Answer):
    """A movement as it was recorded; `participant` only of a dispensing."""

    kit: str
    vials: tuple[int, ...]
    what: Movement
    site: str
    participant: str
    temperature: str
    witness: str
    by: str
    at: datetime


class ShownMovements(Answer):
    movements: tuple[ShownMovement, ...]


@view(permission=Permission.READ_KITS)
def list_movements(act: Act, ask: ListMovements) -> ShownMovements:
    """Every movement in order, of the sites where one has rights."""
    rows = KitMovement.objects.filter(kit__study=act.the_study).order_by("pk")
    rows = rows.select_related("kit", "site", "participant__site")
    if ask.kit:
        rows = rows.filter(kit__number=ask.kit)
    return ShownMovements(
        movements=tuple(
            ShownMovement(
                kit=row.kit.number,
                vials=tuple(row.vials),
                what=Movement(row.what),
                site=row.site.code if row.site is not None else "",
                participant=row.participant.code if row.participant is not None else "",
                temperature=row.temperature,
                witness=row.witness,
                by=row.by,
                at=row.at,
            )
            for row in rows
            if row.site is None or act.actor.holds_at(row.site.code)
        )
    )


def _reached(act: Act, stock: Stock) -> Stock:
    """What is at the pharmacy, and what is or was at sites where one has rights."""
    return Stock(
        {key: vial for key, vial in stock.vials.items() if not vial.site or act.actor.holds_at(vial.site)}
    )


def _balance_at(stock: Stock, site: str) -> Balance:
    own = Stock({key: vial for key, vial in stock.vials.items() if vial.site == site})
    return compute_balance(own, packed=len(own.vials))


def _counts(balance: Balance) -> tuple[StateCount, ...]:
    return tuple(StateCount(state=state, vials=count) for state, count in balance.states.items())


def _last_counts(act: Act) -> tuple[LastCount, ...]:
    last: dict[str, StockCount] = {}
    for row in StockCount.objects.filter(study=act.the_study).select_related("site").order_by("pk"):
        last[row.site.code if row.site is not None else ""] = row
    return tuple(
        LastCount(site=site, at=row.at, by=row.by, found=len(row.counted), differences=row.differences)
        for site, row in sorted(last.items())
        if not site or act.actor.holds_at(site)
    )
