"""The genealogy of the product as it is kept: entries opened in their order, and the only way to add one."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.product.genealogy import (
    Genealogy,
    Kind,
    Mark,
    Material,
    Portion,
    Remark,
    add_material,
    add_remark,
)
from exotrial.product.handover import Handover, check_handover
from exotrial.store.models import MaterialEntry

_HANDOVER = ("material", "given_by", "taken_by", "place", "condition")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The genealogy with who entered each material, and the handovers in the order of entry."""

    genealogy: Genealogy
    entered_by: dict[str, str]
    handovers: tuple[Handover, ...] = ()

    def holds(self, code: str) -> bool:
        """Whether there is a material of that code."""
        return code in self.entered_by

    def handovers_of(self, code: str) -> tuple[Handover, ...]:
        """The handovers of one material."""
        return tuple(one for one in self.handovers if one.material == code)


def load_genealogy(act: Act, *, purpose: arms.For = "knowing arms") -> Kept:
    """The study's genealogy. Refuses with SEL-001.

    Entries were held to the rules when they were added, under the study's lock, and cannot change: they are not held
    to them again, which would take the square of their number.
    """
    materials: list[Material] = []
    remarks: list[Remark] = []
    handovers: list[Handover] = []
    by: dict[str, str] = {}
    for row in MaterialEntry.objects.filter(study=act.the_study).order_by("number"):
        text = arms.open_text(act, row.content_sealed, where=_place(row.number), purpose=purpose)
        entry = _read(json.loads(text))
        if isinstance(entry, Material):
            materials.append(entry)
            by[entry.code] = row.by
        elif isinstance(entry, Remark):
            remarks.append(entry)
        else:
            handovers.append(entry)
    return Kept(
        genealogy=Genealogy(tuple(materials), tuple(remarks)), entered_by=by, handovers=tuple(handovers)
    )


def enter_material(act: Act, kept: Kept, material: Material) -> Kept:
    """Add a material by the rules of the genealogy (GEN-001 to GEN-007)."""
    genealogy = add_material(kept.genealogy, material=material)
    _enter(act, kept, _write_material(material))
    return replace(
        kept, genealogy=genealogy, entered_by=kept.entered_by | {material.code: act.actor.username}
    )


def enter_remark(act: Act, kept: Kept, code: str, mark: Mark) -> Kept:
    """Add a remark on a material, for the reason of the act and at its time (GEN-002, GEN-008)."""
    remark = Remark(material=code, mark=mark, reason=act.reason, at=act.now)
    genealogy = add_remark(kept.genealogy, remark=remark)
    _enter(act, kept, {"material": code, "mark": mark.value, "reason": act.reason, "at": act.now.isoformat()})
    return replace(kept, genealogy=genealogy)


def enter_handover(act: Act, kept: Kept, handover: Handover) -> Kept:
    """Add a handover that joins on to those before it (GEN-002, GEN-005, GEN-009, GEN-010)."""
    material = kept.genealogy.find(handover.material)
    check_handover(material, kept.handovers_of(handover.material), handover)
    told = {name: getattr(handover, name) for name in _HANDOVER}
    _enter(act, kept, {"handover": told | {"at": handover.at.isoformat()}})
    return replace(kept, handovers=(*kept.handovers, handover))


def _enter(act: Act, kept: Kept, told: dict[str, Any]) -> None:
    number = len(kept.genealogy.materials) + len(kept.genealogy.remarks) + len(kept.handovers) + 1
    act.add(
        MaterialEntry(
            study=act.the_study,
            number=number,
            content_sealed=arms.seal_text(act, json.dumps(told), where=_place(number)),
            by=act.actor.username,
            entered_at=act.now,
        )
    )


def _write_material(material: Material) -> dict[str, Any]:
    return {
        "code": material.code,
        "kind": material.kind.value,
        "at": material.at.isoformat(),
        "amount": None if material.amount is None else str(material.amount),
        "unit": material.unit,
        "sources": [
            {"source": one.source, "amount": None if one.amount is None else str(one.amount)}
            for one in material.sources
        ],
        "description": material.description,
        "donation_number": material.donation_number,
    }


def _read(told: dict[str, Any]) -> Material | Remark | Handover:
    if "handover" in told:
        handed = told["handover"]
        return Handover(**(handed | {"at": datetime.fromisoformat(handed["at"])}))
    at = datetime.fromisoformat(told["at"])
    if "mark" in told:
        return Remark(material=told["material"], mark=Mark(told["mark"]), reason=told["reason"], at=at)
    return Material(
        code=told["code"],
        kind=Kind(told["kind"]),
        at=at,
        amount=_amount(told["amount"]),
        unit=told["unit"],
        sources=tuple(
            Portion(source=one["source"], amount=_amount(one["amount"])) for one in told["sources"]
        ),
        description=told["description"],
        donation_number=told["donation_number"],
    )


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _place(number: int) -> str:
    return f"material entry {number}"
