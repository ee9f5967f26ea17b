"""What a command prints: on a terminal drawn to its width, in a file or a pipe plain text of stable width."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

Row = Mapping[str, str | float | None]


def console_for(stream: TextIO) -> Console | None:
    """A console where the stream is a terminal (it obeys NO_COLOR), None where plain text is due."""
    if not stream.isatty():
        return None
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def print_rows(rows: Sequence[Row]) -> None:
    """Print records that share their keys as a table; an empty list prints "none".

    On a terminal the table is fitted to its width. Elsewhere the columns are as wide as their widest cell and
    no line is ever broken, so that `grep` finds a whole row and two runs can be compared.
    """
    if not rows:
        typer.echo("none")
        return
    header = list(rows[0])
    cells = [[format_cell(row[key]) for key in header] for row in rows]
    console = console_for(sys.stdout)
    if console is None:
        typer.echo(format_plain([header, *cells]))
        return
    table = Table(*header, header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for line in cells:
        table.add_row(*line)
    console.print(table)


def print_json(rows: Sequence[Row]) -> None:
    """Print records as one JSON array, in the order and with the keys given."""
    typer.echo(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=2, allow_nan=False))


def format_plain(lines: Sequence[Sequence[str]]) -> str:
    """Columns two blanks apart, each as wide as its widest cell, without blanks at the end of a line."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def format_cell(value: str | float | None) -> str:
    """A cell's text on one line: nothing for None, a number in its shortest form."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.12g}"
    return " ".join(str(value).split())
