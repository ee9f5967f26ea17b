"""Participant flow: the CONSORT 2025 diagram and its counts as a table (items 22a and 22b)."""

from __future__ import annotations

from exotrial.report.document import AnalysisResult, Block, Column, Section, SectionBuilder, Table
from exotrial.report.figures.flow import draw_flow, flow_table
from exotrial.report.figures.flow_counts import compute_flow
from exotrial.report.figures.flow_model import Flow, FlowKind
from exotrial.report.inputs import ReportInput

_POPULATIONS = {
    FlowKind.CAPTURED: "all participants captured",
    FlowKind.STATED: "as the source states",
    FlowKind.PLANNED: "as planned",
}
_SOURCES = ("participants.csv", "events.csv", "characteristics.csv", "measurements.csv")
_NOT_REPORTED = "not reported"


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section of any study: counted where there are participants' data, else as stated or planned."""
    flow = compute_flow(given.study, given.captured, show_arms=not given.arms_are_hidden)
    figure = draw_flow(given.study, given.captured, show_arms=not given.arms_are_hidden)
    counts = _table(flow)
    blocks: tuple[Block, ...] = (figure, counts) if counts.rows else (figure,)
    return Section(id="flow", title="Participant flow", blocks=blocks), _results(given, flow)


def _table(flow: Flow) -> Table:
    """A row for each step, a column for each group: the counts of the diagram side by side."""
    long = flow_table(flow)
    names = [group.name for group in flow.groups]
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for stage, group, step, n in long.rows:
        allocated = stage == "Allocation" and group and step in _allocation_heads(flow)
        key = (stage or "", "Allocated" if allocated else step or "")
        cells.setdefault(key, {})[group or ""] = n or ""
    several = len(names) > 1
    columns = (
        Column(key="step", head="Step"),
        *((Column(key="all", head="All", align="right"),) if several else ()),
        *(
            Column(key=f"group_{position + 1}", head=name if several else "n", align="right")
            for position, name in enumerate(names)
        ),
    )
    rows: list[tuple[str | None, ...]] = []
    stubs: set[int] = set()
    last = ""
    for (stage, step), by_group in cells.items():
        if stage != last:
            stubs.add(len(rows))
            rows.append((stage, *[None] * (len(columns) - 1)))
            last = stage
        whole = by_group.get("")
        if not several:
            rows.append((step, whole or by_group[names[0]]))
        elif whole is not None:
            rows.append((step, whole, *[None] * len(names)))
        else:
            # A line that a group lacks is left out of its box because it counts nobody.
            shown = [by_group.get(name, "0") for name in names]
            rows.append((step, _sum(shown), *shown))
    return Table(
        id="flow",
        title=f"{long.title}: the counts",
        columns=columns,
        rows=tuple(rows),
        stub_rows=frozenset(stubs),
        notes=("“Not reported”: captured in nobody, so that there is no number; it does not mean none.",)
        if any(cell == _NOT_REPORTED for row in rows for cell in row)
        else (),
    )


def _allocation_heads(flow: Flow) -> set[str]:
    return {group.allocation.head.text for group in flow.groups}


def _sum(cells: list[str]) -> str:
    """The groups' total, where each of them has a number."""
    return _NOT_REPORTED if _NOT_REPORTED in cells else str(sum(map(int, cells)))


def _results(given: ReportInput, flow: Flow) -> tuple[AnalysisResult, ...]:
    sources = (
        tuple(digest for name in _SOURCES for digest in given.digest_of(name))
        if flow.kind is FlowKind.CAPTURED
        else given.digest_of("study.toml")
    )
    results = []
    for stage, group, box in flow.boxes():
        for step, n in box.counts():
            parts = ("participant flow", stage, group, step)
            results.append(
                AnalysisResult(
                    id="/".join(part for part in parts if part),
                    analysis="participant flow",
                    population=_POPULATIONS[flow.kind],
                    n=() if n is None else (n,),
                    variable=step,
                    statistic="count",
                    method="count",
                    value=n,
                    printed=_NOT_REPORTED if n is None else str(n),
                    parameters={"stage": stage} | ({"group": group} if group else {}),
                    sources=sources,
                )
            )
    return tuple(results)


SECTION = SectionBuilder(name="flow", order=20, build=build)
