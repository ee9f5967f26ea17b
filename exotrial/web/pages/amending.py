"""Loading a study file: what it would be is shown first, with every error at its line; then it is loaded or begun."""

from __future__ import annotations

from typing import Any

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.web.pages._attempt import attempt, in_words
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._study_text import list_lines, pack, read_text
from exotrial.web.pages.study_setup import by_gravity


@page("study/<study>/setup/amend", permission=Permission.MANAGE_STUDY)
def amend(visit: Visit) -> Outcome:
    """The next version of the study: read, compared with the version in force, and loaded with a reason."""
    _, kept = in_words(visit), visit.ask("show_study_file")
    if not visit.posted:
        visit.ask("preview_study_version", source=kept.source)  # for who may load, and refused to others
        return _show(visit, kept.source, kept=kept)
    text, refusals = read_text(visit)
    reason = visit.form.get("reason", "")
    if visit.form.get("do") == "load" and not refusals:
        loaded, refusals = attempt(visit, "load_study_version", source=text, reason=reason)
        if loaded:
            return Redirect(
                to=f"/study/{visit.study}/setup",
                said=_("The version is loaded. Each site works by it once the site has approved it."),
            )
    return _preview(visit, "preview_study_version", text, refusals, kept=kept)


@page("begin")
def begin(visit: Visit) -> Outcome:
    """A new study in this installation, from its study file."""
    _ = in_words(visit)
    if not visit.posted:
        visit.ask("list_places")  # for who may begin a study, and refused to others
        return _show(visit, "")
    text, refusals = read_text(visit)
    if visit.form.get("do") == "load" and not refusals:
        begun, refusals = attempt(visit, "begin_study", source=text)
        if begun:
            said = _("The study is begun. Give its sponsor the right to open sites.")
            return Redirect(to=f"/study/{begun.study}/setup", said=said)
    return _preview(visit, "preview_study", text, refusals)


def _preview(visit: Visit, name: str, text: str, refusals: tuple[Refusal, ...], **told: Any) -> Shown:
    if any(one.place.path == "file" for one in refusals):
        return _show(visit, text, refusals, **told)
    previewed, unread = attempt(visit, name, source=text)
    return _show(visit, text, (*refusals, *unread), previewed, **told)


def _show(
    visit: Visit, text: str, refusals: tuple[Refusal, ...] = (), previewed: Any = None, *, kept: Any = None
) -> Shown:
    problems = previewed.problems if previewed else ()
    file = previewed.file if previewed else None
    return Shown(
        "setup/amend.html",
        status=422 if refusals or problems else 200,
        source=text,
        packed=pack(text),
        kept=kept,
        previewed=previewed,
        problems=problems,
        nowhere=[one for one in problems if one.line is None],
        lines=list_lines(text, problems),
        grouped=by_gravity(file) if file else (),
        fresh=_fresh(file, kept) if file and kept else (),
        reason=visit.form.get("reason", ""),
        refusals=refusals,
    )


def _fresh(file: Any, kept: Any) -> list[Any]:
    """The doubts that the version in force has not."""
    known = {one.id for one in kept.file.findings}
    return [one for one in file.findings if one.id not in known]
