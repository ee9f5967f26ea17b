"""The history of one answer: who wrote it, when, in which role, and why it changed."""

from __future__ import annotations

import json
from typing import Any

from exotrial.operations.history import ShownChange, ShownHistory
from exotrial.web.pages._page import Outcome, Shown, Told, Visit, page
from exotrial.web.pages._words import say_time, translations
from exotrial.web.pages.form import address_of, where_of


@page("study/<study>/p/<str:participant>/form/<form>/history")
def form_history(visit: Visit) -> Outcome:
    """The trail of an answer (`&key=`), as a page, or for the dialog of the form page."""
    where, key = where_of(visit), visit.query.get("key", "")
    told: ShownHistory = visit.ask("show_history", **where.asked(), key=key, limit=1000)
    rows = [_row(visit, one) for one in told.changes]
    if visit.wants_json:
        title = translations(visit.language).gettext("History")
        return Told(answer={"title": f"{title}: {key.rpartition('/')[2]}", "changes": rows})
    return Shown("form_history.html", key=key, rows=rows, back=address_of(visit, where))


def _row(visit: Visit, one: ShownChange) -> dict[str, str]:
    redacted = translations(visit.language).gettext("redacted")
    return {
        "at": say_time(one.at, visit.language, one.zone),
        "who": f"{one.who} ({translations(visit.language).gettext(one.role)})",
        "field": one.field,
        "was": redacted if one.redacted else _written(one.old),
        "became": redacted if one.redacted else _written(one.new),
        "why": one.reason,
    }


def _written(value: Any) -> str:
    """A value of the trail as text: an answer as it is kept, nothing as a dash."""
    if value is None:
        return "—"
    if isinstance(value, dict) and set(value) == {"missing"}:
        return f"missing: {value['missing']}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
