"""`exotrial eligible`: the criteria of a study file, answered one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.terminal import Row, print_rows
from exotrial.core.errors import ErrorCode
from exotrial.participants.eligibility import decide_eligibility, items_of
from exotrial.study.file import read_study
from exotrial.study.rules import Answer

NO_ANSWER = ErrorCode(
    "CLI-002",
    "An answer is not written as ITEM=VALUE.",
    "write it like --answer age=45 or --answer pregnant=no.",
)

_WORDS: dict[str, bool] = {"yes": True, "true": True, "no": False, "false": False}
_SAID = {True: "holds", False: "fails", None: "not known"}


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("eligible")(show_eligibility)


def show_eligibility(
    study: Annotated[Path, typer.Argument(help="A study file, or the folder that holds study.toml.")],
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer", help="ITEM=VALUE, as often as there are answers: a number, a word, yes or no."
        ),
    ] = None,
) -> None:
    """Decide whether a participant may be enrolled: every criterion with its answer and why.

    Without answers, lists what each criterion asks. What is not answered is not known, and then the verdict is no.
    """
    definition, _ = read_study(study)
    verdict = decide_eligibility(definition, dict(_read(pair) for pair in answer or ()))
    texts = {criterion.id: criterion for criterion in definition.population.criteria}
    rows: list[Row] = [
        {
            "criterion": reason.criterion,
            "kind": texts[reason.criterion].category,
            "asks": ", ".join(sorted(items_of(texts[reason.criterion]))),
            "verdict": _SAID[reason.holds],
            "why": reason.why,
            "text": texts[reason.criterion].text,
        }
        for reason in verdict.reasons
    ]
    print_rows(rows)
    unknown = len(verdict.unknown)
    typer.echo("")
    typer.echo(
        f"{verdict.question} {'Yes.' if verdict.holds else 'No.'}"
        + (f" {unknown} not known." if unknown else "")
    )


def _read(pair: str) -> tuple[str, Answer]:
    name, equals, text = pair.partition("=")
    if not equals or not name.strip() or not text.strip():
        raise NO_ANSWER.refuse(f"{pair!r} is not ITEM=VALUE", value=pair)
    word = text.strip()
    if word.lower() in _WORDS:
        return name.strip(), _WORDS[word.lower()]
    try:
        return name.strip(), float(word) if "." in word or "e" in word.lower() else int(word)
    except ValueError:
        return name.strip(), word
