"""What USDM has no class for, as extensionAttributes: one key of the study file is one attribute.

The scheme, in full in docs/reference/usdm-extensions.md. The url of an attribute names the key. Words and dates stand
in `valueString`, whole numbers in `valueInteger`, other numbers in `valueQuantity` without a unit, yes and no in
`valueBoolean`. A table holds its keys as attributes of its own; a list ends its url in `#list` and holds one attribute
per entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exotrial.registries.usdm.maker import Maker

BASE = "urn:x-exotrial:study-file:1:"
"""Before the key in every url; 1 is the version of the study file's schema."""
_LIST = "#list"
_ENTRY = "entry"

Values = dict[str, Any]
"""Keys of a study file and their values as JSON has them."""


def write_extensions(values: Mapping[str, Any], make: Maker) -> list[dict[str, Any]]:
    """The extension attributes of a table of the study file, one per key, in the order of the keys."""
    return [_write(key, value, make) for key, value in values.items()]


def read_extensions(owner: Mapping[str, Any]) -> Values:
    """The keys that an element's extension attributes hold; attributes of other tools are left alone."""
    return {
        url.removeprefix(BASE).removesuffix(_LIST): _read(attribute, url)
        for attribute in owner.get("extensionAttributes", ())
        if (url := attribute["url"]).startswith(BASE)
    }


def find_extension(owner: Mapping[str, Any], key: str) -> tuple[int, Any] | None:
    """The value that an element's extension attribute of a key holds, and its position; None where there is none."""
    for position, attribute in enumerate(owner.get("extensionAttributes", ())):
        if attribute["url"].removesuffix(_LIST) == BASE + key:
            return position, _read(attribute, attribute["url"])
    return None


def is_ours(attribute: Mapping[str, Any]) -> bool:
    """Whether an extension attribute was written by this scheme."""
    return str(attribute["url"]).startswith(BASE)


def _write(key: str, value: object, make: Maker) -> dict[str, Any]:
    url = BASE + key
    match value:
        case bool():
            return make("ExtensionAttribute", url=url, valueBoolean=value)
        case int():
            return make("ExtensionAttribute", url=url, valueInteger=value)
        case float():
            return make("ExtensionAttribute", url=url, valueQuantity=make("Quantity", value=value))
        case str():
            return make("ExtensionAttribute", url=url, valueString=value)
        case Mapping():
            return make("ExtensionAttribute", url=url, extensionAttributes=write_extensions(value, make))
        case Sequence():
            entries = [_write(_ENTRY, entry, make) for entry in value]
            return make("ExtensionAttribute", url=url + _LIST, extensionAttributes=entries)
    raise TypeError(f"a study file holds no {type(value).__name__} at {key}")


def _read(attribute: Mapping[str, Any], url: str) -> Any:
    if url.endswith(_LIST):
        return [_read(entry, entry["url"]) for entry in attribute.get("extensionAttributes", ())]
    for value in _held(attribute):
        return value["value"] if isinstance(value, dict) else value
    return read_extensions(attribute)


def _held(attribute: Mapping[str, Any]) -> Iterator[Any]:
    for key in ("valueString", "valueInteger", "valueQuantity", "valueBoolean"):
        if attribute.get(key) is not None:
            yield attribute[key]
