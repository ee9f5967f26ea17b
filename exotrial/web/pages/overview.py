"""The trial at a glance: who came against the plan, the participant flow, the sites, what is done and what waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from exotrial.operations.access import Permission
from exotrial.operations.progress import ShownProgress
from exotrial.report.theme import BLUE, GREEN, MUTED, ORANGE
from exotrial.web.pages._figure import Drawn, draw_figure
from exotrial.web.pages._page import Menu, Shown, Visit, page

LINES = {"screened": ORANGE, "enrolled": BLUE, "randomised": GREEN, "planned": MUTED}


@page("study/<study>", menu=Menu("Overview", 10))
def overview(visit: Visit) -> Shown:
    """How the trial goes, for who may read its data; for others how it stands."""
    if not visit.may(Permission.READ_DATA):
        return Shown("overview_plain.html", status=200, stands=visit.ask("status"))
    progress = visit.ask("show_progress")
    return Shown(
        "overview.html",
        progress=progress,
        recruitment=_recruitment(progress),
        columns=len(progress.groups),
    )


def _recruitment(progress: ShownProgress) -> Drawn | None:
    """Everybody who came, added up by day, beside the straight line of the plan."""
    if not progress.days:
        return None
    curves = ["screened", "enrolled", *(["randomised"] if progress.randomises else [])]
    rows = list(_added(progress, curves))
    values = [
        {"day": day.isoformat(), "curve": name, "n": count}
        for day, counts in rows
        for name, count in zip(curves, counts, strict=True)
    ]
    if progress.planned and progress.planned_start and progress.planned_end:
        values += [
            {"day": progress.planned_start.isoformat(), "curve": "planned", "n": 0},
            {"day": progress.planned_end.isoformat(), "curve": "planned", "n": progress.planned},
        ]
    named = [name for name in LINES if name in {value["curve"] for value in values}]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": 560,
        "height": 220,
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "linear", "point": {"size": 12}},
        "encoding": {
            "x": {"field": "day", "type": "temporal", "title": None},
            "y": {"field": "n", "type": "quantitative", "title": "participants", "axis": {"tickMinStep": 1}},
            "color": {
                "field": "curve",
                "type": "nominal",
                "title": None,
                "scale": {"domain": named, "range": [LINES[name] for name in named]},
            },
            "tooltip": [
                {"field": "day", "type": "temporal"},
                {"field": "curve", "type": "nominal"},
                {"field": "n", "type": "quantitative"},
            ],
        },
    }
    last = rows[-1][1]
    words = ", ".join(f"{count} {name}" for name, count in zip(curves, last, strict=True))
    planned = f" of {progress.planned} planned" if progress.planned else ""
    return draw_figure(
        spec,
        words=f"Participants added up by day: {words}{planned}.",
        heads=("day", *curves),
        rows=[(day, *counts) for day, counts in rows],
    )


def _added(progress: ShownProgress, curves: list[str]) -> Iterator[tuple[date, tuple[int, ...]]]:
    """The sums up to each day on which somebody came, and nothing on the day before the first."""
    sums = dict.fromkeys(curves, 0)
    yield progress.days[0].day - timedelta(days=1), tuple(sums.values())
    for one in progress.days:
        for name in curves:
            sums[name] += _count(one, name)
        yield one.day, tuple(sums.values())


def _count(one: Any, name: str) -> int:
    return int(getattr(one, name))
