"""What an archive holds: the files of a study, or of one participant, as names and rows (ICH E6(R3) 4.2.7).

No direct identifier, no password, no arm: identities and what is sealed stay in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from exotrial.outcomes.in_study import ask, find_measures_of
from exotrial.store.models import (
    Activation,
    Allocation,
    Batch,
    BatchEvidence,
    BatchRelease,
    Consent,
    Deviation,
    Dose,
    DosePlan,
    EvidenceFile,
    EvidenceReview,
    Grant,
    Kit,
    KitMovement,
    MaterialEntry,
    Participant,
    Query,
    Record,
    Screening,
    SecondEntry,
    Signature,
    Site,
    StockCount,
    Study,
    StudyVersion,
    Unblinding,
    Verification,
)
from exotrial.study.file import parse_study
from exotrial.study.forms import derive_forms
from exotrial.study.items import Form


@dataclass(frozen=True, kw_only=True)
class Table:
    """One CSV file: its name, its header, its rows."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]


_PERSON = "participant__code"
_OF_RECORD = ("record__participant__code", "record__form", "record__encounter", "record__repeat")


def archive_tables(study: Study, *, participant: str = "") -> Iterator[Table]:
    """Every table of the study, or of one participant of it, except its form data and its trail."""
    yield from _of_the_study(study)
    if not participant:
        yield from _of_batches(study)
    yield from _of_people(study, participant)
    yield from _of_records(study, participant)


def _table(name: str, found: QuerySet[Any], columns: Sequence[str]) -> Table:
    header = [
        column.removeprefix("record__").replace("participant__code", "participant") for column in columns
    ]
    header = [name.replace("__username", "").replace("__code", "").replace("__slug", "") for name in header]
    return Table(
        name=name, header=header, rows=found.order_by("pk").values_list(*columns).iterator(chunk_size=2000)
    )


def _of_the_study(study: Study) -> Iterator[Table]:
    yield _table(
        "study/versions.csv",
        StudyVersion.objects.filter(study=study),
        ("number", "label", "digest", "loaded_at", "differences"),
    )
    yield _table("sites.csv", Site.objects.filter(study=study), ("code", "name", "zone", "status", "version"))
    yield _table(
        "site_approvals.csv",
        Activation.objects.filter(site__study=study),
        ("site__code", "version", "approved_on", "reference", "activated_at"),
    )
    yield _table(
        "users_and_rights.csv",
        Grant.objects.filter(Q(study=study) | Q(study=None)),
        (
            *("account__username", "account__name", "account__active", "study__slug", "site__code", "role"),
            *("trained_on", "granted_at", "granted_by", "revoked_at"),
        ),
    )


def _of_batches(study: Study) -> Iterator[Table]:
    """Batches, kits, evidence and genealogy as they lie sealed: nothing tells an arm without the key."""
    yield _table("batches.csv", Batch.objects.filter(study=study), ("id", "status", "expires_on"))
    yield _table(
        "evidence.csv",
        BatchEvidence.objects.filter(batch__study=study),
        ("id", "batch_id", "file__mark", "told_sealed", "sent_by", "sent_at"),
    )
    yield _table(
        "evidence_reviews.csv",
        EvidenceReview.objects.filter(evidence__batch__study=study),
        ("id", "evidence_id", "kind", "content_sealed", "by_name", "at"),
    )
    yield _table("evidence_files.csv", EvidenceFile.objects.filter(study=study), ("mark", "content_sealed"))
    yield _table(
        "batch_releases.csv",
        BatchRelease.objects.filter(batch__study=study),
        ("id", "batch_id", "content_sealed", "at"),
    )
    yield _table(
        "kits.csv",
        Kit.objects.filter(study=study),
        ("number", "status", "vials", _PERSON, "content_sealed"),
    )
    yield _table(
        "kit_movements.csv",
        KitMovement.objects.filter(kit__study=study),
        (
            *("kit__number", "vials", "what", "site__code", _PERSON, "dose_id", "temperature", "witness"),
            *("by", "at"),
        ),
    )
    yield _table(
        "stock_counts.csv",
        StockCount.objects.filter(study=study),
        ("site__code", "counted", "differences", "by", "at"),
    )
    yield _table(
        "materials.csv",
        MaterialEntry.objects.filter(study=study),
        ("number", "content_sealed", "by", "entered_at"),
    )


def _of_people(study: Study, participant: str) -> Iterator[Table]:
    mine = {"participant__code": participant} if participant else {}
    yield _table(
        "participants.csv",
        Participant.objects.filter(study=study, **({"code": participant} if participant else {})),
        (
            *("code", "site__code", "status", "version", "born_on", "stratum", "stratum_level", "stage"),
            *("screened_at", "enrolled_at", "randomised_at", "ended_at", "end_reason", "data_use", "frozen"),
        ),
    )
    of_study = {"participant__study": study, **mine}
    yield _table(
        "screenings.csv",
        Screening.objects.filter(**of_study),
        (_PERSON, "version", "answers", "verdict", "eligible", "at"),
    )
    yield _table(
        "consents.csv",
        Consent.objects.filter(**of_study),
        (_PERSON, "kind", "version", "language", "signed_at", "scope", "recorded_at"),
    )
    yield _table(
        "allocations.csv",
        Allocation.objects.filter(**of_study),
        ("list__number", "n", _PERSON, "at", "kit", "link"),
    )
    yield _table(
        "doses.csv",
        Dose.objects.filter(**of_study),
        (
            *(_PERSON, "kit__number", "begun_at", "ended_at", "complete", "amount", "note", "recorded_at"),
            *("plan_id", "given_ml"),
        ),
    )
    yield _table(
        "dose_plans.csv",
        DosePlan.objects.filter(**of_study),
        ("id", _PERSON, "kit__number", "content_sealed", "planned_by", "planned_at"),
    )
    yield _table(
        "deviations.csv",
        Deviation.objects.filter(study=study, **mine),
        ("site__code", _PERSON, "happened_on", "category", "text", "importance", "action", "at"),
    )
    yield _table(
        "unblindings.csv",
        Unblinding.objects.filter(study=study, **mine),
        (_PERSON, "kind", "at", "who", "role", "reason", "notice"),
    )


def _of_records(study: Study, participant: str) -> Iterator[Table]:
    mine: dict[str, Any] = {"record__participant__study": study}
    if participant:
        mine["record__participant__code"] = participant
    yield _table(
        "queries.csv",
        Query.objects.filter(**mine),
        ("id", *_OF_RECORD, "key", "rule", "status", "raised_at", "messages"),
    )
    yield _table(
        "verifications.csv",
        Verification.objects.filter(**mine),
        (*_OF_RECORD, "keys", "revision", "verified_by", "at", "content_digest", "broken_at"),
    )
    yield _table(
        "second_entries.csv",
        SecondEntry.objects.filter(**mine),
        (*_OF_RECORD, "values", "entered_by", "at", "differences", "settled_at"),
    )
    signatures = Signature.objects.filter(study=study)
    if participant:
        signatures = signatures.filter(
            Q(record__participant__code=participant) | Q(subject=f"participant:{participant}")
        )
    yield _table(
        "signatures.csv",
        signatures,
        (
            *("subject", *_OF_RECORD, "signer", "signer_name", "meaning", "signed_at"),
            *("content_digest", "broken_at"),
        ),
    )


def forms_by_version(study: Study) -> dict[int, dict[str, Form]]:
    """The forms of every version of a study by oid."""
    made = {}
    for row in StudyVersion.objects.filter(study=study).order_by("number"):
        read = parse_study(row.source.encode(), name=f"version {row.number}")
        measures = find_measures_of(read)
        forms = derive_forms(read, {name: ask(measure) for name, measure in measures.items()})
        made[row.number] = {form.oid: form for form in forms}
    return made


def dictionary_table(forms: Mapping[int, Mapping[str, Form]]) -> Table:
    """What every column of the form data means, in every version."""
    header = ("study_version", "form", "form_label", "group", "repeating", "item", "label", "type", "unit")
    rows = [
        (
            *(number, form.oid, form.label, group.oid, group.repeating, item.oid, item.label),
            *(item.data_type.value, item.unit, item.required),
            "; ".join(f"{code.value} = {code.label}" for code in item.codelist.codes)
            if item.codelist
            else "",
        )
        for number, of_version in forms.items()
        for form in of_version.values()
        for group in form.groups
        for item in group.items
    ]
    return Table(name="dictionary.csv", header=(*header, "required", "codes"), rows=rows)


_HEAD = ("participant", "site", "encounter", "repeat", "row", "study_version", "status", "revision", "frozen")


def data_tables(
    study: Study, forms: Mapping[int, Mapping[str, Form]], *, participant: str = ""
) -> Iterator[Table]:
    """The form data: one file for each item group of each form, one line for each filling and row."""
    records = Record.objects.filter(participant__study=study)
    if participant:
        records = records.filter(participant__code=participant)
    oids = sorted(
        {*records.values_list("form", flat=True), *(oid for held in forms.values() for oid in held)}
    )
    for oid in oids:
        mine = records.filter(form=oid).select_related("participant__site").order_by("pk")
        columns: dict[str, dict[str, None]] = {}
        for held in forms.values():
            for group in held[oid].groups if oid in held else ():
                columns.setdefault(group.oid, {}).update(dict.fromkeys(item.oid for item in group.items))
        for record in mine.iterator(chunk_size=500):
            for name, answers in record.values.items():
                for row in _rows_of(answers):
                    columns.setdefault(name, {}).update(dict.fromkeys(key for key in row if key != "row"))
        for name, items in columns.items():
            yield Table(
                name=f"data/{oid}.{name}.csv", header=(*_HEAD, *items), rows=_data(mine, name, tuple(items))
            )


def _data(records: QuerySet[Record], group: str, items: Sequence[str]) -> Iterator[Sequence[Any]]:
    for record in records.iterator(chunk_size=500):
        person = record.participant
        for row in _rows_of(record.values.get(group)):
            yield (
                *(person.code, person.site.code, record.encounter, record.repeat, row.get("row")),
                *(record.version, record.status, record.revision, record.frozen),
                *(row.get(item) for item in items),
            )


def _rows_of(answers: Any) -> list[dict[str, Any]]:
    if answers is None:
        return []
    return list(answers) if isinstance(answers, list) else [answers]
