"""`exotrial measures`, `methods` and `errors`: what is installed, as the catalogues find it."""

from __future__ import annotations

from typing import Annotated

import typer

from exotrial.cli.terminal import Row, print_json, print_rows
from exotrial.core.catalogue import find_objects, walk_modules
from exotrial.core.errors import ErrorCode

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("measures")(show_measures)
    app.command("methods")(show_methods)
    app.command("errors")(show_errors)


def show_measures(as_json: Json = False) -> None:
    """List the installed outcome measures.

    PARAMCD and name, unit, range, direction, citation, and the module that holds each.
    """
    _show(list_measures(), as_json=as_json)


def show_methods(as_json: Json = False) -> None:
    """List the installed statistical methods.

    Name and label, the shape of data each takes, the software whose convention it follows, citation, module.
    """
    _show(list_methods(), as_json=as_json)


def show_errors(as_json: Json = False) -> None:
    """List every error code, what it means and the way out."""
    _show(list_errors(), as_json=as_json)


def list_measures() -> list[Row]:
    """One record an installed outcome measure, by PARAMCD."""
    from exotrial.outcomes.measure import find_measures  # here: not every command needs units

    return [
        {
            "PARAMCD": measure.paramcd,
            "PARAM": measure.param,
            "unit": measure.unit,
            "low": measure.low,
            "high": measure.high,
            "direction": str(measure.direction),
            "citation": measure.citation,
            "module": find_module(measure, below="exotrial.outcomes"),
        }
        for measure in find_measures().values()
    ]


def list_methods() -> list[Row]:
    """One record an installed statistical method, by name."""
    from exotrial.statistics.methods import find_methods  # here: not every command needs statistics

    return [
        {
            "name": method.name,
            "label": method.label,
            "design": method.design.value,
            "software": method.software,
            "citation": method.citation,
            "module": find_module(method, below="exotrial.statistics"),
        }
        for method in find_methods().values()
    ]


def find_errors() -> dict[str, ErrorCode]:
    """Every error code that is declared below `exotrial`, by code."""
    return find_objects("exotrial", ErrorCode, name=lambda error: error.code)


def list_errors() -> list[Row]:
    """One record an error code, by code."""
    return [
        {"code": error.code, "meaning": error.meaning, "remedy": error.remedy}
        for error in find_errors().values()
    ]


def find_module(thing: object, *, below: str) -> str:
    """The module that holds an object: the deepest that does, or "plug-in" where none below the package does."""
    holders = [
        module.__name__
        for module in walk_modules(below)
        if any(value is thing for value in vars(module).values())
    ]
    return max(holders, key=lambda name: (name.count("."), name), default="plug-in")


def _show(rows: list[Row], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
    else:
        print_rows(rows)
