"""The start page: the studies I may see, and what waits for me."""

from __future__ import annotations

from exotrial.web.pages._page import Shown, Visit, page


@page("")
def home(visit: Visit) -> Shown:
    """Every study that the person has a role in."""
    return Shown("home.html", studies=visit.rights.studies if visit.rights else ())
