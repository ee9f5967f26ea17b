"""Batches and kits: for who packs them with what is in them, for everybody else by number and state alone."""

from __future__ import annotations

from typing import Any

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.web.pages._page import Menu, Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import NO_STEP, attempt, by_place, typed

_STEPS = {
    "register": (
        "register_batch",
        ("code", "expires_on", "product"),
        "The batch is registered; it is in quarantine.",
    ),
    "release": ("release_batch", ("code", "reason"), "The batch is released."),
    "reject": ("reject_batch", ("code", "reason"), "The batch is rejected."),
    "pack": ("pack_kit", ("number", "arm", "batch", "taken_from", "amount"), "The kit is packed."),
}
_TYPED = (
    *("code", "expires_on", "product", "reason", "number", "arm", "batch", "taken_from", "amount"),
    "participant",
)


@page("study/<study>/product", permission=Permission.RECORD_DOSE, menu=Menu("Product", 30))
def product(visit: Visit) -> Outcome:
    """Kits by number and state; for the pharmacist batches, kits with their content and what is to be packed."""
    if not visit.may(Permission.HANDLE_PRODUCT):
        return Shown("kits.html", kits=visit.ask("list_kits").kits)
    step = visit.form.get("step", "")
    refusals: list[Refusal] = []
    exposed: Any = None
    if visit.posted and step in _STEPS:
        name, fields, said = _STEPS[step]
        told: dict[str, str | None] = {**typed(visit, *fields)}
        if "amount" in told:
            told["amount"] = told["amount"] or None
        done, refusals = attempt(visit, name, **told)
        if done is not None:
            return Redirect(to=visit.request.path, said=said)
    elif visit.posted and step == "give":
        code = visit.form.get("participant", "").strip()
        seen, refusals = attempt(visit, "show_treatment", participant=code)
        if seen is not None:
            return Redirect(to=f"/study/{visit.study}/p/{visit.ref(code)}/dose")
    elif visit.posted and step == "recall":
        exposed, refusals = attempt(visit, "recall_batch", **typed(visit, "code", "reason"))
    elif visit.posted and step == "exposed":
        exposed, refusals = attempt(visit, "show_exposed", **typed(visit, "code"))
    elif visit.posted:
        refusals = [NO_STEP.refuse(f"there is no step {step!r}", value=step)]
    return Shown(
        "product.html",
        status=422 if refusals else 200,
        batches=visit.ask("list_batches").batches,
        kits=visit.ask("show_kits").kits,
        to_pack=visit.ask("show_packing_list").kits,
        arms={one.id: one.name for one in visit.ask("show_conduct_plan").arms},
        exposed=exposed,
        step=step,
        typed=typed(visit, *_TYPED),
        refusals=refusals,
        wrong=by_place(refusals),
    )


@page("study/<study>/product/packing-list", permission=Permission.HANDLE_PRODUCT)
def show_packing_list_page(visit: Visit) -> Outcome:
    """What is to be packed, for printing."""
    return Shown(
        "packing_list.html",
        to_pack=visit.ask("show_packing_list").kits,
        arms={one.id: one.name for one in visit.ask("show_conduct_plan").arms},
    )
