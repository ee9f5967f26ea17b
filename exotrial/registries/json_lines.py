"""Where each value of a JSON text stands, because parsed JSON forgets its lines."""

from __future__ import annotations

import json
import re

JsonPath = tuple[str | int, ...]
"""Keys, and positions from 0 in lists."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,\n]|[^\s{}\[\]:,"]+')


def compute_lines(text: str) -> dict[JsonPath, int]:
    """The line, from 1, on which each value of a JSON text begins. The text has been parsed before: it is JSON."""
    lines: dict[JsonPath, int] = {(): 1}
    line = 1
    path: list[str | int] = []
    opened: list[str] = []
    key_next = False
    for token in _TOKEN.findall(text):
        if token == "\n":
            line += 1
        elif token in "}]":
            opened.pop()
            path.pop()
            key_next = False
        elif token == ",":
            if opened[-1] == "[":
                path[-1] = int(path[-1]) + 1
            key_next = opened[-1] == "{"
        elif token == ":":
            key_next = False
        elif key_next:
            path[-1] = _unquoted(token)
        else:
            lines[tuple(path)] = line
            if token in "{[":
                opened.append(token)
                path.append("" if token == "{" else 0)
                key_next = token == "{"
    return lines


def write_path(path: JsonPath) -> str:
    """A path as JSONPath writes it: `$.study.versions[0].titles`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _unquoted(token: str) -> str:
    return str(json.loads(token)) if "\\" in token else token[1:-1]
