"""Accountability of kits: where every vial is, from packing to destruction; what was packed balances to zero.

A vial is always in exactly one state. A movement is only possible from the states that it starts in, so that nothing
is dispensed twice, given after it was destroyed, or received where it was not sent. What must be on record is that of
ICH E6(R3) 3.15.3 and EU GMP Annex 13: receipt, dispensing, return and destruction of each unit, reconciled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from exotrial.core.errors import ErrorCode, Place

NOT_THERE = ErrorCode(
    "KAC-001",
    "The vial is not where the movement starts.",
    "look at `show_accountability` for where it is; a mistake is followed by another movement, not undone.",
)
NO_VIAL = ErrorCode(
    "KAC-002",
    "The kit has no such vial.",
    "name vials by the numbers on their labels; a kit that is not counted in vials is moved as a whole.",
)
OTHER_SITE = ErrorCode(
    "KAC-003",
    "The vial was sent to another site.",
    "let that site receive it, or report it there as lost.",
)
NAMED_TWICE = ErrorCode("KAC-004", "A kit or a vial is named twice.", "name each once.")


class State(StrEnum):
    """Where a vial is."""

    DEPOT = "at the pharmacy"
    IN_TRANSIT = "on the way"
    AT_SITE = "at the site"
    PUT_ASIDE = "put aside"
    DISPENSED = "dispensed"
    GIVEN = "given"
    RETURNED = "returned unused"
    RETURNED_EMPTY = "returned empty"
    DESTROYED = "destroyed"
    LOST = "lost"


class Movement(StrEnum):
    """What happens to a vial."""

    SHIP = "shipped"
    RECEIVE = "received"
    DAMAGE = "damaged"
    PUT_ASIDE = "put aside"
    CLEAR = "cleared"
    DISPENSE = "dispensed"
    GIVE = "given"
    RETURN = "returned"
    DESTROY = "destroyed"
    LOSE = "lost"
    FIND = "found"


_S, _M = State, Movement
STEPS: Mapping[Movement, Mapping[State, State]] = {
    _M.SHIP: {_S.DEPOT: _S.IN_TRANSIT},
    _M.RECEIVE: {_S.IN_TRANSIT: _S.AT_SITE},
    _M.DAMAGE: {_S.DEPOT: _S.PUT_ASIDE, _S.IN_TRANSIT: _S.PUT_ASIDE, _S.AT_SITE: _S.PUT_ASIDE},
    _M.PUT_ASIDE: {_S.DEPOT: _S.PUT_ASIDE, _S.IN_TRANSIT: _S.PUT_ASIDE, _S.AT_SITE: _S.PUT_ASIDE},
    _M.CLEAR: {_S.PUT_ASIDE: _S.AT_SITE},
    _M.DISPENSE: {_S.DEPOT: _S.DISPENSED, _S.AT_SITE: _S.DISPENSED},
    _M.GIVE: {_S.DISPENSED: _S.GIVEN},
    _M.RETURN: {
        _S.AT_SITE: _S.RETURNED,
        _S.PUT_ASIDE: _S.RETURNED,
        _S.DISPENSED: _S.RETURNED,
        _S.GIVEN: _S.RETURNED_EMPTY,
    },
    _M.DESTROY: dict.fromkeys(
        (_S.DEPOT, _S.AT_SITE, _S.PUT_ASIDE, _S.RETURNED, _S.RETURNED_EMPTY, _S.GIVEN), _S.DESTROYED
    ),
    _M.LOSE: dict.fromkeys((_S.DEPOT, _S.IN_TRANSIT, _S.AT_SITE, _S.PUT_ASIDE, _S.DISPENSED), _S.LOST),
    _M.FIND: {_S.LOST: _S.PUT_ASIDE},
}
"""From which state a movement leads to which; a movement that is not here is refused."""

_OF_A_SITE = frozenset({State.IN_TRANSIT, State.AT_SITE, State.PUT_ASIDE})
"""States in which only the site where the vial is, or to which it was sent, moves it."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One movement of some vials of a kit; `site` is where a shipment goes or where it happens, "" at the pharmacy."""

    kit: str
    vials: tuple[int, ...]
    what: Movement
    site: str = ""


@dataclass(frozen=True, kw_only=True)
class Vial:
    """A vial of a kit and where it is; `given` is whether any of it was ever given. Number 0 is a kit as a whole."""

    kit: str
    number: int
    state: State = State.DEPOT
    site: str = ""
    given: bool = False


@dataclass(frozen=True)
class Stock:
    """Every vial by kit and number. Made by `pack` and `move` alone; each leaves the one it is asked of unchanged."""

    vials: Mapping[tuple[str, int], Vial] = field(default_factory=dict)

    def of(self, kit: str) -> tuple[Vial, ...]:
        """The vials of a kit by number, or the kit as a whole."""
        return tuple(vial for (of, _), vial in sorted(self.vials.items()) if of == kit)


def pack(kits: Mapping[str, int]) -> Stock:
    """The stock of kits as they are packed: by number, how many vials each holds; 0 is not counted in vials."""
    return Stock(
        {
            (kit, number): Vial(kit=kit, number=number)
            for kit, count in kits.items()
            for number in numbers_of(count)
        }
    )


def numbers_of(count: int) -> range:
    """The numbers of the vials of a kit of so many: 1 upwards; 0 alone where it is not counted in vials."""
    return range(1, count + 1) if count else range(1)


def move(stock: Stock, moved: Moved) -> Stock:
    """The stock after a movement, all of its vials or none. Refuses with KAC-001 to KAC-004."""
    place = Place(path="kit")
    if moved.what is Movement.SHIP and not moved.site:
        raise OTHER_SITE.refuse("the shipment goes to no site", place=place, remedy="name the site.")
    if len(set(moved.vials)) < len(moved.vials):
        raise NAMED_TWICE.refuse(f"a vial of {moved.kit} is named twice", place=Place(path="vials"))
    changed: dict[tuple[str, int], Vial] = {}
    for number in moved.vials:
        vial = stock.vials.get((moved.kit, number))
        if vial is None:
            raise NO_VIAL.refuse(f"{moved.kit} has no vial {number}", place=Place(path="vials"), value=number)
        to = STEPS[moved.what].get(vial.state)
        if to is None:
            raise NOT_THERE.refuse(
                f"{_name(vial)} is {vial.state} and cannot be {moved.what}", place=place, value=moved.kit
            )
        if vial.state in _OF_A_SITE and moved.site != vial.site:
            raise OTHER_SITE.refuse(f"{_name(vial)} is not of {moved.site or 'the pharmacy'}", place=place)
        if to is State.AT_SITE and not vial.site:  # what was put aside at the pharmacy
            to = State.DEPOT
        changed[vial.kit, number] = Vial(
            kit=vial.kit,
            number=number,
            state=to,
            site=moved.site or vial.site,
            given=vial.given or moved.what is Movement.GIVE,
        )
    return Stock({**stock.vials, **changed})


def replay(kits: Mapping[str, int], movements: Iterable[Moved]) -> Stock:
    """The stock after all movements in their order."""
    held = dict(pack(kits).vials)
    for one in movements:
        step = move(Stock({key: held[key] for key in held.keys() & {(one.kit, n) for n in one.vials}}), one)
        held.update(step.vials)
    return Stock(held)


@dataclass(frozen=True, kw_only=True)
class Balance:
    """How many vials (or whole kits) were packed, and how many are in each state. `given` counts all ever given."""

    packed: int
    states: Mapping[State, int]
    given: int

    @property
    def difference(self) -> int:
        """Packed less accounted for: zero, or the record is wrong."""
        return self.packed - sum(self.states.values())


def compute_balance(stock: Stock, *, packed: int) -> Balance:
    """The balance of a stock against the number that the packing record tells."""
    counted = Counter(vial.state for vial in stock.vials.values())
    return Balance(
        packed=packed,
        states={state: counted.get(state, 0) for state in State},
        given=sum(vial.given for vial in stock.vials.values()),
    )


@dataclass(frozen=True, kw_only=True)
class CountDifference:
    """A vial that a count found and the record has elsewhere (`found`), or that the record has and nobody found."""

    kit: str
    number: int
    found: bool
    state: State | None


def compare_count(
    stock: Stock, *, site: str, counted: Collection[tuple[str, int]]
) -> tuple[CountDifference, ...]:
    """What a count of a site's stock finds other than the record, by kit and number; `site` "" is the pharmacy.

    On the shelf are vials at the site (at the pharmacy: at the depot) and those put aside there.
    """
    shelf = {State.AT_SITE if site else State.DEPOT, State.PUT_ASIDE}
    expected = {key for key, vial in stock.vials.items() if vial.state in shelf and vial.site == site}
    found = set(counted)
    return tuple(
        CountDifference(
            kit=kit,
            number=number,
            found=(kit, number) in found,
            state=stock.vials[kit, number].state if (kit, number) in stock.vials else None,
        )
        for kit, number in sorted(expected ^ found)
    )


def _name(vial: Vial) -> str:
    return f"vial {vial.number} of {vial.kit}" if vial.number else f"the kit {vial.kit}"
