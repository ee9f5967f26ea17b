"""`exotrial release`: the verdict on a batch from a study file and the files of its laboratory, offline."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.operations import AsRole, StudyId, ask
from exotrial.cli.study import StudyPath
from exotrial.cli.terminal import Row, print_json, print_rows
from exotrial.core.errors import ErrorCode

BAD_DAY = ErrorCode(
    "REL-005",
    "A day that is stated for a file names no file, or stands against the day in the file.",
    "write --measured-on NAME=2026-01-31 with the name of one of the files; the file's own day goes first.",
)
OTHER_VERDICT = ErrorCode(
    "REL-006",
    "The study file and the files do not give the verdict of the certificate.",
    "check with the study file, the files and the names that were signed; the certificate lists their digests.",
)

_WORDS = {True: "holds", False: "AGAINST", None: "not known"}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(
        help="Release of a batch: the verdict from its files, and its certificate of analysis."
    )
    group.command("check")(check_release)
    group.command("send")(send_evidence)
    group.command("certificate")(print_certificate)
    app.add_typer(group, name="release")


def check_release(
    study: StudyPath,
    files: Annotated[
        list[Path], typer.Argument(help="The files of the laboratory.", exists=True, dir_okay=False)
    ],
    batch: Annotated[str, typer.Option("--batch", help="The code of the batch.")] = "",
    product: Annotated[
        str, typer.Option("--product", help="The product of the study file; the only one where left out.")
    ] = "",
    measured_on: Annotated[
        list[str] | None,
        typer.Option(
            "--measured-on", help="NAME=YYYY-MM-DD: a day that the file does not tell; may be repeated."
        ),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate", help="A certificate (JSON): take its deviations, and come to its verdict."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where the batch may not be released.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Decide whether a batch may be released, with every reason; the same files give the same verdict everywhere."""
    from exotrial.core.provenance import read_source  # here: not every command needs it
    from exotrial.product.analysis_certificate import read_certificate
    from exotrial.product.assay import assay_file
    from exotrial.product.evidence import read_evidence
    from exotrial.product.release import (
        check_evidence,
        decide_release,
        digest_decision,
        find_specification,
    )
    from exotrial.study.file import read_study

    definition, _ = read_study(study)
    signed = read_certificate(read_source(certificate)[0], name=str(certificate)) if certificate else None
    days = _read_days(measured_on or [], [file.name for file in files])
    if signed is not None:
        days = {file.name: file.stated_on for file in signed.files if file.stated_on is not None} | days
    named = (
        product
        or (signed.product if signed else "")
        or _only_product([one.id for one in definition.products])
    )
    specification = find_specification(definition, named)
    described = next(one for one in definition.products if one.id == named)
    code = batch or (signed.batch if signed else "")
    if not code:
        raise typer.BadParameter("name the batch by --batch, or give its certificate")
    evidence = [
        read_evidence(
            assay_file(file.read_bytes(), name=file.name), stated_on=days.get(file.name), product=described
        )
        for file in files
    ]
    answers = signed.answers if signed else ()
    verdict = decide_release(specification, evidence, batch=code, answers=answers)
    digest = digest_decision(specification, evidence, verdict, batch=code, answers=answers)
    if signed is not None and digest != signed.verdict_sha256:
        raise OTHER_VERDICT.refuse(
            f"the verdict here is {digest[:12]}…, that of the certificate {signed.verdict_sha256[:12]}…",
            value=digest,
        )
    rows: list[Row] = [
        {"verdict": _WORDS[reason.holds], "what": reason.criterion, "why": reason.why}
        for reason in verdict.reasons
    ]
    if as_json:
        print_json([*rows, {"verdict": _WORDS[verdict.holds], "what": verdict.question, "why": digest}])
    else:
        print_rows(rows)
        for doubt in check_evidence(specification, evidence, batch=code):
            typer.echo(f"{doubt.rule}: {doubt.says} {doubt.settle}")
        typer.echo("")
        typer.echo(f"{verdict.question} {'Yes.' if verdict.holds else 'No.'}")
        typer.echo(f"Verdict, SHA-256: {digest}")
        if signed is not None:
            typer.echo(f"The certificate of {signed.batch} has this verdict.")
    if strict and not verdict.holds:
        raise typer.Exit(1)


def send_evidence(
    files: Annotated[
        list[Path], typer.Argument(help="The files of the laboratory.", exists=True, dir_okay=False)
    ],
    batch: Annotated[str, typer.Option("--batch", help="The code of the batch.")],
    measured_on: Annotated[
        list[str] | None,
        typer.Option(
            "--measured-on", help="NAME=YYYY-MM-DD: a day that the file does not tell; may be repeated."
        ),
    ] = None,
    study: StudyId = "",
    role: AsRole = "",
) -> None:
    """Send files for a batch of this installation, as they came; a second person reviews each."""
    days = _read_days(measured_on or [], [file.name for file in files])
    for file in files:
        told = {"code": batch, "name": file.name, "content": base64.b64encode(file.read_bytes()).decode()}
        if file.name in days:
            told["measured_on"] = days[file.name].isoformat()
        sent = ask("attach_evidence", told, study=study, role=role)
        typer.echo(f"{sent.evidence}: {sent.name}, SHA-256 {sent.sha256}, read as {sent.reader}")


def print_certificate(
    certificate: Annotated[Path, typer.Argument(help="A certificate of analysis (JSON).", exists=True)],
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")],
) -> None:
    """Print a certificate of analysis as a PDF."""
    from exotrial.core.provenance import read_source  # here: not every command needs it
    from exotrial.product.analysis_certificate import read_certificate
    from exotrial.report.certificate_of_analysis import render_certificate

    data, _ = read_source(certificate)
    out.write_bytes(render_certificate(read_certificate(data, name=str(certificate))))
    typer.echo(f"written: {out}")


def _only_product(products: list[str]) -> str:
    if len(products) != 1:
        raise typer.BadParameter(f"the study has the products {', '.join(products)}; name one by --product")
    return products[0]


def _read_days(told: list[str], names: list[str]) -> dict[str, date]:
    from exotrial.core.dates import read_date

    days = {}
    for one in told:
        name, _, day = one.rpartition("=")
        if name not in names:
            raise BAD_DAY.refuse(f"{one!r} names none of {', '.join(names)}", value=one)
        days[name] = read_date(day)
    return days
