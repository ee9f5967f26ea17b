"""`exotrial compare` and `history`: where sources of one trial disagree, and what changed in a record when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exotrial.cli.app import FINDINGS
from exotrial.cli.decision import print_findings, read_file
from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding

if TYPE_CHECKING:
    from exotrial.registries.compare_accounts import Account
    from exotrial.registries.record import RegistryRecord
    from exotrial.report.registered.sides import Side

TOO_FEW = ErrorCode(
    "CMR-004", "Fewer than two sources are to be compared.", "name two or more study files or records."
)
NO_FILES = ErrorCode(
    "CMR-005", "A folder for a history holds no file.", "give a folder of dated exports, or one such file."
)

SEVERAL_TRIALS = ErrorCode(
    "CMR-006",
    "A file to be compared holds several trials, and no source says which of them is meant.",
    "name a study file, or a record of the one trial, beside it; its number must be among the file's.",
)

NO_STUDY_ABOVE = ErrorCode(
    "CMR-007",
    "A paper's claims or captured data to be compared do not lie beside a study file.",
    "keep claims.toml in `published/` and the data in `data/`, in the folder of the study file.",
)
SAYS_NOTHING = ErrorCode(
    "CMR-008",
    "A paper's claims or captured data tell nothing of design, size, dates or outcomes.",
    "quote in the study file's [[evidence]] what the paper says of them.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

_LISTED = 10
"""Numbers of trials that a refusal names."""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("compare")(show_comparison)
    app.command("history")(show_history)


def show_comparison(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="Study files or folders, files of registry records, a paper's claims.toml, a folder of captured data.",
            exists=True,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Compare what study files, registry records, papers and data say of one trial; exit 1 where they differ.

    Give the earlier plan first. Of a file with many records the newest of the trial is taken: the trial is that of
    the first source that tells of one only. A `claims.toml` stands for the paper of the study that it lies beside, a
    folder with `participants.csv` for what was done in it; `exotrial extract` makes one of a running installation.
    """
    from exotrial.registries.compare import compare_accounts
    from exotrial.registries.timing import decide_timing

    if len(sources) < 2:
        raise TOO_FEW.refuse(f"only {len(sources)} source is given", value=sources[0])
    accounts, records = _accounts(sources)
    told: list[dict[str, Any]] = []
    for first, second in combinations(accounts, 2):
        found = compare_accounts(first, second)
        told.append(
            {"first": first.who, "second": second.who, "differences": [_as_json(one) for one in found]}
        )
        if not as_json:
            typer.echo(f"\n{first.who} and {second.who}, differences: {len(found)}.")
            print_findings(found)
    timings = []
    for record in records:
        if record.registered is not None and record.start is not None:
            end = record.recruitment_end.value if record.recruitment_end else None
            timing = decide_timing(
                registered=record.registered.value, start=record.start.value, recruitment_end=end
            )
            label = record.timing_label.value if record.timing_label else None
            agrees = timing.agrees_with(label) if label else None
            timings.append(
                {"record": record.identifier.value, "timing": timing.says, "label": label, "agrees": agrees}
            )
    if as_json:
        typer.echo(json.dumps({"comparisons": told, "timing": timings}, ensure_ascii=False, indent=2))
    else:
        for one in timings:
            doubt = ", which the dates contradict" if one["agrees"] is False else ""
            typer.echo(f"\n{one['record']}: {one['timing']}; label: {one['label'] or 'none'}{doubt}.")
    if any(one["differences"] for one in told) or any(one["agrees"] is False for one in timings):
        raise typer.Exit(FINDINGS)


def show_history(
    source: Annotated[
        Path, typer.Argument(help="A folder of dated exports, or one file of them.", exists=True)
    ],
    as_json: Json = False,
) -> None:
    """Tell what changed in each trial's record from one dated export to the next."""
    from exotrial.registries.history import derive_histories
    from exotrial.registries.registry import read_records, record_file

    files = sorted(one for one in source.iterdir() if one.is_file()) if source.is_dir() else [source]
    if not files:
        raise NO_FILES.refuse(f"'{source}' holds no file", place=Place(file=str(source)), value=source)
    records = [one for file in files for one in read_records(record_file(read_file(file), name=file.name))]
    histories = derive_histories(records)
    if as_json:
        rows = [
            {
                "identifier": history.identifier,
                "days": [day.isoformat() for day in history.days],
                "changes": [
                    {
                        "before": change.before.isoformat(),
                        "seen": change.seen.isoformat(),
                        "differences": [_as_json(one) for one in change.differences],
                    }
                    for change in history.changes
                ],
            }
            for history in histories
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for history in histories:
        first, *later = history.days
        days = f"{len(history.days)} days, {first} to {later[-1]}" if later else f"one day, {first}"
        typer.echo(f"\n{history.identifier}: {days}, changes seen: {len(history.changes)}.")
        for change in history.changes:
            typer.echo(f"\nBetween {change.before} and {change.seen}:")
            print_findings(change.differences)


def _accounts(sources: Sequence[Path]) -> tuple[list[Account], list[RegistryRecord]]:
    """The account of each source, in their order, and the records among them."""
    from exotrial.registries.compare_accounts import account_of_record, account_of_study
    from exotrial.registries.draft import choose_record
    from exotrial.registries.registry import read_records, record_file
    from exotrial.study.file import find_study_file, read_study

    read: list[Account | Sequence[RegistryRecord]] = []
    for path in sources:
        if (side := _side_of(path)) is not None:
            read += _beside_study(path, side)
        elif path.is_dir() or path.suffix == ".toml":
            study, _ = read_study(path)
            read.append(account_of_study(study, file=str(find_study_file(path))))
        else:
            read.append(read_records(record_file(read_file(path), name=path.name)))
    wanted = _numbers(read)
    accounts: list[Account] = []
    records: list[RegistryRecord] = []
    for one in read:
        if isinstance(one, Sequence):
            # A file of one other trial is kept: the comparison refuses it, and names both trials.
            of_trial = [record for record in one if record.identifier.value.casefold() in wanted] or one
            numbers = sorted({record.identifier.value for record in of_trial})
            if len(numbers) > 1:
                raise SEVERAL_TRIALS.refuse(
                    f"the file holds {len(numbers)} trials: {', '.join(numbers[:_LISTED])}",
                    place=of_trial[0].identifier.place,
                    value=numbers[0],
                )
            records.append(choose_record(of_trial))
            accounts.append(account_of_record(records[-1]))
        else:
            accounts.append(one)
    return accounts, records


def _side_of(path: Path) -> Side | None:
    """Which side of a trial a path stands for: what its paper reports, or what was done; None for anything else."""
    if path.name == "claims.toml":
        return "reported"
    return "done" if path.is_dir() and (path / "participants.csv").is_file() else None


def _beside_study(path: Path, side: Side) -> list[Account]:
    """The accounts that the study above a paper's claims or a folder of data gives of one side (CMR-007)."""
    # Imported here: records alone are compared without loading tables and measures.
    from dataclasses import replace

    from exotrial.report.build import read_report_input
    from exotrial.report.registered.sides import gather_sides

    above = path.resolve().parents[1 if side == "reported" else 0]
    if not (above / "study.toml").is_file():
        raise NO_STUDY_ABOVE.refuse(
            f"there is no study.toml in '{above.name}'", place=Place(file=str(path)), value=path
        )
    told = gather_sides(read_report_input(above)).of(side)
    if side == "done":
        told = tuple(one for one in told if one.values or one.label == "captured data")
    if not told:
        raise SAYS_NOTHING.refuse(
            "it states no item that could be compared", place=Place(file=str(path)), value=path
        )
    # What a paper leaves out it does not deny.
    return [replace(one.account, tells_all_outcomes=bool(one.complete)) for one in told]


def _numbers(read: Sequence[Account | Sequence[RegistryRecord]]) -> set[str]:
    """The registration numbers of the first source that tells of one trial only."""
    for one in read:
        if not isinstance(one, Sequence):
            return {number.casefold() for number in one.identifiers}
        numbers = {record.identifier.value.casefold() for record in one}
        if len(numbers) == 1:
            return numbers
    return set()


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "says": finding.says,
        "quotes": [str(quote) for quote in finding.quotes],
        "standards": list(finding.standards),
    }
