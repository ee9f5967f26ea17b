"""Batches and kits as far as giving them needs: register, reject, recall, pack (EU GMP Annex 13; ICH E6(R3) 3.15).

A batch's code and a kit's content are sealed: batch and arm go together, so a batch number tells an arm. Everybody
else sees kit numbers, in the order of the numbers.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._batch_product import check_arm, seal_product, settle_product
from exotrial.operations._exposed import Exposed, find_exposed
from exotrial.operations._materials import enter_material, enter_remark, load_genealogy
from exotrial.operations._operation import ALWAYS, OPEN, Answer, Ask, operation, view
from exotrial.operations.access import Permission
from exotrial.product.genealogy import Kind, Mark, Material, Portion, derive_descendants
from exotrial.store.models import AllocationList, Batch, Envelope, Kit

BATCH_TAKEN = ErrorCode("KIT-001", "The study has a batch of that code.", "look at `list_batches`.")
NO_BATCH = ErrorCode("KIT-002", "The study has no batch of that code.", "look at `list_batches`.")
WRONG_STATE = ErrorCode(
    "KIT-003", "The batch's state does not allow it.", "look at `list_batches` for the state of each batch."
)
EXPIRED = ErrorCode("KIT-004", "The batch is past its last day.", "use another batch.")
KIT_TAKEN = ErrorCode("KIT-005", "The study has a kit of that number.", "look at `show_kits`.")
NO_ARM = ErrorCode("KIT-006", "The study has no such arm.", "use the id of an arm of the study file.")
OTHER_ARM = ErrorCode(
    "KIT-007",
    "The randomisation list gives that kit number to another arm.",
    "pack the kit with what the list says; `show_packing_list` tells it to who packs.",
)
OTHER_SOURCE = ErrorCode(
    "KIT-008",
    "The kit is packed from something that is not of its batch.",
    "name in `taken_from` the batch's material or a fill of it; leave it out where the batch is in no genealogy.",
)
OTHER_COUNT = ErrorCode(
    "KIT-009",
    "The kit would hold another number of vials than the kits before it, and so could be told apart.",
    "pack every kit of a blinded study with the same number of vials.",
)


class RegisterBatch(Ask):
    """A batch: the code on its label, and the last day on which it may be given."""

    code: str = Field(min_length=1, max_length=80)
    expires_on: date
    product: str = Field(
        default="",
        max_length=40,
        description="The product of the study file, or 'none'; needed where a product is held to release tests.",
    )


class BatchState(Answer):
    code: str
    status: str
    expires_on: date


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN)
def register_batch(act: Act, ask: RegisterBatch) -> BatchState:
    """Register a batch, which is in quarantine until it is released."""
    mark = _mark(act, ask.code)
    if Batch.objects.filter(study=act.the_study, code_mark=mark).exists():
        raise BATCH_TAKEN.refuse("the code is that of another batch", place=Place(path="code"))
    row = act.add(
        Batch(
            study=act.the_study,
            code_sealed=arms.seal_text(act, ask.code, where=f"batch {mark}"),
            code_mark=mark,
            expires_on=ask.expires_on,
            product_sealed=seal_product(act, settle_product(act, ask.product), mark),
        )
    )
    return BatchState(code=ask.code, status=row.status, expires_on=row.expires_on)


class NameBatch(Ask):
    """The code on the batch's label."""

    code: str = Field(min_length=1, max_length=80)


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN, needs_reason=True)
def reject_batch(act: Act, ask: NameBatch) -> BatchState:
    """Reject a batch in quarantine for good."""
    row = find_batch(act, ask.code)
    if row.status != Batch.Status.QUARANTINE:
        raise WRONG_STATE.refuse(f"the batch is {row.status}", value=row.status)
    act.change(row, status=Batch.Status.REJECTED.value)
    _remark(act, ask.code, Mark.REJECTED)
    return BatchState(code=ask.code, status=row.status, expires_on=row.expires_on)


class ExposedBatch(Answer):
    code: str
    status: str
    kits: tuple[Exposed, ...]


@operation(permission=Permission.HANDLE_PRODUCT, when=ALWAYS, needs_reason=True)
def recall_batch(act: Act, ask: NameBatch) -> ExposedBatch:
    """Recall a batch: no dose of it is given from now on, and whoever had it is named to the pharmacist."""
    row = find_batch(act, ask.code)
    if row.status not in (Batch.Status.RELEASED, Batch.Status.QUARANTINE):
        raise WRONG_STATE.refuse(f"the batch is {row.status}", value=row.status)
    act.change(row, status=Batch.Status.RECALLED.value)
    _remark(act, ask.code, Mark.RECALLED)
    return _exposed(act, row, ask.code)


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_exposed(act: Act, ask: NameBatch) -> ExposedBatch:
    """The kits of a batch and who had them, for the roles that know arms; every reading is kept in the trail."""
    return _exposed(act, find_batch(act, ask.code), ask.code)


class PackKit(Ask):
    """A kit's number, and what is in it: the arm and the batch."""

    number: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")
    arm: str
    batch: str = Field(description="The code of the batch; it may still be in quarantine.")
    vials: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="How many vials it holds, the same in every kit; 0 where doses are not counted by vials.",
    )
    taken_from: str = Field(
        default="",
        max_length=80,
        description="The batch's material or a fill of it; needed where the batch stands in the genealogy.",
    )
    amount: Decimal | None = Field(
        default=None, max_digits=30, description="How much of it, in its unit: such as 1 of a fill in vials."
    )


class PackedKit(Answer):
    number: str
    status: str


@operation(permission=Permission.HANDLE_PRODUCT, when=OPEN)
def pack_kit(act: Act, ask: PackKit) -> PackedKit:
    """Pack a numbered kit: what is in it is sealed, and held to the randomisation list where that has the number."""
    if ask.arm not in {arm.id for arm in act.definition().arms}:
        raise NO_ARM.refuse("the arm is none of the study's", place=Place(path="arm"))
    batch = find_batch(act, ask.batch)
    if batch.status not in (Batch.Status.QUARANTINE, Batch.Status.RELEASED):
        raise WRONG_STATE.refuse(f"the batch is {batch.status}", value=batch.status)
    check_arm(act, batch, ask.arm)
    if Kit.objects.filter(study=act.the_study, number=ask.number).exists():
        raise KIT_TAKEN.refuse(f"there is a kit {ask.number}", place=Place(path="number"), value=ask.number)
    other = Kit.objects.filter(study=act.the_study).exclude(vials=ask.vials).first()
    if other is not None and not arms.is_open_label(act):
        raise OTHER_COUNT.refuse(f"{other.number} holds {other.vials}", place=Place(path="vials"))
    listed = _listed_arms(act)
    if listed.get(ask.number, ask.arm) != ask.arm:
        raise OTHER_ARM.refuse(f"the kit {ask.number} is of another arm", place=Place(path="arm"))
    row = act.add(
        Kit(
            study=act.the_study,
            number=ask.number,
            content_sealed=arms.seal_kit(act, number=ask.number, arm=ask.arm, batch=ask.batch),
            vials=ask.vials,
        )
    )
    _take(act, ask)
    return PackedKit(number=row.number, status=row.status)


class ListKits(Ask):
    """Nothing to say."""


class ShownKit(Answer):
    """A kit as everybody sees it; `participant` only where one has rights at the site."""

    number: str
    status: str
    participant: str


class ShownKits(Answer):
    kits: tuple[ShownKit, ...]


@view(permission=Permission.READ_DATA)
def list_kits(act: Act, ask: ListKits) -> ShownKits:
    """Kits by number, with their state and whose they are."""
    rows = Kit.objects.filter(study=act.the_study).select_related("participant__site").order_by("number")
    return ShownKits(
        kits=tuple(
            ShownKit(
                number=row.number,
                status=row.status,
                participant=row.participant.code if row.participant is not None else "",
            )
            for row in rows
            if row.participant is None or act.actor.holds_at(row.participant.site.code)
        )
    )


class PackedContent(Answer):
    number: str
    status: str
    participant: str
    arm: str
    batch: str


class PackedContents(Answer):
    kits: tuple[PackedContent, ...]


@view(permission=Permission.HANDLE_PRODUCT, access_logged=True)
def show_kits(act: Act, ask: ListKits) -> PackedContents:
    """Kits with what is in them, for who packs them; every reading is kept in the trail."""
    rows = Kit.objects.filter(study=act.the_study).select_related("participant__site").order_by("number")
    return PackedContents(
        kits=tuple(
            PackedContent(
                number=row.number,
                status=row.status,
                participant=row.participant.code if row.participant is not None else "",
                **arms.open_kit(act, row),
            )
            for row in rows
            if row.participant is None or act.actor.holds_at(row.participant.site.code)
        )
    )


class KitToPack(Answer):
    number: str
    arm: str


class PackingList(Answer):
    kits: tuple[KitToPack, ...]


@view(permission=Permission.HANDLE_PRODUCT, access_logged=True)
def show_packing_list(act: Act, ask: ListKits) -> PackingList:
    """The kit numbers of the sealed lists that are not packed yet, by number, with the arm to pack."""
    packed = set(Kit.objects.filter(study=act.the_study).values_list("number", flat=True))
    listed = _listed_arms(act)
    return PackingList(
        kits=tuple(KitToPack(number=kit, arm=listed[kit]) for kit in sorted(listed) if kit not in packed)
    )


class ListBatches(Ask):
    """Nothing to say."""


class ShownBatches(Answer):
    batches: tuple[BatchState, ...]


@view(permission=Permission.HANDLE_PRODUCT, access_logged=True)
def list_batches(act: Act, ask: ListBatches) -> ShownBatches:
    """Batches by code, for who handles them; every reading is kept in the trail."""
    found = [
        BatchState(
            code=arms.open_text(act, row.code_sealed, where=f"batch {row.code_mark}", purpose="knowing arms"),
            status=row.status,
            expires_on=row.expires_on,
        )
        for row in Batch.objects.filter(study=act.the_study)
    ]
    return ShownBatches(batches=tuple(sorted(found, key=lambda batch: batch.code)))


def find_batch(act: Act, code: str) -> Batch:
    """A batch by its code. Refuses with KIT-002, and does not repeat the code."""
    row = seek_batch(act, code)
    if row is None:
        raise NO_BATCH.refuse("there is no batch of that code", place=Place(path="code"))
    return row


def seek_batch(act: Act, code: str) -> Batch | None:
    """A batch by its code, None where the study has none of it."""
    return Batch.objects.filter(study=act.the_study, code_mark=_mark(act, code)).first()


def _take(act: Act, ask: PackKit) -> None:
    """Enter the kit into the genealogy, where its batch stands in it: so many vials are packed as there are."""
    kept = load_genealogy(act)
    if not kept.holds(ask.batch):
        if ask.taken_from:
            raise OTHER_SOURCE.refuse("the batch stands not in the genealogy", place=Place(path="taken_from"))
        return
    line = {one.code for one in derive_descendants(kept.genealogy, code=ask.batch)} | {ask.batch}
    if ask.taken_from not in line:
        problem = (
            "the material is not of the batch" if ask.taken_from else "it is not said what the kit is of"
        )
        raise OTHER_SOURCE.refuse(problem, place=Place(path="taken_from"))
    source = kept.genealogy.find(ask.taken_from)
    kit = Material(
        code=ask.number,
        kind=Kind.KIT,
        at=act.now,
        amount=ask.amount,
        unit=source.unit,
        sources=(Portion(source=source.code, amount=ask.amount),),
    )
    enter_material(act, kept, kit)


def _remark(act: Act, code: str, mark: Mark) -> None:
    """Remark on the batch in the genealogy too, where it stands there: nothing of it is packed from now on."""
    kept = load_genealogy(act)
    if kept.holds(code):
        enter_remark(act, kept, code, mark)


def _mark(act: Act, code: str) -> str:
    """A keyed mark of a code, by which a batch is found without opening any."""
    message = f"{act.the_study.slug}\x1f{code}".encode()
    return act.opened.keys.mark(message, purpose="batch code")


def _listed_arms(act: Act) -> dict[str, str]:
    """The arm of every kit number of the study's sealed lists. Only for a role that knows arms."""
    rows = Envelope.objects.filter(
        list__study=act.the_study, list__status=AllocationList.Status.SEALED
    ).select_related("list")
    listed: dict[str, str] = {}
    for row in rows:
        leaf = arms.open_leaf(act, row, purpose="knowing arms")
        listed |= {kit: arm for arm, kit in leaf.kits} if leaf.kits else {leaf.kit: leaf.arm}
    return {kit: arm for kit, arm in listed.items() if kit}


def _exposed(act: Act, batch: Batch, code: str) -> ExposedBatch:
    kept = load_genealogy(act)
    line = derive_descendants(kept.genealogy, code=code) if kept.holds(code) else ()
    kits = find_exposed(act, kept, {code, *(one.code for one in line)})
    return ExposedBatch(code=code, status=batch.status, kits=kits)
