"""The plain words of USDM's syntax templates: XHTML in which tags and references stand for values of the study."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from exotrial.registries.usdm.document import Element

_BLOCKS = ("p", "li", "div", "br", "tr", "td", "th", "h1", "h2", "h3", "h4")
_DEEPEST = 5
"""How often a reference may lead to words that hold references of their own."""


def read_markup(
    text: str, elements: Mapping[str, Element], tags: Mapping[str, str], *, depth: int = 0
) -> tuple[str, tuple[str, ...]]:
    """The words of a template, and the names of the tags and references in it that lead nowhere.

    `tags`: for each tag of the template's dictionary, the reference that stands behind it. What leads nowhere stays
    in the words as `[name]`.
    """
    reader = _Reader(elements, tags, depth)
    reader.feed(text)
    reader.close()
    return re.sub(r"\s+", " ", "".join(reader.words)).strip(), tuple(reader.unknown)


def tags_of(dictionary: Element | None) -> dict[str, str]:
    """The tags of a dictionary, with the reference behind each."""
    if dictionary is None:
        return {}
    return {entry["tag"]: entry["reference"] for entry in dictionary.value["parameterMaps"]}


class _Reader(HTMLParser):
    def __init__(self, elements: Mapping[str, Element], tags: Mapping[str, str], depth: int) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.unknown: list[str] = []
        self._elements = elements
        self._tags = tags
        self._depth = depth

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in _BLOCKS:
            self.words.append(" ")
        elif tag == "usdm:tag":
            name = given.get("name", "")
            self._take(name, self._tags.get(name))
        elif tag == "usdm:ref":
            element = self._elements.get(given.get("id", ""))
            value = None if element is None else element.value.get(given.get("attribute", ""))
            self._take(f"{given.get('id', '')}.{given.get('attribute', '')}", _words(value))

    def _take(self, name: str, text: str | None) -> None:
        if text is None or self._depth >= _DEEPEST:
            self.words.append(f"[{name}]")
            self.unknown.append(name)
            return
        words, unknown = read_markup(text, self._elements, self._tags, depth=self._depth + 1)
        self.words.append(words)
        self.unknown.extend(unknown)


def _words(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return f"{value:g}" if isinstance(value, float) else str(value)
