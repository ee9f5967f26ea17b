"""Length of stay by group, and absorption of lesions as intervals between two scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from exotrial.core.errors import Refusal
from exotrial.datasets.groups import Group
from exotrial.datasets.stay import Absorption, derive_absorptions, derive_cohorts, derive_stays
from exotrial.report.document import (
    AnalysisResult,
    Block,
    Column,
    Figure,
    Paragraph,
    Section,
    SectionBuilder,
    Table,
)
from exotrial.report.figures.labels import short_names
from exotrial.report.format import (
    MISSING,
    format_interval,
    format_mean_sd,
    format_number,
    format_p,
    format_range,
)
from exotrial.report.inputs import ReportInput
from exotrial.report.results import statistic_results, summary_results
from exotrial.report.theme import BLUE
from exotrial.statistics.describe import QuantileRule, describe
from exotrial.statistics.rank_sum import rank_sum_exact, rank_sum_normal_corrected
from exotrial.statistics.result import Result
from exotrial.statistics.two_groups import welch

_ANALYSIS = "length of stay"
_DRAWN_UP_TO = 150
_LISTED_UP_TO = 40
_TIMING = "treatment timing"
_IMMORTAL = (
    "Groups formed by when treatment was given are not comparable: whoever is treated late has by then stayed in "
    "hospital for as long (immortal time); a shorter stay of those treated early shows nothing of the treatment."
)


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section, or None where neither stays nor absorption were captured."""
    captured = given.captured
    if captured is None:
        return None
    code, stays = derive_stays(captured)
    absorptions = derive_absorptions(captured)
    if not stays and not absorptions:
        return None
    names = short_names(captured.participants["USUBJID"])
    cohorts = derive_cohorts(given.study, captured, names, show_arms=not given.arms_are_hidden)
    blocks: list[Block] = []
    results: list[AnalysisResult] = []
    if stays:
        everybody = Group(name="All participants", participants=frozenset(stays))
        groups = [everybody, *(group for groups in cohorts.values() for group in groups)]
        blocks.append(_stay_table(given, code, stays, groups, results))
        if _TIMING in cohorts:
            blocks.append(Paragraph(_IMMORTAL))
        compared = _comparisons(given, code, stays, cohorts, results)
        if compared is not None:
            blocks.append(compared)
        if len(stays) <= _DRAWN_UP_TO:
            blocks.append(_figure(stays, groups, names))
    if absorptions:
        blocks += _absorption(absorptions, names)
        results += _absorption_results(given, absorptions)
    section = Section(id="stay", title="Length of stay and lesion absorption", blocks=tuple(blocks))
    return section, tuple(results)


def _stay_table(
    given: ReportInput,
    code: str,
    stays: Mapping[str, float],
    groups: Sequence[Group],
    results: list[AnalysisResult],
) -> Table:
    rows: list[tuple[str | None, ...]] = []
    for group in groups:
        values = _values(stays, group)
        if not values:
            continue
        summary = describe(values, quartile_type=QuantileRule.SAS)
        rows.append(
            (
                group.name,
                str(summary.n),
                format_mean_sd(summary.mean, summary.sd, 2),
                format_number(summary.median, 1),
                format_range(summary.minimum, summary.maximum, 0),
            )
        )
        results += summary_results(
            summary,
            analysis=_ANALYSIS,
            population=group.name,
            variable=code,
            when=group.name,
            unit="d",
            decimals=2,
            sources=given.digest_of("measurements.csv"),
        )
    counted = "nights" if code == "LOSNIGHT" else "calendar days, first and last counted"
    return Table(
        id="length-of-stay",
        title="Length of hospital stay",
        columns=(
            Column(key="group", head="Group"),
            Column(key="n", head="n", align="right"),
            Column(key="mean_sd", head="Mean ± SD", align="right"),
            Column(key="median", head="Median", align="right"),
            Column(key="range", head="Range", align="right"),
        ),
        rows=tuple(rows),
        notes=(f"Days, counted as {counted}. SD, standard deviation; a group of one has none.",),
    )


def _comparisons(
    given: ReportInput,
    code: str,
    stays: Mapping[str, float],
    cohorts: Mapping[str, Sequence[Group]],
    results: list[AnalysisResult],
) -> Table | None:
    """Two groups against each other, whole and within each group that something else defines."""
    rows: list[tuple[str | None, ...]] = []
    for defined_by, groups in cohorts.items():
        if len(groups) != 2:
            continue
        layers = [("all", None)] + [
            (other.name, other) for key, others in cohorts.items() if key != defined_by for other in others
        ]
        for layer, within in layers:
            first, second = (_values(stays, group, within) for group in groups)
            if min(len(first), len(second)) < 2:
                continue
            made = _tests(first, second)
            rows.append(
                (
                    f"{groups[0].name} – {groups[1].name}",
                    layer,
                    f"{len(first)}, {len(second)}",
                    format_interval(made["welch"].estimate if "welch" in made else None, 1),
                    format_p(made["welch"].p_value if "welch" in made else None),
                    format_p(made["rank sum"].p_value if "rank sum" in made else None),
                )
            )
            for result in made.values():
                results += statistic_results(
                    result,
                    analysis=f"{_ANALYSIS} by {defined_by}, {layer}",
                    population=f"{groups[0].name}; {groups[1].name}; {layer}",
                    variable=code,
                    unit="d",
                    decimals=2,
                    sources=given.digest_of("measurements.csv"),
                )
    if not rows:
        return None
    return Table(
        id="length-of-stay-compared",
        title="Length of stay between groups",
        columns=(
            Column(key="groups", head="Groups, first − second", width=0.36),
            Column(key="within", head="Within", width=0.16),
            Column(key="n", head="n", align="right", width=0.08),
            Column(key="difference", head="Mean difference, days (95 % CI)", align="right", width=0.2),
            Column(key="p_welch", head="Welch t", align="right", group="P value", width=0.1),
            Column(key="p_rank_sum", head="Rank sum", align="right", group="P value", width=0.1),
        ),
        rows=tuple(rows),
        notes=(
            "Welch's t test does not take the variances to be equal; the rank-sum test (Wilcoxon, Mann, Whitney) is "
            "exact, with ties, or by its normal limit where the groups are too large for that. "
            f"{MISSING} too few or equal values for the method. Only captured participants enter.",
        ),
    )


def _tests(first: Sequence[float], second: Sequence[float]) -> dict[str, Result]:
    """Welch's t test and the rank-sum test, exact where it can be, as far as size and spread allow."""
    made: dict[str, Result] = {}
    ways = (("welch", welch), ("rank sum", rank_sum_exact), ("rank sum", rank_sum_normal_corrected))
    for name, method in ways:
        if name in made:
            continue
        try:
            made[name] = method(first, second)
        except Refusal:
            continue  # no spread, or too many for the exact distribution: the next way, or a dash
    return made


def _values(stays: Mapping[str, float], group: Group, within: Group | None = None) -> list[float]:
    members = group.participants if within is None else group.participants & within.participants
    return [stay for usubjid, stay in stays.items() if usubjid in members]


def _figure(stays: Mapping[str, float], groups: Sequence[Group], names: Mapping[str, str]) -> Figure:
    together: dict[tuple[str, float], list[str]] = {}  # one point for equal stays of a group
    for group in groups:
        for usubjid, stay in stays.items():
            if usubjid in group.participants:
                together.setdefault((group.name, stay), []).append(names[usubjid])
    rows = [
        {"group": group, "stay": stay, "participants": ", ".join(own), "count": len(own)}
        for (group, stay), own in together.items()
    ]
    order = [group.name for group in groups]
    y = {
        "field": "group",
        "type": "nominal",
        "sort": order,
        "title": None,
        "axis": {"labelLimit": 260, "grid": True},
    }
    x = {"field": "stay", "type": "quantitative", "title": "Days in hospital", "scale": {"zero": True}}
    labelled = len(stays) <= 12
    point = {"type": "point", "filled": True, "size": 60, "color": BLUE, "opacity": 0.85}
    layers: list[dict[str, Any]] = [{"mark": point, "encoding": {"x": x, "y": y}}]
    if labelled:
        layers.append(
            {
                "mark": {"type": "text", "dy": -10, "fontSize": 9},
                "encoding": {"x": x, "y": y, "text": {"field": "participants"}},
            }
        )
    told = "; ".join(
        f"{group.name}: {', '.join(format_number(stay, 0) for stay in sorted(_values(stays, group)))}"
        for group in groups
        if labelled and _values(stays, group)
    )
    return Figure(
        id="stay-by-group",
        title="Days in hospital by group",
        caption=("Numbers are participants. " if labelled else "A point may stand for several participants. ")
        + "Each participant stands in every group to which it belongs.",
        alt=f"Dot plot of days in hospital of {len(stays)} participants. {told}".strip(),
        vega_lite={
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "data": {"values": rows},
            "width": 380,
            "height": {"step": 34},
            "layer": layers,
        },
        data=Table(
            id="stay-by-group",
            title="Days in hospital by group, as drawn",
            columns=(
                Column(key="group", head="Group"),
                Column(key="participants", head="Participants"),
                Column(key="days", head="Days", align="right"),
            ),
            rows=tuple(
                (group, ", ".join(own), format_number(stay, 0)) for (group, stay), own in together.items()
            ),
        ),
    )


def _absorption(absorptions: Sequence[Absorption], names: Mapping[str, str]) -> list[Block]:
    shown = absorptions[:_LISTED_UP_TO]
    rest = len(absorptions) - len(shown)
    table = Table(
        id="lesion-absorption",
        title="Complete absorption of lesions on CT, as intervals",
        columns=(
            Column(key="participant", head="Participant"),
            Column(key="seen_until", head="Last scan before"),
            Column(key="gone_by", head="First scan without lesion"),
            Column(key="from_first_scan", head="From the first scan, days", align="right"),
            Column(key="from_first_dose", head="From the first dose, days", align="right"),
        ),
        rows=tuple(
            (
                names[one.usubjid],
                MISSING if one.after is None else one.after.isoformat(),
                one.by.isoformat(),
                _interval(one, one.first_scan),
                _interval(one, one.first_dose),
            )
            for one in shown
        ),
        notes=(
            "Lesions were gone at some time after the one scan and by the other; the day of the second scan is the end "
            f"of an interval and not a time. {MISSING} no such scan or dose was captured.",
            *((f"{rest} more participants stand in events.csv.",) if rest else ()),
        ),
    )
    return [table]


def _absorption_results(given: ReportInput, absorptions: Sequence[Absorption]) -> list[AnalysisResult]:
    return [
        AnalysisResult(
            id=f"lesion absorption/{one.usubjid}/from the {name}",
            analysis="lesion absorption",
            population=one.usubjid,
            n=(1,),
            variable="CTABSORB",
            statistic=f"days from the {name}, as an interval",
            method="interval between two scans",
            value=_interval(one, origin),
            printed=_interval(one, origin),
            unit="d",
            sources=given.digest_of("events.csv"),
        )
        for one in absorptions
        for name, origin in one.origins.items()
    ]


def _interval(one: Absorption, origin: date | None) -> str:
    if origin is None:
        return MISSING
    upper = (one.by - origin).days
    if one.after is None:
        return f"at most {upper}"
    lower = max((one.after - origin).days, 0)
    return f"more than {lower}, at most {upper}"


SECTION = SectionBuilder(name="stay", order=74, build=build)
