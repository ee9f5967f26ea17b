"""A draft's values as TOML, in the order of a study file, with a comment wherever a person must look."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.items import AoT, InlineTable, Item, Table

from exotrial.registries.record import RegistryRecord

_LIST_WIDTH = 100
"""A list whose entries are together longer than this stands on several lines."""

_COMMENTS = {
    "design": "The record does not say from which event days are counted: replace “not stated”.",
    "arms": "Name what each arm receives, and its kind, where the record does not.",
    "interventions": "Say the role of each (investigational, placebo, comparator, background), its dose and its route.",
    "population": "Rules are proposed from the words. Confirm or mend each, then take its `judgement` out.",
    "outcomes": "Name the measure of each outcome that the catalogue has (`exotrial measures`).",
    "evidence": "Where the record says it.",
}

_CONTROL = re.compile("[\x00-\x1f\x7f]")
"""TOML allows none of these in a comment; text in quotes has escapes for them."""

_ALWAYS = "population"
"""The table that a study file must have, even where it says nothing."""


def write_draft(values: Mapping[str, Any], *, record: RegistryRecord) -> str:
    """The TOML of a draft; None and empty parts are left out."""
    document = tomlkit.document()
    head = f"Draft from {record.source.name}: {record.identifier.value}, read as {record.reader}."
    document.add(tomlkit.comment(_CONTROL.sub(" ", head)))
    document.add(tomlkit.comment("A person has yet to read it. What the record does not say is left out."))
    document.add(tomlkit.nl())
    for name, value in values.items():
        item = _item(value)
        if item is None and name == _ALWAYS:
            item = tomlkit.table()
        if item is None:
            continue
        if name in _COMMENTS:
            document.add(tomlkit.nl())
            document.add(tomlkit.comment(_COMMENTS[name]))
        document.add(name, item)
    # tomlkit parts a table from what stands before it; its comment belongs to it.
    return re.sub(r"(?m)^(# .*)\n\n(?=\[)", r"\1\n", tomlkit.dumps(document))


def _item(value: Any) -> Item | None:
    """A value as TOML: tables for mappings, arrays of tables for lists of them; None for nothing."""
    if isinstance(value, Mapping):
        return _table(value)
    if _holds_mappings(value):
        entries = tomlkit.aot()
        for one in value:
            made = _table(one)
            if made is not None:
                entries.append(made)
        return entries if isinstance(entries, AoT) and len(entries) else None
    return _plain(value)


def _table(values: Mapping[str, Any]) -> Table | None:
    table = tomlkit.table()
    for name, value in values.items():
        if name == "rule" and isinstance(value, Mapping):
            table.add(name, _inline(value))
        elif (item := _item(value)) is not None:
            table.add(name, item)
    return table if len(table) else None


def _inline(values: Mapping[str, Any]) -> InlineTable:
    """A rule on one line, as rules are read."""
    table = tomlkit.inline_table()
    for name, value in values.items():
        if isinstance(value, Mapping):
            table.add(name, _inline(value))
        elif _holds_mappings(value):
            array = tomlkit.array()
            for one in value:
                array.append(_inline(one))
            table.add(name, array)
        else:
            table.add(name, tomlkit.item(list(value) if isinstance(value, tuple) else value))
    return table


def _plain(value: Any) -> Item | None:
    if value is None or value == "" or (isinstance(value, list | tuple) and not value):
        return None
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        array.extend(list(value))
        array.multiline(sum(len(str(one)) for one in value) > _LIST_WIDTH)
        return array
    made: Item = tomlkit.item(value)
    return made


def _holds_mappings(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and any(isinstance(one, Mapping) for one in value)
    )
