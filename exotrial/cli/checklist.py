"""`exotrial checklist`: what the record answers of the lists that a vesicle product is reported by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.terminal import Row, print_json, print_rows
from exotrial.core.errors import ErrorCode
from exotrial.study.file import read_study

UNKNOWN_LIST = ErrorCode("CHK-001", "There is no checklist of that name.", "use one of the names told.")
NO_PRODUCT = ErrorCode(
    "CHK-002",
    "The study file describes no product to answer a checklist for.",
    "describe it under [[products]], or name one that is there with --product.",
)


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("checklist")(show_checklist)


def show_checklist(
    study: Annotated[Path, typer.Argument(help="A study file, or the folder that holds study.toml.")],
    name: Annotated[
        str, typer.Option("--list", help="ev-metric, isct-2006, miflowcyt-ev or misev2023; by default all.")
    ] = "",
    product: Annotated[str, typer.Option(help="The product's id; by default each.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Answer the checklists of a vesicle product from the study file: met, not met, not applicable, not on record.

    Not on record means that the study file is silent: the field that would tell is named.
    """
    from exotrial.product.checklist import ProductRecord, answer_checklist, compute_score, find_checklists

    definition, _ = read_study(study)
    lists = find_checklists()
    if name and name not in lists:
        raise UNKNOWN_LIST.refuse(f"{name!r} is none", value=name, remedy=f"use {', '.join(lists)}.")
    products = [one for one in definition.products if not product or one.id == product]
    if not products:
        raise NO_PRODUCT.refuse(
            f"{product!r} is none of its products" if product else "it has none", value=product
        )
    rows: list[Row] = []
    scores: list[str] = []
    for described in products:
        record = ProductRecord(study=definition, product=described)
        for key in [name] if name else list(lists):
            answers = answer_checklist(lists[key], record)
            rows += [
                {
                    "product": described.id,
                    "list": key,
                    "item": one.item.number,
                    "asks": one.item.asks,
                    "status": one.answer.status.value,
                    "why": one.answer.why,
                    "missing": one.answer.missing,
                }
                for one in answers
            ]
            score = compute_score(answers).in_words()
            scores.append(f"{described.id}, {lists[key].title}: {score}. {lists[key].source}.")
    if as_json:
        print_json(rows)
        return
    print_rows(rows)
    typer.echo("")
    for line in scores:
        typer.echo(line)
