"""Screening: who comes, the criteria answered one by one, and the verdict with why."""

from __future__ import annotations

import re
from typing import Any

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.web.pages._page import Menu, Outcome, Redirect, Shown, Told, Visit, page
from exotrial.web.pages._steps import attempt, by_place, sites_of

ANSWER = "answer:"
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_PERSON = ("name", "contact", "hospital_number")


@page("study/<study>/screen", permission=Permission.SCREEN, menu=Menu("Screening", 25))
def screen_person(visit: Visit) -> Outcome:
    """Screen somebody new."""
    sites = sites_of(visit)
    wished = visit.form.get("site", "") or visit.query.get("site", "")
    site = next((one for one in sites if one.code == wished), sites[0] if len(sites) == 1 else None)
    if site is None:
        return Shown("screen_site.html", sites=sites)
    return _screen(visit, site.code, "", [])


@page("study/<study>/p/<str:participant>/screen", permission=Permission.SCREEN)
def screen_person_again(visit: Visit) -> Outcome:
    """Screen somebody again, after a failure or an amendment."""
    code = visit.participant()
    seen = visit.ask("show_participant", participant=code)
    return _screen(visit, seen.listed.site, code, list(seen.screenings))


@page("study/<study>/p/<str:participant>/screened")
def show_screened(visit: Visit) -> Outcome:
    """The verdict of the last screening, criterion by criterion."""
    code = visit.participant()
    seen = visit.ask("show_participant", participant=code)
    criteria = {one.criterion: one for one in visit.ask("show_criteria", site=seen.listed.site).criteria}
    return Shown("screened.html", code=code, seen=seen, criteria=criteria)


def _screen(visit: Visit, site: str, code: str, before: list[Any]) -> Outcome:
    asked = visit.ask("show_criteria", site=site)
    items = {item.item: item for criterion in asked.criteria for item in criterion.items}
    given = {name: visit.form.get(ANSWER + name, "").strip() for name in items}
    answers = {name: _read(text, items[name].kind) for name, text in given.items() if text}
    if visit.posted and visit.wants_json:
        weighed = visit.ask("weigh_answers", site=site, answers=answers)
        return Told(answer=weighed.model_dump())
    refusals: list[Refusal] = []
    if visit.posted and "send" in visit.form:
        person = {name: visit.form.get(name, "").strip() for name in _PERSON}
        told: dict[str, Any] = {"site": site, "answers": answers, "born": visit.form.get("born", "").strip()}
        told |= {"participant": code} if code else {"code": visit.form.get("code", "").strip()}
        if any(person.values()):
            told["identity"] = person
        done, refusals = attempt(visit, "screen", **told)
        if done is not None:
            return Redirect(to=f"/study/{visit.study}/p/{visit.ref(done.participant)}/screened")
    return Shown(
        "screen.html",
        status=422 if refusals else 200,
        code=code,
        site=site,
        asked=asked,
        given=given,
        before=before,
        typed={name: visit.form.get(name, "") for name in ("born", "code", *_PERSON)},
        refusals=refusals,
        wrong=by_place(refusals),
    )


def _read(text: str, kind: str) -> bool | int | float | str:
    """An answer as its criterion compares it; what is not of its kind stays text, and is refused in words."""
    if kind == "yes or no":
        return {"yes": True, "no": False}.get(text, text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
