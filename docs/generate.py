"""Writes the pages of docs/reference/ from what is installed: commands, study file, measures, methods, error codes.

python docs/generate.py           write the pages
python docs/generate.py --check   write nothing; name the pages that are out of date, exit code 1
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

from exotrial.cli.app import build_app
from exotrial.cli.catalogues import find_errors, find_module, list_measures, list_methods
from exotrial.cli.terminal import Row, format_cell
from exotrial.operations.access import EVERYBODY, MATRIX, Permission
from exotrial.registries.checks.check import RecordCheck, find_record_checks
from exotrial.report.recheck.kind import find_kinds
from exotrial.study.checks.check import Check, find_checks
from exotrial.study.schema import derive_schema

REFERENCE = Path(__file__).parent / "reference"
WIDTH = 96
NOTE = "<!-- Written by docs/generate.py: `make docs` rewrites it. -->"


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with `--check` name those that are out of date."""
    stale = []
    for name, make in PAGES.items():
        page = REFERENCE / name
        text = make() if name.endswith(".json") else f"{NOTE}\n\n{make().strip()}\n"
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(page.name)
        if "--check" not in arguments:
            page.write_text(text, encoding="utf-8")
            print(f"written: docs/reference/{page.name}")
    if stale and "--check" in arguments:
        print(f"out of date: {', '.join(stale)} in docs/reference; `make docs` writes them", file=sys.stderr)
        return 1
    return 0


def make_commands() -> str:
    """The help of every command, as it is printed where standard output is no terminal."""
    command = typer.main.get_command(build_app())
    parts = [
        "# Command line",
        "",
        "What each command prints for `--help`. On a terminal tables fit its width and refusals have a colour",
        "(not under `NO_COLOR`); in a file or a pipe all output is plain text, one record a line.",
        "",
        "| exit code | what it means |",
        "| --- | --- |",
        "| 0 | done |",
        "| 1 | done; `--strict` was given, and there are findings |",
        "| 2 | refused: [the code](errors.md) and its way out are on standard error; nothing was changed |",
        "| 130 | stopped from the keyboard |",
    ]
    for path, text in _walk_help(command, "exotrial"):
        parts += ["", f"## {path}", "", "```text", text.rstrip(), "```"]
    return "\n".join(parts)


def make_errors() -> str:
    """Every error code with its meaning, its way out and the module that refuses."""
    parts = [
        "# Error codes",
        "",
        "What exotrial says when it will not go on: the code, the place, what is wrong there, and the way out.",
        "After a refusal nothing is changed and the exit code is 2. A code is never used again for another",
        "meaning. The same list: `exotrial errors`.",
    ]
    for prefix, group in groupby(find_errors().values(), key=lambda error: error.code.split("-")[0]):
        parts += ["", f"## {prefix}", ""]
        parts += _table(
            [
                {
                    "code": f"`{error.code}`",
                    "what is wrong": error.meaning,
                    "the way out": _sentence(error.remedy),
                    "in": f"`{find_module(error, below='exotrial').removeprefix('exotrial.')}`",
                }
                for error in group
            ]
        )
    return "\n".join(parts)


def make_measures() -> str:
    """Every installed outcome measure."""
    rows = list_measures()
    parts = [
        "# Outcome measures",
        "",
        "What is installed; the same list: `exotrial measures`. A measure is one file:",
        "[how to add one](../how-to/add-an-outcome-measure.md).",
        "",
    ]
    return "\n".join(parts + (_table([_code(row, "PARAMCD", "module") for row in rows]) or ["None."]))


def make_methods() -> str:
    """Every installed statistical method, by the shape of its data."""
    parts = [
        "# Statistical methods",
        "",
        "What is installed; the same list: `exotrial methods`. *Software* says where this convention is what the",
        "user gets. A method is one object: [how to add one](../how-to/add-a-statistical-method.md).",
    ]
    rows = sorted(list_methods(), key=lambda row: (str(row["design"]), str(row["name"])))
    for design, group in groupby(rows, key=lambda row: row["design"]):
        kept = [{key: row[key] for key in row if key != "design"} for row in group]
        parts += [
            "",
            f"## {str(design).capitalize()}",
            "",
            *_table([_code(row, "name", "module") for row in kept]),
        ]
    return "\n".join(parts)


def make_checks() -> str:
    """Every installed check of a study file, by category."""
    parts = [
        "# Checks of a study file",
        "",
        "What `exotrial check` looks for. A rule is one small function in one place, `exotrial/study/checks`; a",
        "study file without a contradiction or gap gets no finding.",
    ]
    for prefix, group in groupby(find_checks().values(), key=lambda check: check.id.split("-")[0]):
        parts += ["", f"## {prefix}", "", *_table([_check_row(check) for check in group])]
    parts += [
        "",
        "## With registry records",
        "",
        "What `exotrial check --with FILE` looks for besides, in `exotrial/registries/checks`. The rules above that",
        "ask of registrations are asked again of the records' own values.",
        "",
        *_table([_check_row(check) for check in find_record_checks().values()]),
    ]
    return "\n".join(parts)


def _check_row(check: Check | RecordCheck) -> Row:
    return {
        "rule": f"`{check.id}`",
        "severity": check.severity.value,
        "what must hold": check.statement,
        "why": check.why,
        "standards": "; ".join(check.standards),
    }


def make_claims() -> str:
    """Every installed kind of claim, with the names it takes under `from` and `given`."""
    rows: list[Row] = [
        {
            "kind": f"`{kind.name}`",
            "what is rechecked": _sentence(kind.says),
            "from": _names(kind.needs, kind.may) + (" and any further name" if kind.any_from else ""),
            "given": _names(kind.given, kind.may_give),
        }
        for kind in find_kinds().values()
    ]
    parts = [
        "# Kinds of claim",
        "",
        "What `claims.toml` may say of a printed figure: [how to recheck a paper](../how-to/recheck-a-paper.md).",
        "A name in brackets may be left out.",
        "",
    ]
    return "\n".join(parts + _table(rows))


def make_roles() -> str:
    """Every role with its blindness, where it is held and what it may do, from the one matrix."""
    rows: list[Row] = [
        {
            "role": role.value,
            "knows arms": "no" if standing.blind else "yes",
            "held": "at sites" if standing.by_site else "for the whole study",
            "may": "; ".join(one.value for one in Permission if one in standing.may and one not in EVERYBODY),
        }
        for role, standing in MATRIX.items()
    ]
    parts = [
        "# Roles",
        "",
        "Who may do what, and who may know an arm before the study is unblinded: the matrix of",
        "`exotrial/operations/access.py`, which alone decides it. Every role may also "
        + " and ".join(one.value for one in Permission if one in EVERYBODY)
        + ".",
        "How arms are kept from the others: [blinding](../explanation/blinding.md).",
        "",
    ]
    return "\n".join(parts + _table(rows))


def _names(needed: Sequence[str], optional: Sequence[str]) -> str:
    return ", ".join([f"`{name}`" for name in needed] + [f"[`{name}`]" for name in optional])


def make_study_file() -> str:
    """Every part of a study file with its keys, from the JSON Schema."""
    schema = derive_schema()
    parts = [
        "# The study file",
        "",
        "Every key of `study.toml`; what stands in no table here is refused. *Needed* keys must be given where their",
        "part is. An identifier is lower-case letters, digits and underscores (in the `id` of the study hyphens), a",
        "letter first. The same for editors: [study.schema.json](study.schema.json), which `exotrial schema` prints.",
        "How to begin: [write a study file](../how-to/write-a-study-file.md).",
        "",
        "## The file as a whole",
        "",
        *_table(_keys(schema)),
    ]
    for name, part in sorted(schema["$defs"].items()):
        parts += ["", f"## {name}", "", *_prose(part.get("description", "")), *_table(_keys(part))]
    return "\n".join(parts)


def _keys(part: dict[str, Any]) -> list[Row]:
    return [
        {
            "key": f"`{key}`",
            "": "needed" if key in part.get("required", ()) else "",
            "what it holds": _kind(value),
        }
        for key, value in part["properties"].items()
    ]


def _prose(description: str) -> list[str]:
    """A description without the marks of its source text."""
    return [line.strip() for line in description.splitlines()] + [""] if description else []


def _kind(value: dict[str, Any]) -> str:
    """What a key holds, in the words of TOML: a part of the file is a link to its table."""
    if "$ref" in value:
        name = value["$ref"].split("/")[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(_kind(one) for one in value["anyOf"] if one.get("type") != "null"))
    if value.get("description", "").startswith("A number with a unit"):
        return f"{value['description'][2:].rstrip('.')}, such as `{value['examples'][0]}`"
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if value.get("type") == "array":
        inner: dict[str, Any] = value.get("items") or next(iter(value.get("prefixItems", ())), {})
        return f"list: {_kind(inner)}" if inner else "list"
    if "pattern" in value:
        return "identifier"
    if value.get("format") == "date":
        return "date"
    kinds = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return kinds.get(str(value.get("type")), "a table")


def make_schema() -> str:
    """The JSON Schema of a study file, which editors read by the `#:schema` line of the file."""
    return json.dumps(derive_schema(), indent=1, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "checks.md": make_checks,
    "claims.md": make_claims,
    "cli.md": make_commands,
    "errors.md": make_errors,
    "measures.md": make_measures,
    "methods.md": make_methods,
    "roles.md": make_roles,
    "study-file.md": make_study_file,
    "study.schema.json": make_schema,
}


def _walk_help(command: Any, path: str, parent: Any = None) -> Iterator[tuple[str, str]]:
    """A command and all below it: the words to type, and the help. Typer has no public name for its types."""
    settings = {**command.context_settings, "terminal_width": WIDTH}
    context = command.context_class(command, info_name=path.split()[-1], parent=parent, **settings)
    yield path, command.get_help(context)
    for name in sorted(getattr(command, "commands", {})):
        yield from _walk_help(command.commands[name], f"{path} {name}", context)


def _table(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    header = list(rows[0])
    lines = [header, ["---"] * len(header)]
    lines += [[format_cell(row[key]).replace("|", r"\|") for key in header] for row in rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _code(row: Row, *keys: str) -> Row:
    """The row with these cells in code type, and modules named without the package."""
    return {
        key: f"`{str(value).removeprefix('exotrial.')}`" if key in keys else value
        for key, value in row.items()
    }


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
