"""When trials were registered, by registry: a bar of a hundred percent for each, with the number of trials."""

from __future__ import annotations

from typing import Any

from exotrial.registries.scan import TIMINGS
from exotrial.registries.scan_summary import ScanSummary
from exotrial.report.document import Column, Figure, Table
from exotrial.report.theme import BLUE, INK, MUTED, ORANGE, PINK, RULE, SKY, YELLOW

WIDTH, BAR = 440.0, 26.0
_COLOURS = (BLUE, SKY, YELLOW, PINK, ORANGE, RULE)
_MOST = 14
"""Registries drawn; smaller ones are in the table."""
_LEAST_LABELLED = 6.0
"""Percent from which a part has room for its figure."""


def draw_registration_timing(found: ScanSummary, *, id: str = "registration-timing") -> Figure:  # noqa: A002 - the name that every figure's identifier has
    """Each registry's trials by when they were registered, in percent; all registries together come last."""
    *each, everything = found.registries
    shown = [*each[:_MOST], everything]
    bars: list[dict[str, Any]] = []
    for counts in shown:
        begun = 0.0
        for order, name in enumerate(TIMINGS):
            part = 100 * counts.timing[name] / counts.trials if counts.trials else 0.0
            if part:
                bars.append(
                    {
                        "registry": f"{counts.registry} (n = {counts.trials:,})",
                        "timing": name,
                        "order": order,
                        "from": begun,
                        "to": begun + part,
                        "middle": begun + part / 2,
                        "told": f"{part:.0f}" if part >= _LEAST_LABELLED else "",
                        "ink": "white" if _COLOURS[order] in (BLUE, ORANGE) else INK,
                    }
                )
            begun += part
    names = [f"{counts.registry} (n = {counts.trials:,})" for counts in shown]
    y = {
        "field": "registry",
        "type": "nominal",
        "title": None,
        "sort": names,
        "axis": {"labelLimit": 260, "ticks": False, "domain": False},
        "scale": {"paddingInner": 0.28},
    }
    x = {
        "field": "from",
        "type": "quantitative",
        "title": "Trials (%)",
        "scale": {"domain": [0, 100], "nice": False},
    }
    layers = [
        {
            "mark": {"type": "bar", "stroke": "white", "strokeWidth": 0.8},
            "encoding": {
                "y": y,
                "x": x,
                "x2": {"field": "to"},
                "color": {
                    "field": "timing",
                    "type": "nominal",
                    "scale": {"domain": list(TIMINGS), "range": list(_COLOURS)},
                    "legend": {"title": "Registered", "orient": "top", "columns": 3, "labelColor": INK},
                },
            },
        },
        {
            "mark": {"type": "text", "fontSize": 9.5},
            "encoding": {
                "y": y,
                "x": {**x, "field": "middle"},
                "text": {"field": "told"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        },
    ]
    late = sum(
        everything.timing[n] for n in ("while recruiting", "after recruitment", "after enrolment began")
    )
    share = f"{100 * late / everything.trials:.0f} %" if everything.trials else "none"
    left = f" Of {len(each)} registries the {_MOST} largest are drawn." if len(each) > _MOST else ""
    return Figure(
        id=id,
        title="When trials were registered",
        caption=(
            f"{everything.trials:,} trials, each by its newest record; by the dates of registration, first enrolment "
            f"and end of recruitment, whatever label is printed. Parts under {_LEAST_LABELLED:.0f} % bear no "
            f"figure.{left}"
        ),
        alt=(
            f"Bars of {len(shown) - 1} registries and of all together. Of {everything.trials:,} trials {share} were "
            f"registered after enrolment began; of {everything.timing['not known']:,} the dates do not tell."
        ),
        vega_lite={
            "width": WIDTH,
            "height": BAR * len(shown),
            "data": {"values": bars},
            "layer": layers,
            "config": {"axisY": {"grid": False}, "axisX": {"gridColor": RULE, "tickColor": MUTED}},
        },
        data=timing_table(found, id=f"{id}-data"),
    )


def timing_table(found: ScanSummary, *, id: str) -> Table:  # noqa: A002 - the table's own name for it
    """The counts behind the figure, with percentages of the registry's trials."""
    return Table(
        id=id,
        title="Trials by registry and by when they were registered",
        columns=(
            Column(key="registry", head="Registry"),
            Column(key="trials", head="Trials", align="right"),
            *(Column(key=name.replace(" ", "_"), head=name.capitalize(), align="right") for name in TIMINGS),
        ),
        rows=tuple(
            (
                counts.registry,
                str(counts.trials),
                *(_share(counts.timing[name], counts.trials) for name in TIMINGS),
            )
            for counts in found.registries
        ),
    )


def _share(count: int, of: int) -> str:
    return f"{count} ({100 * count / of:.1f} %)" if of else "0"
