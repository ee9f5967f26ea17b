"""The product's genealogy: materials entered, split and pooled, and the line of each from donor to participant."""

from __future__ import annotations

from typing import Any

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.product.genealogy import Kind
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._refs import read_ref
from exotrial.web.pages._steps import NO_STEP, attempt, by_place, read_moment, sites_of, typed

_FIELDS = ("code", "kind", "at", "amount", "unit", "description", "donation_number")
_HANDOVER = ("given_by", "taken_by", "place", "condition")
_KINDS = [kind for kind in Kind if kind not in (Kind.KIT, Kind.DOSE)]
_TAINTING = {"reject": "reject_material", "recall": "recall_material"}


@page("study/<study>/product/materials", permission=Permission.KNOW_ARMS)
def show_materials(visit: Visit) -> Outcome:
    """Every material with what is left of it; a form that enters one, with what was taken of which."""
    refusals: list[Refusal] = []
    taken = typed(visit, *(name for name in visit.form if name.startswith("take-")))
    if visit.posted:
        told, refusals = _read_material(visit, taken)
        if not refusals:
            done, refusals = attempt(visit, "record_material", **told)
            if done is not None:
                return Redirect(to=visit.request.path, said="The material is entered.")
    return Shown(
        "materials.html",
        status=422 if refusals else 200,
        materials=visit.ask("list_materials").materials,
        handles=visit.may(Permission.HANDLE_PRODUCT),
        kinds=_KINDS,
        zone=_zone(visit),
        typed=typed(visit, *_FIELDS),
        taken=taken,
        refusals=refusals,
        wrong=by_place(refusals),
    )


@page("study/<study>/product/material/<slug:material>", permission=Permission.KNOW_ARMS)
def show_material(visit: Visit) -> Outcome:
    """The line of a material both ways; a deviation is reported here, and what must not be used is rejected."""
    code = read_ref(visit.opened.keys, visit.study, visit.given["material"])
    refusals: list[Refusal] = []
    affected: Any = None
    step = visit.form.get("step", "")
    if visit.posted:
        told = {"code": code, "reason": visit.form.get("reason", "").strip()}
        if step == "hand over":
            done, refusals = _hand_over(visit, code)
            if done is not None:
                return Redirect(to=visit.request.path, said="The handover is on record.")
        elif step == "deviation":
            done, refusals = attempt(visit, "report_material_deviation", **told)
            if done is not None:
                return Redirect(to=visit.request.path, said="The deviation is on record.")
        elif step in _TAINTING:
            affected, refusals = attempt(visit, _TAINTING[step], **told)
        else:
            refusals = [NO_STEP.refuse(f"there is no step {step!r}", value=step)]
    return Shown(
        "material.html",
        status=422 if refusals else 200,
        line=visit.ask("show_lineage", material=code),
        affected=affected,
        handles=visit.may(Permission.HANDLE_PRODUCT),
        step=step,
        zone=_zone(visit),
        typed=typed(visit, "reason", *_HANDOVER, "at"),
        refusals=refusals,
        wrong=by_place(refusals),
    )


def _read_material(visit: Visit, taken: dict[str, str]) -> tuple[dict[str, Any], list[Refusal]]:
    """What was typed as the operation takes it; `taken` holds a reference and an amount ("on" for a donor) each."""
    told: dict[str, Any] = typed(visit, *_FIELDS)
    try:
        told["at"] = read_moment(told["at"], _zone(visit), path="at") or None
    except Refusal as refused:
        return told, [refused]
    told["amount"] = told["amount"] or None
    told["sources"] = [
        {
            "material": read_ref(visit.opened.keys, visit.study, name.removeprefix("take-")),
            "amount": None if amount == "on" else amount,
        }
        for name, amount in taken.items()
        if amount
    ]
    return told, []


def _hand_over(visit: Visit, code: str) -> tuple[Any, list[Refusal]]:
    told: dict[str, Any] = typed(visit, *_HANDOVER)
    try:
        told["at"] = read_moment(visit.form.get("at", "").strip(), _zone(visit), path="at") or None
    except Refusal as refused:
        return None, [refused]
    return attempt(visit, "hand_over_material", code=code, **told)


def _zone(visit: Visit) -> str:
    """The zone of the first site where one has rights: by its clock the moments of a material are typed."""
    return next((str(one.zone) for one in sites_of(visit)), "UTC")
