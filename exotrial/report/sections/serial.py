"""Serial values: what was measured at two or more dates in the same participant, value by value.

Few participants are listed, those with a panel of measures in a table and a figure of their own; many are
summarised. The last value over the first is shown and not tested: nobody chose these dates by a plan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from math import floor, log10

from exotrial.core.quantities import format_unit
from exotrial.datasets.serial import Series, derive_first_doses, derive_serial
from exotrial.report.document import AnalysisResult, Block, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.figures.labels import short_names
from exotrial.report.figures.panel import draw_panel
from exotrial.report.format import MISSING, decimals_of, format_number
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import count_of, listed
from exotrial.statistics.describe import QuantileRule, describe

MOST_LISTED = 40
MOST_PANELS = 3
PANEL_FROM = 5
_ANALYSIS = "serial"


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section, or None where no measure has values at two dates in the same participant."""
    if given.captured is None:
        return None
    series = derive_serial(given.captured)
    if not series:
        return None
    people: dict[str, list[Series]] = {}
    for one in series:
        people.setdefault(one.usubjid, []).append(one)
    everyone = given.captured.participants.height
    sources = given.digest_of("measurements.csv")
    blocks: list[Block] = [_lead(people, series, everyone)]
    if len(people) > MOST_LISTED:
        table, results = _summary(series, sources)
        return _section([*blocks, table], results)
    names = short_names(given.captured.participants["USUBJID"])
    doses = derive_first_doses(given.captured)
    panels = [name for name, own in people.items() if len(own) >= PANEL_FROM][:MOST_PANELS]
    for usubjid in panels:
        blocks += [
            _panel(people[usubjid], names[usubjid], doses.get(usubjid)),
            draw_panel(people[usubjid], name=names[usubjid], first_dose=doses.get(usubjid)),
        ]
    others = [one for one in series if one.usubjid not in panels]
    if others:
        blocks.append(_listing(others, names, doses))
    return _section(blocks, [result for one in series for result in _results(one, sources)])


def _section(
    blocks: list[Block], results: list[AnalysisResult]
) -> tuple[Section, tuple[AnalysisResult, ...]]:
    return Section(id="serial", title="Serial values and immune panel", blocks=tuple(blocks)), tuple(results)


def _lead(people: Mapping[str, object], series: Sequence[Series], everyone: int) -> Paragraph:
    measures = len({one.code for one in series})
    return Paragraph(
        f"{count_of(measures, 'measure')} {'has' if measures == 1 else 'have'} dated values on two or more days "
        f"in the same participant, in {len(people)} of {count_of(everyone, 'participant')}. Last / first is the "
        "last value divided by the first. It describes one course; without a comparison it does not say what "
        "changed it."
    )


def _panel(series: list[Series], name: str, first_dose: date | None) -> Table:
    """Measures by dates, of one participant."""
    dates = sorted({row[0] for one in series for row in one.rows})
    cells = [{row[0]: _shown(row) for row in one.rows} for one in series]
    notes = []
    if first_dose is not None:
        notes.append(f"First dose on {first_dose}; day 0 is that day.")
    if any(row[3] for one in series for row in one.rows if row[2] is None):
        notes.append("Where a word stands for a value, it is the reason captured for its absence.")
    if any(on not in own for on in dates for own in cells):
        notes.append(f"{MISSING} nothing was captured for this measure on this date.")
    notes += _ratio_notes(series)
    return Table(
        id=f"serial-panel-{_slug(name)}",
        title=f"Values of participant {name} by date",
        columns=(
            Column(key="measure", head="Measure", width=0.34),
            *(Column(key=on.isoformat(), head=_head(on, first_dose), align="right") for on in dates),
            Column(key="last_over_first", head="Last / first", align="right"),
        ),
        rows=tuple(
            (_measure(one), *(own.get(on, MISSING) for on in dates), _ratio(one))
            for one, own in zip(series, cells, strict=True)
        ),
        notes=tuple(notes),
        landscape=len(dates) > 6,
    )


def _listing(series: list[Series], names: Mapping[str, str], doses: Mapping[str, date]) -> Table:
    """A row for each measure of each participant, split at the first dose."""
    rows: list[tuple[str | None, ...]] = []
    undosed = False
    last = ""
    for one in series:
        dose = doses.get(one.usubjid)
        undosed = undosed or dose is None
        told = [(row[0], f"{_shown(row)} ({row[0]})") for row in one.rows]
        before = [text for on, text in told if dose is None or on < dose]
        after = [text for on, text in told if dose is not None and on >= dose]
        who = f"{names[one.usubjid]}{'' if dose else ' *'}"
        rows.append(
            (
                who if one.usubjid != last else None,
                _measure(one),
                ", ".join(before) or MISSING,
                ", ".join(after) or MISSING,
                _ratio(one),
            )
        )
        last = one.usubjid
    notes = ["A value of the day of the first dose stands with those after it: its hour is not known."]
    if any(MISSING in row[2:4] for row in rows):
        notes.append(f"{MISSING} nothing was captured on that side of the first dose.")
    if undosed:
        notes.append("* No date of a first dose: all values stand in the first column of values.")
    return Table(
        id="serial-values",
        title="Serial values by participant",
        columns=(
            Column(key="participant", head="Participant", width=0.12),
            Column(key="measure", head="Measure", width=0.24),
            Column(key="before", head="Before the first dose", group="Value (date)", width=0.24),
            Column(key="from_first_dose", head="From the first dose on", group="Value (date)", width=0.3),
            Column(key="last_over_first", head="Last / first", align="right", width=0.1),
        ),
        rows=tuple(rows),
        notes=(*notes, *_ratio_notes(series)),
    )


def _summary(series: Sequence[Series], sources: tuple[str, ...]) -> tuple[Table, list[AnalysisResult]]:
    """First value, last value and their ratio by measure, for many participants."""
    by_code: dict[str, list[Series]] = {}
    for one in series:
        by_code.setdefault(one.code, []).append(one)
    rows, results = [], []
    for code, own in by_code.items():
        cells: list[str | None] = [_measure(own[0]), str(len(own))]
        ratios = [ratio for one in own if (ratio := one.ratio) is not None]
        decimals = decimals_of([row[1] for one in own for row in one.rows])
        for statistic, values, places, unit in (
            ("first value", [one.values[0][2] for one in own], decimals, own[0].unit),
            ("last value", [one.values[-1][2] for one in own], decimals, own[0].unit),
            ("last / first", ratios, 2, ""),
        ):
            if not values:
                cells.append(MISSING)
                continue
            told = describe(values, quartile_type=QuantileRule.SAS)
            numbers = {"median": told.median, "q1": told.q1, "q3": told.q3}
            printed = {part: format_number(value, places) for part, value in numbers.items()}
            cells.append(f"{printed['median']} ({printed['q1']} to {printed['q3']})")
            results += [
                AnalysisResult(
                    id=f"{_ANALYSIS}/{code}/{statistic}/{part}",
                    analysis=_ANALYSIS,
                    population="participants with values on two or more dates",
                    n=(told.n,),
                    variable=code,
                    statistic=f"{part} of {statistic}",
                    method="describe",
                    value=value,
                    printed=printed[part],
                    unit=unit,
                    parameters={"quartile_rule": f"type {int(told.quartile_rule)}"},
                    sources=sources,
                )
                for part, value in numbers.items()
            ]
        rows.append(tuple(cells))
    table = Table(
        id="serial-summary",
        title="First and last of serial values",
        columns=(
            Column(key="measure", head="Measure", width=0.28),
            Column(key="n", head="n", align="right"),
            Column(key="first", head="First", align="right", group="Median (quartiles)"),
            Column(key="last", head="Last", align="right", group="Median (quartiles)"),
            Column(key="last_over_first", head="Last / first", align="right", group="Median (quartiles)"),
        ),
        rows=tuple(rows),
        notes=(
            f"All participants together. Single values are listed for up to {MOST_LISTED} participants; for more, "
            "they are in measurements.csv.",
            f"Quartiles by {QuantileRule.SAS.label}.",
            *_ratio_notes(series),
        ),
    )
    return table, results


def _results(series: Series, sources: tuple[str, ...]) -> list[AnalysisResult]:
    """Every value as captured, and the last over the first."""
    made = [
        AnalysisResult(
            id=f"{_ANALYSIS}/{series.usubjid}/{series.code}/{position}",
            analysis=_ANALYSIS,
            population=series.usubjid,
            n=(1,),
            variable=series.code,
            statistic=f"value on {on}",
            method="as captured",
            value=number,
            printed=_shown((on, shown, number, reason)),
            unit=series.unit,
            sources=sources,
        )
        for position, (on, shown, number, reason) in enumerate(series.rows, 1)
    ]
    made.append(
        AnalysisResult(
            id=f"{_ANALYSIS}/{series.usubjid}/{series.code}/last over first",
            analysis=_ANALYSIS,
            population=series.usubjid,
            n=(1,),
            variable=series.code,
            statistic="last value / first value",
            method="ratio",
            value=series.ratio,
            printed=_ratio(series),
            parameters={"first": series.values[0][0].isoformat(), "last": series.values[-1][0].isoformat()},
            notes=tuple(_ratio_notes([series])),
            sources=sources,
        )
    )
    return made


def _shown(row: tuple[date, str, float | None, str]) -> str:
    _, shown, number, reason = row
    return (reason or "no value") if number is None else shown.replace("-", "−")


def _ratio(series: Series) -> str:
    if series.ratio is not None:
        # A fall to a two-hundredth is not a fall to nothing.
        return format_number(
            series.ratio, 2 if series.ratio == 0 or abs(series.ratio) >= 0.05 else _places(series.ratio)
        )
    return "undefined" if series.values[0][2] == 0 and series.unit != "degC" else MISSING


def _places(ratio: float) -> int:
    """The decimals that show a small ratio with two significant digits."""
    return 1 - floor(log10(abs(ratio)))


def _ratio_notes(series: Sequence[Series]) -> list[str]:
    notes = []
    from_zero = list(
        dict.fromkeys(one.name for one in series if one.values[0][2] == 0 and one.unit != "degC")
    )
    if from_zero:
        notes.append(
            f"{listed(from_zero)}: from a first value of 0 no ratio exists, so no fold change either."
        )
    if any(one.unit == "degC" for one in series):
        notes.append("Temperatures in °C have no ratio: their zero is a convention.")
    return notes


def _measure(series: Series) -> str:
    return f"{series.name} ({format_unit(series.unit)})" if series.unit else series.name


def _head(on: date, first_dose: date | None) -> str:
    if first_dose is None:
        return on.isoformat()
    return f"{on} (day {format_number((on - first_dose).days, 0)})"


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "participant"


SECTION = SectionBuilder(name="serial", order=72, build=build)
