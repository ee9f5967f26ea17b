"""Where each key of a TOML text stands, by tree-sitter's grammar, because parsed TOML forgets its lines."""

from __future__ import annotations

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Path = tuple[str | int, ...]
"""A path into a parsed TOML document: keys, and positions from 0 in arrays."""


def compute_lines(text: str) -> dict[Path, int]:
    """The line, from 1, on which each key, table and array entry of a TOML text begins.

    Sub-tables of an array of tables belong to its latest entry, as TOML 1.0 has it.
    """
    tree = Parser(Language(tree_sitter_toml.language())).parse(text.encode("utf-8"))
    lines: dict[Path, int] = {}
    array_sizes: dict[Path, int] = {}
    for node in tree.root_node.named_children:
        if node.type == "pair":
            _add_pair(node, (), lines)
        elif node.type in ("table", "table_array_element"):
            header = next(child for child in node.named_children if child.type in _KEYS)
            path = _into_latest(_key(header), array_sizes, adds=node.type == "table_array_element")
            lines.setdefault(path, node.start_point[0] + 1)
            if node.type == "table_array_element":
                lines.setdefault(path[:-1], node.start_point[0] + 1)
            for child in node.named_children:
                if child.type == "pair":
                    _add_pair(child, path, lines)
    return lines


def find_line(lines: dict[Path, int], path: Path) -> int | None:
    """The line of a path, or of the nearest thing around it that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


_KEYS = ("bare_key", "quoted_key", "dotted_key")


def _key(node: Node) -> tuple[str, ...]:
    if node.type == "dotted_key":
        return tuple(part for child in node.named_children for part in _key(child))
    text = (node.text or b"").decode("utf-8")
    return (text[1:-1] if node.type == "quoted_key" else text,)


def _into_latest(key: tuple[str, ...], sizes: dict[Path, int], *, adds: bool) -> Path:
    """The path that a table header means: through the latest entry of every array of tables on its way."""
    path: Path = ()
    for position, step in enumerate(key):
        path = (*path, step)
        last = position == len(key) - 1
        if last and adds:
            sizes[path] = sizes.get(path, 0) + 1
        if path in sizes:
            path = (*path, sizes[path] - 1)
    return path


def _add_pair(node: Node, around: Path, lines: dict[Path, int]) -> None:
    key, *rest = [child for child in node.named_children if child.type != "comment"]
    path = (*around, *_key(key))
    lines[path] = node.start_point[0] + 1
    for value in rest:
        _add_value(value, path, lines)


def _add_value(node: Node, path: Path, lines: dict[Path, int]) -> None:
    if node.type == "inline_table":
        for child in node.named_children:
            if child.type == "pair":
                _add_pair(child, path, lines)
    elif node.type == "array":
        entries = [child for child in node.named_children if child.type != "comment"]
        for position, entry in enumerate(entries):
            lines[(*path, position)] = entry.start_point[0] + 1
            _add_value(entry, (*path, position), lines)
