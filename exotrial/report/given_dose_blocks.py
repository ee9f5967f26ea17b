"""Doses planned against doses given, in the product chapter: by participant, only where arms may be known.

TIDieR item 12 (Hoffmann TC, et al. BMJ 2014;348:g1687): the extent to which the intervention was given as planned.
"""

from __future__ import annotations

import statistics
from itertools import groupby

from exotrial.datasets.given_doses import CapturedDose
from exotrial.product.dose_plan import most_off_of
from exotrial.product.given_doses import (
    CumulativeDose,
    GivenDose,
    PreparedDose,
    check_doses,
    compute_cumulative_dose,
)
from exotrial.report.document import (
    AnalysisResult,
    Block,
    Bullets,
    Column,
    Paragraph,
    Subheading,
    Table,
)
from exotrial.report.figures.given_doses import draw_given
from exotrial.report.format import format_power
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import sentence
from exotrial.study.definition.intervention import Intervention

_MOST_FINDINGS = 40


def build_given_blocks(given: ReportInput) -> tuple[list[Block], tuple[AnalysisResult, ...]]:
    """What was given of what was planned; nothing where no dose was captured by itself."""
    if not given.doses or given.captured is None:
        return [], ()
    blocks: list[Block] = [Subheading("Planned against given")]
    if given.arms_are_hidden:
        told = "Particles tell arms: what was planned and given is shown once the study is unblinded."
        return [*blocks, Paragraph(told)], ()
    treated = _treatments(given)
    ended = given.captured.lock is not None
    courses: list[tuple[str, CumulativeDose]] = []
    findings: list[str] = []
    ordered = sorted(given.doses, key=lambda one: (one.participant, one.number))
    for who, doses in groupby(ordered, key=lambda one: one.participant):
        own = treated.get(who)
        course = _course(list(doses), own, ended=ended)
        courses.append((who, course))
        found = check_doses(
            course, rule=own.dose if own else None, participant=who, most_off=most_off_of(given.study)
        )
        findings += [f"{one.rule}: {sentence(one.says)} {sentence(one.settle)}" for one in found]
    blocks += [Paragraph(_summary(courses)), _table(courses)]
    if any(one.particles is not None for _, one in courses):
        blocks.append(draw_given(courses, id="doses-given-figure"))
    if findings:
        shown = tuple(findings[:_MOST_FINDINGS])
        more = len(findings) - len(shown)
        blocks += [
            Paragraph("What is to be asked of the doses:"),
            Bullets((*shown, f"and {more} more.") if more else shown),
        ]
    return blocks, _results(given, courses)


def _treatments(given: ReportInput) -> dict[str, Intervention]:
    """What each participant was given that has a dose rule, by arm; of one arm without codes, everybody the same."""
    assert given.captured is not None
    by_arm = {}
    for arm in given.study.arms:
        dosed = [
            one
            for one in given.study.interventions
            if one.id in arm.interventions and one.dose is not None and one.role != "background"
        ]
        if len(dosed) == 1:
            by_arm[arm.id] = dosed[0]
    lone = given.study.arms[0].id if len(given.study.arms) == 1 else ""
    rows = given.captured.participants.select("USUBJID", "ARMCD").iter_rows()
    return {who: by_arm[arm or lone] for who, arm in rows if (arm or lone) in by_arm}


def _course(doses: list[CapturedDose], own: Intervention | None, *, ended: bool) -> CumulativeDose:
    plans = {
        one.plan: PreparedDose(
            number=one.plan,
            planned_at=one.planned_at,
            total_ml=one.total_ml,
            wanted=one.wanted,
            particles=one.particles,
            low=one.low,
            high=one.high,
        )
        for one in doses
        if one.plan is not None and one.planned_at is not None and one.total_ml is not None
    }
    given = [
        GivenDose(
            number=one.number,
            begun_at=one.begun_at,
            day=one.begun_at.date(),
            complete=one.complete,
            plan=one.plan,
            given_ml=one.given_ml,
        )
        for one in doses
    ]
    return compute_cumulative_dose(
        given, list(plans.values()), schedule=own.schedule if own else None, ended=ended
    )


def _summary(courses: list[tuple[str, CumulativeDose]]) -> str:
    doses = sum(len(one.doses) for _, one in courses)
    unknown = sum(len(one.unknown) for _, one in courses)
    told = f"{len(courses)} participants had {doses} doses."
    if unknown:
        told += f" Of {unknown} of them it is not known how many particles were given."
    shares = _shares(courses)
    if shares:
        told += (
            f" Where it is known, the share of the planned particles that was given is {statistics.median(shares):.0%} "
            f"in the median, {min(shares):.0%} to {max(shares):.0%}."
        )
    return told


def _shares(courses: list[tuple[str, CumulativeDose]]) -> list[float]:
    return [one.share for _, one in courses if one.share is not None]


def _table(courses: list[tuple[str, CumulativeDose]]) -> Table:
    return Table(
        id="doses_given",
        title="Doses planned and given, by participant",
        columns=(
            Column(key="participant", head="Participant", width=0.2),
            Column(key="doses", head="Doses", align="right", width=0.09),
            Column(key="planned", head="Particles planned", align="right", width=0.13),
            Column(key="given", head="Given", align="right", width=0.13),
            Column(key="interval", head="Interval", align="right", width=0.19),
            Column(key="share", head="Share", align="right", width=0.07),
            Column(key="missed", head="Missed", align="right", width=0.07),
            Column(key="repeated", head="Twice", align="right", width=0.06),
            Column(key="partial", head="In part", align="right", width=0.06),
        ),
        rows=tuple(
            (
                who,
                f"{len(one.doses)}" + (f" of {one.administrations}" if one.administrations else ""),
                format_power(one.planned),
                format_power(one.particles),
                None if one.low is None else f"{format_power(one.low)} to {format_power(one.high)}",
                None if one.share is None else f"{one.share:.0%}",
                None if one.missed is None else str(one.missed),
                str(len(one.repeated)),
                str(len(one.partial)),
            )
            for who, one in courses
        ),
        notes=(
            "Empty: not known, not counted (a placebo), or the study file does not say how many doses a course has. "
            "The ends of the intervals of one batch’s doses add, since its concentration is the same.",
        ),
    )


def _results(given: ReportInput, courses: list[tuple[str, CumulativeDose]]) -> tuple[AnalysisResult, ...]:
    shares = _shares(courses)
    if not shares:
        return ()
    median = statistics.median(shares)
    return (
        AnalysisResult(
            id="doses/share/median",
            analysis="doses planned against given",
            population="participants whose particles are known",
            n=(len(shares),),
            variable="share of the planned particles that was given",
            statistic="median",
            method="product.given_doses.compute_cumulative_dose",
            value=median,
            printed=f"{median:.0%}",
            sources=given.digest_of("doses.csv"),
        ),
    )
