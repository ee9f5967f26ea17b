"""Before and after treatment in the same participants: one small panel a measure, one line a participant.

Weissgerber and others, PLoS Biol 2015;13:e1002128: paired data are shown as lines, not as bars. Above 150
participants the lines would hide one another, and means with intervals stand in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from exotrial.core.errors import ErrorCode
from exotrial.outcomes.measure import Measure
from exotrial.report.document import Column, Figure, Table
from exotrial.report.figures.labels import short_names
from exotrial.report.figures.slopes_panel import Look, Panel, draw_lines, draw_means, panel_grid
from exotrial.report.figures.slopes_scale import choose_axis
from exotrial.report.figures.slopes_summary import GroupSummary, summarise, summary_table
from exotrial.report.theme import BLUE, CATEGORIES, MUTED

MOST_LABELLED = 12
MOST_LINES = 150
MOST_PANELS = 24
_LOG_FROM = 3
_NOT_RECORDED = "not recorded"
_ALL = "all participants"

NO_PAIRS = ErrorCode(
    "RPT-100",
    "A figure of values before and after treatment has no complete pair to draw.",
    "give at least one participant with a value before and one after, or leave the figure out.",
)


def draw_slopes(
    pairs: pl.DataFrame,
    *,
    measures: Mapping[str, Measure],
    colour_by: Mapping[str, str] | None,
    colour_title: str,
    id: str,  # noqa: A002 - the name that every figure's identifier has
    title: str,
    caption_lead: str,
    show_arms: bool = True,
) -> Figure:
    """Panels of complete pairs: USUBJID, PARAMCD, BEFORE, AFTER (Float64), in the unit of the measure.

    `colour_by` gives each participant's group, such as a severity or an arm; None draws all alike. While arms
    are blinded, `show_arms` False leaves out every grouping. Refuses with RPT-100 where there is no pair.
    """
    if pairs.is_empty():
        raise NO_PAIRS.refuse(f"'{id}' has no participant with both values", value=id)
    groups = _groups(pairs, colour_by if show_arms else None)
    codes = pairs["PARAMCD"].unique(maintain_order=True).to_list()
    shown, people = codes[:MOST_PANELS], pairs["USUBJID"].n_unique()
    order = sorted(set(groups.values()) - {_NOT_RECORDED}) + [_NOT_RECORDED] * (
        _NOT_RECORDED in groups.values()
    )
    coloured = 1 < len(order) <= len(CATEGORIES)
    if not coloured:
        groups, order = dict.fromkeys(groups, _ALL), [_ALL]
    colours = (BLUE,) if not coloured else tuple(
        MUTED if name == _NOT_RECORDED else CATEGORIES[place] for place, name in enumerate(order)
    )  # fmt: skip
    look = Look(groups=tuple(order), colours=colours, title=colour_title if coloured else "")
    drawn = pairs.filter(pl.col("PARAMCD").is_in(shown))
    draw = _means if people > MOST_LINES else _lines
    spec, table, logs = draw(drawn, measures, groups, look, shown, id=id, title=title)
    return Figure(
        id=id,
        title=title,
        caption=_caption(caption_lead, measures, look, logs, people=people, left_out=len(codes) - len(shown)),
        alt=_describe(drawn, measures, look, shown, people=people),
        vega_lite=spec,
        data=table,
    )


_Drawn = tuple[dict[str, Any], Table, list[str]]


def _groups(pairs: pl.DataFrame, colour_by: Mapping[str, str] | None) -> dict[str, str]:
    names = pairs["USUBJID"].unique(maintain_order=True).to_list()
    if colour_by is None:
        return dict.fromkeys(names, _ALL)
    return {name: colour_by.get(name) or _NOT_RECORDED for name in names}


def _lines(
    pairs: pl.DataFrame,
    measures: Mapping[str, Measure],
    groups: Mapping[str, str],
    look: Look,
    codes: list[str],
    *,
    id: str,  # noqa: A002 - as in draw_slopes
    title: str,
) -> _Drawn:
    """A line for each participant, with its number at the end while there are few."""
    names = short_names(sorted(groups))
    labelled = len(groups) <= MOST_LABELLED
    grid = panel_grid(len(codes))
    panels, logs = [], []
    rows: list[tuple[str | None, ...]] = []
    for code in codes:
        own = pairs.filter(pl.col("PARAMCD") == code)
        values = [*own["BEFORE"], *own["AFTER"]]
        yes_no = measures[code].high == 1 and not measures[code].unit and set(values) <= {0.0, 1.0}
        axis = choose_axis(values, height=grid.height, allow_log=own.height >= _LOG_FROM)
        logs += [measures[code].param] if axis.log else []
        lines = [(groups[who], names[who], before, after) for who, _, before, after in _columns(own)]
        panels.append(
            draw_lines(
                Panel(measure=measures[code], axis=axis, yes_no=yes_no), lines, look, grid, labelled=labelled
            )
        )
        rows += [
            (who, *((groups[who],) if look.title else ()), code, _plain(before), _plain(after))
            for who, _, before, after in _columns(own)
        ]
    table = Table(
        id=f"{id}-data",
        title=title,
        columns=(
            Column(key="participant", head="Participant"),
            *((Column(key="group", head=look.title),) if look.title else ()),
            Column(key="paramcd", head="Measure"),
            Column(key="before", head="Before", align="right"),
            Column(key="after", head="After", align="right"),
        ),
        rows=tuple(rows),
    )
    return _concat(panels, grid.columns), table, logs


def _means(
    pairs: pl.DataFrame,
    measures: Mapping[str, Measure],
    groups: Mapping[str, str],
    look: Look,
    codes: list[str],
    *,
    id: str,  # noqa: A002 - as in draw_slopes
    title: str,
) -> _Drawn:
    """Means with confidence intervals, and bands that hold the middle eighty in a hundred."""
    grid = panel_grid(len(codes))
    grouped = pairs.with_columns(
        pl.col("USUBJID").replace_strict(dict(groups), return_dtype=pl.String).alias("GROUP")
    )
    panels = []
    summaries: list[GroupSummary] = []
    for code in codes:
        own = [
            summarise(found["BEFORE"].to_numpy(), found["AFTER"].to_numpy(), paramcd=code, group=group)
            for group in look.groups
            if (found := grouped.filter((pl.col("PARAMCD") == code) & (pl.col("GROUP") == group))).height
        ]
        axis = choose_axis(
            [edge for each in own for edge in each.edges()], height=grid.height, allow_log=False
        )
        panels.append(draw_means(Panel(measure=measures[code], axis=axis), own, look, grid))
        summaries += own
    return (
        _concat(panels, grid.columns),
        summary_table(summaries, look.title, id=f"{id}-data", title=title),
        [],
    )


def _columns(pairs: pl.DataFrame) -> list[tuple[str, str, float, float]]:
    return pairs.select("USUBJID", "PARAMCD", "BEFORE", "AFTER").rows()


def _concat(panels: list[dict[str, Any]], columns: int) -> dict[str, Any]:
    return {"concat": panels, "columns": columns, "spacing": {"row": 22, "column": 16}}


def _plain(value: float) -> str:
    return f"{value:.10g}"


def _caption(
    lead: str, measures: Mapping[str, Measure], look: Look, logs: list[str], *, people: int, left_out: int
) -> str:
    parts = [lead]
    if people > MOST_LINES:
        parts = [
            f"{people:,} participants are too many for a line each: points are means with 95 % confidence "
            "intervals, bands reach from the 10th to the 90th percentile."
        ]
    elif people <= MOST_LABELLED:
        parts.append("Numbers at the line ends are participants.")
    if look.title:
        parts.append(f"Colour and shape: {look.title.lower()}.")
    parts.append("Each panel has its own axis, which need not begin at zero.")
    if logs:
        listed = " and ".join([", ".join(logs[:-1]), logs[-1]] if len(logs) > 1 else logs)
        parts.append(f"Logarithmic axis: {listed}.")
    if left_out:
        parts.append(f"{left_out} further measures are in the table only.")
    return " ".join(part for part in parts if part)


def _describe(
    pairs: pl.DataFrame, measures: Mapping[str, Measure], look: Look, codes: list[str], *, people: int
) -> str:
    """How many participants fell, rose and stayed, for each measure."""
    tally = pairs.group_by("PARAMCD").agg(
        (pl.col("AFTER") < pl.col("BEFORE")).sum().alias("FELL"),
        (pl.col("AFTER") > pl.col("BEFORE")).sum().alias("ROSE"),
        (pl.col("AFTER") == pl.col("BEFORE")).sum().alias("STAYED"),
    )
    counts = {row[0]: row[1:] for row in tally.rows()}
    told = []
    for code in codes:
        fell, rose, stayed = counts[code]
        told.append(f"{measures[code].param}: fell in {fell}, rose in {rose}, unchanged in {stayed}")
    colour = f", coloured by {look.title.lower()}" if look.title else ""
    return f"Values before and after treatment of {people:,} participants{colour}. {'; '.join(told)}."
