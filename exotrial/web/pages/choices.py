"""What a person chooses for the browser: language, light or dark, and the role to act as."""

from __future__ import annotations

from exotrial.operations.access import Role
from exotrial.web.pages._page import Outcome, Redirect, Visit, page
from exotrial.web.pages._serve import LANGUAGE, ROLE, THEME, own_address
from exotrial.web.pages._words import LANGUAGES

THEMES = ("system", "light", "dark")


@page("choices", public=True)
def choices(visit: Visit) -> Outcome:
    """Keep what was chosen in cookies and go back; what is none of the choices changes nothing."""
    offered = {LANGUAGE: tuple(LANGUAGES), THEME: THEMES, ROLE: ("", *Role)}
    chosen = {
        name: visit.form.get(name, "") for name, values in offered.items() if visit.form.get(name) in values
    }
    return Redirect(to=own_address(visit.form.get("back", "")), cookies=chosen)
