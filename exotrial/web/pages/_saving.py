"""Saving what was typed into a form so that nothing is lost: what can be kept is kept, and the rest is told.

A form is saved whole. Where single answers cannot be kept yet (a slip, or a change that needs a reason), they are set
aside: on record they stay as they were, on the screen they stay as typed, and everything else is saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from exotrial.core.errors import Place, Refusal, Refusals
from exotrial.operations._act import REASON_MISSING
from exotrial.operations.open_form import OpenedForm
from exotrial.operations.records import SavedForm
from exotrial.web.pages._page import Visit
from exotrial.web.pages._sheet import Sheet, recorded_sheet

STALE = "RCD-007"
_ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Where:
    """Which form of which participant."""

    participant: str
    form: str
    encounter: str
    repeat: int

    def asked(self) -> dict[str, Any]:
        """As operations are told."""
        return {
            "participant": self.participant,
            "form": self.form,
            "encounter": self.encounter,
            "repeat": self.repeat,
        }


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What came of a save. `refusals` are what was not kept; `aside` are the keys that stay as typed on the screen.

    `saved` is None where nothing at all was kept; `sent` is what was sent last, without what was set aside.
    """

    saved: SavedForm | None
    sent: Sheet
    refusals: tuple[Refusal, ...] = ()
    aside: frozenset[str] = frozenset()


def save(
    visit: Visit, where: Where, opened: OpenedForm, sheet: Sheet, *, complete: bool, reason: str
) -> Kept:
    """Save a sheet; where a form is to be complete and cannot be, it is kept as a draft."""
    draft = opened.status in ("", "draft")
    if complete or not draft:
        try:
            if sheet.problems:
                raise Refusals(sheet.problems)
            return Kept(saved=_ask(visit, where, opened, sheet, complete=True, reason=reason), sent=sheet)
        except (Refusal, Refusals) as refused:
            first = told(refused)
            if not draft or is_stale(first):
                return Kept(saved=None, sent=sheet, refusals=first)
        kept = _save_draft(visit, where, opened, sheet, reason=reason)
        more = tuple(one for one in kept.refusals if one.place.path not in {two.place.path for two in first})
        return Kept(saved=kept.saved, sent=kept.sent, refusals=(*first, *more), aside=kept.aside)
    return _save_draft(visit, where, opened, sheet, reason=reason)


def told(refused: Refusal | Refusals) -> tuple[Refusal, ...]:
    """One refusal or several, as several."""
    return (refused,) if isinstance(refused, Refusal) else tuple(refused.refusals)


def is_stale(refusals: Sequence[Refusal]) -> bool:
    """Whether somebody else saved the form meanwhile."""
    return any(one.code.code == STALE for one in refusals)


def _save_draft(visit: Visit, where: Where, opened: OpenedForm, sheet: Sheet, *, reason: str) -> Kept:
    recorded = recorded_sheet(opened)
    refusals = list(sheet.problems)
    aside = {one.place.path for one in refusals}
    sheet = sheet.with_answers({key: recorded.get(key) for key in aside})
    for _ in range(_ROUNDS):
        try:
            saved = _ask(visit, where, opened, sheet, complete=False, reason=reason)
        except (Refusal, Refusals) as refused:
            found = _set_aside(told(refused), sheet, recorded)
            refusals += found or told(refused)
            if not found:
                break
            keys = {one.place.path for one in found}
            aside |= keys
            sheet = sheet.with_answers({key: recorded.get(key) for key in keys})
        else:
            return Kept(saved=saved, sent=sheet, refusals=tuple(refusals), aside=frozenset(aside))
    return Kept(saved=None, sent=sheet, refusals=tuple(refusals), aside=frozenset(aside))


def _set_aside(refusals: Sequence[Refusal], sheet: Sheet, recorded: dict[str, Any]) -> list[Refusal]:
    """The refusals, each of one answer that can be left as it was; none where something else was refused."""
    if all(one.place.path in sheet.answers for one in refusals):
        return list(refusals)
    if [one.code for one in refusals] != [REASON_MISSING]:
        return []
    changed = [key for key, answer in sheet.answers.items() if key in recorded and answer != recorded[key]]
    return [
        REASON_MISSING.refuse("it was recorded before and changes", place=Place(path=key), value=key)
        for key in changed
    ]


def _ask(
    visit: Visit, where: Where, opened: OpenedForm, sheet: Sheet, *, complete: bool, reason: str
) -> SavedForm:
    given = visit.form
    revision, version = given.get("revision", ""), given.get("version", "")
    answer: SavedForm = visit.ask(
        "save_form",
        **where.asked(),
        values=sheet.values(opened.shape, opened.values),
        complete=complete,
        revision=int(revision) if revision.isdecimal() else opened.revision,
        study_version=int(version) if version.isdecimal() else opened.study_version,
        reason=reason,
    )
    return answer
