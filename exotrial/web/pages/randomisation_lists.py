"""Randomisation lists: how far each is, its certificate, and making one in the order that nobody can choose it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.web.pages._page import Download, Menu, Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._steps import NO_STEP, by_place, typed
from exotrial.web.pages._uploads import read_text_file

_SAID = {
    "freeze": "The list is frozen. Publish its commitment, then let the second party contribute.",
    "import": "The list is frozen. Publish its commitment, then let the second party contribute.",
    "contribute": "The randomness is added. The list can be sealed.",
    "seal": "The list is sealed. Publish its certificate before the first participant.",
    "give up": "The list is given up; it stays on record.",
    "stop": "The list is stopped.",
}


@page("study/<study>/randomisation", permission=Permission.READ_STUDY, menu=Menu("Randomisation", 65))
def randomisation_lists(visit: Visit) -> Outcome:
    """The lists of the study, and for each the step that is to be done next by who may."""
    refusals: list[Refusal] = []
    step, number = visit.form.get("step", ""), visit.form.get("number", "")
    if visit.posted:
        try:
            if step not in _STEPS:
                raise NO_STEP.refuse(f"there is no step {step!r}", value=step)
            _STEPS[step](visit)
            return Redirect(to=visit.request.path, said=_SAID[step])
        except Refusal as refused:
            refusals = [refused]
        except Refusals as several:
            refusals = list(several.refusals)
    plan = visit.ask("show_conduct_plan")
    return Shown(
        "randomisation.html",
        status=422 if refusals else 200,
        plan=plan,
        lists=visit.ask("list_lists").lists,
        lengths=sorted({one for stage in plan.stages for one in stage.lists}),
        step=step,
        number=int(number) if number.isdecimal() else 0,
        typed=typed(
            visit,
            "stage",
            "method",
            "ratio",
            "parameters",
            "lengths",
            "made_by",
            "who",
            "randomness",
            "reason",
        ),
        refusals=refusals,
        wrong=by_place(refusals),
    )


@page("study/<study>/randomisation/<int:number>", permission=Permission.READ_STUDY)
def show_list_certificate(visit: Visit) -> Outcome:
    """The certificate of a sealed list, as it is published."""
    told = visit.ask("show_certificate", number=int(visit.given["number"])).certificate
    return Shown("certificate.html", number=int(visit.given["number"]), certificate=told)


@page("study/<study>/randomisation/<int:number>/certificate", permission=Permission.READ_STUDY)
def download_certificate(visit: Visit) -> Outcome:
    """The certificate as the file that is published."""
    number = int(visit.given["number"])
    return _file(
        f"{visit.study}-certificate-{number}.json", visit.ask("show_certificate", number=number).certificate
    )


@page("study/<study>/randomisation/<int:number>/export", permission=Permission.EXPORT)
def download_allocation_export(visit: Visit) -> Outcome:
    """After the planned unblinding: everything that a stranger needs to check every allocation."""
    number = int(visit.given["number"])
    return _file(
        f"{visit.study}-allocation-{number}.json", visit.ask("export_allocation", number=number).export
    )


@page("study/<study>/randomisation/<int:number>/annex", permission=Permission.MAKE_LIST)
def show_list_annex(visit: Visit) -> Outcome:
    """How far a list can be foreseen, for who made it."""
    return Shown("annex.html", annex=visit.ask("show_annex", number=int(visit.given["number"])))


@page("study/<study>/randomisation/allocations", permission=Permission.READ_DATA)
def show_allocations(visit: Visit) -> Outcome:
    """Who was randomised, in order, with receipts and kits; arms only where the study is open."""
    return Shown("allocations.html", known=False, allocations=visit.ask("list_allocations").allocations)


@page("study/<study>/randomisation/arms", permission=Permission.KNOW_ARMS)
def show_known_arms(visit: Visit) -> Outcome:
    """Who was randomised to what, for the roles that know arms; asked for by a button, since each look is kept."""
    asked = visit.ask("show_arms").allocations if visit.posted else None
    return Shown("allocations.html", known=True, allocations=asked)


@page("study/<study>/randomisation/unblind", permission=Permission.UNBLIND_PLANNED)
def unblind_whole_study(visit: Visit) -> Outcome:
    """The planned unblinding, once the study is locked."""
    refusals: list[Refusal] = []
    told = typed(visit, "username", "reason")
    if visit.posted:
        try:
            visit.ask("unblind_study", password=visit.form.get("password", ""), **told)
            return Redirect(to=f"/study/{visit.study}/randomisation", said="The study is unblinded.")
        except Refusal as refused:
            refusals = [refused]
    return Shown(
        "unblind_study.html",
        status=422 if refusals else 200,
        state=visit.ask("show_study").status,
        typed=told,
        refusals=refusals,
        wrong=by_place(refusals),
    )


def _file(name: str, told: dict[str, Any]) -> Download:
    text = json.dumps(told, ensure_ascii=False, indent=2)
    return Download(name=name, content=text.encode(), content_type="application/json")


def _freeze(visit: Visit) -> None:
    told: dict[str, Any] = typed(visit, "stage", "method")
    told["ratio"] = _numbers(visit.form.get("ratio", ""))
    told["parameters"] = dict(_pairs(visit.form.get("parameters", "")))
    told["lengths"] = dict(_pairs(visit.form.get("lengths", "")))
    visit.ask("freeze_list", **told)


def _import(visit: Visit) -> None:
    file = read_text_file(visit.request, "file")
    visit.ask(
        "import_list",
        file=file,
        ratio=_numbers(visit.form.get("ratio", "")),
        **typed(visit, "stage", "made_by"),
    )


def _contribute(visit: Visit) -> None:
    visit.ask("contribute_randomness", **_number(visit), **typed(visit, "who", "randomness"))


def _seal(visit: Visit) -> None:
    visit.ask("seal_list", **_number(visit))


def _give_up(visit: Visit) -> None:
    visit.ask("give_up_list", **_number(visit), **typed(visit, "reason"))


def _stop(visit: Visit) -> None:
    visit.ask("stop_list", **_number(visit), **typed(visit, "reason"))


_STEPS: dict[str, Callable[[Visit], None]] = {
    "freeze": _freeze,
    "import": _import,
    "contribute": _contribute,
    "seal": _seal,
    "give up": _give_up,
    "stop": _stop,
}


def _number(visit: Visit) -> dict[str, Any]:
    text = visit.form.get("number", "")
    return {"number": int(text) if text.isdecimal() else text}


def _numbers(text: str) -> tuple[Any, ...]:
    """Whole numbers with commas or colons between; what is none stays text, and is refused in words."""
    return tuple(_value(part) for part in text.replace(":", ",").split(",") if part.strip())


def _pairs(text: str) -> list[tuple[str, Any]]:
    """`name = value`, one a line; several values have commas between."""
    found = []
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name.strip():
            several = "," in value
            found.append((name.strip(), _numbers(value) if several else _value(value)))
    return found


def _value(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isdecimal() else text
