"""The line of a material, a kit or a dose, both ways at once: what made it, and who received anything of it."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._exposed import Exposed, find_exposed
from exotrial.operations._materials import Kept, load_genealogy
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.dosing import NO_KIT
from exotrial.operations.materials import ShownHandover, ShownMaterial, show_custody, show_one
from exotrial.operations.product import find_batch, seek_batch
from exotrial.product.genealogy import Kind, derive_ancestors, derive_descendants
from exotrial.store.models import Dose, Kit

ONE_THING = ErrorCode(
    "MAT-002",
    "The line of one thing is asked for, of a material, a kit or a dose.",
    "name a material (a batch's code too), or a kit, or a participant with the number of the dose.",
)
NOTHING = ErrorCode(
    "MAT-004",
    "Neither a material nor a batch has that code.",
    "look at `list_materials` and `list_batches`.",
)
NO_DOSE = ErrorCode("MAT-003", "The participant has no such dose.", "look at `list_doses` for the numbers.")


class AskLineage(Ask):
    """A material or batch by its code, or a kit by its number, or a dose by participant and number."""

    material: str = Field(default="", max_length=80)
    kit: str = Field(default="", max_length=40)
    participant: str = ""
    dose: int = Field(default=0, ge=0, le=100_000, description="The dose's number, counted from 1.")


class LineBatch(Answer):
    """A batch in the line, with its state and its last day."""

    code: str
    status: str
    expires_on: date


class Lineage(Answer):
    """`made_from` in the order of entry, `made_into` likewise; `kits` are those with something of it. `custody` is
    that of the material itself.

    `complete` is whether the line begins with donors or supplied lots; where it does not, nobody entered what the
    batch was made from.
    """

    asked: str
    kind: str
    complete: bool
    itself: ShownMaterial | None
    made_from: tuple[ShownMaterial, ...]
    made_into: tuple[ShownMaterial, ...]
    batches: tuple[LineBatch, ...]
    kits: tuple[Exposed, ...]
    custody: tuple[ShownHandover, ...]


@view(permission=Permission.KNOW_ARMS, access_logged=True)
def show_lineage(act: Act, ask: AskLineage) -> Lineage:
    """What made this, and which participants received anything of it; every reading is kept in the trail."""
    if [bool(ask.material), bool(ask.kit), bool(ask.participant)].count(True) != 1:
        raise ONE_THING.refuse("not one thing is named")
    kept = load_genealogy(act)
    if ask.material:
        return _line(act, kept, asked=ask.material, code=ask.material, batch=ask.material)
    kit = _kit_of_dose(act, ask) if ask.participant else _kit(act, ask.kit)
    batch = arms.open_kit(act, kit, purpose="knowing arms")["batch"]
    code = kit.number if kept.holds(kit.number) else batch
    asked = f"{ask.participant} dose {ask.dose}" if ask.participant else kit.number
    line = _line(act, kept, asked=asked, code=code, batch=batch)
    mine = tuple(one for one in line.kits if one.kit == kit.number)
    made_from = line.made_from
    if code == batch and line.itself is not None:  # the batch made the kit, too
        made_from = (*made_from, line.itself)
    return line.model_copy(
        update={
            "kind": "dose" if ask.participant else "kit",
            "itself": line.itself if code != batch else None,
            "made_from": made_from,
            "made_into": (),
            "kits": mine,
        }
    )


def _line(act: Act, kept: Kept, *, asked: str, code: str, batch: str) -> Lineage:
    """The line of a material; of a batch that stands in no genealogy its kits alone. Refuses with MAT-004."""
    if not kept.holds(code):
        row = seek_batch(act, batch)
        if row is None:
            raise NOTHING.refuse("nothing has that code", place=Place(path="material"))
        return Lineage(
            asked=asked,
            kind="batch",
            complete=False,
            itself=None,
            made_from=(),
            made_into=(),
            batches=(LineBatch(code=batch, status=row.status, expires_on=row.expires_on),),
            kits=find_exposed(act, kept, {batch}),
            custody=(),
        )
    genealogy = kept.genealogy
    itself = genealogy.find(code)
    before = derive_ancestors(genealogy, code=code)
    after = derive_descendants(genealogy, code=code)
    batches = []
    for material in (*before, itself, *after):
        if material.kind is Kind.BATCH:
            row = find_batch(act, material.code)
            batches.append(LineBatch(code=material.code, status=row.status, expires_on=row.expires_on))
    return Lineage(
        asked=asked,
        kind=itself.kind.value,
        complete=True,
        itself=show_one(kept, itself),
        made_from=tuple(show_one(kept, one) for one in before),
        made_into=tuple(show_one(kept, one) for one in after),
        batches=tuple(batches),
        kits=find_exposed(act, kept, {code, *(one.code for one in after)}),
        custody=show_custody(kept, code).handovers,
    )


def _kit(act: Act, number: str) -> Kit:
    row = Kit.objects.filter(study=act.the_study, number=number).first()
    if row is None:
        raise NO_KIT.refuse(f"there is no kit {number}", place=Place(path="kit"), value=number)
    return row


def _kit_of_dose(act: Act, ask: AskLineage) -> Kit:
    participant = act.participant(ask.participant)
    doses = list(Dose.objects.filter(participant=participant).select_related("kit").order_by("begun_at"))
    if not 1 <= ask.dose <= len(doses):
        raise NO_DOSE.refuse(
            f"{participant.code} has {len(doses)} doses", place=Place(path="dose"), value=ask.dose
        )
    return doses[ask.dose - 1].kit
