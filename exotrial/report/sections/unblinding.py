"""Unblinding before the end: who was unblinded, by whom and when (CONSORT 2025, items 20a and 20b; ICH E6(R3) 4.1.4).

While the study is blinded the register shows that there were unblindings and tells neither participant, reason nor
arm.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from exotrial.datasets.captured import Captured
from exotrial.datasets.groups import not_entered
from exotrial.datasets.unblinding import find_early
from exotrial.report.document import AnalysisResult, Block, Column, Paragraph, Section, SectionBuilder, Table
from exotrial.report.figures.labels import short_names
from exotrial.report.format import MISSING, format_count
from exotrial.report.inputs import ReportInput
from exotrial.report.wording import count_of

_FILE = "unblinding.csv"
_NO_ARM = "No arm recorded"


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section of a blinded study with a register of unblindings or a statement of its lock, else None."""
    captured = given.captured
    if captured is None or not given.is_blinded_study:
        return None
    registered = bool(given.digest_of(_FILE))
    if captured.lock is None and not registered:
        return None
    early = find_early(captured.unblinding, captured.lock)
    number = early["USUBJID"].n_unique()
    blocks: list[Block] = [Paragraph(_lock_words(captured))]
    results: list[AnalysisResult] = []
    entered = _entered(captured).height
    if not registered:
        blocks.append(
            Paragraph("No register of unblindings is in the data, so that nothing can be said of them.")
        )
    elif early.is_empty():
        blocks.append(Paragraph("No participant was unblinded before the end, by the register."))
    else:
        blocks.append(
            Paragraph(
                f"{count_of(number, 'participant')} of {entered} "
                f"{'was' if number == 1 else 'were'} unblinded before the end."
            )
        )
        blocks.append(_register(given, captured, early))
        results.append(_result(given, "All participants", number, entered))
        if not given.arms_are_hidden:
            blocks.append(_by_arm(given, captured, early, results))
    section = Section(id="unblinding", title="Unblinding before the end", blocks=tuple(blocks))
    return section, tuple(results)


def _lock_words(captured: Captured) -> str:
    lock = captured.lock
    if lock is None:
        return "The data are not locked, and the study is blinded."
    told = f"The data were locked at {_when(lock.locked_at)} under version {lock.study_version} of the study"
    head = f"The audit trail ended then with {lock.audit_head}." if lock.audit_head else ""
    if lock.unblinded_at is None:
        return f"{told}; the study is blinded. {head}".strip()
    return f"{told} and unblinded as planned at {_when(lock.unblinded_at)}. {head}".strip()


def _when(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")


def _arms(given: ReportInput, captured: Captured) -> dict[str, str]:
    names = {arm.id: arm.name for arm in given.study.arms}
    return {
        who: names.get(code, code) or _NO_ARM
        for who, code in _entered(captured).select("USUBJID", "ARMCD").rows()
    }


def _entered(captured: Captured) -> pl.DataFrame:
    """The participants without those who were screened only."""
    return captured.participants.filter(~pl.col("USUBJID").is_in(not_entered(captured).to_list()))


def _register(given: ReportInput, captured: Captured, early: pl.DataFrame) -> Table:
    shown = not given.arms_are_hidden
    names, arms = short_names(captured.participants["USUBJID"]), _arms(given, captured)
    rows = []
    for row in early.iter_rows(named=True):
        own: tuple[str | None, ...] = (
            _when(datetime.fromisoformat(row["AT"])),
            row["KIND"],
            row["WHO"],
        )
        if shown:
            own = (names[row["USUBJID"]], *own, row["REASON"] or MISSING, arms[row["USUBJID"]])
        rows.append(own)
    common = (
        Column(key="at", head="When", width=0.18 if shown else 0.34),
        Column(key="kind", head="Kind", width=0.12 if shown else 0.26),
        Column(key="who", head="By", width=0.18 if shown else 0.4),
    )
    columns = (
        (
            Column(key="participant", head="Participant", width=0.14),
            *common,
            Column(key="reason", head="Reason", width=0.22),
            Column(key="arm", head="Arm", width=0.16),
        )
        if shown
        else common
    )
    return Table(
        id="unblinding",
        title="Unblinding before the end",
        columns=columns,
        rows=tuple(rows),
        notes=()
        if shown
        else ("Participants and reasons are shown when the study is unblinded: they may tell an arm.",),
    )


def _by_arm(
    given: ReportInput, captured: Captured, early: pl.DataFrame, results: list[AnalysisResult]
) -> Table:
    arms = _arms(given, captured)
    unblinded = set(early["USUBJID"])
    ordered = [arm.name for arm in given.study.arms if arm.name in arms.values()]
    ordered += sorted(set(arms.values()) - set(ordered))
    rows = []
    for name in ordered:
        members = {who for who, arm in arms.items() if arm == name}
        count = len(members & unblinded)
        rows.append((name, format_count(count, len(members)), str(len(members))))
        results.append(_result(given, name, count, len(members)))
    return Table(
        id="unblinding-by-arm",
        title="Participants unblinded before the end, by arm",
        columns=(
            Column(key="arm", head="Arm"),
            Column(key="unblinded", head="Unblinded early (%)", align="right"),
            Column(key="n", head="n", align="right"),
        ),
        rows=tuple(rows),
    )


def _result(given: ReportInput, population: str, count: int, total: int) -> AnalysisResult:
    return AnalysisResult(
        id=f"unblinding/{population}/count",
        analysis="unblinding before the end",
        population=population,
        n=(total,),
        variable="UNBLFL",
        statistic="participants unblinded before the end",
        method="count",
        value=count,
        printed=str(count),
        unit="",
        sources=given.digest_of(_FILE),
    )


SECTION = SectionBuilder(name="unblinding", order=62, build=build)
