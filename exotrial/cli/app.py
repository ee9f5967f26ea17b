"""`exotrial`: finds the command groups, runs one command and turns its end into an exit code.

A module of this room that defines `add_to(app)` adds its commands; nothing is listed here. A command ends in
one of four ways:

    0    it did what was asked
    1    it did, and `--strict` was given, and there were findings
    2    refused: the arguments or the input cannot be used, and nothing was changed
    130  stopped from the keyboard

Anything else is a defect of exotrial and is shown with its whole traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer
from typer.exceptions import TyperException

from exotrial.cli.terminal import console_for
from exotrial.core.catalogue import walk_modules
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals

OK = 0
FINDINGS = 1
REFUSED = 2
STOPPED = 130

MOST_SHOWN = 100
"""Refusals of one input that are printed: more are of one cause, and hide it."""

USAGE = ErrorCode(
    "CLI-001",
    "The command line names a command, an option or a value that exotrial does not have.",
    "see `exotrial --help`, or `--help` after the command.",
)

EPILOG = (
    "Exit codes: 0 done; 1 done, with findings, under --strict; 2 refused, and nothing was changed. "
    "Every refusal has a code: `exotrial errors` lists them."
)


def build_app() -> typer.Typer:
    """The whole command line: every module of this room that defines `add_to` has added its commands."""
    app = typer.Typer(
        name="exotrial",
        callback=start,
        invoke_without_command=True,
        add_completion=False,
        rich_markup_mode=None,  # plain text of stable width, on a terminal and in a file
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        epilog=EPILOG,
    )
    for module in walk_modules("exotrial.cli"):
        add_to = getattr(module, "add_to", None)
        if add_to is not None:
            add_to(app)
    return app


def start(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Run an extracellular-vesicle therapy trial from one study file to a published, shareable result."""
    if show_version:
        typer.echo(f"exotrial {version('exotrial')}")
        raise typer.Exit(OK)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (`sys.argv` where None is given) and return its exit code.

    Refusals are printed to standard error, one a line; any other exception goes through.
    """
    command = typer.main.get_command(build_app())
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        outcome = command.main(given, prog_name="exotrial", standalone_mode=False)
    except Refusal as refusal:
        return _refuse([refusal])
    except Refusals as several:
        return _refuse(several.refusals)
    except TyperException as error:
        return _refuse([_as_refusal(error)])
    except typer.Abort:
        outcome = STOPPED
    if outcome == STOPPED:  # what typer gives back after Ctrl-C
        typer.echo("Stopped.", err=True)
    return outcome if isinstance(outcome, int) else OK


def _refuse(refusals: Sequence[Refusal]) -> int:
    console = console_for(sys.stderr)
    for refusal in refusals[:MOST_SHOWN]:
        if console is None:
            typer.echo(str(refusal), err=True)
        else:
            code, rest = refusal.code.code, str(refusal).removeprefix(refusal.code.code)
            console.print(code, style="bold red", end="")
            console.print(rest, soft_wrap=True)
    if len(refusals) > MOST_SHOWN:
        typer.echo(f"and {len(refusals) - MOST_SHOWN} more; mend these first.", err=True)
    return REFUSED


def _as_refusal(error: TyperException) -> Refusal:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "exotrial"
    problem, _, guess = error.format_message().strip().partition(" Did you mean ")
    remedy = f"did you mean {guess} See `{path} --help`." if guess else f"see `{path} --help`."
    return USAGE.refuse(problem.rstrip("."), place=Place(path=path), remedy=remedy)
