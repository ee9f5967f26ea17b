"""What the study file says to one item of a protocol, what it lacks, or why the item does not apply."""

from __future__ import annotations

from dataclasses import dataclass

from exotrial.report.document import Block, Bullets, Column, Paragraph, Table
from exotrial.report.wording import sentence


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The text of an item and what is missing from it, each with the path at which the study file would hold it."""

    blocks: tuple[Block, ...] = ()
    missing: tuple[str, ...] = ()
    not_applicable: str = ""


@dataclass(frozen=True)
class Line:
    """A line of an item: its label, what the study file says, and what is missing where it says nothing.

    A value is text; None, False and empty text say nothing. An empty label leaves the value to speak for itself, and
    an empty `absent` makes the line one that may be absent.
    """

    label: str
    value: object
    absent: str = ""


def fill(*lines: Line) -> Filled:
    """One line as a paragraph, several as a list, and the names of those that are not there."""
    told = tuple(_tell(line.label, line.value) for line in lines if line.value)
    blocks: tuple[Block, ...] = tuple(map(Paragraph, told)) if len(told) < 2 else (Bullets(told),)
    return Filled(
        blocks=blocks, missing=tuple(line.absent for line in lines if not line.value and line.absent)
    )


def fill_table(key: str, title: str, *lines: Line) -> Filled:
    """Lines as a table of two columns under a title; a line that is missing stands in it as such."""
    rows = tuple((line.label, str(line.value or "Missing")) for line in lines if line.value or line.absent)
    columns = (
        Column(key="what", head="What", width=0.22),
        Column(key="planned", head="As planned", width=0.78),
    )
    return Filled(
        blocks=(Table(id=f"planned-{key}", title=title, columns=columns, rows=rows),),
        missing=tuple(line.absent for line in lines if not line.value and line.absent),
    )


def join(*parts: Filled) -> Filled:
    """Several answers as one, in their order."""
    return Filled(
        blocks=tuple(block for part in parts for block in part.blocks),
        missing=tuple(text for part in parts for text in part.missing),
    )


def declared(texts: tuple[str, ...] | None) -> str | None:
    """A list that may declare that there is none: None stays None, an empty one is `none`."""
    return None if texts is None else "; ".join(texts) or "none"


def _tell(label: str, value: object) -> str:
    return sentence(f"{label}: {value}" if label else str(value))
