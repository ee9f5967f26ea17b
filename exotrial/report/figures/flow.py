"""The participant flow diagram of CONSORT 2025, as an SVG of our own: boxes and arrows that print in one ink.

Sizes are CSS pixels at the width of a page's type area. Text is wrapped by an upper estimate of its width.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from exotrial.datasets.captured import Captured
from exotrial.report.document import Column, Figure, Table
from exotrial.report.figures.flow_counts import compute_flow
from exotrial.report.figures.flow_model import Box, Count, Flow, FlowKind
from exotrial.report.figures.text_width import wrap
from exotrial.report.theme import FONT, INK
from exotrial.study.definition import Study

_WIDTH = 640.0
_LEFT = 40.0
"""Where the boxes begin, right of the stage labels."""
_SIZE, _LINE, _PAD, _INDENT = 10.5, 14.5, 9.0, 11.0
_GAP = 26.0
_BETWEEN = 14.0
_LABEL_ROOM = 66.0
"""Height that a turned stage label needs."""
_HANG = 7.0
_LABEL_FILL = "#e6ebf1"

_TITLES = {
    FlowKind.CAPTURED: "Participant flow",
    FlowKind.STATED: "Participant flow, as stated by the source",
    FlowKind.PLANNED: "Planned participant flow",
}
_CAPTIONS = {
    FlowKind.CAPTURED: (
        "CONSORT 2025 flow diagram, counted from the captured data. “Not reported” marks what was captured in "
        "nobody; a date that is missing is counted as not recorded."
    ),
    FlowKind.STATED: (
        "CONSORT 2025 flow diagram with the numbers that the source states; there are no participants’ data to "
        "count from, and what the source does not tell is “not reported”."
    ),
    FlowKind.PLANNED: (
        "CONSORT 2025 flow diagram with planned numbers: no participants’ data are at hand, so nothing here has "
        "been observed."
    ),
}


@dataclass(frozen=True, kw_only=True)
class _Text:
    """A line of text, placed from the left edge of its box."""

    text: str
    x: float
    bold: bool


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """A box on the page."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[_Text, ...]

    @property
    def centre(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


def draw_flow(study: Study, captured: Captured | None, *, show_arms: bool = True) -> Figure:
    """The flow of a study as a figure, with every count as a table behind it.

    `captured` None, or without participants, gives what the source states or what the study plans, and says so.
    With `show_arms` False nothing tells one arm from another.
    """
    flow = compute_flow(study, captured, show_arms=show_arms)
    title = _TITLES[flow.kind]
    blinded = "" if show_arms else " Arms are not shown, because they are blinded."
    alt = describe_flow(flow)
    return Figure(
        id="flow",
        title=title,
        caption=_CAPTIONS[flow.kind] + blinded,
        alt=alt,
        svg=_Drawing(flow).svg(title=title, alt=alt),
        data=flow_table(flow),
        landscape=len(flow.groups) > 5,
    )


def describe_flow(flow: Flow) -> str:
    """The flow in words, box by box; boxes that say the same are told once."""
    told: dict[tuple[str, str], list[str]] = {}
    for stage, group, box in flow.boxes():
        lines = "; ".join(str(line) for line in (box.head, *box.lines))
        told.setdefault((stage, lines), []).append(group)
    parts = []
    for (stage, lines), groups in told.items():
        where = "" if groups == [""] else ", every group" if len(groups) > 1 else f", {groups[0]}"
        if 1 < len(groups) < len(flow.groups):
            where = f", {' and '.join(groups)}"
        parts.append(f"{stage}{where}: {lines}.")
    return f"{_TITLES[flow.kind]}, from enrolment to analysis. {' '.join(parts)}"


def flow_table(flow: Flow) -> Table:
    """Every count of the diagram, a row each, in reading order."""
    rows = tuple(
        (stage, group, step, "not reported" if n is None else str(n))
        for stage, group, box in flow.boxes()
        for step, n in box.counts()
    )
    return Table(
        id="flow-counts",
        title=_TITLES[flow.kind],
        columns=(
            Column(key="stage", head="Stage"),
            Column(key="group", head="Group"),
            Column(key="step", head="Step"),
            Column(key="n", head="n", align="right"),
        ),
        rows=rows,
    )


class _Drawing:
    """Places a flow's boxes from top to bottom, then writes them as SVG."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        columns = len(flow.groups)
        self.width = max(_WIDTH, _LEFT + columns * 142.0)
        self.parts: list[str] = []
        self.y = 1.0
        room = self.width - _LEFT - 1
        self.middle = _LEFT + room / 2
        widest = {1: 330.0, 2: 270.0}.get(columns, room)
        self.column = min(widest, (room - (columns - 1) * _BETWEEN) / columns)
        across = columns * self.column + (columns - 1) * _BETWEEN
        left = self.middle - across / 2
        self.lefts = [left + position * (self.column + _BETWEEN) for position in range(columns)]

    def svg(self, *, title: str, alt: str) -> str:
        """The drawing as an SVG document."""
        entered = self._enrolment()
        self._allocation(entered)
        height = self.y + 1
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}" height="{height:g}" '
            f'viewBox="0 0 {self.width:g} {height:g}" role="img" aria-labelledby="flow-title flow-desc" '
            f'font-family="{FONT}, Helvetica, Arial, sans-serif" font-size="{_SIZE}" fill="{INK}">\n'
            f'<title id="flow-title">{_safe(title)}</title>\n<desc id="flow-desc">{_safe(alt)}</desc>\n'
            f'<rect width="{self.width:g}" height="{height:g}" fill="white"/>\n{body}\n</svg>\n'
        )

    def _enrolment(self) -> _Placed:
        top = self.y
        assessed = self._box(self.flow.assessed, self.middle - 120, 240)
        self.y = assessed.bottom + 16
        side = self._box(self.flow.excluded, self.middle + 34, self.width - 1 - self.middle - 34)
        self._arrow([(self.middle, side.y + side.height / 2), (side.x, side.y + side.height / 2)])
        self.y = side.bottom + 16
        entered = self._box(self.flow.entered, self.middle - 120, 240)
        self._arrow([(self.middle, assessed.bottom), (self.middle, entered.y)])
        self._label("Enrolment", top, entered.bottom)
        return entered

    def _allocation(self, entered: _Placed) -> None:
        groups = self.flow.groups
        self.y = entered.bottom + _GAP
        top = self.y
        sources = [entered] * len(groups)
        if self.flow.stages:
            stages, first = [], 0
            lefts, widths = [], []
            for stage in self.flow.stages:
                last = first + stage.groups - 1
                lefts.append(self.lefts[first])
                widths.append(self.lefts[last] + self.column - self.lefts[first])
                first = last + 1
            stages = self._row([stage.box for stage in self.flow.stages], lefts, widths)
            self._fan(entered, stages)
            self.y = stages[0].bottom + _GAP
            sources = [
                placed
                for placed, stage in zip(stages, self.flow.stages, strict=True)
                for _ in range(stage.groups)
            ]
        widths = [self.column] * len(groups)
        allocated = self._row(
            [group.allocation for group in groups], self.lefts, widths, at_least=_LABEL_ROOM
        )
        for source in dict.fromkeys(sources):
            self._fan(source, [box for box, own in zip(allocated, sources, strict=True) if own == source])
        self._label("Allocation", top, allocated[0].bottom)
        above = allocated
        for name, boxes in (
            ("Follow-up", [group.follow_up for group in groups]),
            ("Analysis", [group.analysis for group in groups]),
        ):
            self.y = above[0].bottom + _GAP
            placed = self._row(boxes, self.lefts, widths, at_least=_LABEL_ROOM)
            for upper, lower in zip(above, placed, strict=True):
                self._arrow([(upper.centre, upper.bottom), (lower.centre, lower.y)])
            self._label(name, placed[0].y, placed[0].bottom)
            above = placed
        self.y = above[0].bottom

    def _row(
        self, boxes: list[Box], lefts: list[float], widths: list[float], *, at_least: float = 0
    ) -> list[_Placed]:
        """Boxes side by side, as high as the highest."""
        needed = max(_height(_lines(box, width)) for box, width in zip(boxes, widths, strict=True))
        height = max(at_least, needed)
        return [
            self._box(box, left, width, height=height, drop=(height - needed) / 2)
            for box, left, width in zip(boxes, lefts, widths, strict=True)
        ]

    def _box(self, box: Box, x: float, width: float, *, height: float = 0, drop: float = 0) -> _Placed:
        lines = _lines(box, width)
        placed = _Placed(x=x, y=self.y, width=width, height=max(height, _height(lines)), lines=lines)
        self.parts.append(
            f'<rect x="{x:g}" y="{placed.y:g}" width="{width:g}" height="{placed.height:g}" rx="2" '
            f'fill="white" stroke="{INK}"/>'
        )
        for position, line in enumerate(lines):
            baseline = placed.y + _PAD + drop + position * _LINE + _LINE * 0.72
            weight = ' font-weight="600"' if line.bold else ""
            self.parts.append(f'<text x="{x + line.x:g}" y="{baseline:g}"{weight}>{_safe(line.text)}</text>')
        return placed

    def _fan(self, source: _Placed, targets: list[_Placed]) -> None:
        """One line down from a box that parts to several below."""
        bus = (source.bottom + targets[0].y) / 2
        for target in targets:
            if abs(target.centre - source.centre) < 0.5:
                self._arrow([(source.centre, source.bottom), (source.centre, target.y)])
            else:
                self._arrow(
                    [
                        (source.centre, source.bottom),
                        (source.centre, bus),
                        (target.centre, bus),
                        (target.centre, target.y),
                    ]
                )

    def _arrow(self, points: list[tuple[float, float]]) -> None:
        *_, (x0, y0), (x, y) = points
        tip = (
            f"{x - 3.5:g},{y - 6:g} {x:g},{y:g} {x + 3.5:g},{y - 6:g}"
            if x == x0
            else f"{x - 6:g},{y - 3.5:g} {x:g},{y:g} {x - 6:g},{y + 3.5:g}"
        )
        shaft = [*points[:-1], (x, y - 5) if x == x0 else (x - 5, y0)]
        path = " ".join(f"{a:g},{b:g}" for a, b in shaft)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{INK}"/>')
        self.parts.append(f'<polygon points="{tip}"/>')

    def _label(self, text: str, top: float, bottom: float) -> None:
        """The name of a stage, turned, left of its boxes."""
        middle = (top + bottom) / 2
        self.parts.append(
            f'<rect x="1" y="{top:g}" width="24" height="{bottom - top:g}" rx="3" fill="{_LABEL_FILL}"/>'
        )
        self.parts.append(
            f'<text x="13" y="{middle:g}" text-anchor="middle" dominant-baseline="central" font-weight="600" '
            f'transform="rotate(-90 13 {middle:g})">{_safe(text)}</text>'
        )


def _lines(box: Box, width: float) -> tuple[_Text, ...]:
    """The text of a box, wrapped: the heading in semi-bold, each count on its own line."""
    placed: list[_Text] = []
    counts: tuple[Count, ...] = (box.head, *box.lines)
    for position, count in enumerate(counts):
        x = _PAD + count.indent * _INDENT
        hang = _HANG if position else 0.0
        text = str(count).replace("n = ", "n\u00a0=\u00a0")
        wrapped = wrap(text, size=_SIZE, width=width - x - _PAD)
        if len(wrapped) > 1:
            wrapped = wrap(text, size=_SIZE, width=width - x - hang - _PAD)
        for row, line in enumerate(wrapped):
            placed.append(_Text(text=line, x=x + hang if row else x, bold=position == 0))
    return tuple(placed)


def _height(lines: tuple[_Text, ...]) -> float:
    return 2 * _PAD + len(lines) * _LINE - 2


def _safe(text: str) -> str:
    """Text that XML allows, with its markup escaped."""
    return escape("".join(c if c.isprintable() or c == "\u00a0" else " " for c in text), quote=True)
