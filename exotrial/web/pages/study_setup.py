"""Study set-up: the version in force with its schedule, forms and doubts, and what each amendment changed."""

from __future__ import annotations

from typing import Any

from exotrial.operations.access import Permission
from exotrial.web.pages._page import Download, Menu, Shown, Visit, page

GRAVITY = (("error", "Errors"), ("warning", "Warnings"), ("info", "Notes"))
"""The severities of doubts, the gravest first, and their headings."""


@page("study/<study>/setup", permission=Permission.READ_STUDY, menu=Menu("Study set-up", 90))
def study_setup(visit: Visit) -> Shown:
    """The version in force, where it holds, and every version with what it changed."""
    versions = visit.ask("show_amendments").versions
    return Shown(
        "setup/overview.html",
        study=visit.ask("show_study"),
        kept=visit.ask("show_study_file"),
        versions=versions[::-1],
    )


@page("study/<study>/setup/schedule", permission=Permission.READ_STUDY)
def setup_schedule(visit: Visit) -> Shown:
    """The schedule: encounters by activities."""
    return Shown("setup/schedule.html", kept=visit.ask("show_study_file"))


@page("study/<study>/setup/forms", permission=Permission.READ_STUDY)
def setup_forms(visit: Visit) -> Shown:
    """The forms that derive from the study file."""
    kept = visit.ask("show_study_file")
    return Shown("setup/forms.html", kept=kept, blank=f"/study/{visit.study}/blank/")


@page("study/<study>/setup/findings", permission=Permission.READ_STUDY)
def setup_findings(visit: Visit) -> Shown:
    """What the study file says against itself, the gravest first, with the words of its sources."""
    kept = visit.ask("show_study_file")
    return Shown("setup/findings.html", kept=kept, grouped=by_gravity(kept.file))


@page("study/<study>/setup/file", permission=Permission.READ_STUDY)
def setup_file(visit: Visit) -> Download:
    """A version of the study file, word for word."""
    kept = visit.ask("show_study_file", version=visit.query.get("version") or None)
    name = f"{visit.study}-version-{kept.version}.toml"
    return Download(name=name, content=kept.source.encode(), content_type="application/toml")


def by_gravity(file: Any) -> list[tuple[str, str, list[Any]]]:
    """The doubts about a study file by severity: its word, its heading, and the doubts."""
    return [
        (severity, heading, [one for one in file.findings if one.severity == severity])
        for severity, heading in GRAVITY
    ]
