"""`exotrial operations`, `do` and `roles`, and short ways to say what is asked every day."""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exotrial.cli.session import open_installation, read_caller
from exotrial.cli.terminal import Row, print_json, print_rows
from exotrial.core.errors import ErrorCode

if TYPE_CHECKING:
    from pydantic import BaseModel

    from exotrial.operations._operation import Operation
    from exotrial.operations.access import Role

BAD_DATA = ErrorCode(
    "CLI-005",
    "What follows the operation is not a JSON object.",
    'write it as \'{"field": "value"}\', as @FILE, or as - to read standard input.',
)
WHICH_STUDY = ErrorCode(
    "CLI-006",
    "The installation has no study or several, and none is named.",
    "name one with --study, or set EXOTRIAL_STUDY.",
)
FILE_THERE = ErrorCode(
    "CLI-007", "The file to be written is there already.", "name another, or move that one away."
)
NO_FIELD = ErrorCode(
    "CLI-008", "The answer has no such field.", "see `exotrial operations NAME` for the fields of the answer."
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
StudyId = Annotated[
    str,
    typer.Option("--study", envvar="EXOTRIAL_STUDY", help="The study's id; the only one where left out."),
]
AsRole = Annotated[str, typer.Option("--role", help="The role to ask as; any held that may, where left out.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("operations")(show_operations)
    app.command("roles")(show_roles)
    app.command("do")(do)
    app.command("begin-study")(begin_study)
    app.command("status")(show_status)
    app.command("users")(show_users)


def show_operations(
    name: Annotated[str, typer.Argument(help="One operation or view, to see its fields.")] = "",
    as_json: Json = False,
) -> None:
    """List the operations and views with permission and roles, or show the fields of one."""
    from exotrial.operations._operation import find_operations
    from exotrial.operations.access import roles_with

    if not name:
        rows: list[Row] = [
            {
                "name": asked.name,
                "kind": "view" if asked.reads else "operation",
                "of": asked.scope,
                "permission": asked.permission.value,
                "roles": _roles(roles_with(asked.permission)),
            }
            for asked in find_operations().values()
        ]
        print_json(rows) if as_json else print_rows(rows)
        return
    asked = find_operation(name)
    if as_json:
        told = {
            "name": name,
            "ask": asked.ask.model_json_schema(),
            "answer": asked.answer.model_json_schema(),
        }
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    typer.echo(f"{name}: {asked.summary}\n")
    typer.echo(f"permission: {asked.permission.value}")
    typer.echo(f"roles: {_roles(roles_with(asked.permission))}\n")
    typer.echo("Asks:")
    print_rows(_fields(asked.ask))
    typer.echo("\nAnswers:")
    print_rows(_fields(asked.answer))


def _roles(roles: tuple[Role, ...]) -> str:
    return "every role" if len(roles) == len(type(roles[0])) else ", ".join(role.value for role in roles)


def _fields(model: type[BaseModel]) -> list[Row]:
    schema = model.model_json_schema()
    return [
        {
            "field": name,
            "type": _type_of(field),
            "needed": "yes" if name in schema.get("required", ()) else "",
            "description": field.get("description", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _type_of(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field:
        return " or ".join(_type_of(one) for one in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type_of(field.get('items', {}))}"
    return str(field.get("format") or field.get("type") or "any")


def show_roles(as_json: Json = False) -> None:
    """Print the matrix: each permission, and the roles that have it; `blind` roles know no arm."""
    from exotrial.operations.access import MATRIX, Permission, may

    rows: list[Row] = [
        {"permission": "blind", **{role.value: "x" if s.blind else "" for role, s in MATRIX.items()}},
        {
            "permission": "held by site",
            **{role.value: "x" if s.by_site else "" for role, s in MATRIX.items()},
        },
    ]
    rows += [
        {"permission": p.value, **{role.value: "x" if may(role, p) else "" for role in MATRIX}}
        for p in Permission
    ]
    print_json(rows) if as_json else print_rows(rows)


def do(
    name: Annotated[str, typer.Argument(help="The operation or view; `exotrial operations` lists them.")],
    data: Annotated[str, typer.Argument(help="Its fields as a JSON object, @FILE, or - .")] = "{}",
    study: StudyId = "",
    role: AsRole = "",
    only: Annotated[str, typer.Option("--only", help="Print this field of the answer alone.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write it into this new file instead of printing it.")
    ] = None,
) -> None:
    """Do an operation, or ask a view, and print the answer as JSON."""
    if out is not None and out.exists():  # before anything is done that cannot be taken back
        raise FILE_THERE.refuse(f"'{out}' is there already", value=out)
    asked = find_operation(name)
    fields = asked.answer.model_fields
    if only and only not in fields:
        raise NO_FIELD.refuse(f"the answer has no field {only!r}; it has {', '.join(fields)}", value=only)
    answer = ask(name, _read_object(data), study=study, role=role).model_dump(mode="json")
    text = json.dumps(answer[only] if only else answer, indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        typer.echo(f"written: {out}")


def begin_study(
    file: Annotated[Path, typer.Argument(help="A study file, or the folder that holds study.toml.")],
) -> None:
    """Begin a study in this installation from its study file."""
    from exotrial.study.file import find_study_file

    answer = ask("begin_study", {"source": find_study_file(file).read_text(encoding="utf-8")})
    typer.echo(f"The study {answer.study} is begun with version {answer.version} ({answer.digest}).")


def show_status(study: StudyId = "", role: AsRole = "", as_json: Json = False) -> None:
    """Show the study's state and its sites."""
    shown = ask("show_study", {}, study=study, role=role)
    if as_json:
        typer.echo(shown.model_dump_json(indent=2))
        return
    typer.echo(f"{shown.study}: {shown.status}, version {shown.version}\n{shown.title}\n")
    if shown.sites:
        print_rows([site.model_dump() for site in shown.sites])
    else:
        typer.echo("No sites where you have rights.")


def show_users(as_json: Json = False) -> None:
    """List who holds which right now; for the administrator."""
    shown = ask("list_rights", {})
    if as_json:
        typer.echo(shown.model_dump_json(indent=2))
        return
    wanted = {"username", "name", "role", "study", "site", "trained_on"}
    print_rows([right.model_dump(mode="json", include=wanted) for right in shown.rights])


def ask(name: str, data: dict[str, Any], *, study: str = "", role: str = "") -> Any:
    """Do an operation or ask a view as who is signed in. Refuses as the API does, with the same codes."""
    from exotrial.operations._operation import perform

    asked = find_operation(name)
    opened = open_installation()
    caller = read_caller(opened)
    of = "" if asked.scope == "installation" else study or _only_study()
    return perform(opened, asked, data, caller=caller, study=of, role=role)


def find_operation(name: str) -> Operation[Any, Any]:
    """The operation or view of a name. Refuses with OPR-001, naming the nearest."""
    from exotrial.operations._operation import UNKNOWN_OPERATION, find_operations

    known = find_operations()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise UNKNOWN_OPERATION.refuse(
            f"there is no {name!r}", value=name, remedy=f"did you mean {near[0]!r}?" if near else None
        )
    return known[name]


def _only_study() -> str:
    from exotrial.operations.installation import study_ids

    found = study_ids()
    if len(found) != 1:
        raise WHICH_STUDY.refuse(f"there are {len(found)} studies")
    return found[0]


def _read_object(data: str) -> dict[str, Any]:
    """The JSON object that an argument holds or names. Refuses with CLI-005."""
    from exotrial.operations._storable import take_pairs

    try:
        if data == "-":
            text = sys.stdin.read()
        else:
            text = Path(data[1:]).read_text(encoding="utf-8") if data.startswith("@") else data
        read = json.loads(text, object_pairs_hook=take_pairs)
    except (OSError, ValueError, RecursionError) as error:
        raise BAD_DATA.refuse(f"it cannot be read as JSON: {error}") from None
    if not isinstance(read, dict):
        raise BAD_DATA.refuse("it is JSON and not an object")
    return read
