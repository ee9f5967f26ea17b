"""Reports and exports: asked for here, made in the background, and downloaded by who asked for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.operations.exporting import FIGURES
from exotrial.store.exports import Asked, Job, ask_for, call_off, find_job, list_jobs
from exotrial.web.pages._figure import Drawn, show_drawn
from exotrial.web.pages._page import Download, Menu, Outcome, Redirect, Shown, Visit, page

TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
    "json": "application/json",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, kw_only=True)
class ReportFigure:
    """A figure of a report on its page: the same one, and the file that it is downloaded as."""

    title: str
    file: str
    drawn: Drawn


@page("study/<study>/reports", permission=Permission.EXPORT, menu=Menu("Reports", 80))
def reports(visit: Visit) -> Outcome:
    """What can be made of the study, and what one asked for in the last days."""
    offered = visit.ask("list_exports")
    refusals: list[Refusal] = []
    if visit.posted:
        wanted = next((one for one in offered.exports if one.what == visit.form.get("what")), None)
        if wanted is not None:
            asked = Asked(
                who=_who(visit),
                study=visit.study,
                role=visit.role,
                what=wanted.what,
                title=wanted.title,
                at=_now(),
            )
            try:
                ask_for(visit.opened.home, asked)
            except Refusal as refused:
                refusals = [refused]
            else:
                return Redirect(to=f"/study/{visit.study}/reports")
    jobs = list_jobs(visit.opened.home, who=_who(visit), study=visit.study, now=_now())
    return Shown(
        "reports.html", status=409 if refusals else 200, offered=offered, jobs=jobs, refusals=refusals
    )


@page("study/<study>/reports/<slug:job>", permission=Permission.EXPORT)
def report(visit: Visit) -> Shown:
    """One export: how far it is, its files, and a report's figures."""
    job = _job(visit)
    found = json.loads(job.read(FIGURES))["figures"] if FIGURES in job.progress.files else ()
    return Shown("report.html", job=job, figures=[_figure(job, one) for one in found])


@page("study/<study>/reports/<slug:job>/call-off", permission=Permission.EXPORT)
def report_called_off(visit: Visit) -> Redirect:
    """End the making of an export; what is made already stays."""
    job = _job(visit)
    if visit.posted:
        call_off(job)
    return Redirect(to=f"/study/{visit.study}/reports")


@page("study/<study>/reports/<slug:job>/<str:file>", permission=Permission.EXPORT)
def report_file(visit: Visit) -> Download:
    """A file of an export."""
    name = visit.given["file"]
    content = _job(visit).read(name)
    return Download(name=name, content=content, content_type=TYPES[name.rpartition(".")[2]])


def _figure(job: Job, one: Mapping[str, Any]) -> ReportFigure:
    drawn = show_drawn(job.read(one["file"]), one.get("spec"), words=one["words"])
    return ReportFigure(title=one["title"], file=one["file"], drawn=drawn)


def _job(visit: Visit) -> Job:
    """The export of the path: of this person, who may still export."""
    visit.ask("list_exports")
    return find_job(visit.opened.home, visit.given["job"], who=_who(visit), study=visit.study, now=_now())


def _who(visit: Visit) -> str:
    return visit.rights.username if visit.rights is not None else ""


def _now() -> datetime:
    return datetime.now(UTC)
