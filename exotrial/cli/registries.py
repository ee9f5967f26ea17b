"""`exotrial registries`, `import` and `export-protocol`: records of registers read, drafted from, and written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exotrial.cli.app import FINDINGS
from exotrial.cli.decision import print_findings, read_file
from exotrial.cli.study import StudyPath
from exotrial.cli.terminal import Row, print_json, print_rows
from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.core.findings import Finding, gravest_first

if TYPE_CHECKING:
    from exotrial.registries.record import Loss, RegistryRecord
    from exotrial.registries.registry import ProtocolWriter
    from exotrial.report.protocol.documents import ProtocolDocument

IS_THERE = ErrorCode(
    "DRF-005",
    "There is a study file already where a draft is to be written.",
    "choose another folder with --out; a draft never replaces a study file.",
)
NOT_IN_FILE = ErrorCode(
    "DRF-006",
    "A file of records holds no record of the number asked for.",
    "correct the number; `exotrial import FILE` lists the numbers of a file that holds several trials.",
)
EXPORT_IS_THERE = ErrorCode(
    "DRF-008",
    "There is a file already where a study is to be written in a registry's form.",
    "choose another file with --out, or say --replace.",
)
NO_FORM = ErrorCode(
    "DRF-007",
    "A study is to be written in a form that is not installed.",
    "`exotrial registries` lists the forms.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Reader = Annotated[str, typer.Option("--reader", help="The reader to use; found by itself if left out.")]
_LISTED = 20
"""Numbers of trials that a refusal of a file with many names."""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("registries")(show_registries)
    app.command("import")(import_record)
    app.command("export-protocol")(export_protocol)


def show_registries(as_json: Json = False) -> None:
    """List the forms of record that are read and the forms in which a study is written."""
    rows = list_registries()
    if as_json:
        print_json(rows)
    else:
        print_rows(rows)


def list_registries() -> list[Row]:
    """One record a form that is read or written, by name."""
    from exotrial.registries.registry import find_readers

    rows: list[Row] = [
        {
            "name": one.name,
            "does": "reads",
            "title": one.title,
            "endings": " ".join(one.suffixes),
            "citation": one.citation,
        }
        for one in find_readers().values()
    ]
    rows += [
        {
            "name": one.name,
            "does": "writes",
            "title": one.title,
            "endings": one.suffix,
            "citation": one.citation,
        }
        for one in _writers().values()
    ]
    return rows


def import_record(
    file: Annotated[
        Path, typer.Argument(help="A record, or an export with many.", exists=True, dir_okay=False)
    ],
    trial: Annotated[
        str, typer.Option("--id", help="The trial's number, where the file holds several.")
    ] = "",
    reader: Reader = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder to write to; studies/<id> if left out.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where something was mended or lost.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Draft a study file from a registry record: what it says, with the place of every value.

    What was mended on the way is told, and what a study file has no place for. Names, telephones and addresses of
    people are left out. Of several dated records of one trial the newest is taken.
    """
    from exotrial.registries.draft import choose_record, draft_study
    from exotrial.registries.registry import read_records, record_file
    from exotrial.report.write import write_files

    records = read_records(record_file(read_file(file), name=file.name), reader=reader)
    record = choose_record(_of_trial(records, trial, file))
    findings = gravest_first(list(record.findings))
    try:
        draft = draft_study(record)
    except Refusal:
        if not as_json:  # what the reader noticed may say why, such as a page that was cut
            print_findings(findings)
        raise
    folder = out if out is not None else Path("studies") / draft.study.id
    target = folder / "study.toml"
    if target.exists():
        raise IS_THERE.refuse(f"'{target}' is there already", place=Place(file=str(target)), value=target)
    write_files({"study.toml": draft.text.encode()}, folder=folder)
    if as_json:
        typer.echo(
            json.dumps(_told(record, str(target), findings, draft.losses), ensure_ascii=False, indent=2)
        )
    else:
        same = sum(one.identifier.value == record.identifier.value for one in records)
        of_several = f", the newest of {same} of this trial" if same > 1 else ""
        as_of = f" as of {record.as_of}" if record.as_of else ""
        typer.echo(f"{record.identifier.value}{as_of}, read as {record.reader}{of_several}.")
        print_findings(findings)
        _print_losses(draft.losses, "Not in the draft:")
        typer.echo(f"\nDraft written to {target}. Read it through, then run `exotrial check {folder}`.")
    if strict and (findings or draft.losses):
        raise typer.Exit(FINDINGS)


def export_protocol(
    study: StudyPath,
    to: Annotated[str, typer.Option("--to", help="The form; `exotrial registries` lists them.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write; the study's id if left out.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where the form cannot hold something.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a study in the form of a registry or a standard, and tell what that form has no place for."""
    from exotrial.report.write import write_files
    from exotrial.study.file import read_study

    writers = _writers()
    if to not in writers:
        raise NO_FORM.refuse(
            f"no form is called {to!r}", value=to, remedy=f"the forms are {', '.join(writers)}."
        )
    writer = writers[to]
    definition, _ = read_study(study)
    target = out if out is not None else Path(f"{definition.id}{writer.suffix}")
    if target.exists() and not replace:
        raise EXPORT_IS_THERE.refuse(
            f"'{target}' is there already", place=Place(file=str(target)), value=target
        )
    export = writer.write(definition)
    write_files({target.name: export.data}, folder=target.parent)
    if as_json:
        typer.echo(
            json.dumps({"file": str(target), "losses": _losses(export.losses)}, ensure_ascii=False, indent=2)
        )
    else:
        typer.echo(f"{writer.title} written to {target}.")
        _print_losses(export.losses, "Not in it:")
    if strict and export.losses:
        raise typer.Exit(FINDINGS)


def _writers() -> dict[str, ProtocolWriter | ProtocolDocument]:
    """Every form in which a study is written: those of registries and standards, and documents for readers."""
    from exotrial.registries.registry import find_writers
    from exotrial.report.protocol.documents import find_documents

    found: dict[str, ProtocolWriter | ProtocolDocument] = {**find_writers(), **find_documents()}
    return dict(sorted(found.items()))


def _of_trial(records: Sequence[RegistryRecord], trial: str, file: Path) -> list[RegistryRecord]:
    if not trial:
        return list(records)
    found = [one for one in records if one.identifier.value.casefold() == trial.strip().casefold()]
    if not found:
        numbers = list(dict.fromkeys(one.identifier.value for one in records))
        more = f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else ""
        raise NOT_IN_FILE.refuse(
            f"no record of {trial!r} in {len(records)} records",
            place=Place(file=file.name),
            value=trial,
            remedy=f"the file holds {', '.join(numbers[:_LISTED])}{more}.",
        )
    return found


def _print_losses(losses: Sequence[Loss], heading: str) -> None:
    if losses:
        typer.echo(f"\n{heading}")
        print_rows([{"item": one.item, "says": one.prints[:60], "why": one.why} for one in losses])


def _losses(losses: Sequence[Loss]) -> list[dict[str, str]]:
    return [{"item": one.item, "says": one.prints, "why": one.why, "place": str(one.place)} for one in losses]


def _told(
    record: RegistryRecord, target: str, findings: Sequence[Finding], losses: Sequence[Loss]
) -> dict[str, Any]:
    return {
        "file": target,
        "identifier": record.identifier.value,
        "reader": record.reader,
        "as_of": record.as_of.isoformat() if record.as_of else None,
        "findings": [{"id": one.id, "severity": one.severity.value, "says": one.says} for one in findings],
        "losses": _losses(losses),
    }
