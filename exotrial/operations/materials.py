"""Materials from donor to vial: entered with what they were made from, split, pooled, rejected, recalled.

Traceability from donor to recipient and back is asked of cell-based products by EU GMP Part IV (advanced therapies)
and by Directive 2004/23/EC article 8. Nothing entered is taken out: what went wrong is a remark that is added.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import _life
from exotrial.operations._act import Act
from exotrial.operations._exposed import Exposed, find_exposed
from exotrial.operations._materials import (
    Kept,
    enter_handover,
    enter_material,
    enter_remark,
    load_genealogy,
)
from exotrial.operations._operation import ALWAYS, OPEN, Answer, Ask, operation, view
from exotrial.operations.access import Permission
from exotrial.operations.product import WRONG_STATE, find_batch
from exotrial.product.genealogy import (
    Kind,
    Mark,
    Material,
    Portion,
    compute_left,
    derive_descendants,
    derive_taint,
)
from exotrial.product.handover import Handover
from exotrial.product.labels import read_donation_number
from exotrial.store.models import Batch

ENTERED_ELSEWHERE = ErrorCode(
    "MAT-001",
    "A kit or a dose is not entered as a material.",
    "pack a kit with `pack_kit` and its `taken_from`; record a dose with `record_dose`.",
)

Code = Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")


class Taken(BaseModel):
    """What was taken from a material, in that material's unit; no amount where it is a donor."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    material: str = Code
    amount: Decimal | None = Field(default=None, max_digits=30)


class RecordMaterial(Ask):
    """A material: what it is, when it came to be, how much there is, and what was taken for it."""

    code: str = Code
    kind: Kind
    at: AwareDatetime = Field(description="When it came to be, with its offset from UTC.")
    amount: Decimal | None = Field(default=None, max_digits=30)
    unit: str = Field(default="", max_length=40)
    sources: tuple[Taken, ...] = Field(default=(), max_length=200)
    description: str = Field(
        default="", max_length=500, description="What it is, in words; no person's name."
    )
    donation_number: str = Field(
        default="", max_length=40, description="As keyed from the label, with its check character."
    )


class ShownRemark(Answer):
    """A deviation, rejection or recall, of the material itself or of `material`, one that it was made from."""

    material: str
    mark: Mark
    reason: str
    at: datetime


class ShownMaterial(Answer):
    """A material; `left` is what was not taken yet, `usable` whether nothing in its line is rejected or recalled."""

    code: str
    kind: Kind
    at: datetime
    amount: Decimal | None
    left: Decimal | None
    unit: str
    sources: tuple[Taken, ...]
    description: str
    donation_number: str
    entered_by: str
    usable: bool
    remarks: tuple[ShownRemark, ...]


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN)
def record_material(act: Act, ask: RecordMaterial) -> ShownMaterial:
    """Enter a material, a split or a pool; no more is taken than there is, and nothing of what was recalled."""
    if ask.kind in (Kind.KIT, Kind.DOSE):
        raise ENTERED_ELSEWHERE.refuse(f"a {ask.kind} is to be entered", place=Place(path="kind"))
    _life.check_past(act, ask.at, path="at")
    if ask.kind is Kind.BATCH:
        batch = find_batch(act, ask.code)
        if batch.status != Batch.Status.QUARANTINE:
            raise WRONG_STATE.refuse(f"the batch is {batch.status}", value=batch.status)
    number = read_donation_number(ask.donation_number) if ask.donation_number else ""
    material = Material(
        code=ask.code,
        kind=ask.kind,
        at=ask.at,
        amount=ask.amount,
        unit=ask.unit,
        sources=tuple(Portion(source=one.material, amount=one.amount) for one in ask.sources),
        description=ask.description,
        donation_number=number,
    )
    return show_one(enter_material(act, load_genealogy(act), material), material)


class NameMaterial(Ask):
    """The code of a material."""

    code: str = Code


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN, needs_reason=True)
def report_material_deviation(act: Act, ask: NameMaterial) -> ShownMaterial:
    """Report what did not go as planned with a material; it may still be used, and whoever releases sees it."""
    kept = enter_remark(act, load_genealogy(act), ask.code, Mark.DEVIATED)
    return show_one(kept, kept.genealogy.find(ask.code))


class HandOver(NameMaterial):
    """Who gave the material to whom, where and when; people by initials or number, not by name."""

    given_by: str = Field(min_length=1, max_length=60)
    taken_by: str = Field(min_length=1, max_length=60)
    place: str = Field(min_length=1, max_length=200)
    at: AwareDatetime
    condition: str = Field(default="", max_length=500, description="Such as the temperature on arrival.")


class ShownHandover(Answer):
    given_by: str
    taken_by: str
    place: str
    at: datetime
    condition: str


class Custody(Answer):
    """The handovers of a material in order; `holder` has it now."""

    code: str
    holder: str
    handovers: tuple[ShownHandover, ...]


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN)
def hand_over_material(act: Act, ask: HandOver) -> Custody:
    """Record that a material went from hand to hand; who gives it is who took it last."""
    _life.check_past(act, ask.at, path="at")
    handover = Handover(
        material=ask.code,
        given_by=ask.given_by,
        taken_by=ask.taken_by,
        place=ask.place,
        at=ask.at,
        condition=ask.condition,
    )
    return show_custody(enter_handover(act, load_genealogy(act), handover), ask.code)


class AffectedBatch(Answer):
    """A batch that has something of the material, and its state now."""

    code: str
    status: str


class Affected(Answer):
    """What came of a material that was rejected or recalled: it is used no more, and who had it is named."""

    code: str
    batches: tuple[AffectedBatch, ...]
    kits: tuple[Exposed, ...]


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN, needs_reason=True)
def reject_material(act: Act, ask: NameMaterial) -> Affected:
    """Reject a material for good, with everything that was made of it; batches given already are recalled."""
    return _taint(act, ask.code, Mark.REJECTED)


@operation(permission=Permission.HANDLE_PRODUCT, when=ALWAYS, needs_reason=True)
def recall_material(act: Act, ask: NameMaterial) -> Affected:
    """Recall a material and everything that was made of it: no dose is given from now on; who had one is named."""
    return _taint(act, ask.code, Mark.RECALLED)


class ListMaterials(Ask):
    """Nothing to say."""


class ShownMaterials(Answer):
    """Materials in the order of entry."""

    materials: tuple[ShownMaterial, ...]


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def list_materials(act: Act, ask: ListMaterials) -> ShownMaterials:
    """Every material with what is left of it and whether it may be used; every reading is kept in the trail."""
    kept = load_genealogy(act)
    return ShownMaterials(materials=tuple(show_one(kept, one) for one in kept.genealogy.materials))


def show_custody(kept: Kept, code: str) -> Custody:
    """The handovers of a material as they are shown."""
    handovers = kept.handovers_of(code)
    return Custody(
        code=code,
        holder=handovers[-1].taken_by if handovers else "",
        handovers=tuple(
            ShownHandover(
                given_by=one.given_by,
                taken_by=one.taken_by,
                place=one.place,
                at=one.at,
                condition=one.condition,
            )
            for one in handovers
        ),
    )


def show_one(kept: Kept, material: Material) -> ShownMaterial:
    """A material as it is shown: its own remarks, and those of its line that forbid its use."""
    taint = derive_taint(kept.genealogy, code=material.code)
    own = [one for one in kept.genealogy.remarks if one.material == material.code and not one.mark.taints]
    return ShownMaterial(
        code=material.code,
        kind=material.kind,
        at=material.at,
        amount=material.amount,
        left=compute_left(kept.genealogy, code=material.code),
        unit=material.unit,
        sources=tuple(Taken(material=one.source, amount=one.amount) for one in material.sources),
        description=material.description,
        donation_number=material.donation_number,
        entered_by=kept.entered_by[material.code],
        usable=not taint,
        remarks=tuple(
            ShownRemark(material=one.material, mark=one.mark, reason=one.reason, at=one.at)
            for one in (*own, *taint)
        ),
    )


def _taint(act: Act, code: str, mark: Mark) -> Affected:
    """Add the remark; batches in the material's line go out of use: from quarantine as marked, else recalled."""
    kept = enter_remark(act, load_genealogy(act), code, mark)
    line = [kept.genealogy.find(code), *derive_descendants(kept.genealogy, code=code)]
    batches = []
    for material in line:
        if material.kind is not Kind.BATCH:
            continue
        row = find_batch(act, material.code)
        if row.status == Batch.Status.QUARANTINE and mark is Mark.REJECTED:
            act.change(row, status=Batch.Status.REJECTED.value)
        elif row.status in (Batch.Status.QUARANTINE, Batch.Status.RELEASED):
            act.change(row, status=Batch.Status.RECALLED.value)
        batches.append(AffectedBatch(code=material.code, status=row.status))
    reached = {material.code for material in line}
    return Affected(code=code, batches=tuple(batches), kits=find_exposed(act, kept, reached))
