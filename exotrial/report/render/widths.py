"""How wide the columns of a table are, from what they hold, for formats that do not lay out tables themselves."""

from __future__ import annotations

from exotrial.report.document import Table

_MARGIN = 2
"""What the margins of a cell take, in characters."""
_LONGEST_LINE = 60
"""Beyond this many characters more text makes more lines and no wider column."""


def compute_shares(table: Table) -> tuple[float, ...]:
    """The share of the table's width that each column gets; together 1.

    A column that says its share keeps it among those that say theirs; a column of numbers gets its longest
    cell, a column of text grows slower than its text, and no column is narrower than its longest word.
    """
    if all(column.width is not None for column in table.columns):
        weights = [column.width or 0.0 for column in table.columns]
    else:
        weights = [_weight(table, position) for position in range(len(table.columns))]
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def _weight(table: Table, position: int) -> float:
    column = table.columns[position]
    cells = [row[position] or "" for index, row in enumerate(table.rows) if index not in table.stub_rows]
    longest = max((len(cell) for cell in cells), default=1)
    word = max((len(word) for cell in (*cells, column.head) for word in cell.split()), default=1)
    wanted = float(longest) if column.align != "left" else min(longest, _LONGEST_LINE) ** 0.85
    return max(wanted, min(word, 24)) + _MARGIN
