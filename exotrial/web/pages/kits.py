"""Kits on their way: shipped, received, put aside, returned, destroyed, counted; where every vial is, by number."""

from __future__ import annotations

from typing import Any

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.product.accountability import State
from exotrial.web.pages._page import Download, Menu, Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import NO_STEP, attempt, sites_of, typed

_VIALS = {
    "return": ("return_vials", "They are taken back."),
    "put_aside": ("put_vials_aside", "They are put aside."),
    "damaged": ("put_vials_aside", "They are put aside as damaged."),
    "clear": ("clear_vials", "They can be given again."),
    "destroy": ("destroy_vials", "Their destruction is on record."),
    "lost": ("report_vials_lost", "They are reported lost."),
    "found": ("report_vials_found", "They are put aside."),
}
_CONDITIONS = ("intact", "damaged", "missing")
_FIELDS = ("site", "temperature", "kit", "vials", "reason", "witness", "what", "found")


@page("study/<study>/kits", permission=Permission.READ_KITS, menu=Menu("Kits", 31))
def account_for_kits(visit: Visit) -> Outcome:
    """Where every vial is, with the balance; the movements that one may record."""
    refusals: list[Refusal] = []
    step = visit.form.get("step", "")
    differences: Any = None
    if visit.posted:
        try:
            if step == "count":
                differences, refusals = _count(visit)
            else:
                said, refusals = _move(visit, step)
                if not refusals:
                    return Redirect(to=visit.request.path, said=said)
        except Refusal as refused:
            refusals = [refused]
    shown = visit.ask("show_accountability")
    return Shown(
        "accountability.html",
        status=422 if refusals else 200,
        shown=shown,
        coming=[one for one in shown.vials if one.state == State.IN_TRANSIT and one.vial in (0, 1)],
        at_pharmacy=[one for one in shown.vials if one.state == State.DEPOT and one.vial in (0, 1)],
        sites=sites_of(visit),
        handles=visit.may(Permission.HANDLE_PRODUCT),
        records=visit.may(Permission.RECORD_DOSE),
        differences=differences,
        step=step,
        chosen=set(visit.form.getlist("kits")),
        conditions={name: visit.form.get(name, "") for name in visit.form if name.startswith("kit-")},
        typed=typed(visit, *_FIELDS),
        refusals=refusals,
    )


@page("study/<study>/kits/movements", permission=Permission.READ_KITS)
def show_kit_movements(visit: Visit) -> Outcome:
    """Every movement in order, of all kits or of one."""
    kit = visit.query.get("kit", "").strip()
    return Shown("kit_movements.html", kit=kit, movements=visit.ask("list_movements", kit=kit).movements)


@page("study/<study>/kits/labels", permission=Permission.HANDLE_PRODUCT)
def kit_labels(visit: Visit) -> Download:
    """The labels of the kits that are not used yet, as PDF."""
    from exotrial.product.kit_labels import LabelFacts, derive_labels
    from exotrial.report.labels import render_kit_labels  # here: it needs the typesetter

    told = visit.ask("show_kit_labels")
    facts = LabelFacts(**told.model_dump(exclude={"kits"}))
    labels = [label for kit in told.kits for label in derive_labels(kit.number, kit.vials)]
    return Download(
        name="kit-labels.pdf",
        content=render_kit_labels(labels, facts),
        content_type="application/pdf",
    )


def _move(visit: Visit, step: str) -> tuple[str, list[Refusal]]:
    told: dict[str, Any] = typed(visit, "site", "temperature")
    if step == "ship":
        kits = visit.form.getlist("kits")
        return "The kits are on their way.", attempt(visit, "ship_kits", site=told["site"], kits=kits)[1]
    if step == "receive":
        come: dict[str, list[str]] = {name: [] for name in _CONDITIONS}
        for name, condition in visit.form.items():
            if name.startswith("kit-") and condition in come:
                come[condition].append(name.removeprefix("kit-"))
        return "The shipment is received.", attempt(visit, "receive_kits", **told, **come)[1]
    what = visit.form.get("what", "")
    if step != "vials" or what not in _VIALS:
        raise NO_STEP.refuse(f"there is no step {step!r}", value=step)
    operation, said = _VIALS[what]
    told = {
        "kit": visit.form.get("kit", "").strip(),
        "vials": visit.form.get("vials", "").replace(",", " ").split(),
    }
    told["reason"] = visit.form.get("reason", "").strip()
    if what == "destroy":
        told["witness"] = visit.form.get("witness", "").strip()
    if what == "damaged":
        told["damaged"] = True
    return said, attempt(visit, operation, **told)[1]


def _count(visit: Visit) -> tuple[Any, list[Refusal]]:
    """A count as it was typed: a kit on each line, behind it the numbers of its vials where it has some."""
    found = []
    for line in visit.form.get("found", "").splitlines():
        words = line.replace(",", " ").split()
        found += [{"kit": words[0], "vial": vial} for vial in (words[1:] or ["0"])] if words else []
    return attempt(visit, "count_stock", site=visit.form.get("site", "").strip(), found=found)
