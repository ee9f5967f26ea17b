"""Generates `model.py`, the classes of USDM v4.0 as typed dictionaries, from CDISC's USDM_API.json (MIT).

Run by hand when CDISC publishes a new version:
`python -m exotrial.registries.usdm.generate USDM_API.json > exotrial/registries/usdm/model.py`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_HEAD = '''"""The classes of USDM v{version} as typed dictionaries. Generated from USDM_API.json by generate.py.

Long because it is one standard, class for class and attribute for attribute; a split would only
hide what belongs together. USDM_API.json is Copyright (c) CDISC, published under the MIT licence at
https://github.com/cdisc-org/DDF-RA (Deliverables/API):

    Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
    documentation files (the "Software"), to deal in the Software without restriction, including without limitation
    the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
    to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above
    copyright notice and this permission notice shall be included in all copies or substantial portions of the
    Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
    LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT
    SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION
    OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
    DEALINGS IN THE SOFTWARE.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Discriminator, Field, with_config
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

VERSION = "{version}"

Words = Annotated[str, Field(min_length=1)]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}$")]


class Element(TypedDict):
    """What every part of a study version has: an id that is its own in the file, and extensions."""

    id: Words
    extensionAttributes: NotRequired[list[ExtensionAttribute]]
'''

_SUFFIX = "-Input"
_ROOT = "Wrapper"
_LINE = 110
_SCALARS = {"integer": "int", "number": "float", "boolean": "bool", "null": "None", "string": "str"}


def write_model(api: dict[str, Any]) -> str:
    """The text of `model.py`. `api`: the parsed USDM_API.json; its `-Input` schemas are the classes."""
    schemas = api["components"]["schemas"]
    names = sorted(name for name in schemas if name.endswith(_SUFFIX))
    parts = [_HEAD.format(version=api["info"]["version"])]
    parts += [_write_class(name.removesuffix(_SUFFIX), schemas[name]) for name in names]
    return "\n\n".join(parts)


def _write_class(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    kinds = {
        attribute: (_write_type(value), attribute in required)
        for attribute, value in schema["properties"].items()
    }
    is_element = kinds.get("id") == ("Words", True) and "extensionAttributes" in kinds
    lines = ['@with_config(ConfigDict(strict=True, extra="forbid"))'] if name == _ROOT else []
    lines.append(f"class {name}({'Element' if is_element else 'TypedDict'}):")
    for attribute, (kind, always) in kinds.items():
        if not (is_element and attribute in ("id", "extensionAttributes")):
            lines.append(_write_attribute(attribute, kind if always else f"NotRequired[{kind}]"))
    return "\n".join(lines) + "\n"


def _write_attribute(name: str, kind: str) -> str:
    line = f"    {name}: {kind}"
    if len(line) <= _LINE:
        return line
    outer, inner = kind.split("[", 1)
    return f"    {name}: {outer}[\n        {inner[:-1]}\n    ]"  # as the formatter breaks it


def _write_type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        return str(value["$ref"]).rsplit("/", 1)[-1].removesuffix(_SUFFIX)
    if "const" in value:
        return f'Literal["{value["const"]}"]'
    if "anyOf" in value:
        return _write_union([_write_type(one) for one in value["anyOf"]])
    if value["type"] == "array":
        items = f"list[{_write_type(value['items'])}]"
        return f"Annotated[{items}, Field(max_length={value['maxItems']})]" if "maxItems" in value else items
    if value.get("minLength") == 1:
        return "Words"
    return "Uuid" if value.get("format") == "uuid" else _SCALARS[value["type"]]


def _write_union(kinds: list[str]) -> str:
    """Classes are told apart by their `instanceType`, so that a refusal names the attribute and not every branch."""
    classes = [kind for kind in kinds if kind[0].isupper() and kind not in ("None", "Words", "Uuid")]
    others = [kind for kind in kinds if kind not in classes]
    if len(classes) > 1:
        classes = [f'Annotated[{" | ".join(classes)}, Discriminator("instanceType")]']
    return " | ".join(classes + others)


if __name__ == "__main__":
    sys.stdout.write(write_model(json.loads(Path(sys.argv[1]).read_bytes())))
