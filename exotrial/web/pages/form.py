"""A participant's form: filled in by keyboard, kept as one types, with its edit checks, queries and signatures."""

from __future__ import annotations

import json
import secrets
from datetime import date
from typing import Any
from urllib.parse import quote

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.operations.compare_form import ComparedForm
from exotrial.operations.open_form import OpenedForm
from exotrial.operations.queries import ShownQuery
from exotrial.operations.signatures import Meaning
from exotrial.web.errors import status_of
from exotrial.web.pages._page import Outcome, Redirect, Shown, Told, Visit, page
from exotrial.web.pages._saving import Kept, Where, is_stale, save, told
from exotrial.web.pages._sheet import Sheet, lay_out, read_sheet
from exotrial.web.pages._words import say_day, translations


@page("study/<study>/p/<str:participant>/form/<form>")
def form(visit: Visit) -> Outcome:
    """One form of a participant at an encounter (`?at=`), the first or a later one (`&n=`)."""
    where = where_of(visit)
    opened: OpenedForm = visit.ask("open_form", **where.asked())
    if not visit.posted:
        return _show(visit, where, opened, new_row=visit.query.get("add", ""))
    if visit.wants_json:
        return _tell(visit, where, opened)
    return _do(visit, where, opened, visit.form.get("do", "save"))


def where_of(visit: Visit) -> Where:
    """Which form the address names; a number that is none is the first."""
    number = visit.query.get("n", "1")
    return Where(
        participant=visit.participant(),
        form=visit.given["form"],
        encounter=visit.query.get("at", ""),
        repeat=max(1, int(number)) if number.isascii() and number.isdecimal() and len(number) < 5 else 1,
    )


def address_of(visit: Visit, where: Where, *, tail: str = "") -> str:
    """The address of a form's page, or of one below it."""
    base = f"/study/{visit.study}/p/{visit.ref(where.participant)}/form/{where.form}{tail}"
    return f"{base}?at={quote(where.encounter)}&n={where.repeat}"


def _do(visit: Visit, where: Where, opened: OpenedForm, do: str) -> Outcome:
    """What a button of the page asks for; whatever was typed is saved first."""
    _ = translations(visit.language).gettext
    what, __, which = do.partition(":")
    if what == "sign":
        return _sign(visit, where, opened)
    said, here = "", address_of(visit, where)
    if _may_write(visit, opened):
        sheet = read_sheet(visit.form, opened)
        reason = visit.form.get("reason", "").strip()
        kept = save(visit, where, opened, sheet, complete=what == "complete", reason=reason)
        if kept.refusals:
            return _show_kept(visit, where, sheet, kept)
        said = _("Saved.") if kept.saved and kept.saved.changed else ""
        if what == "complete":
            said = _("The form is complete.")
    if what == "add":
        return Redirect(to=f"{here}&add={quote(which)}#g-{quote(which)}", said=said)
    if what in ("answer", "close", "ask"):
        try:
            _speak(visit, where, what, which)
        except (Refusal, Refusals) as refused:
            return _show(visit, where, visit.ask("open_form", **where.asked()), refusals=told(refused))
        return Redirect(
            to=f"{here}#queries-{quote(visit.form.get(f'near:{which}', which))}", said=said or _("Sent.")
        )
    return Redirect(to=here, said=said or _("Nothing has changed."))


def _speak(visit: Visit, where: Where, what: str, which: str) -> None:
    """Answer or close a query, or ask about an answer."""
    text = visit.form.get(f"q:{which}", "")
    if what == "ask":
        visit.ask("raise_query", **where.asked(), key=which, text=text)
        return
    name = "answer_query" if what == "answer" else "close_query"
    visit.ask(name, query=which, text=text)


def _sign(visit: Visit, where: Where, opened: OpenedForm) -> Outcome:
    _ = translations(visit.language).gettext
    given = visit.form
    try:
        visit.ask(
            "sign_form",
            **where.asked(),
            revision=given.get("revision", ""),
            meaning=given.get("meaning", ""),
            username=given.get("username", ""),
            password=given.get("password", ""),
        )
    except (Refusal, Refusals) as refused:
        return _show(visit, where, opened, sign_refusals=told(refused))
    return Redirect(to=address_of(visit, where), said=_("The form is signed."))


def _tell(visit: Visit, where: Where, opened: OpenedForm) -> Told:
    """What a script's save came to: the answers as they are kept, what was not kept, and what the checks ask."""
    sheet = read_sheet(visit.form, opened)
    kept = save(visit, where, opened, sheet, complete=False, reason=visit.form.get("reason", "").strip())
    if kept.saved is None:
        raise Refusals(kept.refusals)
    opened = visit.ask("open_form", **where.asked())
    groups = lay_out(opened, sheet=sheet, keep=kept.aside)
    fields = [one for group in groups for row in group.rows for one in row.fields]
    return Told(
        answer={
            "revision": kept.saved.revision,
            "status": kept.saved.status,
            "fields": {
                one.key: {"text": one.text, "words": words_of_day(one.text, one.kind, visit.language)}
                for one in fields
                if one.key not in kept.aside
            },
            "aside": [
                {"key": str(one.place), "problem": one.problem, "remedy": one.remedy, "code": one.code.code}
                for one in kept.refusals
            ],
            "queries": [
                {"key": one.key, "query": one.query, "text": one.messages[-1].text, "status": one.status}
                for one in opened.queries
                if one.status != "closed"
            ],
        }
    )


def words_of_day(text: str, kind: str, language: str) -> str:
    """A whole date in words, to see at a glance that it is the day that was meant."""
    if kind not in ("date", "datetime"):
        return ""
    try:
        return say_day(date.fromisoformat(text[:10]), language)
    except ValueError:
        return ""


def _show_kept(visit: Visit, where: Where, sheet: Sheet, kept: Kept) -> Shown:
    """The form again, with what was typed and why it was not kept."""
    opened: OpenedForm = visit.ask("open_form", **where.asked())
    if not is_stale(kept.refusals):
        keep = kept.aside if kept.saved else None
        return _show(visit, where, opened, sheet=sheet, keep=keep, refusals=kept.refusals, saved=kept.saved)
    revision = visit.form.get("revision", "0")
    compared: ComparedForm = visit.ask(
        "compare_form",
        **where.asked(),
        values=kept.sent.values(opened.shape, opened.values),
        revision=int(revision) if revision.isdecimal() else 0,
    )
    choices = {
        one.key: (
            (json.dumps(one.mine), "", one.mine_shown),
            (json.dumps(one.theirs), one.who, one.theirs_shown),
        )
        for one in compared.answers
        if one.changed_by == "both"
    }
    mine = {one.key for one in compared.answers if one.changed_by != "theirs"}
    others = tuple(one for one in kept.refusals if one.code.code not in ("RCD-007", "RCD-008"))
    return _show(
        visit,
        where,
        opened,
        sheet=sheet,
        keep=frozenset(mine | kept.aside),
        refusals=others,
        compared=compared,
        choices=choices,
    )


def _show(
    visit: Visit,
    where: Where,
    opened: OpenedForm,
    *,
    sheet: Sheet | None = None,
    keep: frozenset[str] | None = None,
    refusals: tuple[Refusal, ...] = (),
    sign_refusals: tuple[Refusal, ...] = (),
    compared: ComparedForm | None = None,
    choices: dict[str, Any] | None = None,
    saved: Any = None,
    new_row: str = "",
) -> Shown:
    writes = _may_write(visit, opened)
    groups = lay_out(
        opened,
        sheet=sheet,
        keep=keep,
        refusals=refusals,
        new_rows=_new_rows(opened, sheet, new_row) if writes else {},
        choices=choices,
    )
    keys = {one.key for group in groups for row in group.rows for one in row.fields}
    keys |= {f"{row.prefix}/STRUCK" for group in groups for row in group.rows}
    everything = (*refusals, *sign_refusals)
    status = 409 if compared else status_of(everything[0].code) if everything else 200
    return Shown(
        "form.html",
        status=status,
        opened=opened,
        where=where,
        groups=groups,
        writes=writes,
        draft=opened.status in ("", "draft"),
        refusals=tuple(one for one in refusals if one.place.path not in keys),
        misplaced=[one for one in refusals if one.place.path in keys],
        sign_refusals=sign_refusals,
        compared=compared,
        saved=saved,
        reason=visit.form.get("reason", "") if everything or compared else "",
        meanings=[one.value for one in Meaning],
        here=address_of(visit, where),
        history=address_of(visit, where, tail="/history"),
        second=address_of(visit, where, tail="/second"),
        words_of_day=words_of_day,
        loose=_loose(opened, keys),
    )


def _new_rows(opened: OpenedForm, sheet: Sheet | None, added: str) -> dict[str, str]:
    """A key for the empty row of each repeating group that has none yet, or that one more was asked for."""
    return {
        group.oid: secrets.token_hex(4)
        for group in opened.shape.groups
        if group.repeating
        and (
            group.oid == added or not (opened.values.get(group.oid) or (sheet and sheet.rows.get(group.oid)))
        )
    }


def _loose(opened: OpenedForm, keys: set[str]) -> list[ShownQuery]:
    """Queries about an answer that has no field on the screen."""
    return [one for one in opened.queries if one.key not in keys and one.status != "closed"]


def _may_write(visit: Visit, opened: OpenedForm) -> bool:
    return visit.may(Permission.RECORD) and not opened.frozen
