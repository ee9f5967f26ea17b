"""Text for typst: strings as typst literals, and the tables of a report as typst code."""

from __future__ import annotations

import json
from itertools import groupby

from exotrial.report.document import Column, Table

_NUMBERS = 32
"""A column of numbers up to this many characters never wraps; the text beside it does."""
_EM = 0.58
"""The width of a character of a table, in em, on the safe side; a head that is wider than its numbers wraps."""
_WHOLE = 18
"""A table of up to so many short rows is never broken."""
_WORDY = 70
"""A cell longer than this wraps; then a hair line between rows keeps them apart."""


def literal(text: str) -> str:
    """Any text as a typst string literal; nothing in it can become markup."""
    return json.dumps(text, ensure_ascii=False)


def table_source(table: Table) -> str:
    """A table in journal rules: a line above, below the head and at the end, none between columns."""
    size = 7.0 if len(table.columns) > 9 else 8.2
    aligns = ", ".join("right" if c.align in ("right", "decimal") else c.align for c in table.columns)
    lines = [
        f"#block(breakable: {_breaks(table)}, width: 100%, above: 14pt, below: 14pt)[",
        f"#set text(size: {size}pt)",
        "#set table.cell(breakable: false)",
        f"#block(below: 5pt, sticky: true, text(size: 9.5pt, weight: 600, {literal(table.title)}))",
        f"#table(columns: ({_widths(table)}), align: ({aligns},), stroke: none, {_heights(table)}"
        f"inset: (x: {2.2 if len(table.columns) > 9 else 3.5}pt, y: 2.8pt),",
        "table.header(table.hline(stroke: 0.9pt),",
    ]
    if any(column.group for column in table.columns):
        position = 0
        for group, columns in groupby(table.columns, key=lambda c: c.group):
            span = len(list(columns))
            shown = f"text(weight: 600, {literal(group)})" if group else "[]"
            lines.append(f"table.cell(colspan: {span}, align: center, {shown}),")
            if group:
                lines.append(f"table.hline(y: 1, start: {position}, end: {position + span}, stroke: 0.4pt),")
            position += span
    lines += [f"text(weight: 600, {literal(column.head)})," for column in table.columns]
    lines.append("table.hline(stroke: 0.5pt)),")
    wordy = _is_wordy(table) or table.row_height_mm is not None
    for position, row in enumerate(table.rows):
        if wordy and position and position - 1 not in table.stub_rows:
            lines.append("table.hline(stroke: 0.3pt + luma(205)),")
        if position in table.stub_rows:
            head = literal(row[0] or "")
            lines.append(
                # A header of the second level stays with the row below it at the foot of a page.
                f"table.header(level: 2, repeat: false, table.cell(colspan: {len(row)}, "
                f"inset: (top: 6pt, x: 3.5pt), text(weight: 600, {head}))),"
            )
        else:
            lines += [f"{_cell(cell)}," for cell in row]
    lines.append("table.hline(stroke: 0.9pt))")
    lines += [f"#text(size: 7.4pt, fill: luma(90), {literal(note)})\\" for note in table.notes]
    lines.append("]")
    return "\n".join(lines)


def _is_wordy(table: Table) -> bool:
    return any(len(cell or "") > _WORDY for row in table.rows for cell in row)


def _breaks(table: Table) -> str:
    """Whether a table may run over a page: a short one moves to the next page whole."""
    return "false" if len(table.rows) <= _WHOLE and not _is_wordy(table) else "true"


def _cell(cell: str | None) -> str:
    return "[]" if not cell else f"text({literal(_breakable(cell))})"


def _breakable(text: str) -> str:
    """Long words may break after a dot, a slash or an underscore, so that identifiers fit a narrow column."""
    words = text.split(" ")
    return " ".join(
        word.replace(".", ".\u200b").replace("/", "/\u200b").replace("_", "_\u200b")
        if len(word) > 18
        else word
        for word in words
    )


def _heights(table: Table) -> str:
    """The heights of rows that are to be written on; the head keeps its own."""
    if table.row_height_mm is None:
        return ""
    rows = f"{table.row_height_mm:g}mm, " * len(table.rows)
    return f"rows: (auto, {rows}), "


def _widths(table: Table) -> str:
    """Column widths as typst tracks: as told, or by the longest text of each column."""
    tracks = [_track(table, position, column) for position, column in enumerate(table.columns)]
    if not any(track.endswith("fr") for track in tracks):
        tracks[0] = "1fr"
    return ", ".join(tracks) + ","


def _track(table: Table, position: int, column: Column) -> str:
    if column.width is not None:
        return f"{column.width * 10:.3g}fr"
    body = [row[position] or "" for index, row in enumerate(table.rows) if index not in table.stub_rows]
    longest = max((len(cell) for cell in body), default=0)
    if column.align != "left" and longest <= _NUMBERS:
        word = max((len(word) for word in column.head.split()), default=0)
        return (
            "auto" if len(column.head) <= max(longest, word, 14) else f"{max(longest, word, 14) * _EM:.3g}em"
        )
    longest = max(longest, len(column.head))
    if longest <= 14:
        return "auto"
    return f"{min(longest, 60) ** 0.8:.3g}fr"
