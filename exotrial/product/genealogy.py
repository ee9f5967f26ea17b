"""The genealogy of a product: an append-only graph from donor to dose, asked both ways.

A material names what it was made from, so that it can only be entered after its sources and no circle can arise.
Nothing is taken out: a deviation, a rejection or a recall is a remark that is added. The traceability asked for is
that of EU GMP Part IV (advanced therapies): from donor to recipient and back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.verdict import Reason, Verdict

CODE_TAKEN = ErrorCode("GEN-001", "Two materials have one code.", "give each material a code of its own.")
NO_MATERIAL = ErrorCode("GEN-002", "No material has that code.", "enter what it was made from first.")
NOT_ENOUGH = ErrorCode(
    "GEN-003",
    "More is taken from a material than is left of it.",
    "count again what is left, and enter the amount that was really taken.",
)
BAD_AMOUNT = ErrorCode(
    "GEN-004",
    "An amount is missing, is not above zero or lacks its unit.",
    "enter amount and unit as measured.",
)
WRONG_ORDER = ErrorCode(
    "GEN-005",
    "A material is said to come from one that stands later in the chain, or that was made later.",
    "look at kind and time of both; a time has its offset from UTC.",
)
NOT_USABLE = ErrorCode(
    "GEN-006",
    "A material comes from one that was rejected or recalled, or whose ancestor was.",
    "use another material; what was rejected or recalled stays so.",
)
NO_SOURCE = ErrorCode(
    "GEN-007",
    "A donor or a supplied lot has a source, or another material has none.",
    "name what it was made from; what was bought in is a supplied lot.",
)
NO_REASON = ErrorCode("GEN-008", "A remark on a material has no reason.", "say in words why.")


class Kind(StrEnum):
    """What a material is, in the order of the chain."""

    DONOR = "donor"
    SUPPLY = "supplied lot"
    TISSUE = "tissue"
    ISOLATION = "isolation"
    CELL_BANK = "cell bank"
    PASSAGE = "passage"
    HARVEST = "harvest"
    STEP = "isolation step"
    POOL = "pool"
    BATCH = "batch"
    FILL = "fill"
    KIT = "kit"
    DOSE = "dose"

    @property
    def rank(self) -> int:
        """0 for a donor, 12 for a dose. A bank is laid down from a passage and thawed into one: both stand alike."""
        return list(Kind).index(Kind.PASSAGE if self is Kind.CELL_BANK else self)

    @property
    def is_root(self) -> bool:
        """Whether nothing stands before it: a donor, or a lot that was bought in (medium, vehicle, placebo)."""
        return self in (Kind.DONOR, Kind.SUPPLY)


# Cells grow from bank to bank and passage to passage, and a pellet is taken up in more fluid: no parts of one another.
_WORKED_ON = frozenset({Kind.ISOLATION, Kind.CELL_BANK, Kind.PASSAGE, Kind.STEP})


class Mark(StrEnum):
    """What can be remarked on a material. A deviation is told; the other two taint whatever comes of it."""

    DEVIATED = "deviated"
    REJECTED = "rejected"
    RECALLED = "recalled"

    @property
    def taints(self) -> bool:
        return self is not Mark.DEVIATED


@dataclass(frozen=True, kw_only=True)
class Portion:
    """What was taken from a source, in the source's unit. `amount` is None only of a donor, which has no amount."""

    source: str
    amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Material:
    """One material: `amount` in `unit` as made, `sources` what was taken for it, `at` when (with offset from UTC).

    `description` says in words what it is; `donation_number` is that of its label (`labels.read_donation_number`).
    """

    code: str
    kind: Kind
    at: datetime
    amount: Decimal | None = None
    unit: str = ""
    sources: tuple[Portion, ...] = ()
    description: str = ""
    donation_number: str = ""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A deviation, rejection or recall of a material, with its reason."""

    material: str
    mark: Mark
    reason: str
    at: datetime


@dataclass(frozen=True)
class Genealogy:
    """All materials and remarks, each in the order of entry. Made by `add_material` and `add_remark` alone."""

    materials: tuple[Material, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def find(self, code: str) -> Material:
        """The material of that code. Refuses with GEN-002."""
        for material in self.materials:
            if material.code == code:
                return material
        raise NO_MATERIAL.refuse(f"there is no material '{code}'", place=Place(path=code), value=code)


def add_material(genealogy: Genealogy, *, material: Material) -> Genealogy:
    """The genealogy with one material more; the one given is unchanged.

    Refuses with GEN-001 to GEN-007. A part of a material (same kind, same unit) and a pool in its sources' unit hold
    no more than was taken for them; where the unit changes (cells to particles), nothing can be held to anything.
    """
    place = Place(path=material.code)
    if not material.code.strip():
        raise NO_MATERIAL.refuse("a material has no code", place=place, remedy="give it a code.")
    if any(other.code == material.code for other in genealogy.materials):
        raise CODE_TAKEN.refuse(f"there is a material '{material.code}'", place=place, value=material.code)
    if material.at.utcoffset() is None:
        raise WRONG_ORDER.refuse(
            "the time has no offset from UTC", place=place, value=material.at.isoformat()
        )
    _hold_amount(material)
    if material.kind.is_root == bool(material.sources):
        raise NO_SOURCE.refuse(
            f"a {material.kind} has {len(material.sources)} sources", place=place, value=len(material.sources)
        )
    if len({portion.source for portion in material.sources}) < len(material.sources):
        raise CODE_TAKEN.refuse(
            "one source is named twice", place=place, remedy="name each source once, with all that was taken."
        )
    sources = [genealogy.find(portion.source) for portion in material.sources]
    for source, portion in zip(sources, material.sources, strict=True):
        _hold_order(source, material)
        _hold_portion(genealogy, source, portion, into=material.code)
        tainted = derive_taint(genealogy, code=source.code)
        if tainted:
            first = tainted[0]
            raise NOT_USABLE.refuse(
                f"'{source.code}' cannot be used: '{first.material}' was {first.mark}",
                place=place,
                value=source.code,
            )
    _hold_gain(material, sources)
    return Genealogy((*genealogy.materials, material), genealogy.remarks)


def add_remark(genealogy: Genealogy, *, remark: Remark) -> Genealogy:
    """The genealogy with one remark more. Refuses with GEN-002, GEN-005 (time) and GEN-008 (no reason)."""
    material = genealogy.find(remark.material)
    place = Place(path=remark.material)
    if not remark.reason.strip():
        raise NO_REASON.refuse(f"'{remark.material}' is to be {remark.mark} without a reason", place=place)
    if remark.at.utcoffset() is None or remark.at < material.at:
        raise WRONG_ORDER.refuse(
            "the remark has no offset from UTC, or is dated before its material",
            place=place,
            value=remark.at.isoformat(),
        )
    return Genealogy(genealogy.materials, (*genealogy.remarks, remark))


def compute_left(genealogy: Genealogy, *, code: str) -> Decimal | None:
    """What is left of a material in its unit: made less taken. None of a donor, which has no amount."""
    made = genealogy.find(code).amount
    if made is None:
        return None
    return made - _taken(genealogy, code)


def derive_ancestors(genealogy: Genealogy, *, code: str) -> tuple[Material, ...]:
    """What made this: every material that went into it, in the order of entry; the material itself is left out."""
    genealogy.find(code)
    wanted = {code}
    found = []
    # Sources always stand before what was made of them: one pass backwards sees them all.
    for material in reversed(genealogy.materials):
        if material.code in wanted:
            wanted |= {portion.source for portion in material.sources}
            if material.code != code:
                found.append(material)
    return tuple(reversed(found))


def derive_descendants(genealogy: Genealogy, *, code: str, kind: Kind | None = None) -> tuple[Material, ...]:
    """What came of this: every material with something of it, of one `kind` or of all, in the order of entry."""
    genealogy.find(code)
    reached = {code}
    found = []
    for material in genealogy.materials:
        if any(portion.source in reached for portion in material.sources):
            reached.add(material.code)
            if kind is None or material.kind is kind:
                found.append(material)
    return tuple(found)


def derive_taint(genealogy: Genealogy, *, code: str) -> tuple[Remark, ...]:
    """The rejections and recalls of a material and of all its ancestors, in the order of entry."""
    line = {code} | {material.code for material in derive_ancestors(genealogy, code=code)}
    return tuple(remark for remark in genealogy.remarks if remark.mark.taints and remark.material in line)


def decide_usable(genealogy: Genealogy, *, code: str) -> Verdict:
    """Whether a material may be used: neither it nor an ancestor is rejected or recalled, and some of it is left.

    Deviations do not decide here; each is told as a reason that holds, so that who releases has seen it.
    """
    left = compute_left(genealogy, code=code)
    tainted = derive_taint(genealogy, code=code)
    line = {code} | {material.code for material in derive_ancestors(genealogy, code=code)}
    deviations = [
        remark for remark in genealogy.remarks if remark.mark is Mark.DEVIATED and remark.material in line
    ]
    reasons = [
        Reason(
            "nothing in its line is rejected or recalled",
            not tainted,
            "; ".join(f"{remark.material} was {remark.mark}: {remark.reason}" for remark in tainted)
            or "none is",
        ),
        Reason(
            "something of it is left",
            left is None or left > 0,
            "a donor has no amount" if left is None else f"{left} {genealogy.find(code).unit} left",
        ),
    ]
    reasons += [
        Reason("a deviation is on record", True, f"{deviation.material}: {deviation.reason}")
        for deviation in deviations
    ]
    return Verdict(f"May {code} be used?", tuple(reasons))


def build_genealogy(entries: Iterable[Material | Remark]) -> Genealogy:
    """A genealogy from its entries in their order, each held to the rules of `add_material` and `add_remark`."""
    genealogy = Genealogy()
    for entry in entries:
        if isinstance(entry, Material):
            genealogy = add_material(genealogy, material=entry)
        else:
            genealogy = add_remark(genealogy, remark=entry)
    return genealogy


def _taken(genealogy: Genealogy, code: str) -> Decimal:
    portions = (portion for material in genealogy.materials for portion in material.sources)
    return sum((p.amount for p in portions if p.source == code and p.amount is not None), Decimal(0))


def _hold_amount(material: Material) -> None:
    if material.kind is Kind.DONOR:
        held = material.amount is None and not material.unit
        problem = "a donor has an amount"
    else:
        held = _above_zero(material.amount) and bool(material.unit.strip())
        problem = f"the amount '{material.amount}' in '{material.unit}' is not an amount with a unit"
    if not held:
        raise BAD_AMOUNT.refuse(problem, place=Place(path=material.code), value=material.amount)


def _above_zero(amount: Decimal | None) -> bool:
    return amount is not None and amount.is_finite() and amount > 0


def _hold_order(source: Material, material: Material) -> None:
    if source.kind.rank > material.kind.rank or source.at > material.at:
        raise WRONG_ORDER.refuse(
            f"a {material.kind} of {material.at.isoformat()} cannot come from the {source.kind} '{source.code}' "
            f"of {source.at.isoformat()}",
            place=Place(path=material.code),
            value=source.code,
        )


def _hold_portion(genealogy: Genealogy, source: Material, portion: Portion, *, into: str) -> None:
    place = Place(path=into)
    if source.kind is Kind.DONOR:
        if portion.amount is not None:
            raise BAD_AMOUNT.refuse("an amount is taken of a donor", place=place, value=portion.amount)
        return
    if portion.amount is None or not _above_zero(portion.amount):
        raise BAD_AMOUNT.refuse(
            f"the amount '{portion.amount}' taken of '{source.code}' is not above zero",
            place=place,
            value=portion.amount,
        )
    left = compute_left(genealogy, code=source.code)
    if left is None or portion.amount > left:
        raise NOT_ENOUGH.refuse(
            f"{portion.amount} {source.unit} are taken of '{source.code}', of which {left} {source.unit} are left",
            place=place,
            value=portion.amount,
        )


def _hold_gain(material: Material, sources: list[Material]) -> None:
    """A part or a pool, told by its unit, holds no more than was taken for it."""
    units = {source.unit for source in sources}
    part = all(source.kind is material.kind for source in sources) and material.kind not in _WORKED_ON
    if material.amount is None or not (part or material.kind is Kind.POOL) or units != {material.unit}:
        return
    taken = sum((portion.amount for portion in material.sources if portion.amount is not None), Decimal(0))
    if material.amount > taken:
        raise NOT_ENOUGH.refuse(
            f"{material.amount} {material.unit} are made of {taken} {material.unit}",
            place=Place(path=material.code),
            value=material.amount,
        )
