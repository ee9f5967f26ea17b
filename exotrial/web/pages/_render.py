"""Templates to HTML: Jinja with everything escaped, undefined names refused, and what every template may ask."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.middleware.csrf import get_token
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.web.pages import _words
from exotrial.web.pages._page import Page, Visit, find_pages

STATIC = Path(__file__).parents[1] / "static"


@lru_cache(maxsize=len(_words.LANGUAGES))
def environment(language: str) -> Environment:
    """The templates in a language."""
    made = Environment(
        loader=PackageLoader("exotrial.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_translations(_words.translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {
        "static": static,
        "direction": _words.direction(language),
        "language": language,
        "languages": _words.LANGUAGES,
        "P": Permission,
    }
    made.filters |= {
        "day": lambda value: "" if value is None else _words.say_day(value, language),
        "number": lambda value: "" if value is None else _words.say_number(value, language),
        "time": lambda value, zone="UTC": "" if value is None else _words.say_time(value, language, zone),
        "when": _when,
        "when_day": lambda value, zone="UTC": (
            "" if value is None else _words.say_day(value.astimezone(ZoneInfo(zone)), language)
        ),
    }
    return made


def render(
    visit: Visit, template: str, told: Mapping[str, Any], *, said: str = "", page: Page | None = None
) -> str:
    """The HTML of a page."""
    return (
        environment(visit.language)
        .get_template(template)
        .render(
            **told,
            visit=visit,
            page=page,
            menu=_menu(visit),
            said=said,
            csrf=Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(
                get_token(visit.request)
            ),
            csrf_key=get_token(visit.request),
        )
    )


def static(name: str) -> str:
    """The address of a file of ours."""
    return f"/{static_prefix()}{name}"


@lru_cache(maxsize=1)
def static_prefix() -> str:
    """Where our files are served: below one digest of all of them, so that a browser can keep them for ever.

    One for all: a script that imports another by its relative address gets the one that it belongs to, once.
    """
    whole = hashlib.sha256()
    for file in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        whole.update(str(file.relative_to(STATIC)).encode() + b"\0" + file.read_bytes())
    return f"static/{whole.hexdigest()[:12]}/"


def refusals_by_place(refusals: tuple[Refusal, ...] | list[Refusal]) -> dict[str, list[Refusal]]:
    """Refusals by the field that they are about; "" holds those of no field."""
    found: dict[str, list[Refusal]] = {}
    for refusal in refusals:
        found.setdefault(str(refusal.place.path or ""), []).append(refusal)
    return found


def _menu(visit: Visit) -> list[tuple[Page, str]]:
    """The pages that the study's menu offers to this person, with their addresses."""
    if visit.own is None:
        return []
    offered = [
        one
        for one in find_pages().values()
        if one.menu is not None and (one.permission is None or visit.may(one.permission))
    ]
    offered.sort(key=lambda one: one.menu.order if one.menu else 0)
    return [(one, "/" + one.path.replace("<study>", visit.study)) for one in offered]


@pass_context
def _when(context: Context, value: date | datetime | None, zone: str = "UTC") -> Markup:
    """A moment as HTML: in words, in the site's zone, with UTC for who points at it."""
    if value is None:
        return Markup("")
    language = str(context["language"])
    if isinstance(value, datetime):
        said, exact = _words.say_time(value, language, zone), value.isoformat(timespec="seconds")
    else:
        said, exact = _words.say_day(value, language), value.isoformat()
    return Markup('<time datetime="{}" title="{}">{}</time>').format(exact, exact, escape(said))
