"""Where a filled form stands and whether it may be written: what every operation on records asks first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._life import local_day
from exotrial.operations._operation import Ask
from exotrial.participants.consent import DataUse, Kind, Scope
from exotrial.store.models import (
    Consent,
    Dose,
    Participant,
    Query,
    Record,
    Signature,
    StudyVersion,
    Verification,
)
from exotrial.store.models.base import as_text, flatten
from exotrial.store.prepared import Values, find_first
from exotrial.study.items import DataType, Form

NO_FORM = ErrorCode(
    "RCD-001", "The study version has no such form.", "see `list_records` for the participant's forms."
)
WRONG_ENCOUNTER = ErrorCode(
    "RCD-002",
    "The form is not filled in at this encounter.",
    "use an encounter of the form; a form without planned encounters is recorded without one.",
)
OTHER_VERSION = ErrorCode(
    "RCD-003",
    "The form was filled in by a study version that does not count for it.",
    "load the form again: a new record is by the version that the site works by, an old one keeps its own.",
)
NO_CONSENT = ErrorCode(
    "RCD-004",
    "No consent of the participant holds.",
    "record the consent with `record_consent`; without one nothing is recorded.",
)
ENDED = ErrorCode(
    "RCD-005",
    "Participation has ended, and what is sent lies after its end.",
    "give the date of a visit that was before the end; what is recorded already can still be corrected.",
)
FROZEN = ErrorCode(
    "RCD-006",
    "The record is frozen.",
    "ask the monitor to unfreeze it, with a reason, by `unfreeze_records`.",
)


class AskRecord(Ask):
    """Which filled form: participant, form, encounter ("" for a form without one) and number."""

    participant: str = Field(max_length=40)
    form: str = Field(max_length=80, description="The form's oid, such as F.AE.")
    encounter: str = Field(default="", max_length=60, description="An encounter of the study file.")
    repeat: int = Field(default=1, ge=1, le=9999, description="Tells several fillings of one form apart.")


@dataclass(kw_only=True)
class Target:
    """A record that is to be written, or the place for a new one, and what hangs on it.

    `signed`, `verified` and `queried` say whether there is an unbroken signature over it, an unbroken
    verification, and any query of an edit check. `consent` is the kind of the last consent, "" for none.
    `first_dose` is when the first dose began; `previous` are the values at the form's encounter before.
    """

    participant: Participant
    record: Record | None
    form: Form
    version: int
    consent: str
    signed: bool
    verified: bool
    queried: bool
    first_dose: datetime | None
    previous: dict[str, Any] | None


def find_target(act: Act, ask: AskRecord) -> Target:
    """The place that a save is for, in one query where there is a record and in two where there is none.

    Refuses with OPR-011, RCD-001 and RCD-002.
    """
    study = act.the_study
    before = _encounter_before(act, ask)
    values = {"study": study.pk, "participant": ask.participant, "form": ask.form, "repeat": ask.repeat}
    values |= {"encounter": ask.encounter} if ask.encounter else {}
    values |= {"before": before} if before else {}
    shape = (study.version > 1, ask.encounter != "", before != "")
    record: Any = find_first(("record", *shape), lambda told: _records(told, digests=shape[0]), values)
    if record is not None:
        found, version = record, record.version
        participant = act.reached(record.participant, ask.participant)
    else:
        if not before:  # only the form at the encounter before is looked up by form and number
            values = {name: values[name] for name in ("study", "participant")}
        else:
            del values["encounter"]
        found = find_first(
            ("participant", *shape),
            lambda told: _participants(told, digests=shape[0], encounter=shape[1]),
            values,
        )
        participant = act.reached(found, ask.participant)
        version = participant.site.version
    if study.version > 1 and found.digest:
        act.digests[version] = found.digest
    return Target(
        participant=participant,
        record=record,
        form=find_form(act, ask, version),
        version=version,
        consent=found.consent or "",
        signed=found.signed,
        verified=record is not None and record.verified,
        queried=record is not None and record.queried,
        first_dose=found.first_dose if ask.encounter else None,
        previous=found.previous if before else None,
    )


def _records(told: Values, *, digests: bool) -> QuerySet[Record]:
    """The record of a form, with what a save must know besides."""
    signatures = Signature.objects.filter(study=told["study"], broken_at=None)
    return (
        Record.objects.select_related("participant__site")
        .annotate(
            **_annotations("participant", told, encounter="encounter" in told),
            **(_digest(told, "version") if digests else {}),
            signed=Exists(
                signatures.filter(_over(told, "participant__site__code") | Q(record=OuterRef("pk")))
            ),
            verified=Exists(Verification.objects.filter(record=OuterRef("pk"), broken_at=None)),
            queried=Exists(Query.objects.filter(record=OuterRef("pk")).exclude(rule="")),
        )
        .filter(
            participant__study=told["study"],
            participant__code=told["participant"],
            form=told["form"],
            encounter=told.get("encounter", ""),
            repeat=told["repeat"],
        )
    )


def _participants(told: Values, *, digests: bool, encounter: bool) -> QuerySet[Participant]:
    """The participant, where there is no record yet, with the same."""
    signatures = Signature.objects.filter(study=told["study"], broken_at=None)
    return (
        Participant.objects.select_related("site")
        .annotate(
            **_annotations("pk", told, encounter=encounter),
            **(_digest(told, "site__version") if digests else {}),
            signed=Exists(signatures.filter(_over(told, "site__code"))),
        )
        .filter(study=told["study"], code=told["participant"])
    )


def _encounter_before(act: Act, ask: AskRecord) -> str:
    form = act.forms().get(ask.form)
    if form is None or ask.encounter not in form.encounters:
        return ""
    position = form.encounters.index(ask.encounter)
    return form.encounters[position - 1] if position else ""


def _digest(told: Values, version: str) -> dict[str, Subquery]:
    """The digest of the version in a column; while there is only one version, the study knows it itself."""
    versions = StudyVersion.objects.filter(study=told["study"], number=OuterRef(version))
    return {"digest": Subquery(versions.values("digest"))}


def _annotations(participant: str, told: Values, *, encounter: bool) -> dict[str, Subquery]:
    """What a save must know besides, so that it costs no query of its own; what an encounter needs, only there."""
    mine = {"participant": OuterRef(participant)}
    # Who leaves the treatment and stays for the follow-up still consents to what is recorded here.
    only_treatment = Q(kind=Kind.WITHDRAWN, scope=Scope.TREATMENT.value)
    consents = Consent.objects.filter(**mine).exclude(only_treatment).order_by("-pk").values("kind")
    asked = {"consent": Subquery(consents[:1])}
    if encounter:
        doses = Dose.objects.filter(**mine).order_by("begun_at").values("begun_at")
        asked["first_dose"] = Subquery(doses[:1])
    if "before" in told:
        place = {"form": told["form"], "encounter": told["before"], "repeat": told["repeat"]}
        earlier = Record.objects.filter(**mine, **place)
        asked["previous"] = Subquery(earlier.values("values")[:1])
    return asked


def _over(told: Values, site: str) -> Q:
    """Signatures over a participant's casebook, its site or the study; `site` is a column outside."""
    return Q(subject__in=("study", f"participant:{told['participant']}")) | Q(
        subject=Concat(Value("site:"), OuterRef(site))
    )


def find_form(act: Act, ask: AskRecord, version: int) -> Form:
    """The form by a study version. Refuses with RCD-001 and RCD-002."""
    form = act.forms(version).get(ask.form)
    if form is None:
        raise NO_FORM.refuse(
            f"version {version} has no form {ask.form!r}", value=ask.form, place=Place(path="form")
        )
    if (ask.encounter not in form.encounters) if form.encounters else ask.encounter:
        planned = ", ".join(form.encounters) or "no encounter"
        raise WRONG_ENCOUNTER.refuse(
            f"{form.oid} is filled in at {planned} and not at {ask.encounter!r}",
            value=ask.encounter,
            place=Place(path="encounter"),
        )
    return form


def check_writable(act: Act, target: Target, values: Mapping[str, Any]) -> None:
    """Refuse with RCD-004 to RCD-006 what must not be recorded now."""
    participant, record = target.participant, target.record
    if participant.frozen or (record is not None and record.frozen):
        raise FROZEN.refuse(f"{target.form.oid} of {participant.code} is frozen", value=target.form.oid)
    if not target.consent:
        raise NO_CONSENT.refuse(f"{participant.code} has not consented", value=participant.code)
    if record is not None:
        return
    if participant.data_use == DataUse.NONE:
        raise NO_CONSENT.refuse(f"no data of {participant.code} may be used", value=participant.code)
    if participant.ended_at is not None:
        _check_before_end(target, values, participant.ended_at)
    elif target.consent == Kind.WITHDRAWN:
        raise NO_CONSENT.refuse(f"{participant.code} has withdrawn consent", value=participant.code)


def _check_before_end(target: Target, values: Mapping[str, Any], ended_at: datetime) -> None:
    """A visit before the end may be keyed late; of a visit after it nothing is recorded."""
    if not target.form.encounters:
        return
    end = local_day(ended_at, target.participant.site).isoformat()
    days = _visit_days(target.form, values)
    if not days or max(days) > end:
        raise ENDED.refuse(
            f"{target.participant.code} ended on {end}, and the form is "
            + (f"of {max(days)}" if days else "without a date"),
            value=max(days, default=""),
        )


def _visit_days(form: Form, values: Mapping[str, Any]) -> list[str]:
    dated = {item.oid for item in form.items if item.data_type in (DataType.DATE, DataType.DATETIME)}
    return [
        answer[:10]
        for key, answer in flatten(values).items()
        if key.rpartition("/")[2] in dated and isinstance(answer, str)
    ]


def content_of(record: Record, participant: str) -> dict[str, Any]:
    """What a signature or a verification of a record is about: where it belongs and every value."""
    return {
        "participant": participant,
        "form": record.form,
        "encounter": record.encounter,
        "repeat": record.repeat,
        "version": record.version,
        "values": record.values,
    }


def digest_of(content: object) -> str:
    """SHA-256 of canonical JSON, in hexadecimal."""
    return hashlib.sha256((as_text(content) or "").encode()).hexdigest()


def digest_of_keys(record: Record, keys: Iterable[str]) -> str:
    """The digest of the values under some keys."""
    values = flatten(record.values)
    return digest_of({key: values.get(key) for key in sorted(keys)})
