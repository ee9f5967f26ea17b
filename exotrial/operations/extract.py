"""The data of a study as captured tables, from the store: what a report reads (CDISC SDTMIG 3.4; ICH E6(R3) 4.2.5).

Arms are in it only where everybody may know them: the study is open label, or it was unblinded as planned. Whoever
withdrew with the word that no data may be used has no values in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exotrial.core.errors import ErrorCode
from exotrial.operations import _life, arms
from exotrial.operations._act import Act
from exotrial.operations._given import derive_given
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.participants.consent import DataUse, Kind, Scope
from exotrial.participants.disposition import State
from exotrial.store.models import (
    Allocation,
    Consent,
    Dose,
    Participant,
    Record,
    Screening,
    StudyVersion,
    Unblinding,
)

if TYPE_CHECKING:
    import polars as pl

    from exotrial.datasets.records import DatedEvent, ParticipantRow
    from exotrial.datasets.unblinding import Lock

# Tables are imported where they are made: the other operations must not wait for them to load.

FOLDER_TAKEN = ErrorCode(
    "SIM-001",
    "There are files in the folder that the data are to be written into.",
    "give a folder that is new or empty; nothing was written.",
)

_DATED = {"measurements": "ADT", "events": "ADT", "adverse_events": "ASTDT"}
_KEPT_EVENTS = ("lost to follow-up", "withdrawal", "death")


class ExtractData(Ask):
    """Nothing to say: all participants of the sites where one has rights."""


class ExtractedTable(Answer):
    """One table; every cell is text, empty for none, dates in ISO 8601."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ExtractedLock(Answer):
    """When the data were locked and unblinded, and the digest at the head of the trail before this reading."""

    locked_at: datetime
    unblinded_at: datetime | None
    study_version: str
    audit_head: str


class ExtractedFinding(Answer):
    """What did not fit into the tables."""

    rule: str
    severity: str
    says: str


class ExtractedData(Answer):
    """`tables` by name, as the files of a data folder; `drafts` were left out. `source` is the study file."""

    study: str
    study_version: str
    source: str
    arms_shown: bool
    tables: dict[str, ExtractedTable]
    unblindings: ExtractedTable
    lock: ExtractedLock | None
    drafts: int
    findings: tuple[ExtractedFinding, ...]


@view(permission=Permission.EXPORT, access_logged=True)
def extract_data(act: Act, ask: ExtractData) -> ExtractedData:
    """All recorded data as the tables that a report reads; arms only once everybody may know them."""
    from exotrial.datasets.records import derive_captured_tables

    study = act.the_study
    people = [
        person
        for person in Participant.objects.filter(study=study).select_related("site").order_by("code")
        if act.actor.holds_at(person.site.code)
    ]
    shown = arms.is_open_label(act) or study.unblinded_at is not None
    screenings = {
        row.participant_id: row
        for row in Screening.objects.filter(participant__study=study).order_by("participant_id", "pk")
    }
    consents = _consents(act)
    versions = {row.number: row for row in StudyVersion.objects.filter(study=study)}
    derived = derive_captured_tables(
        act.definition(),
        tuple(act.forms().values()),
        _records(people, labels={number: row.label for number, row in versions.items()}),
        _rows(act, people, screenings, arm=shown),
        _events(act, people, consents),
        earlier=[
            (act.definition(number), tuple(act.forms(number).values()))
            for number in sorted(versions)
            if number != study.version
        ],
    )
    tables = dict(derived.tables)
    tables["characteristics"] = _with_reasons(act, tables["characteristics"], people, screenings)
    tables = _usable(tables, people, consents)
    return ExtractedData(
        study=study.slug,
        study_version=versions[study.version].label,
        source=versions[study.version].source,
        arms_shown=shown,
        tables={name: _as_text(frame) for name, frame in tables.items()}
        | _doses(act, people, consents, shown=shown),
        unblindings=_register(act),
        lock=_lock(act, versions[study.version].label),
        drafts=derived.drafts,
        findings=tuple(
            ExtractedFinding(rule=one.rule, severity=one.severity.value, says=one.says)
            for one in derived.findings
        ),
    )


def write_extracted(folder: Path, data: ExtractedData) -> tuple[Path, ...]:
    """Write a study's folder as `exotrial report` reads it: study.toml, and data/ with every table.

    Refuses with SIM-001, and with REC-009 and REC-010 before anything is written.
    """
    import polars as pl

    from exotrial.datasets.captured_write import write_captured
    from exotrial.datasets.unblinding import write_lock

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FOLDER_TAKEN.refuse(f"'{folder}' is not empty", value=folder)
    tables = {**data.tables, "unblinding": data.unblindings}
    paths = write_captured(
        folder / "data",
        {
            name: pl.DataFrame(table.rows, schema=dict.fromkeys(table.columns, pl.String), orient="row")
            for name, table in tables.items()
        },
    )
    (folder / "study.toml").write_text(data.source, encoding="utf-8", newline="")
    written = [folder / "study.toml", *paths]
    if data.lock is not None:
        written.append(folder / "data" / "lock.toml")
        written[-1].write_text(write_lock(_as_lock(data.lock)), encoding="utf-8", newline="")
    return tuple(written)


def _as_lock(lock: ExtractedLock) -> Lock:
    from exotrial.datasets.unblinding import Lock

    return Lock(**lock.model_dump())


def _rows(
    act: Act, people: Sequence[Participant], screenings: Mapping[int, Screening], *, arm: bool
) -> tuple[ParticipantRow, ...]:
    from exotrial.datasets.records import ParticipantRow

    given = _arms(act) if arm else {}
    study = act.definition()
    lone = (
        study.arms[0].id if arm and study.design.allocation != "randomised" and len(study.arms) == 1 else ""
    )
    return tuple(
        ParticipantRow(
            code=person.code,
            site=person.site.code,
            arm=given.get(person.pk, lone if person.enrolled_at is not None else ""),
            age=_age(screenings.get(person.pk)),
            status=person.status,
        )
        for person in people
    )


def _arms(act: Act) -> dict[int, str]:
    """The arm of everybody who was randomised, by participant. Refuses with SEL-001 while the study is blinded."""
    return {
        row.participant_id: arms.arm_of(act, row, purpose="knowing arms")
        for row in Allocation.objects.filter(list__study=act.the_study)
    }


def _age(screening: Screening | None) -> int | None:
    """The age in whole years as it was answered at screening (an item named `age`)."""
    age = screening.answers.get("age") if screening is not None else None
    if not isinstance(age, int | float) or isinstance(age, bool) or not 0 <= age < 131:
        return None
    return int(age)


def _records(people: Sequence[Participant], *, labels: Mapping[int, str]) -> Iterable[Any]:
    from exotrial.datasets.record_values import FormRecord

    usable = {one.pk: one for one in people if one.data_use != DataUse.NONE}
    found = Record.objects.filter(participant__in=list(usable))
    for row in found.order_by("participant__code", "form", "encounter", "repeat"):
        person = usable[row.participant_id]
        yield FormRecord(
            participant=person.code,
            site=person.site.code,
            form=row.form,
            encounter=row.encounter,
            repeat=row.repeat,
            study_version=labels[row.version],
            status=Record.Status(row.status).value,  # type: ignore[arg-type]  # the same three words
            values=row.values,
        )


def _consents(act: Act) -> dict[int, list[Consent]]:
    found: dict[int, list[Consent]] = {}
    for row in Consent.objects.filter(participant__study=act.the_study).order_by("pk"):
        found.setdefault(row.participant_id, []).append(row)
    return found


def _events(
    act: Act, people: Sequence[Participant], consents: Mapping[int, Sequence[Consent]]
) -> Iterable[DatedEvent]:
    """What the operations know of each participant, by day at the site."""
    from exotrial.datasets.records import DatedEvent

    doses: dict[int, list[datetime]] = {}
    for whose, begun in (
        Dose.objects.filter(participant__study=act.the_study)
        .order_by("begun_at", "pk")
        .values_list("participant_id", "begun_at")
    ):
        doses.setdefault(whose, []).append(begun)
    for person in people:
        given = [row.signed_at for row in consents.get(person.pk, ()) if row.kind == Kind.GIVEN]
        had = doses.get(person.pk, [])
        left = person.ended_at if person.status == State.WITHDRAWN else _left(consents.get(person.pk, ()))
        moments = {
            "screened": person.screened_at,
            "consent": min(given, default=None),
            "randomised": person.randomised_at,
            "first dose": min(had, default=None),
            "last dose": max(had, default=None),
            "lost to follow-up": person.ended_at if person.status == State.LOST else None,
            "withdrawal": left,
            "death": person.ended_at if person.status == State.DIED else None,
        }
        for event, at in moments.items():
            if at is not None:
                yield DatedEvent(participant=person.code, event=event, on=_life.local_day(at, person.site))


def _left(consents: Sequence[Consent]) -> datetime | None:
    """When a participant withdrew from everything, None where the last word was another."""
    last = consents[-1] if consents else None
    gone = last is not None and last.kind == Kind.WITHDRAWN and last.scope == Scope.EVERYTHING
    return last.signed_at if last is not None and gone else None


def _with_reasons(
    act: Act, frame: pl.DataFrame, people: Sequence[Participant], screenings: Mapping[int, Screening]
) -> pl.DataFrame:
    """The characteristics with why each participant who was not enrolled was not."""
    import polars as pl

    added = []
    for person in people:
        screening = screenings.get(person.pk)
        if person.enrolled_at is not None:
            continue
        why = person.end_reason
        if person.status == State.FAILURE and screening is not None:
            why = _failed(act, screening)
        if why:
            added.append((person.code, "exclusion reason", why, "screening"))
    order = {person.code: position for position, person in enumerate(people)}
    whole = pl.concat([frame, pl.DataFrame(added, schema=frame.schema, orient="row")])
    return whole.sort(pl.col("USUBJID").replace_strict(order, return_dtype=pl.Int64), maintain_order=True)


def _failed(act: Act, screening: Screening) -> str:
    """The first criterion that stood against a participant, in the study file's words."""
    failed = next(one["criterion"] for one in screening.verdict["reasons"] if one["holds"] is False)
    criteria = act.definition(screening.version).population.criteria
    criterion = next(one for one in criteria if one.id == failed)
    text = criterion.text.rstrip(".")
    return f"not met: {text}" if criterion.category == "inclusion" else text


def _ends_of_use(people: Sequence[Participant], consents: Mapping[int, Sequence[Consent]]) -> dict[str, date]:
    """The last day whose data may be used, of those who withdrew with that word."""
    ends: dict[str, date] = {}
    for person in people:
        last = next(
            (row for row in reversed(consents.get(person.pk, ())) if row.kind == Kind.WITHDRAWN), None
        )
        if last is not None and person.data_use == DataUse.UNTIL_WITHDRAWAL:
            ends[person.code] = _life.local_day(last.signed_at, person.site)
    return ends


def _doses(
    act: Act, people: Sequence[Participant], consents: Mapping[int, Sequence[Consent]], *, shown: bool
) -> dict[str, ExtractedTable]:
    """The table of doses, none where there are none; without what is dated after a withdrawal that ended data use."""
    from exotrial.datasets.given_doses import COLUMNS, write_rows

    given = derive_given(act, people, shown=shown)
    ends = _ends_of_use(people, consents)
    kept = [
        one for one in given if one.participant not in ends or one.begun_at.date() <= ends[one.participant]
    ]
    return {"doses": ExtractedTable(columns=COLUMNS, rows=write_rows(kept))} if kept else {}


def _usable(
    tables: Mapping[str, pl.DataFrame],
    people: Sequence[Participant],
    consents: Mapping[int, Sequence[Consent]],
) -> dict[str, pl.DataFrame]:
    """The tables without what is dated after a withdrawal that ended the use of data."""
    import polars as pl

    ends = _ends_of_use(people, consents)
    found = dict(tables)
    if not ends:
        return found
    end = pl.col("USUBJID").replace_strict(ends, default=None, return_dtype=pl.Date)
    for name, column in _DATED.items():
        late = (pl.col(column) > end).fill_null(value=False)
        if name == "events":
            late &= ~pl.col("EVENT").is_in(_KEPT_EVENTS)
        found[name] = tables[name].filter(~late)
    return found


def _as_text(frame: pl.DataFrame) -> ExtractedTable:
    rows = tuple(tuple("" if cell is None else str(cell) for cell in row) for row in frame.iter_rows())
    return ExtractedTable(columns=tuple(frame.columns), rows=rows)


def _register(act: Act) -> ExtractedTable:
    from exotrial.datasets.unblinding import COLUMNS

    rows = Unblinding.objects.filter(study=act.the_study).exclude(participant=None).order_by("pk")
    return ExtractedTable(
        columns=COLUMNS,
        rows=tuple(
            (row.participant.code, row.at.isoformat(), row.kind, row.role, row.reason)
            for row in rows.select_related("participant__site")
            if row.participant is not None and act.actor.holds_at(row.participant.site.code)
        ),
    )


def _lock(act: Act, label: str) -> ExtractedLock | None:
    study = act.the_study
    if study.locked_at is None:
        return None
    return ExtractedLock(
        locked_at=study.locked_at,
        unblinded_at=study.unblinded_at,
        study_version=label,
        audit_head=study.chain.head,
    )
