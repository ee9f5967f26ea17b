"""A form without answers, to be printed and filled in by hand where there is no screen."""

from __future__ import annotations

from exotrial.operations.access import Permission
from exotrial.web.pages._page import Shown, Visit, page


@page("study/<study>/blank/<form>", permission=Permission.READ_STUDY)
def blank_form(visit: Visit) -> Shown:
    """Every question with room for its answer, its unit and its choices."""
    return Shown("blank_form.html", blank=visit.ask("show_blank_form", form=visit.given["form"]))
