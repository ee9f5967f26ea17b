"""`exotrial verify`: a published randomisation, or one opened envelope, checked offline.

A check that failed is a finding that was asked for, so the command ends with 1 (no `--strict` is needed);
a file that cannot be read is refused with 2.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exotrial.core.errors import ErrorCode

if TYPE_CHECKING:
    from exotrial.allocation.order import Head
    from exotrial.allocation.verify import Verification

# The verification is imported where it is used: other commands must not wait for cryptography to load.

NO_FILE = ErrorCode(
    "VER-004", "A file to be verified cannot be read.", "give the path of the file as it was received."
)
WRONG_HEAD = ErrorCode(
    "VER-005",
    "A noted head is not written as NUMBER:LINK.",
    "write the number of the last allocation, a colon, and its link of 64 hexadecimal digits.",
)

FAILED = 1
MOST_SHOWN = 20
"""Problems of one check that are printed; --json prints all."""

_SAID = {True: "held", False: "FAILED", None: "not checked"}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(
        name="verify",
        help="Check offline what was published of a randomisation.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("allocation")(verify_allocation)
    group.command("leaf")(verify_one_leaf)
    app.add_typer(group)


def verify_allocation(
    export: Annotated[Path, typer.Argument(help="The export that was published after lock.")],
    certificate: Annotated[
        Path | None,
        typer.Option("--certificate", help="The certificate as published before the first participant."),
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option("--head", help="NUMBER:LINK of an allocation, as somebody noted it at the time."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every problem.")] = False,
) -> None:
    """Make list, root and order of a randomisation again and name every difference.

    Ends with 1 when a check failed.
    """
    from exotrial.allocation.certificate import read_certificate
    from exotrial.allocation.export import read_export
    from exotrial.allocation.verify import verify_export

    published = None if certificate is None else read_certificate(_read(certificate), name=str(certificate))
    heads = [_read_head(text) for text in head or ()]
    _print(
        verify_export(read_export(_read(export), name=str(export)), certificate=published, heads=heads),
        as_json=as_json,
    )


def verify_one_leaf(
    leaf: Annotated[Path, typer.Argument(help="One opened envelope with its path, as it was shown.")],
    certificate: Annotated[
        Path, typer.Option("--certificate", help="The certificate as published before the first participant.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every problem.")] = False,
) -> None:
    """Check that one opened envelope was sealed as shown; nothing else is needed or learnt.

    Ends with 1 when a check failed.
    """
    from exotrial.allocation.certificate import read_certificate
    from exotrial.allocation.export import read_leaf
    from exotrial.allocation.verify import verify_leaf

    issued = read_certificate(_read(certificate), name=str(certificate))
    _print(verify_leaf(read_leaf(_read(leaf), name=str(leaf)), certificate=issued), as_json=as_json)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NO_FILE.refuse(f"'{path}' cannot be read ({error.strerror})", value=path) from None


def _read_head(text: str) -> Head:
    from exotrial.allocation.order import Head

    written = re.fullmatch(r"(\d{1,7}):([0-9a-f]{64})", text.strip(), flags=re.ASCII)
    if written is None:
        raise WRONG_HEAD.refuse(f"{text!r} is not NUMBER:LINK", value=text)
    return Head(n=int(written[1]), link=written[2])


def _printable(text: str) -> str:
    """A file from a stranger must not steer the terminal."""
    return "".join(one if one.isprintable() else "?" for one in text)


def _print(verification: Verification, *, as_json: bool) -> None:
    if as_json:
        told = {"holds": verification.holds, "checks": [asdict(check) for check in verification.checks]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        for check in verification.checks:
            typer.echo(f"{_SAID[check.held]:<11}  {check.name}: {_printable(check.says)}")
            for problem in check.problems[:MOST_SHOWN]:
                typer.echo(f"             {_printable(f'{problem.deed}, {problem.where}: {problem.says}')}")
            if len(check.problems) > MOST_SHOWN:
                typer.echo(f"             and {len(check.problems) - MOST_SHOWN} more (--json prints all)")
        typer.echo("")
        typer.echo("All that was checked holds." if verification.holds else "It does not hold.")
    if not verification.holds:
        raise typer.Exit(FAILED)
