"""The product of a rehearsal: made from two donors each, or from a bought-in lot, down to numbered kits; then traced.

Codes and amounts are made up; the steps are those that every cell-derived product passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.operations.access import Role
from exotrial.operations.simulation.crew import Crew
from exotrial.operations.simulation.plan import Plan
from exotrial.store.models import Kit
from exotrial.study.definition import Study

NOT_TRACED = ErrorCode(
    "SIM-006",
    "A dose of the rehearsal cannot be followed to its donors, or from them to who received it.",
    "report it as a defect of exotrial, with the command and its seed.",
)

_SPARE = 2
"""Vials of a batch that no kit is packed of."""


def make_product(crew: Crew, study: Study, plan: Plan, kits: Sequence[tuple[str, str]], *, last: str) -> None:
    """A batch in quarantine for each arm, made and filled into vials, and every kit packed of one vial."""
    site = plan.sites[0]
    made = {one.id for one in study.interventions if one.product is not None}
    batches: dict[str, str] = {}
    for position, arm in enumerate(study.arms, start=1):
        batch = batches[arm.id] = f"SYN-{position:02d}"
        source = (
            _grow(crew, site, batch) if made & set(arm.interventions) else _buy(crew, site, f"{batch}-LOT")
        )
        crew.do("register_batch", Role.PHARMACIST, site, code=batch, expires_on=last)
        vials = sum(arm.id == of for _, of in kits) + _SPARE
        _enter(crew, site, batch, "batch", "500", "mL", {source: "500"})
        _enter(crew, site, f"{batch}-VIALS", "fill", str(vials), "vials", {batch: "500"})
    for number, arm_id in kits:
        batch = batches[arm_id]
        told = {
            "number": number,
            "arm": arm_id,
            "batch": batch,
            "taken_from": f"{batch}-VIALS",
            "amount": "1",
        }
        crew.do("pack_kit", Role.PHARMACIST, site, **told)


def trace_doses(crew: Crew) -> int:
    """Follow every kit that was given to where its line begins, and every beginning to who received it: the doses.

    Refuses with SIM-006 where the two ways do not tell the same.
    """
    doses = 0
    roots: dict[str, set[str]] = {}
    for kit in Kit.objects.filter(doses__isnull=False).distinct().order_by("number"):
        line = crew.do("show_lineage", Role.SAFETY_BOARD, kit=kit.number)
        begun = [one.code for one in line.made_from if one.kind.is_root]
        if not begun:
            raise NOT_TRACED.refuse(f"the kit {kit.number} begins nowhere", value=kit.number)
        doses += line.kits[0].doses
        for root in begun:
            roots.setdefault(root, set()).add(line.kits[0].participant)
    for root, expected in roots.items():
        line = crew.do("show_lineage", Role.SAFETY_BOARD, material=root)
        told = {one.participant for one in line.kits if one.doses}
        if told != expected:
            raise NOT_TRACED.refuse(
                f"{root} leads to {len(told)} of {len(expected)} participants", value=root
            )
    return doses


def _grow(crew: Crew, site: str, batch: str) -> str:
    """From two donors to a pool: the code of the pool, which holds 500 mL."""
    harvests: dict[str, str | None] = {}
    for letter in "AB":
        name = f"{batch}-{letter}"
        _enter(crew, site, f"{name}-DONOR", "donor", None, "", {})
        _enter(crew, site, f"{name}-TISSUE", "tissue", "20", "g", {f"{name}-DONOR": None})
        _enter(crew, site, f"{name}-CELLS", "passage", "200", "million cells", {f"{name}-TISSUE": "20"})
        _enter(crew, site, f"{name}-MEDIUM", "harvest", "2000", "mL", {f"{name}-CELLS": "200"})
        harvests[f"{name}-MEDIUM"] = "2000"
    _enter(crew, site, f"{batch}-POOL", "pool", "500", "mL", harvests)
    return f"{batch}-POOL"


def _buy(crew: Crew, site: str, code: str) -> str:
    """A bought-in lot of 500 mL: its code."""
    _enter(crew, site, code, "supplied lot", "500", "mL", {})
    return code


def _enter(
    crew: Crew,
    site: str,
    code: str,
    kind: str,
    amount: str | None,
    unit: str,
    taken: dict[str, str | None],
) -> None:
    sources: list[dict[str, Any]] = [{"material": name, "amount": much} for name, much in taken.items()]
    told = {"code": code, "kind": kind, "amount": amount, "unit": unit, "sources": sources}
    crew.do("record_material", Role.PHARMACIST, site, at=crew.now.isoformat(), description="made up", **told)
