"""`exotrial recheck`: every numeric claim of a paper recomputed from its own data, with one verdict each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exotrial.cli.terminal import Row, print_rows
from exotrial.core.errors import ErrorCode

if TYPE_CHECKING:
    from exotrial.report.recheck.verdicts import ClaimVerdict

# The engine is imported where it is used: other commands must not wait for statistics and tables to load.

NOTHING_NAMED = ErrorCode(
    "RCK-050",
    "The recheck needs a study folder, or a claims file.",
    "name a study folder, or a claims file with --claims and its tables with --data.",
)
NO_TEXT = ErrorCode(
    "RCK-051",
    "The source text named by --text cannot be read, or its source is not one of the claims file's.",
    "write --text SOURCE=FILE, with the id of a [[sources]] entry and a text file in UTF-8.",
)


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("recheck")(show_recheck)


def show_recheck(
    study: Annotated[
        Path | None, typer.Argument(help="A study folder, which holds published/claims.toml.")
    ] = None,
    claims: Annotated[Path | None, typer.Option("--claims", help="The claims file of another paper.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="The folder of its tables; else the claims file's own.")
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option("--text", help="SOURCE=FILE: hold each claim against its line of this text first."),
    ] = None,
    kinds: Annotated[
        bool, typer.Option("--kinds", help="List the kinds of claim and what each takes, and stop.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every recomputation.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 1 when a claim does not stand as printed.")
    ] = False,
) -> None:
    """Recompute every claim of a paper by each method that could have been meant, and give a verdict."""
    from exotrial.report.recheck.engine import recheck

    if kinds:
        _print_kinds()
        return
    file = claims or (study / "published" / "claims.toml" if study is not None else None)
    if file is None:
        raise NOTHING_NAMED.refuse("neither a study folder nor --claims was given")
    for pair in text or ():
        _hold_to_text(file, pair)
    verdicts = recheck(file, data or file.parent)
    if as_json:
        typer.echo(
            json.dumps(
                [asdict(verdict) for verdict in verdicts], ensure_ascii=False, indent=2, allow_nan=False
            )
        )
    else:
        _print_table(verdicts)
    if strict and any(verdict.accused for verdict in verdicts):
        raise typer.Exit(1)


def _print_kinds() -> None:
    from exotrial.report.recheck.kind import find_kinds

    for kind in find_kinds().values():
        taken = [("from", kind.needs), ("from, optional", kind.may), ("given", kind.given)]
        taken.append(("given, optional", kind.may_give))
        typer.echo(f"{kind.name}\n    {kind.says}")
        for word, names in taken:
            if names:
                typer.echo(f"    {word}: {', '.join(names)}")
    typer.echo(
        "Every kind: given.year, for days printed without one; given.reads, how the print is to be read."
    )


def _hold_to_text(file: Path, pair: str) -> None:
    from exotrial.report.recheck.claims import read_claims
    from exotrial.report.recheck.engine import check_lines

    source, _, name = pair.partition("=")
    path = Path(name)
    document = read_claims(file)
    if source not in [known.id for known in document.file.sources] or not path.is_file():
        raise NO_TEXT.refuse(f"{pair!r} names no source with a file", value=pair)
    try:
        content = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise NO_TEXT.refuse(f"byte {error.start + 1} of '{path}' is not UTF-8", value=name) from None
    check_lines(document, content, source=source)


def _print_table(verdicts: Sequence[ClaimVerdict]) -> None:
    from exotrial.report.recheck.verdicts import Answer

    rows: list[Row] = [
        {
            "claim": verdict.claim,
            "prints": verdict.printed,
            "line": str(verdict.quotes[0].line or ""),
            "verdict": verdict.answer.value,
            "why": f"{verdict.why} {verdict.inference}".strip(),
        }
        for verdict in verdicts
    ]
    print_rows(rows)
    typer.echo("")
    counts = {answer: sum(verdict.answer is answer for verdict in verdicts) for answer in Answer}
    print_rows([{"verdict": answer.value, "claims": str(count)} for answer, count in counts.items()])
